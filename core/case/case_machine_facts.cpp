#include <algorithm>

#include "core/case/attempt_count.hpp"
#include "core/case/case_machine.hpp"
#include "core/case/effect_builder.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_note = 4000;

Error unknown_attempt() { return {Errc::not_found, "the attempt was never reserved here"}; }

AttemptReconciled reconciliation_of(const AttemptSettled& fact) {
  AttemptReconciled event;
  event.attempt = fact.attempt;
  event.outcome = fact.outcome;
  event.by = fact.by;
  event.times = fact.times;
  event.cause = fact.cause;
  return event;
}

/// An alias answers where the attempt lives now; every other state takes facts.
bool is_forwarded(CaseState state) {
  switch (state) {
    case CaseState::aliased: return true;
    case CaseState::open:
    case CaseState::resting:
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped:
    case CaseState::awaiting_disposition:
    case CaseState::in_attempt: return false;
  }
  return false;
}

Status check_disposition(const CaseRecord& record, const AttemptRow& row, const DispositionSet& command, UtcTime now) {
  if (!traits(command.outcome).is_agent_disposition) return invalid_input("disposition: not an agent's outcome");
  if (command.note.size() > max_note) return invalid_input("disposition.note: over 4000 bytes");
  const bool was_answered = row.times.answered_at || row.times.bridged_at || row.outcome == Outcome::answered;
  if (!row.is_open() && !was_answered) return Error{Errc::conflict, "nobody answered this attempt"};
  const bool has_promise = command.promise || has_promise_of(record, row.attempt);
  if (command.outcome == Outcome::rpc_promise && !has_promise) return invalid_input("disposition: a promise needs its terms, a sum and a date");
  if (command.outcome == Outcome::rpc_callback && !command.callback) {
    return invalid_input("disposition: a callback needs its time");
  }
  if (!command.callback) return Done{};
  if (command.callback->at <= now || command.callback->at > now + days(366)) {
    return invalid_input("callback.at: not within a year from now");
  }
  if (command.callback->number.is_set() && record.find_phone(command.callback->number) == nullptr) {
    return invalid_input("callback.number: not a number of this person");
  }
  return Done{};
}

/// What the agent's word means beside itself: promise, callback, block, stop.
Status add_consequences(EffectBuilder& builder, const AttemptRow& row, const DispositionSet& command,
                        const CaseLimits& limits) {
  const OutcomeTraits& meaning = traits(command.outcome);
  if (command.promise) {
    auto promise = promise_of(builder.next(), *command.promise, row.attempt, builder.now(), limits);
    if (!promise) return promise.error();
    builder.add(PromiseMade{*promise});
    decide_promises(builder);
  }
  if (command.callback) builder.add(CallbackAsked{*command.callback, row.attempt});
  const ContactPhone* phone = builder.next().find_phone(row.number);
  if (meaning.removes_number && phone != nullptr && !phone->is_blocked) {
    builder.add(PhoneBlocked{row.number, std::string(to_string(command.outcome))});
  }
  if (meaning.stops_contact && !builder.next().is_stopped()) {
    // An informal word is a pause for review (230-FZ art. 7 part 2); the lawful flag needs its document.
    const RestrictionFlag flag{std::string(contact_stop_flag), builder.now(),
                               std::string(to_string(command.outcome)) + ":" + row.attempt.str()};
    builder.add(RestrictionSet{flag, command.agent.str()});
  }
  return Done{};
}

void block_dead_number(EffectBuilder& builder, const AttemptRow& row, Outcome outcome) {
  const ContactPhone* phone = builder.next().find_phone(row.number);
  if (!traits(outcome).removes_number || phone == nullptr || phone->is_blocked) return;
  builder.add(PhoneBlocked{row.number, std::string(to_string(outcome))});
}

}  // namespace

