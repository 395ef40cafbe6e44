#include "tests/sim/reference_law.hpp"

namespace dunlin::sim {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

struct Wall {
  std::int64_t day;
  int minute;
};

Wall wall_of(const Zone& zone, UtcTime at) {
  const std::int64_t local = at.ms + std::int64_t{zone.offset_minutes} * 60'000;
  return {local / day_ms, static_cast<int>(local % day_ms / 60'000)};
}

/// 1970-01-01 was a Thursday; Monday = 0.
std::int64_t weekday(std::int64_t day) { return (day + 3) % 7; }

bool is_day_off(std::int64_t day) {
  const CivilDate date = civil_from_days(day);
  const bool is_unity_day = date == CivilDate{2026, 11, 4};
  return weekday(day) >= 5 || is_unity_day;
}

}  // namespace

const std::vector<Zone>& zones() {
  static const std::vector<Zone> all{{"Europe/Kaliningrad", 120}, {"Europe/Moscow", 180},    {"Europe/Samara", 240},
                                     {"Asia/Yekaterinburg", 300}, {"Asia/Krasnoyarsk", 420}, {"Asia/Vladivostok", 600},
                                     {"Asia/Kamchatka", 720}};
  return all;
}

bool is_open(const Zone& zone, UtcTime at) {
  const Wall wall = wall_of(zone, at);
  const bool is_off = is_day_off(wall.day);
  return wall.minute >= (is_off ? 9 : 8) * 60 && wall.minute < (is_off ? 20 : 22) * 60;
}

namespace {

struct Counts {
  int of_day = 0;
  int of_week = 0;
  int of_month = 0;
};

bool is_talk(LivedCall::End end) { return end == LivedCall::End::talked || end == LivedCall::End::lost; }

Counts count(const Zone& zone, UtcTime at, const std::vector<LivedCall>& calls, bool wants_talks) {
  const Wall now = wall_of(zone, at);
  const CivilDate today = civil_from_days(now.day);
  Counts counts;
  for (const LivedCall& call : calls) {
    if (is_talk(call.end) != wants_talks) continue;
    const Wall then = wall_of(zone, call.at);
    const CivilDate date = civil_from_days(then.day);
    counts.of_day += then.day == now.day ? 1 : 0;
    counts.of_week += then.day - weekday(then.day) == now.day - weekday(now.day) ? 1 : 0;
    counts.of_month += date.year == today.year && date.month == today.month ? 1 : 0;
  }
  return counts;
}

std::optional<std::string> why_too_often(const Zone& zone, UtcTime at, const std::vector<LivedCall>& calls) {
  const std::string where = std::string(" in ") + zone.name;
  const Counts talks = count(zone, at, calls, true);
  if (talks.of_day >= 1) return "second talk of the day" + where;
  if (talks.of_week >= 2) return "third talk of the week" + where;
  if (talks.of_month >= 8) return "ninth talk of the month" + where;
  const Counts vain = count(zone, at, calls, false);
  if (vain.of_day >= 2) return "third vain call of the day" + where;
  if (vain.of_week >= 6) return "seventh vain call of the week" + where;
  if (vain.of_month >= 20) return "twenty-first vain call of the month" + where;
  return std::nullopt;
}

std::optional<std::string> why_too_soon(UtcTime at, const std::vector<LivedCall>& calls) {
  for (const LivedCall& call : calls) {
    if (is_talk(call.end)) continue;
    const Duration since = at - call.at;
    if (call.end == LivedCall::End::rang && since < hours(2)) return "less than two hours after a call that rang";
    if (since < minutes(1)) return "less than a minute after a call that did not ring";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> why_forbidden(const std::vector<Zone>& candidates, UtcTime at, const std::vector<LivedCall>& calls) {
  for (const Zone& zone : candidates) {
    if (!is_open(zone, at)) return std::string("outside the hours of ") + zone.name;
    if (auto why = why_too_often(zone, at, calls)) return why;
  }
  return why_too_soon(at, calls);
}

}  // namespace dunlin::sim
