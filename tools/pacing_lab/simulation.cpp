#include "tools/pacing_lab/simulation.hpp"

#include <chrono>
#include <utility>

namespace dunlin::lab {

Simulation::Simulation(const Scenario& scenario, std::uint64_t seed)
    : scenario_(scenario), world_(scenario, seed) {
  plan_agents();
  for (std::size_t i = 0; i < scenario_.turns.size(); ++i)
    push(scenario_.turns[i].at_s, Due::turn, static_cast<int>(i));
  measures_.connected_by_minute.assign(static_cast<std::size_t>(scenario_.length_s / 60) + 2, 0);
  measures_.abandoned_by_minute = measures_.connected_by_minute;
}

PacingConfig Simulation::config_of(const Scenario& s) {
  PacingConfig c;
  c.target_abandon = s.target_abandon;
  c.wait_limit_s = s.wait_limit_s;
  c.wait_clock = s.has_clock_from_answer ? WaitClock::answer : WaitClock::greeting_end;
  c.tick_s = s.tick_s;
  c.shift_s = s.length_s;
  c.ring_timeout_s = s.ring_timeout_s;
  c.max_channels = s.channels();
  c.max_cps = s.calls_per_second();
  c.segments = static_cast<int>(s.segments.size()) * 2;
  c.has_detection = s.has_detection;
  return c;
}

Report Simulation::run(PacingPolicy& policy) {
  using Clock = std::chrono::steady_clock;
  const double rate = scenario_.calls_per_second();
  tokens_ = std::max(1.0, rate * scenario_.tick_s);
  for (std::int64_t tick = 0; static_cast<double>(tick) * scenario_.tick_s < scenario_.length_s; ++tick) {
    advance(static_cast<double>(tick) * scenario_.tick_s);
    tokens_ = std::min(tokens_ + (tick > 0 ? rate * scenario_.tick_s : 0), std::max(1.0, rate));
    const PacingInput input = observe();
    const auto before = Clock::now();
    const PacingDecision decision = policy.decide(input);
    const double spent_s = std::chrono::duration<double>(Clock::now() - before).count();
    measures_.decision_s += spent_s;
    measures_.longest_decision_s = std::max(measures_.longest_decision_s, spent_s);
    ++measures_.ticks;
    ++measures_.limit_ticks[static_cast<std::size_t>(decision.limit)];
    last_granted_ = start_calls(decision.dials);
  }
  now_s_ = scenario_.length_s;
  change_channels(0);
  for (std::size_t i = 0; i < agents_.size(); ++i) set_state(static_cast<int>(i), AgentState::off);
  Report report = make_report(scenario_, world_.seed(), measures_);
  report.policy = std::string(policy.name());
  return report;
}

void Simulation::advance(double to_s) {
  while (!queue_.empty() && queue_.top().at_s <= to_s) {
    const Entry entry = queue_.top();
    queue_.pop();
    now_s_ = entry.at_s;
    handle(entry);
  }
  now_s_ = to_s;
}

PacingInput Simulation::observe() {
  fresh_.clear();
  while (!unseen_.empty() && unseen_.front().at_s + scenario_.event_lag_s <= now_s_) {
    visible_.apply(unseen_.front());
    fresh_.push_back(unseen_.front());
    unseen_.pop_front();
  }
  PacingInput input = visible_.snapshot(std::max(0.0, now_s_ - scenario_.event_lag_s));
  input.at_s = now_s_;
  input.granted = last_granted_;
  input.channels_free = channels_free();
  input.start_tokens = -1;
  input.list_available = list_left();
  input.events = fresh_;
  Cursor ahead = cursor_;
  for (int i = 0; i < 16; ++i) {
    const auto next = pick(ahead);
    if (!next) break;
    input.next_segments.push_back(world_.observed_segment(next->person, next->attempt));
  }
  return input;
}

int Simulation::start_calls(int wanted) {
  measures_.wanted += std::max(0, wanted);
  int started = 0;
  while (started < wanted && channels_free() > 0 && tokens_ >= 1.0) {
    const auto next = pick(cursor_);
    if (!next) break;
    dial(*next);
    ++started;
  }
  return started;
}

std::optional<Simulation::Pick> Simulation::pick(Cursor& cursor) const {
  const bool has_due = cursor.retry < retries_.size() && retries_[cursor.retry].due_s <= now_s_;
  const bool has_fresh = cursor.fresh < world_.persons();
  if (has_due && (!has_fresh || cursor.picks % 3 == 0)) {
    const Retry& retry = retries_[cursor.retry++];
    ++cursor.picks;
    return Pick{retry.person, retry.attempt};
  }
  if (!has_fresh) return std::nullopt;
  ++cursor.picks;
  return Pick{cursor.fresh++, 0};
}

int Simulation::list_left() const {
  const auto first = retries_.begin() + static_cast<std::ptrdiff_t>(cursor_.retry);
  const auto due = std::upper_bound(first, retries_.end(), now_s_,
                                    [](double at_s, const Retry& r) { return at_s < r.due_s; });
  return static_cast<int>(world_.persons() - cursor_.fresh) + static_cast<int>(due - first);
}

void Simulation::push(double at_s, Due due, int index, std::uint32_t generation) {
  queue_.push({at_s, order_++, due, index, generation});
}

void Simulation::tell(PacingEvent event) {
  event.at_s = now_s_;
  unseen_.push_back(event);
}

void Simulation::tell_call(PacingEventKind kind, const Call& call) {
  PacingEvent e;
  e.kind = kind;
  e.call = call.id;
  e.segment = call.segment;
  e.age_s = now_s_ - call.started_s;
  const bool is_after_wait = kind == PacingEventKind::connected || kind == PacingEventKind::abandoned;
  if (is_after_wait) e.wait_s = now_s_ - call.live_at_s;
  tell(e);
}

void Simulation::tell_agent(PacingEventKind kind, int agent, double spent_s, PacingResult result) {
  PacingEvent e;
  e.kind = kind;
  e.agent = static_cast<std::uint64_t>(agent);
  e.age_s = spent_s;
  e.result = result;
  tell(e);
}

void Simulation::handle(const Entry& entry) {
  const auto is_stale_call = [&] {
    const Call& c = calls_[static_cast<std::size_t>(entry.index)];
    return !c.is_used || c.generation != entry.generation;
  };
  const auto is_stale_agent = [&] {
    return agents_[static_cast<std::size_t>(entry.index)].generation != entry.generation;
  };
  switch (entry.due) {
    case Due::ring: {
      if (is_stale_call()) return;
      const Call& call = calls_[static_cast<std::size_t>(entry.index)];
      if (call.fate.ending != Ending::failed) tell_call(PacingEventKind::ringing, call);
      return;
    }
    case Due::end:
      if (!is_stale_call()) on_call_end(entry.index);
      return;
    case Due::verdict:
      if (!is_stale_call()) on_verdict(entry.index);
      return;
    case Due::wait_limit:
      if (!is_stale_call()) on_wait_limit(entry.index);
      return;
    case Due::close:
      if (!is_stale_call()) end_call(entry.index, false);
      return;
    case Due::talk:
      if (!is_stale_agent()) on_talk_end(entry.index);
      return;
    case Due::wrap:
      if (!is_stale_agent()) on_wrap_end(entry.index);
      return;
    case Due::pause_end:
      if (!is_stale_agent()) on_pause_end(entry.index);
      return;
    case Due::login:
      on_login(entry.index);
      return;
    case Due::logout:
      on_logout(entry.index);
      return;
    case Due::pause:
      on_pause_wish(entry.index);
      return;
    case Due::turn:
      on_turn(scenario_.turns[static_cast<std::size_t>(entry.index)]);
      return;
  }
}

}  // namespace dunlin::lab
