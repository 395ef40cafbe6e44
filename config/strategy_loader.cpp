#include "config/strategy_loader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/rule_fields.hpp"
#include "config/text_distance.hpp"
#include "config/text_file.hpp"
#include "core/dialing/strategy_check.hpp"

namespace dunlin {
namespace {

using FieldNames = std::vector<std::string>;

constexpr std::int64_t most_count = 1'000'000;
constexpr std::int64_t most_days = 366;

const FieldNames file_fields{"name", "currency", "group", "rule"};
const FieldNames group_table_fields{"name", "share"};
const FieldNames rule_table_fields{"name", "when", "then"};
const FieldNames when_fields{"stage", "portfolio", "product", "dpd_from", "dpd_to", "overdue_from", "overdue_to", "language", "last_outcome",
                             "attempts_today_from", "attempts_today_to", "attempts_total_from", "attempts_total_to", "silent_attempts_from",
                             "promise", "paid_within_days", "has_number", "weekdays", "hour_from", "hour_to", "group"};
const FieldNames then_fields{"stop", "keep", "rest_days", "quiet_after_payment_days", "mode", "skill", "number_order",
                             "max_attempts_per_number_day", "max_attempts_per_case_day", "max_attempts_per_number",
                             "max_attempts_per_case", "rank", "sooner_by", "priority", "script", "ring_timeout_ms",
                             "callback", "callback_any_after", "day_parts", "retry"};
const FieldNames retry_fields{"outcome", "kind", "delay", "growth_percent", "max_delay", "next_number", "next_number_delay"};
const FieldNames weekday_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
const FieldNames retry_kind_names{"again", "stop", "wait"};

/// One table of the file: typed reads that keep the first fault, and unknown fields named with the nearest known one.
class StrategyTable {
 public:
  StrategyTable(const std::string& file, std::string where, const TomlNode& node, const FieldNames& allowed)
      : reader_(file, std::move(where), node), node_(node), allowed_(allowed) {}

  FieldReader& reader() { return reader_; }
  bool has(std::string_view name) const { return reader_.has(name); }
  int line() const { return node_.line; }
  const TomlNode* child(std::string_view name) {
    reader_.accept(name);
    const auto found = node_.fields.find(name);
    return found == node_.fields.end() ? nullptr : &found->second;
  }
  /// A list of texts; one text alone is a list of one.
  std::vector<std::string> words(std::string_view name) {
    const TomlNode* node = child(name);
    if (node == nullptr) return {};
    if (node->kind == TomlKind::text) return {node->text};
    std::vector<std::string> list = reader_.texts(name);
    if (list.empty()) reader_.fail(name, "an empty list fits nobody; leave the field out");
    return list;
  }
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most) {
    if (!has(name)) return std::nullopt;
    return reader_.integer(name, least, most);
  }
  std::optional<std::uint32_t> count(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto value = whole(name, least, most);
    return value ? std::optional<std::uint32_t>(static_cast<std::uint32_t>(*value)) : std::nullopt;
  }
  WholeRange range(const std::string& name, std::int64_t least, std::int64_t most) {
    return {whole(name + "_from", least, most), whole(name + "_to", least, most)};
  }
  std::optional<std::string> word(std::string_view name) {
    if (!has(name)) return std::nullopt;
    return reader_.text(name);
  }
  /// Words that a parser of core knows. Its errors lack the field and this one adds it.
  template <class Value, class Parse>
  std::vector<Value> parsed(std::string_view name, const FieldNames& allowed, Parse parse) {
    std::vector<Value> values;
    for (const std::string& text : words(name)) {
      const auto value = parse(text);
      if (!value) reader_.fail(name, "\"" + text + "\" is not known" + guess_text(text, allowed));
      else if (std::find(values.begin(), values.end(), *value) != values.end()) reader_.fail(name, "\"" + text + "\" is named twice");
      else values.push_back(*value);
    }
    return values;
  }
  template <class Value, class Parse>
  std::optional<Value> one(std::string_view name, const FieldNames& allowed, Parse parse) {
    const auto text = word(name);
    if (!text) return std::nullopt;
    const auto value = parse(*text);
    if (value) return *value;
    reader_.fail(name, "\"" + *text + "\" is not known" + guess_text(*text, allowed));
    return std::nullopt;
  }
  Duration span(std::string_view name, Duration fallback) {
    const auto text = word(name);
    if (!text) return fallback;
    const auto span = parse_span(*text);
    if (!span) reader_.fail(name, span.error().detail);
    return span ? *span : fallback;
  }
  /// Nullopt: nothing is wrong.
  std::optional<std::string> fault() {
    for (const auto& [name, node] : node_.fields) {
      if (std::find(allowed_.begin(), allowed_.end(), name) == allowed_.end()) reader_.fail(name, "is not known here" + guess_text(name, allowed_));
    }
    const Status status = reader_.finish();
    return status ? std::nullopt : std::optional<std::string>(status.error().detail);
  }

