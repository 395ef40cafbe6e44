#include "core/case/effect_builder.hpp"

#include <algorithm>
#include <iterator>

namespace dunlin {
namespace {

/// A date ends last where clocks are furthest behind UTC.
constexpr Duration westmost_offset = hours(12);
/// Of one decision: an imported row opens the case, says its data and plans.
constexpr std::size_t usual_events = 3;

std::vector<LookupKey> missing_from(const std::vector<LookupKey>& wanted, const std::vector<LookupKey>& known) {
  std::vector<LookupKey> missing;
  std::set_difference(wanted.begin(), wanted.end(), known.begin(), known.end(), std::back_inserter(missing));
  return missing;
}

Money paid_for(const CaseRecord& record, const Promise& promise) {
  Money paid{0, promise.amount.currency};
  for (const PaymentFact& payment : record.payments) {
    const bool is_for_it = promise.debt_external_id.empty() || payment.debt_external_id == promise.debt_external_id;
    if (is_for_it && payment.amount.currency == paid.currency && payment.paid_at >= promise.made_at) {
      paid.minor += payment.amount.minor;
    }
  }
  return paid;
}

}  // namespace

void EffectBuilder::add(CaseEvent event) {
  fold(next_, event, now_);
  if (events_.empty()) events_.reserve(usual_events);
  events_.push_back(std::move(event));
}

void EffectBuilder::replan(const CampaignBook& book, PlanInputs inputs) {
  append_plan(make_plan(next_, book, now_, inputs));
}

void EffectBuilder::replan_data(const CampaignBook& book, std::string reason) {
  replan(book, PlanInputs{next_.rest_until, true, CampaignId(), std::move(reason)});
}

void EffectBuilder::postpone(const CampaignBook& book, CampaignId campaign, UtcTime until, std::string reason) {
  PlanInputs inputs{next_.rest_until, false, CampaignId(), std::move(reason)};
  inputs.postponed = campaign;
  inputs.postponed_until = std::max(until, now_ + seconds(1));
  replan(book, std::move(inputs));
}

void EffectBuilder::append_plan(PlanChanged plan) {
  if (const auto timer = own_timer(next_, limits_)) plan.rows.insert(plan.rows.begin(), DueRow{CampaignId(), *timer, 0});
  const bool is_same = plan.rows == next_.due && plan.rest_until == next_.rest_until && !plan.finished_campaign.is_set();
  if (!is_same) add(std::move(plan));
}

CaseEffects EffectBuilder::finish(CaseAnswer answer) && {
  CaseEffects effects;
  effects.at = now_;
  effects.expected_version = before_.version;
  const std::vector<LookupKey> lookups_before = lookups_of(before_);
  const std::vector<LookupKey> lookups_after = lookups_of(next_);
  effects.lookups_added = missing_from(lookups_after, lookups_before);
  effects.lookups_removed = missing_from(lookups_before, lookups_after);
  // A refused case was taken out of the dial queue: its rows go back even when they did not change.
  if (next_.due != before_.due || std::holds_alternative<DenialView>(answer)) effects.due = next_.due;
  effects.events = std::move(events_);
  effects.next = std::move(next_);
  effects.answer = std::move(answer);
  return effects;
}

std::optional<UtcTime> own_timer(const CaseRecord& record, const CaseLimits& limits) {
  std::optional<UtcTime> timer;
  const auto consider = [&timer](UtcTime at) {
    if (!timer || at < *timer) timer = at;
  };
  if (record.alias_of.is_set()) return timer;
  if (record.open_attempt) {
    const AttemptRow* row = record.find_attempt(record.open_attempt->attempt);
    consider(row->reserved_at + limits.longest_call + limits.settle_margin);
  }
  if (record.awaiting_since) consider(*record.awaiting_since + limits.wrap_up);
  if (const Promise* promise = record.open_promise()) consider(promise->check_at);
  return timer;
}

bool has_promise_of(const CaseRecord& record, AttemptId attempt) {
  return std::any_of(record.promises.begin(), record.promises.end(), [attempt](const Promise& promise) { return promise.attempt == attempt; });
}

Result<Promise> promise_of(const CaseRecord& record, const PromiseTerms& terms, AttemptId attempt, UtcTime now,
                           const CaseLimits& limits) {
  if (terms.amount.minor <= 0) return invalid_input("promise.amount: must be positive");
  if (!is_valid(terms.date)) return invalid_input("promise.date: not a date");
  if (!terms.debt_external_id.empty() && record.find_debt(terms.debt_external_id) == nullptr) {
    return invalid_input("promise.debt: not a debt of this person");
  }
  const UtcTime date_begins{days(days_from_civil(terms.date)).ms};
  // A day of slack on both sides: the person's date may differ from the date in UTC.
  if (date_begins < now - days(2)) return invalid_input("promise.date: in the past");
  if (date_begins > now + days(366)) return invalid_input("promise.date: over a year ahead");
  Promise promise;
  promise.number = record.promises_made + 1;
  promise.attempt = attempt;
  promise.debt_external_id = terms.debt_external_id;
  promise.amount = terms.amount;
  promise.date = terms.date;
  promise.made_at = now;
  promise.check_at = date_begins + days(1) + westmost_offset + limits.promise_tolerance;
  return promise;
}

void decide_promises(EffectBuilder& builder) {
  const std::vector<Promise> promises = builder.next().promises;
  for (const Promise& promise : promises) {
    if (promise.state != PromiseState::open) continue;
    const Money paid = paid_for(builder.next(), promise);
    if (paid.minor >= promise.amount.minor) builder.add(PromiseKept{promise.number, paid});
    else if (promise.check_at <= builder.now()) builder.add(PromiseBroken{promise.number, paid});
  }
}

void plan_after_outcome(EffectBuilder& builder, const AttemptRow& row, Outcome outcome, const CampaignBook& book) {
  // Copied: adding events may move the record's rows.
  const AttemptRow attempt = row;
  static const CampaignSettings unknown_campaign;
  const Campaign* campaign = book.find(attempt.campaign);
  WorkOrder order;
  order.settings = &unknown_campaign;
  if (campaign != nullptr) order = book.order(*campaign, builder.next(), builder.now());
  const NextAction action = next_action(builder.next(), order, outcome, builder.now(), book);
  PlanInputs inputs;
  inputs.rest_until = action.at;
  inputs.reason = action.reason;
  // A stop flag holds by itself and can be cleared; only the retry table's own end is for good.
  const bool is_finished = action.kind == NextKind::finished && !builder.next().is_stopped();
  if (is_finished) inputs.finished_campaign = attempt.campaign;
  if (outcome == Outcome::unknown_after_failure) {
    // R8: the line may still be up; the person stays blocked until the longest call is over.
    const UtcTime over = attempt.reserved_at + builder.limits().longest_call + builder.limits().settle_margin;
    inputs.rest_until = std::max(*inputs.rest_until, over);
  }
  builder.replan(book, std::move(inputs));
}

CaseEffects answer_only(const CaseRecord& record, UtcTime now, CaseAnswer answer) {
  static const CaseLimits limits;
  return EffectBuilder(record, now, limits).finish(std::move(answer));
}

}  // namespace dunlin
