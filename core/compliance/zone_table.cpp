#include "core/compliance/zone_table.hpp"

#include <algorithm>

namespace dunlin {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t ms_per_second = 1000;
/// No offset of tzdata is further from UTC than this, so transitions of a local date lie within it.
constexpr std::int64_t widest_offset_s = 26 * 3600;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

UtcTime at_wall(std::int64_t day, int second_of_day, int offset_s) {
  return {(day * day_s + second_of_day - offset_s) * ms_per_second};
}

bool is_earlier(UtcTime time, const ZoneTransition& transition) { return time < transition.at; }

}  // namespace

int ZoneTable::offset_at(UtcTime time) const {
  const auto next = std::upper_bound(transitions.begin(), transitions.end(), time, is_earlier);
  return next == transitions.begin() ? first_offset_s : std::prev(next)->offset_s;
}

LocalTime ZoneTable::local(UtcTime time) const {
  const std::int64_t wall_s = floor_div(time.ms, ms_per_second) + offset_at(time);
  const std::int64_t day = floor_div(wall_s, day_s);
  return {day, static_cast<int>(wall_s - day * day_s)};
}

UtcTime ZoneTable::day_start(std::int64_t day) const {
  const UtcTime midnight_utc = at_wall(day, 0, 0);
  const UtcTime low = midnight_utc - seconds(widest_offset_s);
  const UtcTime high = midnight_utc + seconds(widest_offset_s);
  const auto next = std::upper_bound(transitions.begin(), transitions.end(), low, is_earlier);
  if (next == transitions.end() || next->at > high) return at_wall(day, 0, offset_at(low));
  for (const UtcTime candidate : wall_instants(day, 0, low)) {
    if (local(candidate).day == day) return candidate;
  }
  return day_start(day + 1);  // The date was skipped by a jump over the date line.
}

WallInstants ZoneTable::wall_instants(std::int64_t day, int second_of_day, UtcTime from) const {
  const UtcTime low = at_wall(day, 0, 0) - seconds(widest_offset_s);
  const UtcTime high = at_wall(day + 1, 0, 0) + seconds(widest_offset_s);
  WallInstants found;
  const auto add = [&found](UtcTime time) {
    const auto place = std::lower_bound(found.begin(), found.end(), time);
    if (place == found.end() || *place != time) found.insert(static_cast<std::size_t>(place - found.begin()), time);
  };
  const auto consider = [&](int offset_s) {
    const UtcTime candidate = at_wall(day, second_of_day, offset_s);
    if (candidate >= from && offset_at(candidate) == offset_s) add(candidate);
  };
  consider(offset_at(low));
  auto next = std::upper_bound(transitions.begin(), transitions.end(), low, is_earlier);
  for (; next != transitions.end() && next->at <= high; ++next) {
    consider(next->offset_s);
    if (next->at >= from && local(next->at).day == day) add(next->at);
  }
  return found;
}

const ZoneTable* ZoneBook::find(std::string_view name) const {
  const auto found = zones.find(name);
  return found == zones.end() ? nullptr : &found->second;
}

int weekday_of(std::int64_t day) {
  constexpr std::int64_t thursday = 3;  // 1970-01-01 was a Thursday.
  const std::int64_t rest = (day + thursday) % 7;
  return static_cast<int>(rest < 0 ? rest + 7 : rest);
}

}  // namespace dunlin
