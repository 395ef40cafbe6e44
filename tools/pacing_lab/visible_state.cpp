#include "tools/pacing_lab/visible_state.hpp"

namespace dunlin::lab {

void VisibleState::set_agent(std::uint64_t agent, PacingAgentState state, double at_s) {
  Agent& a = agents_[agent];
  if (a.state == PacingAgentState::talk) a.last_talk_s = at_s - a.since_s;
  a.state = state;
  a.since_s = at_s;
}

void VisibleState::set_phase(std::uint64_t call, PacingCallPhase phase, double at_s) {
  const auto it = calls_.find(call);
  if (it == calls_.end()) return;
  it->second.phase = phase;
  it->second.since_s = at_s;
}

void VisibleState::apply(const PacingEvent& e) {
  switch (e.kind) {
    case PacingEventKind::dialed:
      calls_[e.call] = {PacingCallPhase::dialing, e.at_s, e.at_s, e.segment};
      ++totals_.dialed;
      break;
    case PacingEventKind::ringing:
      set_phase(e.call, PacingCallPhase::ringing, e.at_s);
      break;
    case PacingEventKind::answered:
      set_phase(e.call, PacingCallPhase::detect, e.at_s);
      break;
    case PacingEventKind::human:
      set_phase(e.call, PacingCallPhase::queued, e.at_s);
      ++totals_.live;
      break;
    case PacingEventKind::machine:
    case PacingEventKind::busy:
    case PacingEventKind::no_answer:
    case PacingEventKind::failed:
    case PacingEventKind::hung_up:
      calls_.erase(e.call);
      break;
    case PacingEventKind::connected:
      set_phase(e.call, PacingCallPhase::talk, e.at_s);
      set_agent(e.agent, PacingAgentState::talk, e.at_s);
      ++totals_.connected;
      break;
    case PacingEventKind::abandoned:
      calls_.erase(e.call);
      ++totals_.abandoned;
      break;
    case PacingEventKind::released:
      calls_.erase(e.call);
      set_agent(e.agent, PacingAgentState::wrap, e.at_s);
      break;
    case PacingEventKind::agent_ready:
    case PacingEventKind::agent_login:
      set_agent(e.agent, PacingAgentState::ready, e.at_s);
      break;
    case PacingEventKind::agent_break:
      set_agent(e.agent, PacingAgentState::on_break, e.at_s);
      break;
    case PacingEventKind::agent_logout:
      agents_.erase(e.agent);
      break;
  }
}

PacingInput VisibleState::snapshot(double as_of_s) const {
  PacingInput input;
  input.as_of_s = as_of_s;
  input.totals = totals_;
  for (const auto& [id, a] : agents_)
    input.agents.push_back({id, a.state, as_of_s - a.since_s, a.last_talk_s});
  for (const auto& [id, c] : calls_) {
    input.calls.push_back({id, c.phase, as_of_s - c.started_s, as_of_s - c.since_s, c.segment});
  }
  return input;
}

}  // namespace dunlin::lab
