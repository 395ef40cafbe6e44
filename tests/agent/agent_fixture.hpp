#pragma once
// Drives an AgentMachine to any state and keeps its effects.
#include <gtest/gtest.h>

#include <utility>

#include "core/agent/agent_machine.hpp"

namespace dunlin {

inline constexpr std::uint64_t test_session = 41;
inline const LegId test_leg{900};
inline const AttemptId test_attempt{7};
inline const AttemptId supervised_attempt{8};
inline const AgentToken test_token{test_attempt, test_session};

class AgentRun {
 public:
  explicit AgentRun(AgentPolicy policy = {}) : machine(AgentId(5), policy) {}

  AgentMoment now() const { return {MonoTime{clock_ms}, UtcTime{1'700'000'000'000 + clock_ms}}; }
  void wait(std::int64_t ms) { clock_ms += ms; }
  void take(AgentEffects effects) {
    last = std::move(effects);
    all.insert(all.end(), last.begin(), last.end());
  }
  /// Takes a command's answer; a refusal leaves `last` empty.
  bool take(Result<AgentEffects> result) {
    take(result.ok() ? *result : AgentEffects{});
    return result.ok();
  }
  template <class T>
  const T* asked() const {
    for (const AgentEffect& e : last) {
      if (const T* found = std::get_if<T>(&e)) return found;
    }
    return nullptr;
  }
  template <class T>
  int count() const {
    int n = 0;
    for (const AgentEffect& e : all) n += std::holds_alternative<T>(e) ? 1 : 0;
    return n;
  }
  void fire(AgentTimer kind) {
    std::uint32_t generation = 0;
    for (const AgentEffect& e : all) {
      const auto* timer = std::get_if<agent_effect::StartTimer>(&e);
      if (timer != nullptr && timer->kind == kind) generation = timer->generation;
    }
    take(machine.on_timer(now(), kind, generation));
  }

  void to_break() { EXPECT_TRUE(take(machine.on_login(now(), test_session, test_leg))); wait(1'000); }
  void to_ready() { to_break(); EXPECT_TRUE(take(machine.on_ready(now()))); wait(10'000); }
  void to_reserved() { to_ready(); EXPECT_TRUE(take(machine.on_reserve(now(), test_token))); wait(100); }
  void to_preview() { to_ready(); EXPECT_TRUE(take(machine.on_preview(now(), test_token))); wait(100); }
  void to_connecting() { to_preview(); EXPECT_TRUE(take(machine.on_preview_accepted(now(), test_attempt))); wait(100); }
  void to_talking() { to_reserved(); take(machine.on_bridged(now(), test_token)); wait(30'000); }
  void to_hold() { to_talking(); EXPECT_TRUE(take(machine.on_hold(now()))); wait(5'000); }
  void to_wrap() { to_talking(); take(machine.on_call_ended(now(), test_attempt)); wait(8'000); }
  void to_callback() { to_ready(); EXPECT_TRUE(take(machine.on_callback_due(now()))); }
  void to_link_lost() { to_ready(); take(machine.on_leg_lost(now(), test_leg)); }
  void to_supervising() { to_break(); EXPECT_TRUE(take(machine.on_supervise(now(), supervised_attempt))); wait(1'000); }
  void to(AgentState state) {
    switch (state) {
      case AgentState::logged_out: break;
      case AgentState::ready: to_ready(); break;
      case AgentState::reserved: to_reserved(); break;
      case AgentState::preview: to_preview(); break;
      case AgentState::connecting: to_connecting(); break;
      case AgentState::talking: to_talking(); break;
      case AgentState::hold: to_hold(); break;
      case AgentState::wrap_up: to_wrap(); break;
      case AgentState::on_break: to_break(); break;
      case AgentState::callback_due: to_callback(); break;
      case AgentState::link_lost: to_link_lost(); break;
      case AgentState::supervising: to_supervising(); break;
    }
    ASSERT_EQ(machine.state(), state);
  }

  AgentMachine machine;
  std::int64_t clock_ms = 1'000'000;
  AgentEffects last;
  AgentEffects all;
};

}  // namespace dunlin
