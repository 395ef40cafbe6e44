#include "core/call/call_machine.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {

using namespace call_effect;

std::string_view to_string(CallState state) {
  switch (state) {
    case CallState::reserved: return "reserved";
    case CallState::opening_media: return "opening_media";
    case CallState::dialing: return "dialing";
    case CallState::ringing: return "ringing";
    case CallState::answered_classifying: return "answered_classifying";
    case CallState::in_flow: return "in_flow";
    case CallState::waiting_for_agent: return "waiting_for_agent";
    case CallState::bridging: return "bridging";
    case CallState::talking: return "talking";
    case CallState::ending: return "ending";
    case CallState::settled: return "settled";
  }
  return "?";
}

CallMachine::CallMachine(CallPlan plan) : plan_(std::move(plan)) { times_.reserved_at = plan_.reserved_at; }

CallEffects CallMachine::on_start(CallMoment now) {
  CallEffects out;
  if (state_ != CallState::reserved || leg_number_ != 0) return out;
  open_media(now, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_media_opened(CallMoment now, MediaDescription offer) {
  CallEffects out;
  if (state_ != CallState::opening_media) return out;
  is_media_open_ = true;
  offer_ = std::move(offer);
  place_leg(now, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_media_failed(CallMoment now) {
  CallEffects out;
  if (is_settled() || state_ == CallState::reserved) return out;
  if (state_ == CallState::ending) {
    // The prompt cannot play any more; a hang-up already ordered goes on as it was.
    if (!is_hang_up_sent_) hang_up(now, HangUpReason::media_failed, out);
  } else {
    if (is_flow_live()) cut_off_flow(now, out);
    else if (is_answered_) outcome_ = outcome_when_dropped();
    hang_up(now, HangUpReason::media_failed, out);
  }
  return checked(std::move(out));
}

CallEffects CallMachine::on_invite_sent(CallMoment now, int leg_number) {
  CallEffects out;
  if (!is_live_leg(leg_number) || is_sent_) return out;
  is_sent_ = true;
  if (!times_.sent_at.is_set()) times_.sent_at = now.utc;
  out.push_back(FactSent{leg_number, now.utc});
  return checked(std::move(out));
}

CallEffects CallMachine::on_progress(CallMoment now, int leg_number, int sip_status,
                                     std::optional<MediaDescription> early_media) {
  CallEffects out;
  if (!is_live_leg(leg_number) || sip_status < 180 || sip_status > 199) return out;
  has_18x_ = true;  // Also while a CANCEL is under way: it decides whether a second leg is lawful.
  if (!times_.ringing_at.is_set()) times_.ringing_at = now.utc;
  if (state_ == CallState::dialing) enter(CallState::ringing, now);
  if (state_ == CallState::ringing && early_media) {
    out.push_back(SetRemoteMedia{std::move(*early_media), true});
    if (plan_.classifier.is_enabled && plan_.classifier.listens_to_early_media && !is_classifying_) {
      is_classifying_ = true;
      out.push_back(StartClassifier{});
    }
  }
  return checked(std::move(out));
}

CallEffects CallMachine::on_answered(CallMoment now, int leg_number, MediaDescription remote) {
  CallEffects out;
  if (!is_live_leg(leg_number) || is_answered_) return out;
  is_answered_ = true;
  has_18x_ = true;
  answered_mono_ = now.mono;
  times_.answered_at = now.utc;
  times_.ring = now.mono - placed_mono_;
  out.push_back(FactAnswered{now.utc});
  if (state_ == CallState::ending) {
    // Our CANCEL and the answer crossed on the wire: a person was rung and nobody will talk to them. Only what the
    // early media had proven to be an announcement stays one.
    if (!outcome_) outcome_ = outcome_when_dropped();
    out.push_back(HangUp{leg_number_, ended_by_});
    start_timer(CallTimer::hang_up, plan_.limits.hang_up, out);
    return checked(std::move(out));
  }
  out.push_back(SetRemoteMedia{std::move(remote), false});
  out.push_back(StartRecording{});
  is_recording_ = true;
  start_timer(CallTimer::longest_call, plan_.limits.longest_call, out);
  listen_or_ask(now, out);
  return checked(std::move(out));
}

void CallMachine::listen_or_ask(CallMoment now, CallEffects& out) {
  if (!plan_.classifier.is_enabled) {
    out.push_back(FactClassified{VoiceVerdict{}, now.utc});  // The answer is told all the same, by nobody's judgement.
    ask_for_agent(now, out);
    return;
  }
  // A fresh classifier: ringback heard as early media must not speak for the person.
  if (is_classifying_) out.push_back(StopClassifier{});
  is_classifying_ = true;
  out.push_back(StartClassifier{});
  enter(CallState::answered_classifying, now);
  start_timer(CallTimer::classify, plan_.limits.classify, out);
}

CallEffects CallMachine::on_verdict(CallMoment now, const VoiceVerdict& verdict) {
  CallEffects out;
  switch (state_) {
    case CallState::dialing:
    case CallState::ringing:
      // Nobody has answered, so no answer is told: the settlement carries what was heard.
      if (is_classifying_ && verdict.answer == AnswerClass::announcement) act_on(now, verdict.answer, out);
      break;
    case CallState::answered_classifying:
      note_verdict(now, verdict, out);
      act_on(now, verdict.answer, out);
      break;
    case CallState::in_flow:
      note_verdict(now, verdict, out);
      doubt_flow(now, verdict.answer, out);
      break;
    case CallState::waiting_for_agent:
      note_verdict(now, verdict, out);
      if (has_heard_key_) break;
      // A second look that comes before the agent saves the agent; silence or doubt does not unmake a person.
      if (!is_waiting_for_return_ && is_not_a_person(verdict.answer)) act_on(now, verdict.answer, out);
      break;
    case CallState::bridging:
    case CallState::talking:
      note_verdict(now, verdict, out);
      if (plan_.classifier.hears_second_look && is_not_a_person(verdict.answer)) {
        out.push_back(TellAgent{*agent_, verdict.answer});
      }
      break;
    case CallState::reserved:
    case CallState::opening_media:
    case CallState::ending:
    case CallState::settled: break;
  }
  return checked(std::move(out));
}

void CallMachine::note_verdict(CallMoment now, const VoiceVerdict& verdict, CallEffects& out) {
  if (!times_.classified_at.is_set()) times_.classified_at = now.utc;
  out.push_back(FactClassified{verdict, now.utc});
}

CallEffects CallMachine::on_agent_assigned(CallMoment now, AssignedAgent agent) {
  CallEffects out;
  if (agent_ && *agent_ == agent && state_ != CallState::waiting_for_agent) return out;  // Told twice.
  const AgentId wanted = is_waiting_for_return_ ? last_agent_ : plan_.own_agent;
  const bool is_wanted = state_ == CallState::waiting_for_agent && (!wanted.is_set() || wanted == agent.agent);
  if (!is_wanted) {
    out.push_back(ReleaseAgent{agent});
    return checked(std::move(out));
  }
  is_asking_agent_ = false;
  if (is_flow_live()) out.push_back(PlayMusic{false});
  agent_ = agent;
  enter(CallState::bridging, now);
  out.push_back(Bridge{agent});
  start_timer(CallTimer::bridge, plan_.limits.bridge, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_no_agent(CallMoment now) {
  CallEffects out;
  if (state_ != CallState::waiting_for_agent || is_waiting_for_return_) return out;
  if (is_flow_live()) {
    is_asking_agent_ = false;
    stop_asking_for_flow(now, out);
    perform_flow(now, flow_->on_no_agent(), out);
    return checked(std::move(out));
  }
  is_asking_agent_ = false;
  abandon(now, out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_bridged(CallMoment now, AssignedAgent agent) {
  CallEffects out;
  if (state_ == CallState::talking && taking_over_ == agent) {
    hand_talk_over(now, out);
    return checked(std::move(out));
  }
  if (state_ != CallState::bridging || agent_ != agent) return out;
  is_waiting_for_return_ = false;
  is_on_hold_ = false;
  last_agent_ = agent.agent;
  bridged_mono_ = now.mono;
  enter(CallState::talking, now);
  if (!was_bridged_) {
    was_bridged_ = true;
    times_.bridged_at = now.utc;
    times_.wait_for_agent = now.mono - abandon_clock_start();
    out.push_back(FactBridged{agent.agent, now.utc, now.mono - answered_mono_});
  }
  if (supervision_) resume_supervision(now, out);
  // From here on the call is the agent's.
  if (is_flow_live()) perform_flow(now, flow_->on_agent_connected(), out);
  return checked(std::move(out));
}

CallEffects CallMachine::on_bridge_failed(CallMoment now, AssignedAgent agent) {
  CallEffects out;
  if (state_ == CallState::talking && taking_over_ == agent) taking_over_.reset();
  if (state_ != CallState::bridging || agent_ != agent) return out;
  retry_without_agent(now, out);
  return checked(std::move(out));
}

void CallMachine::retry_without_agent(CallMoment now, CallEffects& out) {
  if (was_bridged_) {
    hang_up(now, HangUpReason::agent_lost, out);
    return;
  }
  drop_agent(now, out);
  if (is_flow_live()) {
    enter(CallState::in_flow, now);
    perform_flow(now, flow_->on_no_agent(), out);
  } else if (is_past_abandon_limit(now)) {
    abandon(now, out);
  } else {
    ask_for_agent(now, out);
  }
}

CallEffects CallMachine::on_agent_hang_up(CallMoment now, AgentId agent) {
  CallEffects out;
  if (!agent_ || agent_->agent != agent) return out;
  if (state_ == CallState::talking) {
    hang_up(now, HangUpReason::agent, out);
  } else if (state_ == CallState::bridging) {
    retry_without_agent(now, out);
  } else if (state_ == CallState::waiting_for_agent) {
    hang_up(now, HangUpReason::agent, out);
  }
  return checked(std::move(out));
}

CallEffects CallMachine::on_agent_left(CallMoment now, AgentId agent) {
  CallEffects out;
  if (!agent_ || agent_->agent != agent) return out;
  if (state_ == CallState::bridging) {
    retry_without_agent(now, out);
  } else if (state_ == CallState::talking && plan_.limits.agent_return.ms > 0) {
    close_talk(now);
    is_waiting_for_return_ = true;
    if (is_on_hold_) out.push_back(ResumeBridge{*agent_});  // Else the music would go on behind the agent who is back.
    is_on_hold_ = false;
    taking_over_.reset();
    enter(CallState::waiting_for_agent, now);
    out.push_back(Unbridge{*agent_});
    out.push_back(PlayPrompt{CallPrompt::agent_return});
    start_timer(CallTimer::agent_return, plan_.limits.agent_return, out);
  } else if (state_ == CallState::talking || state_ == CallState::waiting_for_agent) {
    hang_up(now, HangUpReason::agent_lost, out);
  }
  return checked(std::move(out));
}

CallEffects CallMachine::on_hold(CallMoment, AgentId agent) {
  CallEffects out;
  if (state_ != CallState::talking || agent_->agent != agent || is_on_hold_) return out;
  is_on_hold_ = true;
  out.push_back(HoldBridge{*agent_});
  return checked(std::move(out));
}

CallEffects CallMachine::on_resume(CallMoment, AgentId agent) {
  CallEffects out;
  if (state_ != CallState::talking || agent_->agent != agent || !is_on_hold_) return out;
  is_on_hold_ = false;
  out.push_back(ResumeBridge{*agent_});
  return checked(std::move(out));
}

}  // namespace dunlin