Result<CaseEffects> CaseMachine::on_answered(UtcTime now, const AttemptAnswered& fact) const {
  if (auto status = check_ready(); !status) return status.error();
  if (is_forwarded(record_.state)) return answer_only(record_, now, AliasView{record_.alias_of});
  const AttemptRow* row = record_.find_attempt(fact.attempt);
  if (row == nullptr) return unknown_attempt();
  // After the settlement the settlement speaks: it carries the answer too.
  // A judgement that comes after "answered, by nobody knows whom" is news; any other repetition is none.
  const bool is_told = row->times.answered_at && (row->answer != AnsweredBy::unclassified || fact.answer == AnsweredBy::unclassified);
  if (is_told || !row->is_open()) return answer_only(record_, now, {});
  EffectBuilder builder(record_, now, limits_);
  builder.add(fact);
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_bridged(UtcTime now, const AgentBridged& fact) const {
  if (auto status = check_ready(); !status) return status.error();
  if (is_forwarded(record_.state)) return answer_only(record_, now, AliasView{record_.alias_of});
  const AttemptRow* row = record_.find_attempt(fact.attempt);
  if (row == nullptr) return unknown_attempt();
  if (row->times.bridged_at || !row->is_open()) return answer_only(record_, now, {});
  EffectBuilder builder(record_, now, limits_);
  builder.add(fact);
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_controlled(UtcTime now, const CallControlled& fact) const {
  if (auto status = check_ready(); !status) return status.error();
  if (is_forwarded(record_.state)) return answer_only(record_, now, AliasView{record_.alias_of});
  if (record_.find_attempt(fact.attempt) == nullptr) return unknown_attempt();
  EffectBuilder builder(record_, now, limits_);
  builder.add(fact);
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_settled(UtcTime now, const AttemptSettled& fact, const CampaignBook& book) const {
  if (auto status = check_ready(); !status) return status.error();
  if (is_forwarded(record_.state)) return answer_only(record_, now, AliasView{record_.alias_of});
  if (!may_write(fact.by, fact.outcome)) return Error{Errc::denied, "this writer may not write this outcome"};
  const AttemptRow* row = record_.find_attempt(fact.attempt);
  if (row == nullptr) return unknown_attempt();
  EffectBuilder builder(record_, now, limits_);
  if (!row->is_open()) {
    // Reserved -> unknown -> first-hand word, once (R9); everything else is a repetition.
    const bool is_first_hand = fact.by == SettledBy::edge && fact.outcome != Outcome::unknown_after_failure;
    if (row->status != ContactStatus::unknown || row->is_reconciled || !is_first_hand) return answer_only(record_, now, {});
    return on_reconciled(now, reconciliation_of(fact), book);
  }
  builder.add(fact);
  const AttemptRow settled = *builder.next().find_attempt(fact.attempt);
  block_dead_number(builder, settled, fact.outcome);
  if (builder.next().awaiting.is_set()) {
    builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), "awaiting disposition"});
  } else {
    plan_after_outcome(builder, settled, settled.final_outcome().value_or(fact.outcome), book);
  }
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_disposition(UtcTime now, const DispositionSet& command, const CampaignBook& book) const {
  if (auto status = check_ready(); !status) return status.error();
  if (is_forwarded(record_.state)) return answer_only(record_, now, AliasView{record_.alias_of});
  const AttemptRow* row = record_.find_attempt(command.attempt);
  if (row == nullptr) return unknown_attempt();
  if (row->disposition == command.outcome) return answer_only(record_, now, {});
  if (row->disposition) return Error{Errc::conflict, "the attempt has another disposition"};
  if (auto status = check_disposition(record_, *row, command, now); !status) return status.error();
  EffectBuilder builder(record_, now, limits_);
  builder.add(command);
  if (auto status = add_consequences(builder, *row, command, limits_); !status) return status.error();
  const AttemptRow after = *builder.next().find_attempt(command.attempt);
  const bool is_current = !after.is_open() && !builder.next().open_attempt;
  if (is_current) plan_after_outcome(builder, after, command.outcome, book);
  else builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), "disposition during the call"});
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_reservation_lost(UtcTime now, AttemptId attempt, const CampaignBook& book) const {
  AttemptSettled fact;
  fact.attempt = attempt;
  fact.outcome = Outcome::unknown_after_failure;
  fact.by = SettledBy::recovery;
  return on_settled(now, fact, book);
}

Result<CaseEffects> CaseMachine::on_reconciled(UtcTime now, const AttemptReconciled& command, const CampaignBook& book) const {
  if (auto status = check_ready(); !status) return status.error();
  if (is_forwarded(record_.state)) return answer_only(record_, now, AliasView{record_.alias_of});
  if (command.by == SettledBy::recovery) return Error{Errc::denied, "recovery may only write unknown"};
  if (!may_write(command.by, command.outcome)) return Error{Errc::denied, "this writer may not write this outcome"};
  if (command.by == SettledBy::reconciliation && command.authors.find(',') == std::string::npos) {
    return Error{Errc::denied, "a reconciliation needs two persons"};
  }
  const AttemptRow* row = record_.find_attempt(command.attempt);
  if (row == nullptr) return unknown_attempt();
  if (row->is_open()) return Error{Errc::conflict, "the attempt is not settled yet"};
  if (row->status != ContactStatus::unknown || row->is_reconciled) return answer_only(record_, now, {});
  EffectBuilder builder(record_, now, limits_);
  builder.add(command);
  const AttemptRow after = *builder.next().find_attempt(command.attempt);
  block_dead_number(builder, after, command.outcome);
  const bool is_latest = record_.attempts.back().attempt == command.attempt && !builder.next().awaiting.is_set();
  if (is_latest) plan_after_outcome(builder, after, after.final_outcome().value_or(command.outcome), book);
  else builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), "attempt reconciled"});
  return std::move(builder).finish();
}

}  // namespace dunlin
