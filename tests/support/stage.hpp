#pragma once
// The stage actors play on in tests: CAF's test scheduler, one virtual clock for the node and for CAF's timers, and the
// world's own events, all on the test's thread. With a seed the next ready actor is drawn by lot, one message at a time,
// so that every legal interleaving can happen; the same seed gives the same play. Without one: first in, first out.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include <caf/scheduler/test_coordinator.hpp>

#include "actors/contracts/caf.hpp"
#include "config/clock.hpp"
#include "core/base/rng.hpp"

namespace dunlin::test {

class Stage {
 public:
  explicit Stage(UtcTime start, std::optional<std::uint64_t> seed = std::nullopt);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  caf::actor_system& system() { return *system_; }
  const ManualClock& clock() const { return clock_; }
  UtcTime now() const { return clock_.now_utc(); }

  /// The world acts after a delay. Events of the process die with it; those of the outside world do not.
  void after(Duration delay, std::function<void()> act) { plan(delay, true, std::move(act)); }
  void outside_after(Duration delay, std::function<void()> act) { plan(delay, false, std::move(act)); }

  /// Runs ready actors until none is ready.
  void settle();
  /// Virtual time passes; timers and events run in their order. Stops short at the instant the process dies.
  void pass(Duration length);
  /// Time passes while the process stands still (suspended) and the world goes on: what the world says waits, and what
  /// fell due in the process runs afterwards, late.
  void leap(Duration length);

  /// The process dies after so many more steps of actors: nothing runs until `restart`.
  void die_after(std::uint64_t steps) { steps_left_ = steps; }
  bool is_dead() const { return is_dead_; }
  void kill() { is_dead_ = true; }
  /// Forgets every ready actor and timer of the process that died, before its doors go.
  void bury();
  /// A new life: an empty actor system.
  void restart();

  std::uint64_t steps() const { return steps_; }

 private:
  struct Event {
    bool belongs_to_process = true;
    std::function<void()> act;
  };
  void plan(Duration delay, bool belongs_to_process, std::function<void()> act);
  caf::scheduler::test_coordinator& scheduler();
  void step();
  std::optional<MonoTime> next_due();
  void move_to(MonoTime time);

  ManualClock clock_;
  std::optional<Rng> lots_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::multimap<MonoTime, Event> events_;
  MonoTime system_started_at_;
  std::optional<std::uint64_t> steps_left_;
  std::uint64_t steps_ = 0;
  bool is_dead_ = false;
};

/// What a question came to; unset while nobody has answered.
template <class Answer>
struct Asked {
  std::optional<Answer> answer;
  std::optional<caf::error> error;
  bool is_over() const { return answer.has_value() || error.has_value(); }
};

/// Asks in the name of nobody in particular; the answer is there once the actors have run.
template <class Answer, class Question>
std::shared_ptr<Asked<Answer>> ask_later(Stage& stage, const caf::actor& to, Question question, Duration timeout = hours(4)) {
  auto asked = std::make_shared<Asked<Answer>>();
  stage.system().spawn([asked, to, question = std::move(question), timeout](caf::event_based_actor* self) {
    self->request(to, to_chrono(timeout), question)
        .then([asked](const Answer& answer) { asked->answer = answer; }, [asked](const caf::error& error) { asked->error = error; });
  });
  return asked;
}

}  // namespace dunlin::test
