#include "api/strategy_text.hpp"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/strategy_loader.hpp"

namespace dunlin {
namespace {

using Parts = std::vector<std::string>;

constexpr std::array<std::string_view, 7> short_days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::string range_text(const WholeRange& range) {
  if (range.from && range.to) return fmt::format("{}–{}", *range.from, *range.to);
  return range.from ? fmt::format("≥ {}", *range.from) : fmt::format("≤ {}", range.to.value_or(0));
}

std::string sums_text(const WholeRange& range, Currency currency) {
  const auto sum = [currency](std::int64_t minor) { return format_money({minor, currency}); };
  if (range.from && range.to) return fmt::format("{}–{}", sum(*range.from), sum(*range.to));
  return range.from ? "≥ " + sum(*range.from) : "≤ " + sum(range.to.value_or(0));
}

std::string pattern_text(const NumberPattern& pattern) {
  return std::string(to_string(pattern.owner)) + (pattern.type ? "." + std::string(to_string(*pattern.type)) : "");
}

std::string outcomes_text(const std::vector<Outcome>& outcomes) {
  Parts names;
  for (const Outcome outcome : outcomes) names.emplace_back(to_string(outcome));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string clock_text(const StrategyCondition& when) {
  Parts parts;
  for (const int day : when.weekdays) parts.emplace_back(short_days.at(static_cast<std::size_t>(day)));
  std::string text = fmt::format("{}", fmt::join(parts, ","));
  if (when.hour_from || when.hour_to) text += fmt::format("{}{}–{} h", text.empty() ? "" : " ", when.hour_from.value_or(0), when.hour_to.value_or(24));
  return text;
}

std::string wanted_text(StrategyTest test, const StrategyCondition& when, Currency currency) {
  switch (test) {
    case StrategyTest::group: return when.group;
    case StrategyTest::stage: return fmt::format("{}", fmt::join(when.stages, ", "));
    case StrategyTest::portfolio: return fmt::format("{}", fmt::join(when.portfolios, ", "));
    case StrategyTest::product: return fmt::format("{}", fmt::join(when.products, ", "));
    case StrategyTest::dpd: return when.dpd.is_any() ? "" : range_text(when.dpd);
    case StrategyTest::overdue: return when.overdue.is_any() ? "" : sums_text(when.overdue, currency);
    case StrategyTest::language: return fmt::format("{}", fmt::join(when.languages, ", "));
    case StrategyTest::last_outcome: return outcomes_text(when.last_outcomes);
    case StrategyTest::attempts_today: return when.attempts_today.is_any() ? "" : range_text(when.attempts_today);
    case StrategyTest::attempts_total: return when.attempts_total.is_any() ? "" : range_text(when.attempts_total);
    case StrategyTest::silent_attempts: return when.silent_attempts_from ? fmt::format("≥ {}", *when.silent_attempts_from) : "";
    case StrategyTest::promise: return when.promise ? std::string(to_string(*when.promise)) : "";
    case StrategyTest::paid_within_days: return when.paid_within_days ? fmt::format("≤ {}", *when.paid_within_days) : "";
    case StrategyTest::has_number: return when.has_number ? pattern_text(*when.has_number) : "";
    case StrategyTest::clock: return clock_text(when);
  }
  return "";
}

struct TestName {
  StrategyTest test;
  std::string_view field;
  std::string_view ru;
};
constexpr std::array<TestName, 15> test_names{{{StrategyTest::group, "group", "группа"},
                                               {StrategyTest::stage, "stage", "стадия"},
                                               {StrategyTest::portfolio, "portfolio", "портфель"},
                                               {StrategyTest::product, "product", "продукт"},
                                               {StrategyTest::dpd, "dpd", "дней просрочки"},
                                               {StrategyTest::overdue, "overdue", "сумма просрочки"},
                                               {StrategyTest::language, "language", "язык"},
                                               {StrategyTest::last_outcome, "last_outcome", "последний итог"},
                                               {StrategyTest::attempts_today, "attempts_today", "попыток сегодня"},
                                               {StrategyTest::attempts_total, "attempts_total", "попыток всего"},
                                               {StrategyTest::silent_attempts, "silent_attempts", "попыток подряд без контакта"},
                                               {StrategyTest::promise, "promise", "обещание"},
                                               {StrategyTest::paid_within_days, "paid_within_days", "дней с последнего платежа"},
                                               {StrategyTest::has_number, "has_number", "номера"},
                                               {StrategyTest::clock, "hours", "время должника"}}};

const TestName& name_of_test(StrategyTest test) { return test_names.at(static_cast<std::size_t>(test)); }

template <class Text>
std::string of_debts(const StrategyFacts& facts, Text text) {
  Parts parts;
  for (const Debt* debt : facts.debts) parts.push_back(text(*debt));
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string walls_text(const std::vector<LocalTime>& walls) {
  Parts parts;
  for (const LocalTime& wall : walls) {
    parts.push_back(fmt::format("{} {:02}:{:02}", short_days.at(static_cast<std::size_t>(weekday_of(wall.day))), wall.second_of_day / 3600, wall.second_of_day / 60 % 60));
  }
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string numbers_text(const CaseRecord& record) {
  Parts parts;
  for (const ContactPhone& phone : record.phones) {
    if (!phone.is_blocked) parts.push_back(pattern_text({phone.owner, phone.type}));
  }
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string found_text(StrategyTest test, const StrategyFacts& facts) {
  const auto or_dash = [](std::string text) { return text.empty() ? std::string("-") : text; };
  switch (test) {
    case StrategyTest::group: return or_dash(std::string(facts.group));
    case StrategyTest::stage: return of_debts(facts, [&](const Debt& d) { return or_dash(d.stage); });
    case StrategyTest::portfolio: return of_debts(facts, [&](const Debt& d) { return or_dash(d.portfolio); });
    case StrategyTest::product: return of_debts(facts, [&](const Debt& d) { return or_dash(d.product); });
    case StrategyTest::dpd: return of_debts(facts, [](const Debt& d) { return std::to_string(d.days_past_due); });
    case StrategyTest::overdue: return of_debts(facts, [](const Debt& d) { return format_money(d.overdue); });
    case StrategyTest::language: return facts.record->language;
    case StrategyTest::last_outcome: return facts.last_outcome ? std::string(to_string(*facts.last_outcome)) : "-";
    case StrategyTest::attempts_today: return std::to_string(facts.attempts_today);
    case StrategyTest::attempts_total: return std::to_string(facts.record->totals.attempts);
    case StrategyTest::silent_attempts: return std::to_string(facts.silent_attempts);
    case StrategyTest::promise: return std::string(to_string(facts.promise));
    case StrategyTest::paid_within_days: return facts.last_paid_at ? std::to_string((facts.at - *facts.last_paid_at).ms / days(1).ms) : "-";
    case StrategyTest::has_number: return numbers_text(*facts.record);
    case StrategyTest::clock: return walls_text(facts.walls);
  }
  return "-";
}

std::string retry_text(const RetryRule& rule) {
  std::string text = "retry " + std::string(to_string(rule.outcome)) + ": ";
  switch (rule.kind) {
    case RetryKind::stop_case: return text + "stop";
    case RetryKind::wait: return text + "wait";
    case RetryKind::again: break;
  }
  text += "after " + span_text(rule.first_delay);
  if (rule.growth_percent > 100) text += fmt::format(" × {}% up to {}", rule.growth_percent, span_text(rule.max_delay));
  if (rule.prefers_next_number) text += ", next number after " + span_text(rule.next_number_delay);
  return text;
}

template <class Value>
void add_order(Parts& parts, std::string_view name, const std::optional<Value>& value) {
  if (value) parts.push_back(fmt::format("{} {}", name, *value));
}

}  // namespace

std::string condition_text(const StrategyCondition& condition, Currency currency) {
  Parts parts;
  for (const TestName& name : test_names) {
    const std::string wanted = wanted_text(name.test, condition, currency);
    if (!wanted.empty()) parts.push_back(fmt::format("{} {}", name.field, wanted));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string orders_text(const StrategyOrders& then) {
  Parts parts;
  if (then.stops) parts.emplace_back("stop");
  if (then.keeps) parts.emplace_back("keep");
  add_order(parts, "rest_days", then.rest_days);
  add_order(parts, "quiet_after_payment_days", then.quiet_after_payment_days);
  if (then.mode) parts.push_back("mode " + std::string(to_string(*then.mode)));
  add_order(parts, "skill", then.skill);
  Parts numbers;
  for (const NumberRule& rule : then.number_order) numbers.push_back(pattern_text({rule.owner, rule.type}));
  if (!numbers.empty()) parts.push_back(fmt::format("number_order {}", fmt::join(numbers, ", ")));
  if (then.number_choice) parts.push_back("numbers " + std::string(to_string(*then.number_choice)));
  add_order(parts, "max_attempts_per_number_day", then.max_attempts_per_number_day);
  add_order(parts, "max_attempts_per_case_day", then.max_attempts_per_case_day);
  add_order(parts, "max_attempts_per_number", then.max_attempts_per_number);
  add_order(parts, "max_attempts_per_case", then.max_attempts_per_case);
  if (then.rank) parts.push_back("rank " + std::string(to_string(*then.rank)));
  add_order(parts, "odds_lead", then.odds_lead);
  if (then.sooner_by != 0) parts.push_back(fmt::format("sooner_by {}", then.sooner_by));
  add_order(parts, "priority", then.priority);
  add_order(parts, "script", then.script_id);
  add_order(parts, "ring_timeout_ms", then.ring_timeout_ms);
  if (then.callback_own_for) parts.push_back("callback own_agent, any after " + span_text(*then.callback_own_for));
  if (then.hour_choice) parts.push_back("hours " + std::string(to_string(*then.hour_choice)));
  Parts day;
  for (const DayPart part : then.day_parts) day.emplace_back(to_string(part));
  if (!day.empty()) parts.push_back(fmt::format("day_parts {}", fmt::join(day, ", ")));
  for (const RetryRule& rule : then.retry) parts.push_back(retry_text(rule));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string unmet_text(StrategyTest test, const StrategyCondition& condition, const StrategyFacts& facts, const std::string& language) {
  const bool is_english = language == "en";
  return fmt::format("{}: {}; {} {}", is_english ? name_of_test(test).field : name_of_test(test).ru, found_text(test, facts),
                     is_english ? "wanted" : "нужно", wanted_text(test, condition, facts.currency));
}

std::string order_words(const WorkOrder& order, const CampaignSettings& campaign, const std::string& language) {
  const bool is_english = language == "en";
  switch (order.bar) {
    case WorkOrder::Bar::none: break;
    case WorkOrder::Bar::stopped: return is_english ? "the case is not worked" : "дело не в работе";
    case WorkOrder::Bar::other_mode:
      return fmt::format(fmt::runtime(is_english ? "this campaign is {}; a {} campaign of this strategy dials the case"
                                    : "эта кампания — {}; дело берёт кампания этой стратегии в режиме {}"),
                         to_string(campaign.mode), to_string(order.settings->mode));
    case WorkOrder::Bar::other_skill:
      return fmt::format(fmt::runtime(is_english ? "this campaign's skill is \"{}\"; a campaign of this strategy with the skill \"{}\" dials the case"
                                    : "навык этой кампании — «{}»; дело берёт кампания этой стратегии с навыком «{}»"),
                         campaign.skill, order.settings->skill);
    case WorkOrder::Bar::no_flow: return is_english ? "the flow is not stored" : "сценарий не сохранён";
    case WorkOrder::Bar::no_strategy: return is_english ? "the strategy is not stored" : "стратегия не сохранена";
  }
  if (!order.rest_until) return "";
  return (is_english ? "rest until " : "покой до ") + format_utc(*order.rest_until);
}

}  // namespace dunlin
