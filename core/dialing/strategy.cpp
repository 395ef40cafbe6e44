#include "core/dialing/strategy.hpp"

#include <algorithm>
#include <array>

#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

constexpr std::array<std::string_view, 4> promise_fact_names{"none", "open", "kept", "broken"};
constexpr std::array<std::string_view, 3> day_part_names{"morning", "day", "evening"};
constexpr int seconds_of_hour = 3600;

bool lists_value(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool reads_clock(const StrategyCondition& when) {
  return !when.weekdays.empty() || when.hour_from || when.hour_to || !when.attempts_today.is_any();
}

bool reads_clock(const Strategy& strategy) {
  return std::any_of(strategy.rules.begin(), strategy.rules.end(), [](const StrategyRule& rule) { return reads_clock(rule.when); });
}

std::uint32_t silent_attempts_of(const CaseRecord& record) {
  std::uint32_t silent = 0;
  for (auto row = record.attempts.rbegin(); row != record.attempts.rend(); ++row) {
    const auto outcome = row->final_outcome();
    if (!outcome || !uses_cap(*row)) continue;
    if (traits(*outcome).right_party) break;
    ++silent;
  }
  return silent;
}

/// Since the midnight that lies furthest back: where the zone is not certain, more attempts count rather than fewer.
std::uint32_t attempts_today_of(const CaseRecord& record, UtcTime now, const std::vector<LocalTime>& walls) {
  Duration passed = walls.empty() ? days(1) : Duration{};
  for (const LocalTime& wall : walls) passed = std::max(passed, seconds(wall.second_of_day));
  const UtcTime midnight = now - passed;
  return static_cast<std::uint32_t>(std::count_if(record.attempts.begin(), record.attempts.end(), [midnight](const AttemptRow& row) {
    return row.reserved_at >= midnight && uses_cap(row);
  }));
}

PromiseFact promise_fact_of(const CaseRecord& record) {
  const Promise* latest = nullptr;
  for (const Promise& promise : record.promises) {
    if (latest == nullptr || promise.made_at >= latest->made_at) latest = &promise;
  }
  if (latest == nullptr) return PromiseFact::none;
  switch (latest->state) {
    case PromiseState::open: return PromiseFact::open;
    case PromiseState::kept: return PromiseFact::kept;
    case PromiseState::broken: return PromiseFact::broken;
  }
  return PromiseFact::none;
}

std::optional<UtcTime> last_payment_of(const CaseRecord& record) {
  std::optional<UtcTime> last;
  for (const PaymentFact& payment : record.payments) {
    if (!last || payment.paid_at > *last) last = payment.paid_at;
  }
  return last;
}

/// The debts are narrowed condition by condition, so that the first condition no debt is left for can be named.
std::optional<StrategyTest> failed_debt_test(const StrategyCondition& when, const StrategyFacts& facts) {
  std::vector<const Debt*> debts = facts.debts;
  const auto keep = [&debts](const auto& fits) {
    debts.erase(std::remove_if(debts.begin(), debts.end(), [&fits](const Debt* debt) { return !fits(*debt); }), debts.end());
    return !debts.empty();
  };
  if (!when.stages.empty() && !keep([&](const Debt& d) { return lists_value(when.stages, d.stage); })) return StrategyTest::stage;
  if (!when.portfolios.empty() && !keep([&](const Debt& d) { return lists_value(when.portfolios, d.portfolio); })) return StrategyTest::portfolio;
  if (!when.products.empty() && !keep([&](const Debt& d) { return lists_value(when.products, d.product); })) return StrategyTest::product;
  if (!when.dpd.is_any() && !keep([&](const Debt& d) { return when.dpd.has(d.days_past_due); })) return StrategyTest::dpd;
  const auto owes = [&](const Debt& d) { return d.overdue.currency == facts.currency && when.overdue.has(d.overdue.minor); };
  if (!when.overdue.is_any() && !keep(owes)) return StrategyTest::overdue;
  return std::nullopt;
}

bool has_number_like(const CaseRecord& record, const NumberPattern& pattern) {
  return std::any_of(record.phones.begin(), record.phones.end(), [&pattern](const ContactPhone& phone) {
    return !phone.is_blocked && phone.owner == pattern.owner && (!pattern.type || phone.type == *pattern.type);
  });
}

bool is_within_hours(const StrategyCondition& when, const std::vector<LocalTime>& walls) {
  if (when.weekdays.empty() && !when.hour_from && !when.hour_to) return true;
  const auto fits = [&when](const LocalTime& wall) {
    const auto& list = when.weekdays;
    if (!list.empty() && std::find(list.begin(), list.end(), weekday_of(wall.day)) == list.end()) return false;
    const int hour = wall.second_of_day / seconds_of_hour;
    return hour >= when.hour_from.value_or(0) && hour < when.hour_to.value_or(24);
  };
  return !walls.empty() && std::all_of(walls.begin(), walls.end(), fits);
}

bool has_paid_within(const StrategyFacts& facts, std::uint32_t limit_days) {
  return facts.last_paid_at && facts.at - *facts.last_paid_at <= days(limit_days);
}

/// SplitMix64's last step: neighbouring ids must not fall into the same group.
std::uint64_t scattered(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

template <class T>
void lay(const std::optional<T>& from, T& onto) {
  if (from) onto = *from;
}

}  // namespace

bool WholeRange::covers(const WholeRange& other) const {
  const bool is_below = !from || (other.from && *other.from >= *from);
  const bool is_above = !to || (other.to && *other.to <= *to);
  return is_below && is_above;
}

std::string_view to_string(PromiseFact fact) { return promise_fact_names[static_cast<std::size_t>(fact)]; }
Result<PromiseFact> parse_promise_fact(std::string_view name) {
  const auto place = std::find(promise_fact_names.begin(), promise_fact_names.end(), name);
  if (place != promise_fact_names.end()) return static_cast<PromiseFact>(place - promise_fact_names.begin());
  return invalid_input("allowed are none, open, kept, broken");
}
std::string_view to_string(DayPart part) { return day_part_names[static_cast<std::size_t>(part)]; }
Result<DayPart> parse_day_part(std::string_view name) {
  const auto place = std::find(day_part_names.begin(), day_part_names.end(), name);
  if (place != day_part_names.end()) return static_cast<DayPart>(place - day_part_names.begin());
  return invalid_input("allowed are morning, day, evening");
}
std::optional<DayPart> day_part_of(const LocalTime& wall) {
  const int hour = wall.second_of_day / seconds_of_hour;
  if (hour < 8 || hour >= 22) return std::nullopt;
  if (hour < 12) return DayPart::morning;
  return hour < 17 ? DayPart::day : DayPart::evening;
}

StrategyFacts strategy_facts(const Strategy& strategy, const CaseFilter& filter, const CaseRecord& record, UtcTime now,
                             const DebtorClock* clock) {
  StrategyFacts facts;
  facts.record = &record;
  facts.at = now;
  facts.currency = strategy.currency;
  for (const Debt& debt : record.debts) {
    if (takes_debt(filter, debt)) facts.debts.push_back(&debt);
  }
  if (const AttemptRow* last = record.last_settled()) facts.last_outcome = last->final_outcome();
  if (clock != nullptr && reads_clock(strategy)) facts.walls = clock->walls(record, now);
  facts.attempts_today = attempts_today_of(record, now, facts.walls);
  facts.silent_attempts = silent_attempts_of(record);
  facts.promise = promise_fact_of(record);
  facts.last_paid_at = last_payment_of(record);
  facts.group = group_of(strategy, record.id);
  return facts;
}

std::optional<StrategyTest> first_failed(const StrategyCondition& when, const StrategyFacts& facts) {
  const CaseRecord& record = *facts.record;
  if (!when.group.empty() && when.group != facts.group) return StrategyTest::group;
  if (const auto failed = failed_debt_test(when, facts)) return failed;
  if (!lists_value(when.languages, record.language)) return StrategyTest::language;
  const auto& outcomes = when.last_outcomes;
  const bool is_outcome = facts.last_outcome && std::find(outcomes.begin(), outcomes.end(), *facts.last_outcome) != outcomes.end();
  if (!outcomes.empty() && !is_outcome) return StrategyTest::last_outcome;
  if (!when.attempts_today.has(facts.attempts_today)) return StrategyTest::attempts_today;
  if (!when.attempts_total.has(record.totals.attempts)) return StrategyTest::attempts_total;
  if (when.silent_attempts_from && facts.silent_attempts < *when.silent_attempts_from) return StrategyTest::silent_attempts;
  if (when.promise && *when.promise != facts.promise) return StrategyTest::promise;
  if (when.paid_within_days && !has_paid_within(facts, *when.paid_within_days)) return StrategyTest::paid_within_days;
  if (when.has_number && !has_number_like(record, *when.has_number)) return StrategyTest::has_number;
  if (!is_within_hours(when, facts.walls)) return StrategyTest::clock;
  return std::nullopt;
}

StrategyDecision decide(const Strategy& strategy, const StrategyFacts& facts) {
  StrategyDecision decision;
  for (std::size_t i = 0; i < strategy.rules.size() && !decision.rule; ++i) {
    if (!first_failed(strategy.rules[i].when, facts)) decision.rule = i;
  }
  if (!decision.rule) return decision;
  const StrategyOrders& then = strategy.rules[*decision.rule].then;
  decision.is_stopped = then.stops;
  const auto rest = [&](const std::optional<UtcTime>& since, const std::optional<std::uint32_t>& length_days) {
    if (!since || !length_days) return;
    const UtcTime end = *since + days(*length_days);
    if (end > facts.at) decision.rest_until = std::max(end, decision.rest_until.value_or(end));
  };
  rest(facts.record->totals.last_attempt_at, then.rest_days);
  rest(facts.last_paid_at, then.quiet_after_payment_days);
  return decision;
}

CampaignSettings overlaid(CampaignSettings settings, const StrategyRule& rule) {
  const StrategyOrders& then = rule.then;
  lay(then.mode, settings.mode);
  lay(then.skill, settings.skill);
  if (!then.number_order.empty()) {
    // Who writes an order means it, unless the same rule says otherwise.
    settings.number_order = then.number_order;
    settings.number_choice = NumberChoice::in_order;
  }
  lay(then.number_choice, settings.number_choice);
  lay(then.max_attempts_per_number_day, settings.max_attempts_per_number_day);
  lay(then.max_attempts_per_case_day, settings.max_attempts_per_case_day);
  lay(then.max_attempts_per_number, settings.max_attempts_per_number);
  lay(then.max_attempts_per_case, settings.max_attempts_per_case);
  lay(then.rank, settings.rank);
  lay(then.odds_lead, settings.odds_lead);
  lay(then.hour_choice, settings.hour_choice);
  lay(then.priority, settings.priority);
  lay(then.script_id, settings.script_id);
  lay(then.ring_timeout_ms, settings.ring_timeout_ms);
  for (const RetryRule& retry : then.retry) {
    const auto same = std::find_if(settings.retry.begin(), settings.retry.end(),
                                   [&retry](const RetryRule& known) { return known.outcome == retry.outcome; });
    if (same == settings.retry.end()) settings.retry.push_back(retry);
    else *same = retry;
  }
  return settings;
}

std::optional<UtcTime> next_change(const Strategy& strategy, const StrategyFacts& facts, const StrategyDecision& decision) {
  std::optional<UtcTime> next;
  const auto consider = [&](UtcTime at) {
    if (at > facts.at && (!next || at < *next)) next = at;
  };
  // Rules behind the fitting one have no say before it, or one ahead of it, changes its mind.
  const std::size_t last = decision.rule ? *decision.rule + 1 : strategy.rules.size();
  for (std::size_t i = 0; i < last; ++i) {
    const StrategyCondition& when = strategy.rules[i].when;
    if (when.paid_within_days && facts.last_paid_at) consider(*facts.last_paid_at + days(*when.paid_within_days) + milliseconds(1));
    if (!reads_clock(when)) continue;
    for (const LocalTime& wall : facts.walls) {
      const UtcTime this_second = facts.at - milliseconds(facts.at.ms % 1000);
      consider(this_second + seconds(seconds_of_hour - wall.second_of_day % seconds_of_hour));
    }
  }
  return next;
}

std::string_view group_of(const Strategy& strategy, CaseId id) {
  std::uint64_t total = 0;
  for (const StrategyGroup& group : strategy.groups) total += group.share;
  if (total == 0) return {};
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : strategy.name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::uint64_t place = scattered(hash ^ scattered(id.value())) % total;
  for (const StrategyGroup& group : strategy.groups) {
    if (place < group.share) return group.name;
    place -= group.share;
  }
  return {};
}

}  // namespace dunlin
