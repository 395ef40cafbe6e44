// The part of the call machine that lets a flow speak: its orders become the call's, its end becomes the call's outcome.
#include <utility>

#include "core/base/check.hpp"
#include "core/call/call_machine.hpp"

namespace dunlin {

using namespace call_effect;

CallEffects CallMachine::on_no_speech(CallMoment now) {
  CallEffects out;
  if (state_ != CallState::reserved || leg_number_ != 0) return out;
  hang_up(now, HangUpReason::no_speech, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_speech_finished(CallMoment now, std::uint32_t round) {
  CallEffects out;
  if (state_ != CallState::in_flow) return out;
  perform_flow(now, flow_->on_speech_finished(round), out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_key(CallMoment now, char key) {
  CallEffects out;
  if (state_ != CallState::in_flow) return out;
  has_heard_key_ = true;
  perform_flow(now, flow_->on_key(key), out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_promise_recorded(CallMoment now) {
  CallEffects out;
  if (state_ != CallState::in_flow) return out;
  perform_flow(now, flow_->on_promise_recorded(), out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_promise_refused(CallMoment now) {
  CallEffects out;
  if (state_ != CallState::in_flow) return out;
  perform_flow(now, flow_->on_promise_refused(), out);
  return checked(std::move(out));
}

void CallMachine::start_flow(CallMoment now, CallEffects& out) {
  is_person_ = true;
  person_mono_ = now.mono;
  is_waiting_for_beep_ = false;
  flow_.emplace(plan_.script->flow, plan_.script->card);
  enter(CallState::in_flow, now);
  perform_flow(now, flow_->on_start(), out);
}

void CallMachine::perform_flow(CallMoment now, const FlowEffects& effects, CallEffects& out) {
  for (const FlowEffect& effect : effects) {
    if (const auto* speak = std::get_if<flow_effect::Speak>(&effect)) {
      speech_round_ = speak->round;
      out.push_back(Say{speak->pieces, speak->round});
      start_timer(CallTimer::speech, plan_.limits.speech, out);
    } else if (std::holds_alternative<flow_effect::StopSpeaking>(effect)) out.push_back(StopSaying{});
    else if (const auto* promise = std::get_if<flow_effect::RecordPromise>(&effect)) out.push_back(RecordPromise{promise->terms});
    else if (const auto* wish = std::get_if<flow_effect::AskForAgent>(&effect)) ask_agent_for_flow(now, *wish, out);
    else if (std::holds_alternative<flow_effect::CancelAgentRequest>(effect)) stop_asking_for_flow(now, out);
    else if (const auto* timer = std::get_if<flow_effect::StartTimer>(&effect)) {
      flow_round_ = timer->round;
      start_timer(CallTimer::flow, timer->after, out);
    } else if (const auto* end = std::get_if<flow_effect::Finish>(&effect)) {
      if (end->why == FlowEnd::transferred) return;
      take_flow_end(now, *end, out);
      if (is_leg_alive_ && state_ != CallState::ending) hang_up(now, HangUpReason::flow_ended, out);
    }
    // PlanCallback is told again by Finish; flows with messages are not put in force.
  }
}

void CallMachine::ask_agent_for_flow(CallMoment now, const flow_effect::AskForAgent& wish, CallEffects& out) {
  person_mono_ = now.mono;
  is_asking_agent_ = true;
  enter(CallState::waiting_for_agent, now);
  out.push_back(PlayMusic{true});
  const std::string& skill = wish.skill.empty() ? plan_.skill : wish.skill;
  // The end of the wait is the flow's own timer; the matchmaker must not be later than it.
  out.push_back(AskForAgent{plan_.campaign, skill, plan_.priority, now.mono + wish.wait, plan_.own_agent});
}

void CallMachine::stop_asking_for_flow(CallMoment now, CallEffects& out) {
  if (is_asking_agent_) out.push_back(CancelAgentRequest{});
  is_asking_agent_ = false;
  if (state_ != CallState::waiting_for_agent) return;
  out.push_back(PlayMusic{false});
  enter(CallState::in_flow, now);
}

/// Who wanted a human and got none is lost by the campaign, unless we call back.
void CallMachine::take_flow_end(CallMoment now, const flow_effect::Finish& end, CallEffects& out) {
  FactFlowEnded fact;
  fact.disposition = end.disposition;
  if (end.callback_after) fact.callback_at = now.utc + *end.callback_after;
  if (fact.disposition || fact.callback_at) out.push_back(fact);
  if (outcome_) return;
  if (end.disposition) outcome_ = Outcome::answered;
  else outcome_ = end.has_missed_agent && !end.callback_after ? Outcome::abandoned : Outcome::hung_up_before_agent;
}

void CallMachine::cut_off_flow(CallMoment now, CallEffects& out) {
  for (const FlowEffect& effect : flow_->on_cut_off()) {
    if (const auto* end = std::get_if<flow_effect::Finish>(&effect)) take_flow_end(now, *end, out);
  }
}

/// A second look found no person. Whoever has pressed a key is one; else the machine hears no further word of the flow.
void CallMachine::doubt_flow(CallMoment now, AnswerClass answer, CallEffects& out) {
  if (has_heard_key_ || !is_not_a_person(answer)) return;
  switch (action_for(answer)) {
    case AnswerAction::to_agent:
    case AnswerAction::keep_listening: return;
    case AnswerAction::hang_up:
    case AnswerAction::leave_message: break;
  }
  flow_.reset();
  out.push_back(StopSaying{});
  enter(CallState::answered_classifying, now);
  act_on(now, answer, out);
}

}  // namespace dunlin
