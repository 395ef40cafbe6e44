#include <algorithm>

#include "config/rule_compiler.hpp"

namespace dunlin {
namespace {

Status read_year(const std::string& file, const TomlNode& node, DayCalendar& calendar) {
  FieldReader fields(file, "year", node);
  const int year = static_cast<int>(fields.integer("year", 2000, 2100));
  fields.text("source");
  fields.text("certainty");
  if (!calendar.years.insert(year).second) fields.fail("year", "is listed twice");
  const auto check_year = [&](std::string_view name, CivilDate date) {
    if (date.year != year) fields.fail(name, format_date(date) + " is not in the year");
  };
  for (const CivilDate& date : fields.dates("days_off")) {
    check_year("days_off", date);
    calendar.days_off.insert(days_from_civil(date));
  }
  for (const CivilDate& date : fields.dates("working_weekends")) {
    check_year("working_weekends", date);
    const std::int64_t day = days_from_civil(date);
    if (weekday_of(day) < 5) fields.fail("working_weekends", format_date(date) + " is not a Saturday or Sunday");
    if (calendar.days_off.count(day) != 0) fields.fail("working_weekends", format_date(date) + " is also a day off");
    calendar.working_weekends.insert(day);
  }
  return fields.finish();
}

Status read_regional(const std::string& file, const TomlNode& node, DayCalendar& calendar) {
  FieldReader fields(file, "regional", node);
  const std::string region = fields.text("region");
  fields.text("source");
  fields.text("certainty");
  for (const CivilDate& date : fields.dates("days_off")) {
    calendar.regional_days_off[region].insert(days_from_civil(date));
  }
  return fields.finish();
}

/// Empty when the new number is at least as strict; `smaller_is_stricter` tells the direction.
void tighten(FieldReader& fields, std::string_view name, std::optional<int>& present, std::optional<int> wanted,
             bool smaller_is_stricter) {
  if (!wanted) return;
  const bool loosens = present && (smaller_is_stricter ? *wanted > *present : *wanted < *present);
  if (loosens) fields.fail(name, "would loosen the rule; the operator may only make it stricter");
  present = wanted;
}

void tighten_options(FieldReader& fields, OperatorOptions& present) {
  const OperatorOptions wanted = read_options(fields);
  present.strict_weekend = present.strict_weekend || wanted.strict_weekend;
  present.strict_rolling = present.strict_rolling || wanted.strict_rolling;
  tighten(fields, "tail_s", present.tail_s, wanted.tail_s, false);
  tighten(fields, "max_unanswered_day", present.max_unanswered_day, wanted.max_unanswered_day, true);
  tighten(fields, "max_unanswered_week", present.max_unanswered_week, wanted.max_unanswered_week, true);
  tighten(fields, "max_unanswered_month", present.max_unanswered_month, wanted.max_unanswered_month, true);
  tighten(fields, "unanswered_gap_s", present.unanswered_gap_s, wanted.unanswered_gap_s, false);
  tighten(fields, "next_number_gap_s", present.next_number_gap_s, wanted.next_number_gap_s, false);
}

void tighten_window(FieldReader& fields, CallingWindow& window) {
  if (fields.has("open")) {
    const int open_s = fields.second_of_day("open");
    if (open_s < window.open_s) fields.fail("open", "would loosen the rule; the operator may only make it stricter");
    window.open_s = open_s;
  }
  if (fields.has("close")) {
    const int close_s = fields.second_of_day("close");
    if (close_s > window.close_s) fields.fail("close", "would loosen the rule; the operator may only make it stricter");
    window.close_s = close_s;
  }
  if (window.open_s > window.close_s) fields.fail("close", "must be later than open");
}

void tighten_rule(FieldReader& fields, Rule& rule) {
  if (auto* window = std::get_if<CallingWindow>(&rule.body)) {
    tighten_window(fields, *window);
  } else if (auto* frequency = std::get_if<FrequencyRule>(&rule.body)) {
    const int limit = static_cast<int>(fields.integer("limit", 0, 10'000));
    if (frequency->limit_option != OptionValue::none) fields.fail("limit", "is an operator option, see [operator]");
    if (limit > frequency->limit) fields.fail("limit", "would loosen the rule; the operator may only make it stricter");
    frequency->limit = limit;
  } else if (auto* quiet = std::get_if<QuietPeriod>(&rule.body)) {
    const std::int64_t length_s = fields.integer("seconds", 1, 366LL * 86'400);
    if (quiet->seconds_option != OptionValue::none) fields.fail("seconds", "is an operator option, see [operator]");
    if (length_s < quiet->seconds) fields.fail("seconds", "would loosen the rule; the operator may only make it stricter");
    quiet->seconds = length_s;
  } else if (auto* ring = std::get_if<RingTime>(&rule.body)) {
    const int least_s = static_cast<int>(fields.integer("seconds", 1, 600));
    if (least_s < ring->seconds) fields.fail("seconds", "would loosen the rule; the operator may only make it stricter");
    ring->seconds = least_s;
  } else {
    fields.fail("rule", "has no number that could be made stricter");
  }
}

Status apply_tighten(const std::string& file, const TomlNode& node, RuleSet& rules) {
  FieldReader fields(file, "tighten", node);
  const std::string pack = fields.text("pack");
  const std::string id = fields.text("rule");
  const std::string part = fields.text_or("part", "");
  const auto found = rules.packs.find(pack);
  if (found == rules.packs.end()) {
    fields.fail("pack", "there is no pack " + pack);
    return fields.finish();
  }
  bool is_found = false;
  for (Rule& rule : found->second.rules) {
    if (rule.id != id || rule.part != part) continue;
    is_found = true;
    tighten_rule(fields, rule);
  }
  if (!is_found) fields.fail("rule", "there is no rule " + id + " of this part in pack " + pack);
  return fields.finish();
}

}  // namespace

Result<NamedCalendar> compile_calendar(const std::string& file, const TomlNode& root) {
  FieldReader top(file, "calendar file", root);
  FieldReader head(file, "calendar", root.fields.find("calendar")->second);
  NamedCalendar named;
  named.id = head.text("id");
  named.calendar.is_required = true;
  named.calendar.version = named.id + "-" + head.text("version");
  if (auto status = head.finish(); !status) return status.error();
  for (const TomlNode* node : top.tables("year")) {
    if (auto status = read_year(file, *node, named.calendar); !status) return status.error();
  }
  for (const TomlNode* node : top.tables("regional")) {
    if (auto status = read_regional(file, *node, named.calendar); !status) return status.error();
  }
  for (const std::string_view name : {"calendar", "year", "regional"}) top.accept(name);
  if (auto status = top.finish(); !status) return status.error();
  return named;
}

Status compile_regions(const std::string& file, const TomlNode& root, RuleSet& rules) {
  FieldReader top(file, "region file", root);
  FieldReader head(file, "regions", root.fields.find("regions")->second);
  const std::string jurisdiction = head.text("jurisdiction");
  for (const std::string& country : head.texts("countries")) rules.country_packs[country] = jurisdiction;
  if (auto status = head.finish(); !status) return status.error();
  for (const TomlNode* node : top.tables("region")) {
    FieldReader fields(file, "region", *node);
    const std::string id = fields.text("id");
    fields.text("name");
    const std::vector<std::string> zones = fields.texts("zones");
    if (zones.empty()) fields.fail("zones", "must name a zone");
    for (const std::string& zone : zones) {
      if (rules.zones->find(zone) == nullptr) fields.fail("zones", "\"" + zone + "\" is not a zone of tzdata");
      rules.zone_packs.emplace(zone, jurisdiction);
    }
    if (!rules.region_zones.emplace(id, zones).second) fields.fail("id", "is listed twice");
    if (auto status = fields.finish(); !status) return status;
  }
  for (const std::string_view name : {"regions", "region"}) top.accept(name);
  return top.finish();
}

Status compile_prefixes(const std::string& file, const TomlNode& root, RuleSet& rules) {
  FieldReader top(file, "prefix file", root);
  for (const TomlNode* node : top.tables("prefix")) {
    FieldReader fields(file, "prefix", *node);
    const std::string digits = fields.text("digits");
    const bool is_number = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) fields.fail("digits", "must hold digits only");
    const PrefixEntry entry{fields.text("jurisdiction"), fields.text_or("region", "")};
    const bool is_region_known = entry.region.empty() || rules.region_zones.count(entry.region) != 0;
    if (!is_region_known) fields.fail("region", "\"" + entry.region + "\" is not in a region file");
    if (!rules.prefixes.emplace(digits, entry).second) fields.fail("digits", "is listed twice");
    if (auto status = fields.finish(); !status) return status;
  }
  top.accept("prefix");
  return top.finish();
}

Status apply_operator(const std::string& file, const TomlNode& root, RuleSet& rules) {
  FieldReader top(file, "operator file", root);
  FieldReader fields(file, "operator", root.fields.find("operator")->second);
  tighten_options(fields, rules.default_options);
  if (auto status = fields.finish(); !status) return status;
  for (const TomlNode* node : top.tables("tighten")) {
    if (auto status = apply_tighten(file, *node, rules); !status) return status;
  }
  for (const std::string_view name : {"operator", "tighten"}) top.accept(name);
  return top.finish();
}

}  // namespace dunlin
