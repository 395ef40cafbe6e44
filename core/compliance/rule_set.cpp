#include "core/compliance/rule_set.hpp"

#include <algorithm>

namespace dunlin {
namespace {

constexpr std::string_view day_type_names[] = {"working",         "weekend",          "holiday",
                                               "working_weekend", "regional_holiday", "unknown"};
static_assert(std::size(day_type_names) == day_type_count);
constexpr int saturday = 5;

}  // namespace

std::string_view to_string(DayType type) { return day_type_names[static_cast<std::size_t>(type)]; }

std::optional<DayType> parse_day_type(std::string_view name) {
  for (std::size_t i = 0; i < day_type_count; ++i) {
    if (day_type_names[i] == name) return static_cast<DayType>(i);
  }
  return std::nullopt;
}

std::optional<std::int64_t> DayCalendar::days_known_from(std::int64_t day) const {
  if (!is_required) return std::nullopt;
  int year = civil_from_days(day).year;
  if (years.count(year) == 0) return 0;
  while (years.count(year) != 0) ++year;
  return days_from_civil({year, 1, 1}) - day;
}

DayType DayCalendar::type_of(std::int64_t day, const std::vector<std::string>& regions, bool is_missing) const {
  const bool is_weekend = weekday_of(day) >= saturday;
  if (!is_required) return is_weekend ? DayType::weekend : DayType::working;
  if (is_missing || years.count(civil_from_days(day).year) == 0) return DayType::unknown;
  if (days_off.count(day) != 0) return DayType::holiday;
  const bool is_declared_working = is_weekend && working_weekends.count(day) != 0;
  if (is_weekend && !is_declared_working) return DayType::weekend;
  for (const std::string& region : regions) {
    const auto found = regional_days_off.find(region);
    if (found != regional_days_off.end() && found->second.count(day) != 0) return DayType::regional_holiday;
  }
  return is_declared_working ? DayType::working_weekend : DayType::working;
}

bool Pool::has(Channel channel, ContactResult result) const {
  return std::any_of(groups.begin(), groups.end(), [&](const FactGroup& group) {
    return group.channels.has(channel) && group.results.has(result);
  });
}

std::string_view to_string(Period period) {
  switch (period) {
    case Period::day: return "day";
    case Period::week: return "week";
    case Period::month: return "month";
    case Period::rolling: return "rolling";
    case Period::dates: return "dates";
    case Period::lifetime: return "lifetime";
  }
  return "unknown";
}

}  // namespace dunlin
