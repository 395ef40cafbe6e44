// The agents of the simulation: shifts, talks, wrap-up, pauses, and crowds that leave or join.
#include <algorithm>
#include <cmath>

#include "tools/pacing_lab/simulation.hpp"

namespace dunlin::lab {
namespace {

PacingResult result_of(Party party) {
  switch (party) {
    case Party::wrong:
      return PacingResult::wrong_party;
    case Party::third:
      return PacingResult::third_party;
    case Party::right:
      return PacingResult::right_party;
    case Party::right_promise:
      return PacingResult::right_party_promise;
    case Party::machine:
      return PacingResult::machine;
  }
  return PacingResult::none;
}

}  // namespace

void Simulation::plan_agents() {
  int joining = 0;
  for (const Turn& turn : scenario_.turns) {
    if (turn.kind == TurnKind::join) joining += static_cast<int>(std::lround(turn.value * scenario_.agents));
  }
  agents_.resize(static_cast<std::size_t>(scenario_.agents + joining));
  for (int i = 0; i < static_cast<int>(agents_.size()); ++i) {
    const auto key = static_cast<std::uint64_t>(i);
    const auto draw = [this, key](std::uint64_t k) { return uniform(world_.seed(), Stream::agent, key, k); };
    agents_[static_cast<std::size_t>(i)].pace = std::exp(0.15 * normal_quantile(draw(0)));
    if (i >= scenario_.agents) continue;  // Comes with a turn.
    double begins_s = 180 * draw(2);
    double ends_s = scenario_.length_s;
    if (draw(1) < 0.10) {
      begins_s += 1800 * draw(3);
    } else if (draw(1) < 0.20) {
      ends_s -= 1800 * draw(3);
    }
    push(begins_s, Due::login, i);
    if (ends_s < scenario_.length_s) push(ends_s, Due::logout, i);
  }
}

void Simulation::set_state(int agent, AgentState next) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  const double spent_s = now_s_ - a.since_s;
  switch (a.state) {
    case AgentState::off:
      break;
    case AgentState::ready:
      measures_.ready_s += spent_s;
      break;
    case AgentState::talk:
      measures_.talk_s += spent_s;
      break;
    case AgentState::wrap:
      measures_.wrap_s += spent_s;
      break;
    case AgentState::pause:
      measures_.pause_s += spent_s;
      break;
  }
  a.state = next;
  a.since_s = now_s_;
  ++a.generation;
}

void Simulation::make_ready(int agent) {
  set_state(agent, AgentState::ready);
  if (waiting_.empty()) {
    idle_.push_back(agent);
    return;
  }
  const int call = waiting_.front();
  waiting_.pop_front();
  connect(agent, call);
}

void Simulation::on_talk_end(int agent) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  const Call& call = calls_[static_cast<std::size_t>(a.call)];
  PacingEvent e;
  e.kind = PacingEventKind::released;
  e.call = call.id;
  e.agent = static_cast<std::uint64_t>(agent);
  e.segment = call.segment;
  e.age_s = now_s_ - a.since_s;
  set_state(agent, AgentState::wrap);
  tell(e);
  end_call(a.call, false);
  a.call = -1;
  if (a.is_gone) {
    set_state(agent, AgentState::off);
    tell_agent(PacingEventKind::agent_logout, agent, 0, PacingResult::none);
    return;
  }
  push(a.wrap_end_s, Due::wrap, agent, a.generation);
}

void Simulation::on_wrap_end(int agent) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  const double spent_s = now_s_ - a.since_s;
  if (a.wants_out) {
    set_state(agent, AgentState::off);
    tell_agent(PacingEventKind::agent_logout, agent, spent_s, result_of(a.party));
  } else if (a.wants_pause) {
    a.wants_pause = false;
    start_pause(agent, spent_s, result_of(a.party));
  } else {
    tell_agent(PacingEventKind::agent_ready, agent, spent_s, result_of(a.party));
    make_ready(agent);
  }
}

void Simulation::start_pause(int agent, double spent_s, PacingResult result) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  set_state(agent, AgentState::pause);
  tell_agent(PacingEventKind::agent_break, agent, spent_s, result);
  const double u = uniform(world_.seed(), Stream::pause, static_cast<std::uint64_t>(agent), 2 * a.pauses + 1);
  push(now_s_ + lognormal_quantile(u, 400, 0.5), Due::pause_end, agent, a.generation);
}

void Simulation::leave_idle_line(int agent) {
  const auto it = std::find(idle_.begin(), idle_.end(), agent);
  if (it != idle_.end()) idle_.erase(it);
}

void Simulation::on_pause_wish(int agent) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  if (a.state == AgentState::off || a.state == AgentState::pause) return;
  if (a.state != AgentState::ready) {
    a.wants_pause = true;
    return;
  }
  leave_idle_line(agent);
  start_pause(agent, now_s_ - a.since_s, PacingResult::none);
}

void Simulation::on_pause_end(int agent) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  if (a.state != AgentState::pause) return;
  ++a.pauses;
  const double u = uniform(world_.seed(), Stream::pause, static_cast<std::uint64_t>(agent), 2 * a.pauses);
  push(now_s_ + 900 + exponential_quantile(u, 3600), Due::pause, agent);
  tell_agent(PacingEventKind::agent_ready, agent, now_s_ - a.since_s, PacingResult::none);
  make_ready(agent);
}

void Simulation::on_login(int agent) {
  const Agent& a = agents_[static_cast<std::size_t>(agent)];
  if (a.state != AgentState::off || a.is_gone) return;
  const double u = uniform(world_.seed(), Stream::pause, static_cast<std::uint64_t>(agent), 0);
  push(now_s_ + 900 + exponential_quantile(u, 3600), Due::pause, agent);
  tell_agent(PacingEventKind::agent_login, agent, 0, PacingResult::none);
  make_ready(agent);
}

void Simulation::on_logout(int agent) {
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  if (a.state == AgentState::off) return;
  if (a.state == AgentState::talk || (a.state == AgentState::wrap && !a.is_gone)) {
    a.wants_out = true;
    return;
  }
  leave_idle_line(agent);
  const double spent_s = now_s_ - a.since_s;
  set_state(agent, AgentState::off);
  tell_agent(PacingEventKind::agent_logout, agent, spent_s, PacingResult::none);
}

void Simulation::leave(double share) {
  std::vector<std::pair<double, int>> present;
  for (int i = 0; i < scenario_.agents; ++i) {
    if (agents_[static_cast<std::size_t>(i)].state == AgentState::off) continue;
    present.emplace_back(uniform(world_.seed(), Stream::leave, static_cast<std::uint64_t>(i), 0), i);
  }
  std::sort(present.begin(), present.end());
  present.resize(static_cast<std::size_t>(std::lround(share * static_cast<double>(present.size()))));
  for (const auto& [draw, agent] : present) {
    agents_[static_cast<std::size_t>(agent)].is_gone = true;
    if (agents_[static_cast<std::size_t>(agent)].state != AgentState::talk) on_logout(agent);
  }
}

void Simulation::on_turn(const Turn& turn) {
  switch (turn.kind) {
    case TurnKind::answer_rate:
    case TurnKind::slower_ringing:
      break;  // The world knows by itself.
    case TurnKind::fewer_channels:
      channels_lost_ = static_cast<int>(turn.value);
      break;
    case TurnKind::leave:
      leave(turn.value);
      break;
    case TurnKind::join:
      for (int i = scenario_.agents; i < static_cast<int>(agents_.size()); ++i) push(now_s_, Due::login, i);
      break;
  }
}

}  // namespace dunlin::lab
