// The part of the call machine for a supervisor on the talk, and for pauses of the recording.
#include <utility>

#include "core/call/call_machine.hpp"

namespace dunlin {

using namespace call_effect;

namespace {

CallAct act_of(SupervisionMode mode) {
  switch (mode) {
    case SupervisionMode::listen: return CallAct::listen;
    case SupervisionMode::whisper: return CallAct::whisper;
    case SupervisionMode::barge: return CallAct::barge;
  }
  return CallAct::listen;
}

}  // namespace

std::string_view to_string(SupervisionMode mode) { return to_string(act_of(mode)); }

Status CallMachine::may_be_supervised(const AssignedAgent& supervisor) const {
  switch (state_) {
    case CallState::talking: break;
    case CallState::reserved:
    case CallState::opening_media:
    case CallState::dialing:
    case CallState::ringing:
    case CallState::answered_classifying:
    case CallState::in_flow:
    case CallState::waiting_for_agent:
    case CallState::bridging:
      return Error{Errc::conflict, "no agent talks in this call now: it is in state " + std::string(to_string(state_))};
    case CallState::ending:
    case CallState::settled: return Error{Errc::conflict, "the call has ended"};
  }
  if (agent_->agent == supervisor.agent) return Error{Errc::conflict, "this is the talk of " + supervisor.agent.str() + " already"};
  if (supervision_ && supervision_->supervisor.agent != supervisor.agent) {
    return Error{Errc::conflict, supervision_->supervisor.agent.str() + " supervises this call already"};
  }
  if (taking_over_) return Error{Errc::conflict, "the call is being taken over"};
  return Done{};
}

Result<CallEffects> CallMachine::on_supervise(CallMoment, AssignedAgent supervisor, SupervisionMode mode) {
  if (auto status = may_be_supervised(supervisor); !status) return status.error();
  return checked({Supervise{supervisor, *agent_, mode}});
}

CallEffects CallMachine::on_supervised(CallMoment now, AssignedAgent supervisor, SupervisionMode mode) {
  CallEffects out;
  if (!may_be_supervised(supervisor)) {
    out.push_back(EndSupervision{supervisor});
    return checked(std::move(out));
  }
  const bool is_news = !supervision_ || supervision_->mode != mode;
  supervision_ = Supervision{supervisor, mode};
  if (is_news) out.push_back(FactControlled{act_of(mode), supervisor.agent, agent_->agent, now.utc});
  return checked(std::move(out));
}

CallEffects CallMachine::on_supervise_failed(CallMoment now, AssignedAgent supervisor) {
  CallEffects out;
  if (supervision_ && supervision_->supervisor == supervisor) drop_supervisor(now, out);
  return checked(std::move(out));
}

Result<CallEffects> CallMachine::on_supervisor_leave(CallMoment now, AgentId supervisor) {
  if (!supervision_ || supervision_->supervisor.agent != supervisor) {
    return Error{Errc::conflict, supervisor.str() + " is not on this call"};
  }
  CallEffects out;
  out.push_back(EndSupervision{supervision_->supervisor});
  out.push_back(FactControlled{CallAct::leave, supervisor, agent_->agent, now.utc});
  supervision_.reset();
  return checked(std::move(out));
}

Result<CallEffects> CallMachine::on_take_over(CallMoment, AssignedAgent supervisor) {
  if (auto status = may_be_supervised(supervisor); !status) return status.error();
  taking_over_ = supervisor;
  return checked({Bridge{supervisor}});
}

/// The bridge stands: the debtor hears the supervisor, and the agent has a wrap-up to do.
void CallMachine::hand_talk_over(CallMoment now, CallEffects& out) {
  close_talk(now);
  if (is_on_hold_) out.push_back(ResumeBridge{*agent_});
  is_on_hold_ = false;
  out.push_back(TellAgentCallEnded{*agent_, true, true});
  out.push_back(FactControlled{CallAct::take_over, taking_over_->agent, agent_->agent, now.utc});
  agent_ = std::exchange(taking_over_, std::nullopt);
  last_agent_ = agent_->agent;
  bridged_mono_ = now.mono;
  supervision_.reset();
}

/// Back after a lost leg: the supervisor hears the new one, unless the talk is its own now.
void CallMachine::resume_supervision(CallMoment now, CallEffects& out) {
  if (supervision_->supervisor.agent != agent_->agent) {
    out.push_back(Supervise{supervision_->supervisor, *agent_, supervision_->mode});
    return;
  }
  out.push_back(FactControlled{CallAct::leave, agent_->agent, agent_->agent, now.utc});
  supervision_.reset();
}

void CallMachine::drop_supervisor(CallMoment now, CallEffects& out) {
  if (!supervision_) return;
  out.push_back(EndSupervision{supervision_->supervisor});
  out.push_back(TellSupervisorCallEnded{supervision_->supervisor});
  out.push_back(FactControlled{CallAct::leave, supervision_->supervisor.agent, last_agent_, now.utc});
  supervision_.reset();
}

Result<CallEffects> CallMachine::on_pause_recording(CallMoment now, bool is_on) {
  if (is_settled() || state_ == CallState::ending) return Error{Errc::conflict, "the call has ended"};
  if (!is_recording_) return Error{Errc::conflict, "nothing is recorded in this call yet"};
  if (is_recording_paused_ == is_on) return Error{Errc::conflict, is_on ? "the recording is paused already" : "the recording is not paused"};
  is_recording_paused_ = is_on;
  CallEffects out;
  out.push_back(PauseRecording{is_on});
  out.push_back(FactControlled{is_on ? CallAct::pause_recording : CallAct::resume_recording, AgentId(), agent_ ? agent_->agent : AgentId(), now.utc});
  return checked(std::move(out));
}

}  // namespace dunlin
