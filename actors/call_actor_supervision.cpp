// The call actor under supervisors' orders: who hears the talk, who takes it over, when the recording pauses. Every act
// becomes a fact of the case.
#include <algorithm>
#include <utility>

#include "actors/call_actor.hpp"
#include "config/log.hpp"

namespace dunlin {

Result<CallEffects> CallActor::judge(const msg::SuperviseCall& order) {
  switch (order.act) {
    case CallAct::listen: return machine_.on_supervise(moment(), order.supervisor, SupervisionMode::listen);
    case CallAct::whisper: return machine_.on_supervise(moment(), order.supervisor, SupervisionMode::whisper);
    case CallAct::barge: return machine_.on_supervise(moment(), order.supervisor, SupervisionMode::barge);
    case CallAct::take_over: return machine_.on_take_over(moment(), order.supervisor);
    case CallAct::leave: return machine_.on_supervisor_leave(moment(), order.supervisor.agent);
    case CallAct::pause_recording:
    case CallAct::resume_recording: break;
  }
  return invalid_input("not an act of a supervisor: " + std::string(to_string(order.act)));
}

/// The media worker answers within the order: what it refuses is the answer.
msg::Answer CallActor::obey(Result<CallEffects> effects, const std::string& author) {
  if (!effects) return {effects.error(), {}};
  author_ = author;
  refusal_.reset();
  perform(std::move(*effects));
  author_.clear();
  return {std::exchange(refusal_, std::nullopt), std::string(to_string(machine_.state()))};
}

std::uint32_t CallActor::media_ms() const {
  return sound_began_.ms == 0 ? 0 : static_cast<std::uint32_t>(std::max<std::int64_t>(0, (moment().mono - sound_began_).ms));
}

void CallActor::act(const call_effect::Supervise& effect) {
  const Status joined = context_->media->supervise(effect.supervisor.leg, effect.agent.leg, effect.mode);
  if (joined) return perform(machine_.on_supervised(moment(), effect.supervisor, effect.mode));
  log_warn("call", "not_supervised", "attempt={} supervisor={} {}", attempt().str(), effect.supervisor.agent.str(), joined.error().detail);
  refusal_ = joined.error();
  perform(machine_.on_supervise_failed(moment(), effect.supervisor));
}

void CallActor::act(const call_effect::EndSupervision& effect) { context_->media->end_supervision(effect.supervisor.leg); }

void CallActor::act(const call_effect::TellSupervisorCallEnded& effect) {
  tell(this, context_->agents, msg::SupervisionEnded{effect.supervisor.agent, attempt()});
}

void CallActor::act(const call_effect::PauseRecording& effect) {
  const Status ordered = context_->media->pause_recording(attempt(), effect.is_on);
  if (ordered) return;
  log_error("call", "recording_not_paused", "attempt={} on={} {}", attempt().str(), effect.is_on, ordered.error().detail);
  refusal_ = ordered.error();
}

void CallActor::act(const call_effect::FactControlled& effect) {
  CallControlled fact{attempt(), ++controls_, effect.act, effect.by, effect.agent, author_.empty() ? "call" : author_, effect.at, media_ms()};
  log_info("audit", "call_controlled", "attempt={} act={} by={} author={} media_ms={}", attempt().str(), to_string(fact.act),
           fact.by.is_set() ? fact.by.str() : "", fact.author, fact.media_ms);
  context_->live->hint("call", {{"attempt", attempt().str()}, {"step", "controlled"}, {"act", std::string(to_string(fact.act))},
                                {"by", fact.by.is_set() ? fact.by.str() : ""}, {"agent", fact.agent.is_set() ? fact.agent.str() : ""}});
  send_fact(fact);
}

}  // namespace dunlin
