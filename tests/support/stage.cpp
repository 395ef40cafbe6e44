#include "tests/support/stage.hpp"

#include <utility>

namespace dunlin::test {
namespace {

MonoTime mono_of(MonoTime started_at, caf::actor_clock::time_point due) {
  const auto since = std::chrono::ceil<std::chrono::milliseconds>(due.time_since_epoch() - std::chrono::nanoseconds(1));
  return started_at + milliseconds(since.count());
}

}  // namespace

Stage::Stage(UtcTime start, std::optional<std::uint64_t> seed) : clock_(start) {
  if (seed) lots_.emplace(*seed);
  restart();
}

Stage::~Stage() { bury(); }

caf::scheduler::test_coordinator& Stage::scheduler() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
}

void Stage::restart() {
  system_.reset();
  config_ = std::make_unique<caf::actor_system_config>();
  config_->set("scheduler.policy", caf::atom("testing"));
  config_->set("logger.verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(*config_);
  // Actors of a killed process are not asked to end, so nobody may wait for them.
  system_->await_actors_before_shutdown(false);
  system_started_at_ = clock_.now_mono();
  steps_left_.reset();
  is_dead_ = false;
}

void Stage::bury() {
  is_dead_ = true;
  for (auto event = events_.begin(); event != events_.end();) {
    event = event->second.belongs_to_process ? events_.erase(event) : std::next(event);
  }
  scheduler().clock().cancel_all();
  scheduler().jobs.clear();
}

void Stage::plan(Duration delay, bool belongs_to_process, std::function<void()> act) {
  events_.emplace(clock_.now_mono() + delay, Event{belongs_to_process, std::move(act)});
}

void Stage::step() {
  auto& jobs = scheduler().jobs;
  if (lots_ && jobs.size() > 1) std::swap(jobs.front(), jobs[lots_->below(jobs.size())]);
  scheduler().run_once();
  ++steps_;
  if (steps_left_ && (*steps_left_)-- == 0) is_dead_ = true;
}

void Stage::settle() {
  while (!is_dead_ && scheduler().has_job()) step();
}

std::optional<MonoTime> Stage::next_due() {
  std::optional<MonoTime> due;
  if (!events_.empty()) due = events_.begin()->first;
  const auto& timers = scheduler().clock().schedule();
  if (is_dead_ || timers.empty()) return due;
  const MonoTime timer = mono_of(system_started_at_, timers.begin()->first);
  return due && *due < timer ? due : timer;
}

void Stage::move_to(MonoTime time) {
  const Duration passed = time - clock_.now_mono();
  if (passed.ms > 0) clock_.advance(passed);
  if (is_dead_) return;
  scheduler().clock().advance_time(to_chrono(passed.ms > 0 ? passed : Duration{}));
}

void Stage::pass(Duration length) {
  const MonoTime until = clock_.now_mono() + length;
  const bool was_dead = is_dead_;
  settle();
  for (auto due = next_due(); due && *due <= until; due = next_due()) {
    move_to(*due);
    while (is_dead_ == was_dead && !events_.empty() && events_.begin()->first <= clock_.now_mono()) {
      const auto act = std::move(events_.begin()->second.act);
      events_.erase(events_.begin());
      act();
      settle();
    }
    settle();
    if (is_dead_ != was_dead) return;
  }
  if (is_dead_ != was_dead) return;
  move_to(until);
  settle();
}

void Stage::leap(Duration length) {
  settle();
  const MonoTime until = clock_.now_mono() + length;
  for (auto event = events_.begin(); event != events_.end() && event->first <= until;) {
    if (event->second.belongs_to_process) {
      ++event;
      continue;
    }
    const auto act = std::move(event->second.act);
    if (event->first > clock_.now_mono()) clock_.advance(event->first - clock_.now_mono());
    events_.erase(event);
    act();
    event = events_.begin();  // What it planned may come before the rest.
  }
  clock_.advance(until - clock_.now_mono());
  if (!is_dead_) scheduler().clock().advance_time(to_chrono(length));
  pass(Duration{});
}

}  // namespace dunlin::test
