#include "config/work_reader.hpp"

#include <algorithm>

#include "config/condition_reader.hpp"

namespace dunlin {
namespace {

const FieldNames retry_fields{"outcome", "kind", "delay", "growth_percent", "max_delay", "next_number", "next_number_delay"};
const FieldNames retry_kind_names{"again", "stop", "wait"};

const FieldNames& order_number_names() {
  static const FieldNames names = [] {
    FieldNames all;
    for (const char* owner : {"debtor", "guarantor", "relative", "work", "other"}) {
      for (const char* type : {"mobile", "home", "work", "other"}) all.push_back(std::string(owner) + "." + type);
    }
    return all;
  }();
  return names;
}

/// A number of the order: owner and type.
Result<NumberRule> parse_number_rule(std::string_view text) {
  const auto pattern = parse_number_pattern(text);
  if (!pattern) return pattern.error();
  if (!pattern->type) return invalid_input("owner.type is needed");
  return NumberRule{pattern->owner, *pattern->type};
}

RetryRule read_retry_rule(FieldTable& table) {
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

}  // namespace

std::vector<NumberRule> read_number_order(FieldTable& table) {
  return table.parsed<NumberRule>("number_order", order_number_names(), parse_number_rule);
}

std::vector<RetryRule> read_retry_rules(const std::string& file, FieldTable& above, FieldNames& faults) {
  std::vector<RetryRule> rules;
  for (const TomlNode* node : above.reader().tables("retry")) {
    FieldTable table(file, "retry", *node, retry_fields);
    const auto outcomes = table.parsed<Outcome>("outcome", outcome_field_names(), parse_outcome);
    if (!table.has("outcome")) table.reader().fail("outcome", "is missing; allowed: " + joined_names(outcome_field_names()));
    RetryRule rule = read_retry_rule(table);
    for (const Outcome outcome : outcomes) {
      rule.outcome = outcome;
      const bool is_known = std::any_of(rules.begin(), rules.end(), [&](const RetryRule& known) { return known.outcome == outcome; });
      if (is_known) table.reader().fail("outcome", "\"" + std::string(to_string(outcome)) + "\" has a retry table already");
      rules.push_back(rule);
    }
    if (auto fault = table.fault()) faults.push_back(std::move(*fault));
  }
  return rules;
}

}  // namespace dunlin
