#pragma once
// Drives a CallMachine through its life and keeps everything it asked for.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/call/call_machine.hpp"
#include "tests/dialogue/flow_fixture.hpp"

namespace dunlin {

inline CallPlan test_plan() {
  CallPlan plan;
  plan.attempt = AttemptId(7);
  plan.case_id = CaseId(11);
  plan.campaign = CampaignId(3);
  plan.number = *PhoneNumber::from_e164("+79120001122");
  plan.caller_id = *PhoneNumber::from_e164("+74950000001");
  plan.trunk = "north";
  plan.skill = "soft";
  plan.reserved_at = UtcTime{1'700'000'000'000};
  return plan;
}

/// The same call with a flow to be spoken.
inline CallPlan flow_plan() {
  CallPlan plan = test_plan();
  const Flow flow = test::pay_flow();
  plan.script = std::make_shared<const CallScript>(CallScript{std::make_shared<const Flow>(flow), test::pay_card(flow)});
  return plan;
}

inline const AssignedAgent agent_a{AgentId(100), 1, LegId(500)};
inline const AssignedAgent agent_b{AgentId(200), 2, LegId(600)};
inline const EndCause bye{EndOrigin::remote, 200, 16, "", false};
inline const EndCause overload{EndOrigin::remote, 503, 0, "Service Unavailable", false};
inline const EndCause cancelled{EndOrigin::local, 487, 0, "", false};

class CallRun {
 public:
  explicit CallRun(CallPlan plan = test_plan()) : machine(std::move(plan)) {}

  CallMoment now() const { return {MonoTime{clock_ms}, UtcTime{1'700'000'000'000 + clock_ms}}; }
  void wait(std::int64_t ms) { clock_ms += ms; }
  /// Records the effects of one event.
  void take(CallEffects effects) {
    last = std::move(effects);
    all.insert(all.end(), last.begin(), last.end());
  }
  /// An order of a person; the reason when it was refused.
  std::string order(Result<CallEffects> answer) {
    take(answer.ok() ? *answer : CallEffects{});
    return answer.ok() ? "" : answer.error().detail;
  }
  template <class T>
  static const T* find(const CallEffects& effects) {
    for (const CallEffect& e : effects) {
      if (const T* found = std::get_if<T>(&e)) return found;
    }
    return nullptr;
  }
  template <class T>
  const T* asked() const { return find<T>(last); }
  template <class T>
  int count() const {
    int n = 0;
    for (const CallEffect& e : all) n += std::holds_alternative<T>(e) ? 1 : 0;
    return n;
  }
  const call_effect::FactSettled* settled() const { return find<call_effect::FactSettled>(all); }

  /// Fires the newest timer of a kind.
  void fire(CallTimer kind) {
    std::uint32_t generation = 0;
    for (const CallEffect& e : all) {
      const auto* timer = std::get_if<call_effect::StartTimer>(&e);
      if (timer != nullptr && timer->kind == kind) generation = timer->generation;
    }
    take(machine.on_timer(now(), kind, generation));
  }
  void verdict(AnswerClass answer, bool is_second_look = false) {
    take(machine.on_verdict(now(), {answer, 0.9F, 600, is_second_look}));
  }

  /// The newest speech has been heard.
  void heard() {
    std::uint32_t round = 0;
    for (const CallEffect& e : all) {
      if (const auto* say = std::get_if<call_effect::Say>(&e)) round = say->round;
    }
    take(machine.on_speech_finished(now(), round));
  }
  void keys(const std::string& typed) {
    for (const char key : typed) take(machine.on_key(now(), key));
  }
  /// Everything said so far, speech by speech.
  std::string said() const {
    std::string words;
    for (const CallEffect& e : all) {
      if (const auto* say = std::get_if<call_effect::Say>(&e)) words += (words.empty() ? "" : " | ") + spoken_text(say->pieces);
    }
    return words;
  }

  // Steps to the states, each from the one before.
  void to_opening() { take(machine.on_start(now())); }
  void to_dialing() { to_opening(); take(machine.on_media_opened(now(), {})); take(machine.on_invite_sent(now(), 1)); }
  void to_ringing() { to_dialing(); wait(1'000); take(machine.on_progress(now(), 1, 180, std::nullopt)); }
  void to_classifying() { to_ringing(); wait(5'000); take(machine.on_answered(now(), 1, {})); }
  void to_waiting() { to_classifying(); wait(700); verdict(AnswerClass::human); }
  void to_bridging() { to_waiting(); wait(100); take(machine.on_agent_assigned(now(), agent_a)); }
  void to_talking() { to_bridging(); wait(20); take(machine.on_bridged(now(), agent_a)); }
  void to_ending() { to_talking(); wait(60'000); take(machine.on_agent_hang_up(now(), agent_a.agent)); }
  void to_settled() { to_ending(); wait(50); take(machine.on_leg_ended(now(), 1, bye)); }
  void to(CallState state) {
    switch (state) {
      case CallState::reserved: break;
      case CallState::opening_media: to_opening(); break;
      case CallState::dialing: to_dialing(); break;
      case CallState::ringing: to_ringing(); break;
      case CallState::answered_classifying: to_classifying(); break;
      case CallState::in_flow:
      case CallState::waiting_for_agent: to_waiting(); break;
      case CallState::bridging: to_bridging(); break;
      case CallState::talking: to_talking(); break;
      case CallState::ending: to_ending(); break;
      case CallState::settled: to_settled(); break;
    }
    ASSERT_EQ(machine.state(), state);
  }

  CallMachine machine;
  std::int64_t clock_ms = 50'000;
  CallEffects last;
  CallEffects all;
};

}  // namespace dunlin
