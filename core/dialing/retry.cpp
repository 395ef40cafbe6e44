#include "core/dialing/retry.hpp"

#include <algorithm>
#include <cmath>

#include "core/dialing/answer_worth.hpp"
#include "core/dialing/best_hour.hpp"
#include "core/dialing/number_choice.hpp"
#include "core/dialing/strategy.hpp"

namespace dunlin {
namespace {

/// Hours looked ahead for a rule that time opens: a week of weekdays. Behind it the row waits at the end and is asked anew.
constexpr int opening_steps = 8 * 24;
/// Shorter waits are a matter of the line, not of the day: they stay within its part.
constexpr Duration least_spread_wait = hours(1);
constexpr int most_hours_to_part = 48;

RetryRule again(Outcome outcome, Duration first, std::uint32_t growth_percent, Duration max) {
  RetryRule rule;
  rule.outcome = outcome;
  rule.first_delay = first;
  rule.growth_percent = growth_percent;
  rule.max_delay = max;
  return rule;
}

RetryRule next_number(RetryRule rule, Duration delay) {
  rule.prefers_next_number = true;
  rule.next_number_delay = delay;
  return rule;
}

RetryRule of_kind(Outcome outcome, RetryKind kind) {
  RetryRule rule = again(outcome, days(1), 100, days(1));
  rule.kind = kind;
  return rule;
}

Duration grown_delay(const RetryRule& rule, std::uint32_t repeats) {
  Duration delay = rule.first_delay;
  for (std::uint32_t i = 1; i < repeats && delay < rule.max_delay; ++i) {
    delay.ms = delay.ms * rule.growth_percent / 100;
    if (rule.growth_percent == 100) break;
  }
  return std::min(delay, rule.max_delay);
}

bool has_another_number(const CaseRecord& record, const CampaignSettings& settings, const PhoneNumber& last) {
  return std::any_of(record.phones.begin(), record.phones.end(), [&](const ContactPhone& phone) {
    return phone.number != last && is_dialable(record, settings, phone);
  });
}

bool has_any_number(const CaseRecord& record, const CampaignSettings& settings) {
  return has_another_number(record, settings, PhoneNumber());
}

NextAction dial_again(const CaseRecord& record, const CampaignSettings& settings, const RetryRule& rule, UtcTime now) {
  const AttemptRow* last = record.last_settled();
  const PhoneNumber number = last != nullptr ? last->number : PhoneNumber();
  const NumberStats* stats = record.find_stats(number);
  const std::string name(to_string(rule.outcome));
  NextAction action;
  if (rule.prefers_next_number && has_another_number(record, settings, number)) {
    action.at = now + rule.next_number_delay;
    action.reason = name + ": next number";
  } else {
    action.at = now + grown_delay(rule, stats != nullptr ? stats->repeats : 1);
    action.reason = name + ": again";
  }
  const UtcTime free = caps_free_at(record, settings, action.at);
  if (free > action.at) {
    action.at = free;
    action.reason += ", daily cap";
  }
  if (record.totals.attempts >= settings.max_attempts_per_case || !has_any_number(record, settings)) {
    action.kind = NextKind::exhausted;
    action.reason += ", caps or numbers used up";
  }
  return action;
}

/// States in which no campaign may have a row.
bool may_wait_for_dialing(const CaseRecord& record) {
  switch (derive_state(record)) {
    case CaseState::open:
    case CaseState::resting: return true;
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped:
    case CaseState::awaiting_disposition:
    case CaseState::in_attempt:
    case CaseState::aliased: return false;
  }
  return false;
}

/// Whether caps and numbers of these settings leave anything to dial.
bool has_work(const CampaignSettings& settings, const CaseRecord& record) {
  return record.totals.attempts < settings.max_attempts_per_case && has_any_number(record, settings);
}

bool is_in_part(const std::vector<LocalTime>& walls, DayPart part) {
  return std::all_of(walls.begin(), walls.end(), [part](const LocalTime& wall) { return day_part_of(wall) == part; });
}

/// The part after the one of the last attempt, in the rule's order; the first one when the last attempt was in none of them.
DayPart next_part(const std::vector<DayPart>& parts, const CaseRecord& record, const DebtorClock& clock) {
  const AttemptRow* last = record.last_settled();
  if (last == nullptr) return parts.front();
  const auto part = day_part_of(clock.walls(record, last->reserved_at).front());
  const auto place = part ? std::find(parts.begin(), parts.end(), *part) : parts.end();
  if (place == parts.end() || place + 1 == parts.end()) return parts.front();
  return *(place + 1);
}

/// Moves a retry into its part of the day; where the zone is not certain, into hours that are of this part in every zone.
void spread_over_day(NextAction& action, const std::vector<DayPart>& parts, const CaseRecord& record, const DebtorClock& clock,
                     UtcTime now) {
  if (action.kind != NextKind::dial || action.at - now < least_spread_wait) return;
  const DayPart part = next_part(parts, record, clock);
  UtcTime at = action.at;
  for (int hour = 0; hour < most_hours_to_part; ++hour) {
    const std::vector<LocalTime> walls = clock.walls(record, at);
    if (is_in_part(walls, part)) {
      action.at = at;
      action.reason += ", " + std::string(to_string(part));
      return;
    }
    at = at + seconds(3600 - walls.front().second_of_day % 3600);
  }
}

const DueRow* row_of(const CaseRecord& record, CampaignId campaign) {
  for (const DueRow& row : record.due) {
    if (row.campaign == campaign) return &row;
  }
  return nullptr;
}

/// Whether the law's last word to this campaign is what put a row there.
bool is_refused_until(const CaseRecord& record, const DueRow& row) {
  return std::any_of(record.denials.begin(), record.denials.end(), [&row](const DenialMark& mark) {
    return mark.campaign == row.campaign && mark.until == row.due_at;
  });
}

/// `lead` is what the odds take off.
std::int32_t rank_under(const WorkOrder& order, const CaseRecord& record, std::int32_t lead) {
  const std::int32_t rank = rank_of(*order.settings, record) - (order.rule != nullptr ? order.rule->then.sooner_by : 0) - lead;
  const std::int32_t ordinary = std::max(rank, -callback_rank_lead);
  return record.callback ? ordinary - callback_rank_lead : ordinary;
}

/// What the chance of reaching the debtor at that instant takes off the rank; with prices, what it brings beyond its cost as a
/// share of what a certain talk brings.
std::int32_t lead_by_odds(const CaseRecord& record, const CampaignSettings& settings, const AnswerOdds& odds, UtcTime at) {
  const auto numbers = numbers_to_try(record, settings, at, &odds);
  if (numbers.empty()) return 0;
  double share = odds.forecast(record, *numbers.front(), at).right_party;
  if (settings.prices.weighs_attempts()) {
    const double whole = value_of_contact(settings.prices, odds.kept_per_contact());
    share = std::clamp(worth_of(settings.prices, odds, record, *numbers.front(), at).net() / whole, 0.0, 1.0);
  }
  return static_cast<std::int32_t>(std::lround(settings.odds_lead * share));
}

/// The odds of a row are asked when it is made, moved or its data change. Else a plan that says the same would be written down
/// again with each new hour and each new model, and a start without a model would order everybody anew.
std::int32_t planned_rank(const CaseRecord& record, const WorkOrder& order, const DueRow& planned, const DueRow* known, UtcTime now,
                          bool is_data_changed, const AnswerOdds* odds) {
  const std::int32_t plain = rank_under(order, record, 0);
  const CampaignSettings& settings = *order.settings;
  if (settings.odds_lead == 0) return plain;
  const bool is_unmoved = known != nullptr && known->due_at == planned.due_at;
  const bool is_of_this_rank =
      known != nullptr && known->rank <= plain && known->rank >= rank_under(order, record, static_cast<std::int32_t>(settings.odds_lead));
  if (is_unmoved && is_of_this_rank && (odds == nullptr || !is_data_changed)) return known->rank;
  return odds != nullptr ? rank_under(order, record, lead_by_odds(record, settings, *odds, std::max(planned.due_at, now))) : plain;
}

DueRow plan_row(const CaseRecord& record, const Opening& opening, UtcTime now, const PlanInputs& inputs, const AnswerOdds* odds) {
  const CampaignSettings& settings = *opening.order.settings;
  DueRow row;
  row.campaign = settings.id;
  const DueRow* known = row_of(record, settings.id);
  // A row that is already due keeps its age; a postponed one is asked again at once when data changed.
  const bool is_held = known != nullptr && inputs.keeps_refusals && is_refused_until(record, *known);
  const bool keeps_known = known != nullptr && (known->due_at <= now || !inputs.is_data_changed || is_held);
  row.due_at = keeps_known ? known->due_at : now;
  if (inputs.rest_until) row.due_at = std::max(row.due_at, *inputs.rest_until);
  if (record.callback) row.due_at = std::max(record.callback->at, inputs.rest_until.value_or(record.callback->at));
  if (opening.at > now) row.due_at = std::max(row.due_at, opening.at);
  if (opening.order.rest_until) row.due_at = std::max(row.due_at, *opening.order.rest_until);
  const UtcTime free = caps_free_at(record, settings, std::max(row.due_at, now));
  if (free > now) row.due_at = std::max(row.due_at, free);
  if (settings.id == inputs.postponed) row.due_at = inputs.postponed_until;
  row.rank = planned_rank(record, opening.order, row, known, now, inputs.is_data_changed, odds);
  return row;
}

}  // namespace

std::vector<RetryRule> default_retry_rules() {
  using O = Outcome;
  return {
      next_number(again(O::no_answer, hours(2), 150, hours(24)), hours(2)),
      next_number(again(O::busy, minutes(15), 200, hours(4)), minutes(1)),
      next_number(again(O::rejected, hours(4), 200, days(2)), hours(4)),
      next_number(again(O::invalid_number, days(1), 100, days(1)), minutes(1)),
      next_number(again(O::network_announcement, hours(4), 200, days(3)), minutes(1)),
      next_number(again(O::machine, hours(4), 150, hours(24)), hours(2)),
      again(O::machine_message_left, days(1), 150, days(3)),
      next_number(again(O::fax, days(7), 100, days(7)), minutes(1)),
      next_number(again(O::call_screening, hours(4), 150, days(1)), hours(2)),
      again(O::abandoned, days(1), 100, days(1)),
      again(O::hung_up_before_agent, days(1), 100, days(1)),
      again(O::blocked_by_law, hours(1), 200, days(1)),
      again(O::failed, minutes(5), 200, hours(2)),
      again(O::not_sent, minutes(1), 200, minutes(30)),
      again(O::unknown_after_failure, days(1), 100, days(1)),
      again(O::answered, days(1), 100, days(1)),
      of_kind(O::rpc_promise, RetryKind::wait),
      again(O::rpc_refusal, days(3), 150, days(14)),
      again(O::rpc_dispute, days(7), 100, days(7)),
      again(O::rpc_hardship, days(7), 100, days(7)),
      again(O::rpc_already_paid, days(3), 100, days(3)),
      of_kind(O::rpc_callback, RetryKind::wait),
      again(O::third_party_message_left, days(1), 100, days(1)),
      again(O::third_party_refused, days(3), 100, days(3)),
      next_number(again(O::third_party_asks_to_stop, days(1), 100, days(1)), days(1)),
      again(O::guarantor_contact, days(1), 100, days(1)),
      next_number(again(O::wrong_number, days(1), 100, days(1)), hours(2)),
      of_kind(O::deceased, RetryKind::stop_case),
      of_kind(O::bankrupt, RetryKind::stop_case),
      of_kind(O::represented, RetryKind::stop_case),
      of_kind(O::cease_request, RetryKind::stop_case),
      again(O::hung_up_at_identification, days(1), 150, days(3)),
      again(O::language_barrier, days(1), 100, days(1)),
      next_number(again(O::agent_machine, hours(4), 150, hours(24)), hours(2)),
  };
}

NextAction next_action(const CaseRecord& record, const WorkOrder& order, Outcome outcome, UtcTime now, const CampaignBook& book) {
  NextAction action = next_action(record, *order.settings, outcome, now);
  const DebtorClock* clock = book.clock();
  const bool is_spread = order.rule != nullptr && !order.rule->then.day_parts.empty() && clock != nullptr;
  if (is_spread) spread_over_day(action, order.rule->then.day_parts, record, *clock, now);
  const bool seeks_hour = order.settings->hour_choice == HourChoice::best_odds && book.odds() != nullptr && clock != nullptr;
  if (seeks_hour && action.kind == NextKind::dial) {
    const RetryRule* rule = find_retry_rule(*order.settings, outcome);
    PlannedHour planned{action.at, rule != nullptr ? now + rule->max_delay : action.at};
    if (is_spread) planned.part = day_part_of(clock->walls(record, action.at).front());
    if (const auto better = better_hour(record, *order.settings, *book.odds(), *clock, planned)) {
      action.at = better->at;
      action.reason += ", " + better_hour_text(*better);
    }
  }
  if (order.strategy != nullptr) action.reason += "; " + order_text(order);
  return action;
}

NextAction next_action(const CaseRecord& record, const CampaignSettings& settings, Outcome outcome, UtcTime now) {
  const RetryRule* named = find_retry_rule(settings, outcome);
  const RetryRule rule = named != nullptr ? *named : again(outcome, days(1), 100, days(1));
  const std::string name(to_string(outcome));
  switch (rule.kind) {
    case RetryKind::again: break;
    case RetryKind::stop_case: return {NextKind::finished, now, name + ": work ends"};
    case RetryKind::wait:
      // Only the callback may break a promise's silence earlier, because the person asked for it.
      if (record.callback) return {NextKind::wait_callback, std::max(record.callback->at, now), name + ": callback"};
      if (const Promise* promise = record.open_promise()) return {NextKind::wait_promise, promise->check_at, name + ": promise"};
      break;
  }
  return dial_again(record, settings, rule, now);
}

std::optional<Opening> first_opening(const CampaignBook& book, const Campaign& campaign, const CaseRecord& record, UtcTime now) {
  UtcTime at = now;
  WorkOrder order = book.order(campaign, record, at);
  for (int step = 0; step < opening_steps; ++step) {
    if (order.is_open() && has_work(*order.settings, record)) break;
    if (!order.next_change) return std::nullopt;
    at = *order.next_change;
    order = book.order(campaign, record, at);
  }
  return Opening{at, order};
}

PlanChanged make_plan(const CaseRecord& record, const CampaignBook& book, UtcTime now, const PlanInputs& inputs) {
  PlanChanged plan;
  plan.rest_until = inputs.rest_until;
  plan.finished_campaign = inputs.finished_campaign;
  plan.reason = inputs.reason;
  if (!may_wait_for_dialing(record)) return plan;
  for (const Campaign& campaign : book.all()) {
    const CampaignId id = campaign.settings.id;
    const auto& finished = record.finished_campaigns;
    if (id == inputs.finished_campaign || std::find(finished.begin(), finished.end(), id) != finished.end()) continue;
    if (campaign.state != CampaignState::running || !matches(campaign.settings.filter, record)) continue;
    if (const auto opening = first_opening(book, campaign, record, now)) plan.rows.push_back(plan_row(record, *opening, now, inputs, book.odds()));
  }
  return plan;
}

}  // namespace dunlin