 private:
  FieldReader reader_;
  const TomlNode& node_;
  const FieldNames& allowed_;
};

template <class Enum, class Name>
FieldNames names_of_all(int count, Name name) {
  FieldNames names;
  for (int i = 0; i < count; ++i) names.emplace_back(name(static_cast<Enum>(i)));
  return names;
}
const FieldNames& outcome_names() {
  static const FieldNames names = names_of_all<Outcome>(outcome_count, [](Outcome o) { return to_string(o); });
  return names;
}
const FieldNames& number_names() {
  static const FieldNames names = [] {
    FieldNames all;
    for (const char* owner : {"debtor", "guarantor", "relative", "work", "other"}) {
      for (const char* type : {"mobile", "home", "work", "other"}) all.push_back(std::string(owner) + "." + type);
    }
    return all;
  }();
  return names;
}

/// "debtor.mobile", or "debtor" where a type may be left out.
Result<NumberPattern> parse_number_pattern(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto owner = parse_party_role(text.substr(0, dot));
  if (!owner) return owner.error();
  NumberPattern pattern;
  pattern.owner = *owner;
  if (dot == std::string_view::npos) return pattern;
  const auto type = parse_phone_type(text.substr(dot + 1));
  if (!type) return type.error();
  pattern.type = *type;
  return pattern;
}

Result<NumberRule> parse_number_rule(std::string_view text) {
  const auto pattern = parse_number_pattern(text);
  if (!pattern) return pattern.error();
  if (!pattern->type) return invalid_input("owner.type is needed");
  return NumberRule{pattern->owner, *pattern->type};
}

template <class Value>
Result<Value> parse_listed(const FieldNames& names, std::string_view text) {
  const auto place = std::find(names.begin(), names.end(), text);
  if (place == names.end()) return invalid_input("not known");
  return static_cast<Value>(place - names.begin());
}

/// A sum in the currency's main unit: 5000, "5000.50".
std::optional<std::int64_t> read_sum(StrategyTable& table, std::string_view name, Currency currency) {
  if (!table.has(name)) return std::nullopt;
  const TomlNode* node = table.child(name);
  const bool is_whole = node->kind == TomlKind::integer;
  if (is_whole) return table.reader().integer(name, 0, 1'000'000'000'000) * 100;
  const auto money = parse_money(node->kind == TomlKind::text ? node->text : "", currency);
  if (!money || money->minor < 0) table.reader().fail(name, "a sum like 5000 or \"5000.50\" is needed");
  return money ? money->minor : 0;
}

StrategyCondition read_condition(StrategyTable& table, Currency currency) {
  StrategyCondition when;
  when.stages = table.words("stage");
  when.portfolios = table.words("portfolio");
  when.products = table.words("product");
  when.dpd = table.range("dpd", -1'000, 100'000);
  when.overdue = {read_sum(table, "overdue_from", currency), read_sum(table, "overdue_to", currency)};
  when.languages = table.words("language");
  when.last_outcomes = table.parsed<Outcome>("last_outcome", outcome_names(), parse_outcome);
  when.attempts_today = table.range("attempts_today", 0, most_count);
  when.attempts_total = table.range("attempts_total", 0, most_count);
  when.silent_attempts_from = table.count("silent_attempts_from", 1, most_count);
  when.promise = table.one<PromiseFact>("promise", {"none", "open", "kept", "broken"}, parse_promise_fact);
  when.paid_within_days = table.count("paid_within_days", 1, most_days);
  static const FieldNames owners{"debtor", "guarantor", "relative", "work", "other", "debtor.mobile"};
  when.has_number = table.one<NumberPattern>("has_number", owners, parse_number_pattern);
  when.weekdays = table.parsed<int>("weekdays", weekday_names, [](const std::string& text) { return parse_listed<int>(weekday_names, text); });
  std::sort(when.weekdays.begin(), when.weekdays.end());
  if (const auto hour = table.whole("hour_from", 0, 23)) when.hour_from = static_cast<int>(*hour);
  if (const auto hour = table.whole("hour_to", 1, 24)) when.hour_to = static_cast<int>(*hour);
  when.group = table.word("group").value_or("");
  return when;
}

RetryRule read_retry_rule(StrategyTable& table) {
  RetryRule rule;
  const auto kind = table.one<RetryKind>("kind", retry_kind_names, [](const std::string& text) {
    const auto index = parse_listed<int>(retry_kind_names, text);
    if (!index) return Result<RetryKind>(index.error());
    return Result<RetryKind>(*index == 0 ? RetryKind::again : *index == 1 ? RetryKind::stop_case : RetryKind::wait);
  });
  rule.kind = kind.value_or(RetryKind::again);
  rule.first_delay = table.span("delay", hours(2));
  rule.growth_percent = table.count("growth_percent", 100, 1000).value_or(100);
  rule.max_delay = table.span("max_delay", std::max(rule.first_delay, rule.growth_percent > 100 ? hours(24) : rule.first_delay));
  rule.prefers_next_number = table.reader().boolean_or("next_number", false);
  rule.next_number_delay = table.span("next_number_delay", rule.first_delay);
  if (rule.kind == RetryKind::again && !table.has("delay")) table.reader().fail("delay", "is missing, a time like \"2h\" is needed");
  if (rule.kind != RetryKind::again && table.has("delay")) table.reader().fail("delay", "only kind = \"again\" has a delay");
  return rule;
}

/// One table names a list of outcomes; each becomes a rule of its own.
void read_retry(const std::string& file, StrategyTable& then_table, std::vector<RetryRule>& rules, FieldNames& faults) {
  for (const TomlNode* node : then_table.reader().tables("retry")) {
    StrategyTable table(file, "retry", *node, retry_fields);
    const auto outcomes = table.parsed<Outcome>("outcome", outcome_names(), parse_outcome);
    if (!table.has("outcome")) table.reader().fail("outcome", "is missing; allowed: " + joined_names(outcome_names()));
    RetryRule rule = read_retry_rule(table);
    for (const Outcome outcome : outcomes) {
      rule.outcome = outcome;
      const bool is_known = std::any_of(rules.begin(), rules.end(), [&](const RetryRule& known) { return known.outcome == outcome; });
      if (is_known) table.reader().fail("outcome", "\"" + std::string(to_string(outcome)) + "\" has a retry table already");
      rules.push_back(rule);
    }
    if (auto fault = table.fault()) faults.push_back(std::move(*fault));
  }
}

std::optional<Duration> read_callback(StrategyTable& table) {
  static const FieldNames policies{"any", "own_agent"};
  const auto policy = table.one<int>("callback", policies, [](const std::string& text) { return parse_listed<int>(policies, text); });
  const Duration any_after = table.span("callback_any_after", hours(4));
  if (policy == 1) return any_after;
  if (table.has("callback_any_after")) table.reader().fail("callback_any_after", "only callback = \"own_agent\" has it");
  return std::nullopt;
}

StrategyOrders read_orders(const std::string& file, StrategyTable& table, FieldNames& faults) {
  StrategyOrders then;
  then.stops = table.reader().boolean_or("stop", false);
  then.keeps = table.reader().boolean_or("keep", false);
  then.rest_days = table.count("rest_days", 1, most_days);
  then.quiet_after_payment_days = table.count("quiet_after_payment_days", 1, most_days);
  then.mode = table.one<DialingMode>("mode", {"progressive", "predictive", "agentless", "preview"}, parse_dialing_mode);
  then.skill = table.word("skill");
  then.number_order = table.parsed<NumberRule>("number_order", number_names(), parse_number_rule);
  then.max_attempts_per_number_day = table.count("max_attempts_per_number_day", 1, 1000);
  then.max_attempts_per_case_day = table.count("max_attempts_per_case_day", 1, 1000);
  then.max_attempts_per_number = table.count("max_attempts_per_number", 1, 100'000);
  then.max_attempts_per_case = table.count("max_attempts_per_case", 1, 100'000);
  static const FieldNames ranks = names_of_all<RankRule>(rank_rule_count, [](RankRule rule) { return to_string(rule); });
  then.rank = table.one<RankRule>("rank", ranks, parse_rank_rule);
  then.sooner_by = static_cast<std::int32_t>(table.whole("sooner_by", 0, 100'000).value_or(0));
  if (const auto value = table.whole("priority", -1'000'000, 1'000'000)) then.priority = static_cast<std::int32_t>(*value);
  then.script_id = table.word("script");
  then.ring_timeout_ms = table.count("ring_timeout_ms", 5'000, 120'000);
  then.callback_own_for = read_callback(table);
  then.day_parts = table.parsed<DayPart>("day_parts", {"morning", "day", "evening"}, parse_day_part);
  read_retry(file, table, then.retry, faults);
  return then;
}

StrategyRule read_rule(const std::string& file, const TomlNode& node, Currency currency, FieldNames& faults) {
  StrategyTable table(file, "rule", node, rule_table_fields);
  StrategyRule rule;
  rule.name = table.reader().text("name");
  rule.line = node.line;
  const std::string where = "rule \"" + rule.name + "\"";
  const TomlNode* when_node = table.child("when");
  const TomlNode* then_node = table.child("then");
  if (then_node == nullptr) table.reader().fail("then", "is missing: [rule.then] says what the rule orders");
  if (auto fault = table.fault()) faults.push_back(std::move(*fault));
  StrategyTable when(file, where + " when", when_node != nullptr ? *when_node : absent_table(), when_fields);
  rule.when = read_condition(when, currency);
  if (auto fault = when.fault()) faults.push_back(std::move(*fault));
  StrategyTable then(file, where + " then", then_node != nullptr ? *then_node : absent_table(), then_fields);
  rule.then = read_orders(file, then, faults);
  if (auto fault = then.fault()) faults.push_back(std::move(*fault));
  return rule;
}

void read_strategy_groups(const std::string& file, StrategyTable& table, Strategy& strategy, FieldNames& faults) {
  for (const TomlNode* node : table.reader().tables("group")) {
    StrategyTable group(file, "group", *node, group_table_fields);
    strategy.groups.push_back({group.reader().text("name"), group.count("share", 1, 1'000'000).value_or(1)});
    if (auto fault = group.fault()) faults.push_back(std::move(*fault));
  }
}

Strategy read_strategy(const std::string& file, const TomlNode& root, FieldNames& faults) {
  Strategy strategy;
  StrategyTable table(file, "strategy", root, file_fields);
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

Result<Duration> parse_span(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const bool is_number = fault == std::errc() && value > 0 && value <= 366 * 86'400;
  if (is_number && unit == "s") return seconds(value);
  if (is_number && unit == "m" && value <= 366 * 1440) return minutes(value);
  if (is_number && unit == "h" && value <= 366 * 24) return hours(value);
  if (is_number && unit == "d" && value <= 366) return days(value);
  return invalid_input("a time like \"90s\", \"15m\", \"2h\" or \"3d\" is needed, at most 366 days");
}

std::string span_text(Duration span) {
  if (span.ms % days(1).ms == 0) return std::to_string(span.ms / days(1).ms) + "d";
  if (span.ms % hours(1).ms == 0) return std::to_string(span.ms / hours(1).ms) + "h";
  if (span.ms % minutes(1).ms == 0) return std::to_string(span.ms / minutes(1).ms) + "m";
  return std::to_string(span.ms / 1000) + "s";
}

}  // namespace dunlin
