#include "config/strategy_loader.hpp"

#include <algorithm>

#include "config/condition_reader.hpp"
#include "config/text_file.hpp"
#include "config/work_reader.hpp"
#include "core/dialing/strategy_check.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t most_days = 366;

const FieldNames file_fields{"name", "currency", "group", "rule"};
const FieldNames group_table_fields{"name", "share"};
const FieldNames rule_table_fields{"name", "when", "then"};
const FieldNames then_fields{"stop", "keep", "rest_days", "quiet_after_payment_days", "mode", "skill", "number_order", "numbers",
                             "max_attempts_per_number_day", "max_attempts_per_case_day", "max_attempts_per_number",
                             "max_attempts_per_case", "rank", "odds_lead", "sooner_by", "priority", "script", "ring_timeout_ms",
                             "callback", "callback_any_after", "hours", "day_parts", "retry"};

std::optional<Duration> read_callback(FieldTable& table) {
  static const FieldNames policies{"any", "own_agent"};
  const auto policy = table.one<int>("callback", policies, [](const std::string& text) { return parse_listed<int>(policies, text); });
  const Duration any_after = table.span("callback_any_after", hours(4));
  if (policy == 1) return any_after;
  if (table.has("callback_any_after")) table.reader().fail("callback_any_after", "only callback = \"own_agent\" has it");
  return std::nullopt;
}

std::optional<DialingMode> read_mode(FieldTable& table) {
  const bool is_preview = table.has("mode") && table.word("mode") == to_string(DialingMode::preview);
  if (!is_preview) return table.one<DialingMode>("mode", {"progressive", "predictive", "agentless"}, parse_dialing_mode);
  table.reader().fail("mode", parse_dialing_mode(to_string(DialingMode::preview)).error().detail);
  return std::nullopt;
}

StrategyOrders read_orders(const std::string& file, FieldTable& table, FieldNames& faults) {
  StrategyOrders then;
  then.stops = table.reader().boolean_or("stop", false);
  then.keeps = table.reader().boolean_or("keep", false);
  then.rest_days = table.count("rest_days", 1, most_days);
  then.quiet_after_payment_days = table.count("quiet_after_payment_days", 1, most_days);
  then.mode = read_mode(table);
  then.skill = table.word("skill");
  then.number_order = read_number_order(table);
  then.number_choice = table.one<NumberChoice>("numbers", {"in_order", "best"}, parse_number_choice);
  then.max_attempts_per_number_day = table.count("max_attempts_per_number_day", 1, 1000);
  then.max_attempts_per_case_day = table.count("max_attempts_per_case_day", 1, 1000);
  then.max_attempts_per_number = table.count("max_attempts_per_number", 1, 100'000);
  then.max_attempts_per_case = table.count("max_attempts_per_case", 1, 100'000);
  static const FieldNames ranks = names_of_all<RankRule>(rank_rule_count, [](RankRule rule) { return to_string(rule); });
  then.rank = table.one<RankRule>("rank", ranks, parse_rank_rule);
  then.odds_lead = table.count("odds_lead", 0, most_odds_lead);
  then.sooner_by = static_cast<std::int32_t>(table.whole("sooner_by", 0, 100'000).value_or(0));
  if (const auto value = table.whole("priority", -1'000'000, 1'000'000)) then.priority = static_cast<std::int32_t>(*value);
  then.script_id = table.word("script");
  then.ring_timeout_ms = table.count("ring_timeout_ms", 5'000, 120'000);
  then.callback_own_for = read_callback(table);
  then.hour_choice = table.one<HourChoice>("hours", {"as_planned", "best"}, parse_hour_choice);
  then.day_parts = table.parsed<DayPart>("day_parts", {"morning", "day", "evening"}, parse_day_part);
  then.retry = read_retry_rules(file, table, faults);
  return then;
}

StrategyRule read_rule(const std::string& file, const TomlNode& node, Currency currency, FieldNames& faults) {
  FieldTable table(file, "rule", node, rule_table_fields);
  StrategyRule rule;
  rule.name = table.reader().text("name");
  rule.line = node.line;
  const std::string where = "rule \"" + rule.name + "\"";
  const TomlNode* when_node = table.child("when");
  const TomlNode* then_node = table.child("then");
  if (then_node == nullptr) table.reader().fail("then", "is missing: [rule.then] says what the rule orders");
  if (auto fault = table.fault()) faults.push_back(std::move(*fault));
  FieldTable when(file, where + " when", when_node != nullptr ? *when_node : absent_table(), condition_field_names());
  rule.when = read_condition(when, currency);
  if (auto fault = when.fault()) faults.push_back(std::move(*fault));
  FieldTable then(file, where + " then", then_node != nullptr ? *then_node : absent_table(), then_fields);
  rule.then = read_orders(file, then, faults);
  if (auto fault = then.fault()) faults.push_back(std::move(*fault));
  return rule;
}

void read_strategy_groups(const std::string& file, FieldTable& table, Strategy& strategy, FieldNames& faults) {
  for (const TomlNode* node : table.reader().tables("group")) {
    FieldTable group(file, "group", *node, group_table_fields);
    strategy.groups.push_back({group.reader().text("name"), group.count("share", 1, 1'000'000).value_or(1)});
    if (auto fault = group.fault()) faults.push_back(std::move(*fault));
  }
}

Strategy read_strategy(const std::string& file, const TomlNode& root, FieldNames& faults) {
  Strategy strategy;
  FieldTable table(file, "strategy", root, file_fields);
  strategy.name = table.reader().text("name");
  static const FieldNames currencies{"RUB", "USD", "EUR", "KZT", "GBP"};
  strategy.currency = table.one<Currency>("currency", currencies, parse_currency).value_or(Currency::rub);
  read_strategy_groups(file, table, strategy, faults);
  const auto rules = table.reader().tables("rule");
  if (rules.size() > max_strategy_rules) table.reader().fail("rule", "more than 200 rules");
  else for (const TomlNode* node : rules) strategy.rules.push_back(read_rule(file, *node, strategy.currency, faults));
  if (auto fault = table.fault()) faults.insert(faults.begin(), std::move(*fault));
  return strategy;
}

}  // namespace

Result<Strategy> parse_strategy(const std::string& file, std::string_view text) {
  if (text.size() > most_strategy_bytes) return Error{Errc::exhausted, file + ": larger than 128 KB"};
  const auto root = parse_toml(file, text);
  if (!root) return root.error();
  FieldNames faults;
  Strategy strategy = read_strategy(file, *root, faults);
  // What is wrong with whole rules shows only when each field could be read.
  if (faults.empty()) {
    for (const StrategyFinding& finding : check_strategy(strategy)) {
      faults.push_back(file + ":" + std::to_string(std::max(finding.line, 1)) + ": " + finding.place + ": " + finding.what);
    }
  }
  if (faults.empty()) return strategy;
  return joined_faults(faults);
}

Result<std::string> read_strategy_text(const std::filesystem::path& file) { return read_text_file(file, most_strategy_bytes); }

}  // namespace dunlin
