// The calls of the simulation: dialing, verdicts, the queue of waiting persons.
#include <algorithm>

#include "tools/pacing_lab/simulation.hpp"

namespace dunlin::lab {

void Simulation::change_channels(int by) {
  measures_.channel_s += channels_used_ * (now_s_ - channels_since_s_);
  channels_since_s_ = now_s_;
  channels_used_ += by;
  measures_.channels_most = std::max(measures_.channels_most, channels_used_);
}

void Simulation::dial(const Pick& pick) {
  int slot = static_cast<int>(calls_.size());
  if (free_slots_.empty()) {
    calls_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Call& call = calls_[static_cast<std::size_t>(slot)];
  const std::uint32_t generation = call.generation + 1;
  call = Call{};
  call.id = next_call_++;
  call.generation = generation;
  call.person = pick.person;
  call.attempt = pick.attempt;
  call.segment = world_.observed_segment(pick.person, pick.attempt);
  call.fate = world_.fate(pick.person, pick.attempt, now_s_);
  call.started_s = now_s_;
  call.is_used = true;
  change_channels(+1);
  tokens_ -= 1;
  ++measures_.dials;
  push(now_s_ + call.fate.rings_at_s, Due::ring, slot, generation);
  push(now_s_ + call.fate.ends_at_s, Due::end, slot, generation);
  tell_call(PacingEventKind::dialed, call);
}

void Simulation::on_call_end(int index) {
  const Call& call = calls_[static_cast<std::size_t>(index)];
  switch (call.fate.ending) {
    case Ending::person:
    case Ending::machine:
      tell_call(PacingEventKind::answered, call);
      push(now_s_ + call.fate.detection_s * (call.fate.hangs_up ? 0.7 : 1.0), Due::verdict, index,
           call.generation);
      return;
    case Ending::busy:
      tell_call(PacingEventKind::busy, call);
      break;
    case Ending::no_answer:
      tell_call(PacingEventKind::no_answer, call);
      break;
    case Ending::failed:
      tell_call(PacingEventKind::failed, call);
      break;
  }
  end_call(index, call.fate.ending != Ending::failed);
}

void Simulation::on_verdict(int index) {
  const Call& call = calls_[static_cast<std::size_t>(index)];
  if (call.fate.hangs_up) {
    tell_call(PacingEventKind::hung_up, call);
    end_call(index, true);
  } else if (!call.fate.is_judged_person) {
    measures_.persons_judged_machine += call.fate.ending == Ending::person ? 1 : 0;
    tell_call(PacingEventKind::machine, call);
    end_call(index, true);
  } else {
    go_live(index);
  }
}

void Simulation::go_live(int index) {
  Call& call = calls_[static_cast<std::size_t>(index)];
  call.live_at_s = now_s_;
  tell_call(PacingEventKind::human, call);
  if (!idle_.empty()) {
    const int agent = idle_.front();
    idle_.pop_front();
    connect(agent, index);
    return;
  }
  const double spent_s = scenario_.has_clock_from_answer ? call.fate.detection_s : 0.0;
  call.is_queued = true;
  waiting_.push_back(index);
  push(now_s_ + std::max(0.0, scenario_.wait_limit_s - spent_s), Due::wait_limit, index, call.generation);
}

void Simulation::on_wait_limit(int index) {
  Call& call = calls_[static_cast<std::size_t>(index)];
  if (!call.is_queued) return;
  call.is_queued = false;
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), index));
  if (call.fate.ending == Ending::person) {
    ++measures_.persons_abandoned;
    ++measures_.abandoned_by_minute[static_cast<std::size_t>(now_s_ / 60)];
  } else {
    ++measures_.machines_abandoned;
  }
  tell_call(PacingEventKind::abandoned, call);
  constexpr double notice_s = 4.0;
  push(now_s_ + notice_s, Due::close, index, call.generation);
}

void Simulation::connect(int agent, int index) {
  Call& call = calls_[static_cast<std::size_t>(index)];
  Agent& a = agents_[static_cast<std::size_t>(agent)];
  measures_.idle_s.push_back(now_s_ - a.since_s);
  measures_.wait_s.push_back(now_s_ - call.live_at_s);
  call.is_queued = false;
  a.party = call.fate.party;
  set_state(agent, AgentState::talk);
  a.call = index;
  const double talk_end_s = now_s_ + call.fate.talk_s * a.pace;
  a.wrap_end_s = talk_end_s + call.fate.wrap_s * a.pace;
  push(talk_end_s, Due::talk, agent, a.generation);
  PacingEvent e;
  e.kind = PacingEventKind::connected;
  e.call = call.id;
  e.agent = static_cast<std::uint64_t>(agent);
  e.segment = call.segment;
  e.age_s = now_s_ - call.started_s;
  e.wait_s = now_s_ - call.live_at_s;
  tell(e);
  if (call.fate.ending != Ending::person) {
    ++measures_.machines_connected;
    return;
  }
  ++measures_.persons_connected;
  ++measures_.connected_by_minute[static_cast<std::size_t>(now_s_ / 60)];
  measures_.right_party += a.party == Party::right || a.party == Party::right_promise ? 1 : 0;
  measures_.promises += a.party == Party::right_promise ? 1 : 0;
}

void Simulation::end_call(int index, bool may_retry) {
  Call& call = calls_[static_cast<std::size_t>(index)];
  change_channels(-1);
  if (may_retry && call.attempt + 1 < scenario_.most_attempts) {
    retries_.push_back({now_s_ + scenario_.retry_delay_s, call.person, call.attempt + 1});
  }
  call.is_used = false;
  ++call.generation;
  free_slots_.push_back(index);
}

}  // namespace dunlin::lab
