// The second half of the call machine: legs, timers, the many ways to end and the one settlement.
#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/call/call_machine.hpp"

namespace dunlin {

using namespace call_effect;

CallEffects CallMachine::on_leg_ended(CallMoment now, int leg_number, EndCause cause) {
  CallEffects out;
  if (!is_live_leg(leg_number)) return out;
  is_leg_alive_ = false;
  cause.had_18x = cause.had_18x || has_18x_;
  if (!is_answered_) times_.ring = now.mono - placed_mono_;
  if (cause.was_answered && !is_answered_) {
    // The 2xx was not told to us: it crossed our CANCEL, or brought media we cannot use. Somebody picked up and heard
    // nobody: a contact, whatever the line's last word was (R7).
    is_answered_ = true;
    answered_mono_ = now.mono;
    times_.answered_at = now.utc;
    out.push_back(FactAnswered{now.utc});
    if (!outcome_) outcome_ = outcome_when_dropped();
  }
  if (is_flow_live()) perform_flow(now, flow_->on_hang_up(), out);
  if (is_answered_) {
    settle(now, outcome_.value_or(outcome_of_answered(now)), std::move(cause), out);
  } else if (may_ask_second_leg(cause)) {
    is_waiting_for_second_leg_ = true;
    first_cause_ = cause;
    enter(CallState::reserved, now);
    out.push_back(AskSecondLeg{std::move(cause), plan_.trunk});
    start_timer(CallTimer::second_leg, plan_.limits.second_leg, out);
  } else {
    settle_unanswered(now, cause, out);
  }
  return checked(std::move(out));
}

bool CallMachine::may_ask_second_leg(const EndCause& cause) const {
  return leg_number_ == 1 && plan_.may_use_second_leg && state_ != CallState::ending && may_have_second_leg(cause);
}

CallEffects CallMachine::on_prompt_finished(CallMoment now) {
  CallEffects out;
  if (state_ != CallState::ending || is_hang_up_sent_) return out;
  hang_up(now, ended_by_, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_second_leg_granted(CallMoment now, const std::string& trunk) {
  CallEffects out;
  if (!is_waiting_for_second_leg_) return out;
  is_waiting_for_second_leg_ = false;
  plan_.trunk = trunk;
  // Another carrier has its own codecs, address and word on SRTP, and our keys were shown to the first one.
  if (is_media_open_) out.push_back(CloseMedia{});
  is_media_open_ = false;
  open_media(now, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_second_leg_refused(CallMoment now) {
  CallEffects out;
  if (!is_waiting_for_second_leg_) return out;
  settle_unanswered(now, first_cause_, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_timer(CallMoment now, CallTimer kind, std::uint32_t generation) {
  CallEffects out;
  if (!is_current(kind, generation) || is_settled()) return out;
  switch (kind) {
    case CallTimer::media:
      if (state_ == CallState::opening_media) hang_up(now, HangUpReason::media_failed, out);
      break;
    case CallTimer::ring:
      if (is_before_answer()) hang_up(now, HangUpReason::ring_timeout, out);
      break;
    case CallTimer::classify:
      if (state_ != CallState::answered_classifying || is_waiting_for_beep_) break;
      note_verdict(now, VoiceVerdict{}, out);
      act_on(now, AnswerClass::unknown, out);
      break;
    case CallTimer::beep:
      if (state_ == CallState::answered_classifying && is_waiting_for_beep_) end_for_class(now, AnswerClass::machine, out);
      break;
    case CallTimer::agent:
      if (state_ == CallState::waiting_for_agent && !is_waiting_for_return_) abandon(now, out);
      break;
    case CallTimer::bridge:
      if (state_ == CallState::bridging) retry_without_agent(now, out);
      break;
    case CallTimer::agent_return:
      if (state_ == CallState::waiting_for_agent && is_waiting_for_return_) hang_up(now, HangUpReason::agent_lost, out);
      break;
    case CallTimer::prompt:
      if (state_ == CallState::ending && !is_hang_up_sent_) hang_up(now, ended_by_, out);
      break;
    case CallTimer::hang_up:
      if (state_ == CallState::ending && is_hang_up_sent_) write_off(now, out);
      break;
    case CallTimer::second_leg:
      if (is_waiting_for_second_leg_) settle_unanswered(now, first_cause_, out);
      break;
    case CallTimer::speech:
      if (state_ == CallState::in_flow) perform_flow(now, flow_->on_speech_finished(speech_round_), out);
      break;
    case CallTimer::flow:
      if (state_ == CallState::in_flow || (state_ == CallState::waiting_for_agent && is_flow_live())) {
        perform_flow(now, flow_->on_timer(flow_round_), out);
      }
      break;
    case CallTimer::longest_call:
      if (is_answered_ && state_ != CallState::ending) hang_up(now, HangUpReason::longest_call, out);
      break;
  }
  return checked(std::move(out));
}

void CallMachine::write_off(CallMoment now, CallEffects& out) {
  is_leg_alive_ = false;
  if (is_flow_live()) cut_off_flow(now, out);
  const EndCause cause{EndOrigin::timeout, 0, 0, "no end reported", has_18x_};
  // No final reply to our CANCEL: it may still ring, whatever we had heard (R7).
  const Outcome outcome = is_answered_ ? outcome_.value_or(outcome_of_answered(now)) : Outcome::unknown_after_failure;
  settle(now, outcome, cause, out);
}

CallEffects CallMachine::on_stop(CallMoment now, StopReason reason) {
  CallEffects out;
  if (is_settled()) return out;
  const bool is_operator = reason == StopReason::operator_hang_up;
  if (is_waiting_for_second_leg_) {
    settle_unanswered(now, first_cause_, out);
  } else if (state_ == CallState::reserved || state_ == CallState::opening_media || is_before_answer()) {
    hang_up(now, HangUpReason::stopped, out);
  } else if (is_operator && (state_ != CallState::ending || !is_hang_up_sent_)) {
    if (is_flow_live()) cut_off_flow(now, out);
    if (!outcome_) outcome_ = outcome_when_dropped();
    hang_up(now, HangUpReason::stopped, out);
  }
  return checked(std::move(out));
}

AnswerAction CallMachine::action_for(AnswerClass answer) const {
  const ClassifierPolicy& policy = plan_.classifier;
  switch (answer) {
    case AnswerClass::human: return AnswerAction::to_agent;
    case AnswerClass::machine:
    case AnswerClass::machine_end: return policy.on_machine;
    case AnswerClass::fax: return policy.on_fax;
    case AnswerClass::tone:
    case AnswerClass::announcement: return policy.on_announcement;
    case AnswerClass::screening: return policy.on_screening;
    case AnswerClass::silence: return policy.on_silence;
    case AnswerClass::music: return AnswerAction::keep_listening;  // Ringback melodies go on after the answer.
    case AnswerClass::unknown:
      // The time for listening is over when doubt is acted on.
      return policy.on_unknown == AnswerAction::keep_listening ? AnswerAction::to_agent : policy.on_unknown;
  }
  return AnswerAction::to_agent;
}

void CallMachine::act_on(CallMoment now, AnswerClass answer, CallEffects& out) {
  switch (action_for(answer)) {
    case AnswerAction::to_agent:
      if (is_answered_ && state_ != CallState::waiting_for_agent) ask_for_agent(now, out);
      break;
    case AnswerAction::hang_up: end_for_class(now, answer, out); break;
    case AnswerAction::leave_message: leave_message(now, answer, out); break;
    case AnswerAction::keep_listening: break;
  }
}

void CallMachine::leave_message(CallMoment now, AnswerClass answer, CallEffects& out) {
  if (!is_answered_) return;
  if (answer == AnswerClass::machine_end || answer == AnswerClass::unknown || answer == AnswerClass::silence) {
    if (is_asking_agent_) out.push_back(CancelAgentRequest{});
    is_asking_agent_ = false;
    outcome_ = Outcome::machine_message_left;
    ended_by_ = HangUpReason::message_left;
    play_and_end(now, CallPrompt::voicemail, out);
  } else if (!is_waiting_for_beep_ && state_ == CallState::answered_classifying) {
    is_waiting_for_beep_ = true;
    start_timer(CallTimer::beep, plan_.limits.beep, out);
  }
}

void CallMachine::end_for_class(CallMoment now, AnswerClass answer, CallEffects& out) {
  switch (answer) {
    case AnswerClass::fax: outcome_ = Outcome::fax; hang_up(now, HangUpReason::fax, out); return;
    case AnswerClass::tone:
    case AnswerClass::music:
    case AnswerClass::announcement:
      outcome_ = Outcome::network_announcement;
      hang_up(now, HangUpReason::announcement, out);
      return;
    case AnswerClass::screening:
      outcome_ = Outcome::call_screening;
      hang_up(now, HangUpReason::screening, out);
      return;
    case AnswerClass::machine:
    case AnswerClass::machine_end: outcome_ = Outcome::machine; hang_up(now, HangUpReason::machine, out); return;
    case AnswerClass::silence:
    case AnswerClass::unknown:
    case AnswerClass::human:
      // Nobody was recognised and nobody will talk: an answer without classification is a contact (R7).
      outcome_ = Outcome::abandoned;
      hang_up(now, HangUpReason::silence, out);
      return;
  }
}

void CallMachine::ask_for_agent(CallMoment now, CallEffects& out) {
  if (plan_.script && !flow_) return start_flow(now, out);
  if (!is_person_) {
    is_person_ = true;
    person_mono_ = now.mono;
  }
  is_waiting_for_beep_ = false;
  is_asking_agent_ = true;
  enter(CallState::waiting_for_agent, now);
  const MonoTime deadline = std::max(now.mono, abandon_clock_start() + plan_.limits.abandon);
  out.push_back(AskForAgent{plan_.campaign, plan_.skill, plan_.priority, deadline, plan_.own_agent});
  start_timer(CallTimer::agent, deadline - now.mono, out);
}

void CallMachine::abandon(CallMoment now, CallEffects& out) {
  outcome_ = Outcome::abandoned;
  ended_by_ = HangUpReason::no_agent;
  times_.wait_for_agent = now.mono - abandon_clock_start();
  if (is_asking_agent_) out.push_back(CancelAgentRequest{});
  is_asking_agent_ = false;
  if (plan_.has_abandon_notice) {
    play_and_end(now, CallPrompt::abandon_notice, out);
  } else {
    hang_up(now, HangUpReason::no_agent, out);
  }
}

void CallMachine::play_and_end(CallMoment now, CallPrompt prompt, CallEffects& out) {
  enter(CallState::ending, now);
  out.push_back(PlayPrompt{prompt});
  start_timer(CallTimer::prompt, plan_.limits.prompt, out);
}

void CallMachine::hang_up(CallMoment now, HangUpReason reason, CallEffects& out) {
  ended_by_ = reason;
  if (is_flow_live()) cut_off_flow(now, out);
  if (is_asking_agent_) out.push_back(CancelAgentRequest{});
  is_asking_agent_ = false;
  // The agent's work on this call ends with the order, not with the far side's confirmation of it.
  if (was_bridged_ && !outcome_) outcome_ = Outcome::answered;
  drop_agent(now, out);
  if (!is_leg_alive_ && leg_number_ == 1) {
    // The second leg did not come as far as the wire: the first one was sent, and refused.
    settle_unanswered(now, first_cause_, out);
    return;
  }
  if (!is_leg_alive_) {
    settle(now, Outcome::not_sent, EndCause{EndOrigin::not_sent, 0, 0, std::string(to_string(reason)), false}, out);
    return;
  }
  enter(CallState::ending, now);
  is_hang_up_sent_ = true;
  out.push_back(HangUp{leg_number_, reason});
  start_timer(CallTimer::hang_up, plan_.limits.hang_up, out);
}

void CallMachine::drop_agent(CallMoment now, CallEffects& out) {
  if (!agent_) return;
  close_talk(now);
  const bool has_talked = was_bridged_ && last_agent_ == agent_->agent;
  if (state_ == CallState::bridging || state_ == CallState::talking) out.push_back(Unbridge{*agent_});
  if (has_talked) {
    out.push_back(TellAgentCallEnded{*agent_, true});
  } else {
    out.push_back(ReleaseAgent{*agent_});
  }
  agent_.reset();
  taking_over_.reset();
  is_on_hold_ = false;
  is_waiting_for_return_ = false;
  drop_supervisor(now, out);
}

void CallMachine::close_talk(CallMoment now) {
  if (state_ == CallState::talking) times_.talk = times_.talk + (now.mono - bridged_mono_);
}

void CallMachine::settle_unanswered(CallMoment now, const EndCause& end, CallEffects& out) {
  // A second leg that never left does not undo the first one: something was sent, and refused.
  const bool is_second_unsent = end.origin == EndOrigin::not_sent && leg_number_ == 2;
  const EndCause cause = is_second_unsent ? first_cause_ : end;
  const bool is_confirmed = cause.origin != EndOrigin::timeout && cause.origin != EndOrigin::transport;
  settle(now, is_confirmed && outcome_ ? *outcome_ : outcome_of_unanswered(cause), cause, out);
}

void CallMachine::settle(CallMoment now, Outcome outcome, EndCause cause, CallEffects& out) {
  DUNLIN_CHECK(!is_settled());
  if (is_asking_agent_) out.push_back(CancelAgentRequest{});
  is_asking_agent_ = false;
  drop_agent(now, out);
  if (is_recording_) out.push_back(StopRecording{});
  if (is_media_open_ || state_ == CallState::opening_media) out.push_back(CloseMedia{});
  is_recording_ = false;
  is_recording_paused_ = false;
  is_media_open_ = false;
  is_waiting_for_second_leg_ = false;
  times_.ended_at = now.utc;
  enter(CallState::settled, now);
  FactSettled fact;
  fact.outcome = outcome;
  fact.times = times_;
  fact.cause = std::move(cause);
  fact.legs = leg_number_;
  fact.agent = last_agent_;
  fact.ended_by = ended_by_;
  out.push_back(std::move(fact));
}

Outcome CallMachine::outcome_of_answered(CallMoment now) const {
  if (was_bridged_) return Outcome::answered;
  return is_person_ && is_past_abandon_limit(now) ? Outcome::abandoned : Outcome::hung_up_before_agent;
}

Outcome CallMachine::outcome_when_dropped() const { return was_bridged_ ? Outcome::answered : Outcome::abandoned; }

MonoTime CallMachine::abandon_clock_start() const {
  return plan_.limits.abandon_clock == AbandonClock::answer ? answered_mono_ : person_mono_;
}

bool CallMachine::is_past_abandon_limit(CallMoment now) const {
  return now.mono - abandon_clock_start() >= plan_.limits.abandon;
}

bool CallMachine::is_not_a_person(AnswerClass answer) {
  switch (answer) {
    case AnswerClass::machine:
    case AnswerClass::machine_end:
    case AnswerClass::fax:
    case AnswerClass::tone:
    case AnswerClass::announcement:
    case AnswerClass::screening: return true;
    case AnswerClass::human:
    case AnswerClass::music:
    case AnswerClass::silence:
    case AnswerClass::unknown: return false;
  }
  return false;
}

void CallMachine::open_media(CallMoment now, CallEffects& out) {
  enter(CallState::opening_media, now);
  out.push_back(OpenMedia{});
  start_timer(CallTimer::media, plan_.limits.media_open, out);
}

void CallMachine::place_leg(CallMoment now, CallEffects& out) {
  ++leg_number_;
  is_leg_alive_ = true;
  has_18x_ = false;
  is_sent_ = false;
  placed_mono_ = now.mono;
  enter(CallState::dialing, now);
  out.push_back(PlaceLeg{leg_number_, plan_.trunk, plan_.number, plan_.caller_id, offer_});
  start_timer(CallTimer::ring, plan_.limits.ring, out);
}

void CallMachine::enter(CallState next, CallMoment now) {
  state_ = next;
  state_since_ = now.mono;
}

void CallMachine::start_timer(CallTimer kind, Duration after, CallEffects& out) {
  const std::uint32_t generation = ++generation_[static_cast<std::size_t>(kind)];
  out.push_back(StartTimer{kind, after, generation});
}

bool CallMachine::is_current(CallTimer kind, std::uint32_t generation) const {
  return generation != 0 && generation_[static_cast<std::size_t>(kind)] == generation;
}

bool CallMachine::is_live_leg(int leg_number) const { return is_leg_alive_ && leg_number == leg_number_; }

bool CallMachine::is_before_answer() const {
  return state_ == CallState::dialing || state_ == CallState::ringing;
}

CallEffects CallMachine::checked(CallEffects effects) const {
  check_invariants();
  return effects;
}

void CallMachine::check_invariants() const {
  DUNLIN_CHECK(leg_number_ >= 0 && leg_number_ <= 2);
  const bool has_bridge = state_ == CallState::bridging || state_ == CallState::talking;
  DUNLIN_CHECK(!has_bridge || agent_.has_value());
  DUNLIN_CHECK(!agent_ || has_bridge || is_waiting_for_return_);
  DUNLIN_CHECK(!is_asking_agent_ || state_ == CallState::waiting_for_agent);
  DUNLIN_CHECK(state_ != CallState::in_flow || is_flow_live());
  DUNLIN_CHECK(state_ != CallState::talking || was_bridged_);
  DUNLIN_CHECK(!is_waiting_for_second_leg_ || (state_ == CallState::reserved && leg_number_ == 1));
  DUNLIN_CHECK(!is_before_answer() || (is_leg_alive_ && !is_answered_));
  DUNLIN_CHECK(!is_settled() || (!is_leg_alive_ && !agent_ && !is_recording_));
  DUNLIN_CHECK(state_ != CallState::ending || is_leg_alive_);
  DUNLIN_CHECK(!supervision_ || (agent_ && was_bridged_));
  DUNLIN_CHECK(!taking_over_ || state_ == CallState::talking);
  DUNLIN_CHECK(!is_recording_paused_ || is_recording_);
}

}  // namespace dunlin
