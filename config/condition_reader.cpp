#include "config/condition_reader.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t most_condition_count = 1'000'000;
constexpr std::int64_t most_condition_days = 366;
const FieldNames weekday_field_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

WholeRange read_range(FieldTable& table, const std::string& name, std::int64_t least, std::int64_t most) {
  return {table.whole(name + "_from", least, most), table.whole(name + "_to", least, most)};
}

}  // namespace

const FieldNames& condition_field_names() {
  static const FieldNames names{
      "stage", "portfolio", "product", "dpd_from", "dpd_to", "overdue_from", "overdue_to", "language", "last_outcome",
      "attempts_today_from", "attempts_today_to", "attempts_total_from", "attempts_total_to", "silent_attempts_from",
      "promise", "paid_within_days", "has_number", "weekdays", "hour_from", "hour_to", "group"};
  return names;
}

const FieldNames& outcome_field_names() {
  static const FieldNames names = names_of_all<Outcome>(outcome_count, [](Outcome o) { return to_string(o); });
  return names;
}

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

std::optional<std::int64_t> read_sum(FieldTable& table, std::string_view name, Currency currency) {
  if (!table.has(name)) return std::nullopt;
  const TomlNode* node = table.child(name);
  const bool is_whole = node->kind == TomlKind::integer;
  if (is_whole) return table.reader().integer(name, 0, 1'000'000'000'000) * 100;
  const auto money = parse_money(node->kind == TomlKind::text ? node->text : "", currency);
  if (!money || money->minor < 0) table.reader().fail(name, "a sum like 5000 or \"5000.50\" is needed");
  return money ? money->minor : 0;
}

StrategyCondition read_condition(FieldTable& table, Currency currency) {
  StrategyCondition when;
  when.stages = table.words("stage");
  when.portfolios = table.words("portfolio");
  when.products = table.words("product");
  when.dpd = read_range(table, "dpd", -1'000, 100'000);
  when.overdue = {read_sum(table, "overdue_from", currency), read_sum(table, "overdue_to", currency)};
  when.languages = table.words("language");
  when.last_outcomes = table.parsed<Outcome>("last_outcome", outcome_field_names(), parse_outcome);
  when.attempts_today = read_range(table, "attempts_today", 0, most_condition_count);
  when.attempts_total = read_range(table, "attempts_total", 0, most_condition_count);
  when.silent_attempts_from = table.count("silent_attempts_from", 1, most_condition_count);
  when.promise = table.one<PromiseFact>("promise", {"none", "open", "kept", "broken"}, parse_promise_fact);
  when.paid_within_days = table.count("paid_within_days", 1, most_condition_days);
  static const FieldNames owners{"debtor", "guarantor", "relative", "work", "other", "debtor.mobile"};
  when.has_number = table.one<NumberPattern>("has_number", owners, parse_number_pattern);
  const auto parse_weekday = [](const std::string& text) { return parse_listed<int>(weekday_field_names, text); };
  when.weekdays = table.parsed<int>("weekdays", weekday_field_names, parse_weekday);
  std::sort(when.weekdays.begin(), when.weekdays.end());
  if (const auto hour = table.whole("hour_from", 0, 23)) when.hour_from = static_cast<int>(*hour);
  if (const auto hour = table.whole("hour_to", 1, 24)) when.hour_to = static_cast<int>(*hour);
  when.group = table.word("group").value_or("");
  return when;
}

}  // namespace dunlin
