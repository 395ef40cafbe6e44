#include "actors/call_facts.hpp"

namespace dunlin {
namespace {

std::optional<UtcTime> if_set(UtcTime time) { return time.is_set() ? std::optional(time) : std::nullopt; }

}  // namespace

AnsweredBy answered_by(AnswerClass answer) {
  switch (answer) {
    case AnswerClass::human: return AnsweredBy::human;
    case AnswerClass::machine:
    case AnswerClass::machine_end: return AnsweredBy::machine;
    case AnswerClass::fax: return AnsweredBy::fax;
    case AnswerClass::tone:
    case AnswerClass::announcement: return AnsweredBy::announcement;
    case AnswerClass::screening: return AnsweredBy::call_screening;
    case AnswerClass::silence: return AnsweredBy::silence;
    case AnswerClass::music:
    case AnswerClass::unknown: return AnsweredBy::unclassified;
  }
  return AnsweredBy::unclassified;
}

SettledCause settled_cause(const EndCause& cause) {
  return {static_cast<std::uint16_t>(cause.sip_status), static_cast<std::uint16_t>(cause.q850), cause.text};
}

AttemptAnswered answered_fact(AttemptId attempt, const call_effect::FactClassified& fact, UtcTime answered_at) {
  AttemptAnswered event;
  event.attempt = attempt;
  event.answered_at = answered_at;
  event.answer = answered_by(fact.verdict.answer);
  event.confidence_permille = static_cast<std::uint16_t>(fact.verdict.confidence * 1000.0F);
  event.decision_ms = static_cast<std::uint32_t>((fact.at - answered_at).ms);
  return event;
}

AttemptSettled settled_fact(AttemptId attempt, const call_effect::FactSettled& fact, std::optional<VoiceVerdict> verdict, bool is_recorded) {
  AttemptSettled event;
  event.attempt = attempt;
  event.outcome = fact.outcome;
  event.times = {if_set(fact.times.sent_at), if_set(fact.times.ringing_at), if_set(fact.times.answered_at), if_set(fact.times.bridged_at),
                 if_set(fact.times.ended_at)};
  if (verdict) event.answer = answered_by(verdict->answer);
  event.cause = settled_cause(fact.cause);
  event.agent = fact.agent;
  if (is_recorded) event.recording_id = attempt.str();
  event.legs = static_cast<std::uint8_t>(fact.legs);
  return event;
}

PacingEventKind last_step(Outcome outcome, bool was_bridged) {
  if (was_bridged) return PacingEventKind::released;
  switch (outcome) {
    case Outcome::busy: return PacingEventKind::busy;
    case Outcome::no_answer:
    case Outcome::rejected: return PacingEventKind::no_answer;
    case Outcome::machine:
    case Outcome::machine_message_left:
    case Outcome::fax:
    case Outcome::call_screening:
    case Outcome::network_announcement: return PacingEventKind::machine;
    case Outcome::abandoned: return PacingEventKind::abandoned;
    // Answered and not bridged: a flow has served the person.
    case Outcome::answered:
    case Outcome::hung_up_before_agent: return PacingEventKind::hung_up;
    case Outcome::invalid_number:
    case Outcome::blocked_by_law:
    case Outcome::failed:
    case Outcome::not_sent:
    case Outcome::unknown_after_failure:
    case Outcome::rpc_promise:
    case Outcome::rpc_refusal:
    case Outcome::rpc_dispute:
    case Outcome::rpc_hardship:
    case Outcome::rpc_already_paid:
    case Outcome::rpc_callback:
    case Outcome::third_party_message_left:
    case Outcome::third_party_refused:
    case Outcome::third_party_asks_to_stop:
    case Outcome::guarantor_contact:
    case Outcome::wrong_number:
    case Outcome::deceased:
    case Outcome::bankrupt:
    case Outcome::represented:
    case Outcome::cease_request:
    case Outcome::hung_up_at_identification:
    case Outcome::language_barrier:
    case Outcome::agent_machine: return PacingEventKind::failed;
  }
  return PacingEventKind::failed;
}

}  // namespace dunlin
