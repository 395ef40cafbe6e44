// Random lives of calls under a hostile world: late, doubled and impossible events. The promises of rules R4-R9 hold in
// every step, and the machine's own timers alone bring every call to its one settlement.
#include <algorithm>
#include <deque>
#include <set>

#include "core/base/rng.hpp"
#include "tests/call/call_fixture.hpp"

namespace dunlin {
namespace {

using namespace call_effect;

/// Plays one call and judges each effect as it comes.
class HostileWorld {
 public:
  explicit HostileWorld(std::uint64_t seed) : rng_(seed), run_(plan()) {}

  void play() {
    step(run_.machine.on_start(run_.now()));
    const int steps = 5 + static_cast<int>(rng_.below(60));
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      run_.wait(static_cast<std::int64_t>(rng_.below(1'500)));
      step(any_event());
    }
    // Now the world falls silent: timers must be enough.
    for (int i = 0; i < 40 && !run_.machine.is_settled(); ++i) {
      run_.wait(10'000'000);
      fire_oldest();
    }
    EXPECT_TRUE(run_.machine.is_settled()) << to_string(run_.machine.state());
    EXPECT_EQ(run_.count<FactSettled>(), 1);
    EXPECT_TRUE(held_.empty()) << "an agent is still held";
    EXPECT_LE(run_.count<FactBridged>(), 1);
    EXPECT_EQ(run_.count<StartRecording>(), run_.count<StopRecording>());
    EXPECT_TRUE(listening_.empty()) << "a supervisor is left on a call that has ended";
  }

 private:
  CallPlan plan() {
    CallPlan plan = rng_.below(2) == 0 ? test_plan() : flow_plan();
    if (rng_.below(3) == 0) plan.classifier.is_enabled = false;
    if (rng_.below(3) == 0) plan.classifier.on_machine = AnswerAction::leave_message;
    if (rng_.below(4) == 0) plan.classifier.on_unknown = AnswerAction::keep_listening;
    if (rng_.below(4) == 0) plan.own_agent = agent_a.agent;
    if (rng_.below(3) == 0) plan.has_abandon_notice = false;
    if (rng_.below(3) == 0) plan.limits.agent_return = Duration{};
    if (rng_.below(2) == 0) plan.limits.abandon_clock = AbandonClock::answer;
    return plan;
  }

  void step(CallEffects effects) {
    for (const CallEffect& effect : effects) std::visit([this](const auto& e) { judge(e); }, effect);
    run_.take(std::move(effects));
  }

  // Judges. Effects without a promise of their own fall to the generic one.
  template <class T>
  void judge(const T&) {
    EXPECT_FALSE(is_settled_) << "an effect after the settlement";
  }
  void judge(const StartTimer& e) { timers_.push_back(e); }
  void judge(const PlaceLeg& e) {
    ++legs_;
    EXPECT_EQ(e.leg_number, legs_);
    EXPECT_LE(legs_, 2);
    EXPECT_TRUE(legs_ != 2 || was_second_leg_asked_);
    has_rung_ = false;
  }
  void judge(const AskSecondLeg& e) {
    EXPECT_FALSE(has_rung_) << "a second leg although it rang";
    EXPECT_FALSE(e.cause.had_18x);
    EXPECT_EQ(legs_, 1);
    was_second_leg_asked_ = true;
  }
  void judge(const Bridge& e) { EXPECT_EQ(held_.count(e.agent.agent), 1U) << "bridge with an agent who was not given"; }
  void judge(const Supervise& e) {
    EXPECT_EQ(run_.machine.state(), CallState::talking);
    EXPECT_NE(e.supervisor.agent, e.agent.agent);
  }
  void judge(const EndSupervision& e) { listening_.erase(e.supervisor.agent); }
  void judge(const TellSupervisorCallEnded& e) { EXPECT_EQ(listening_.count(e.supervisor.agent), 0U) << "told before the media worker"; }
  void judge(const FactControlled& e) {
    EXPECT_FALSE(is_settled_) << "an act after the settlement";
    if (e.act == CallAct::listen || e.act == CallAct::whisper || e.act == CallAct::barge) listening_.insert(e.by);
    if (e.act == CallAct::take_over || e.act == CallAct::leave) listening_.erase(e.by);
    EXPECT_LE(listening_.size(), 1U);
  }
  void judge(const ReleaseAgent& e) { held_.erase(e.agent.agent); }
  void judge(const TellAgentCallEnded& e) {
    EXPECT_EQ(held_.count(e.agent.agent), 1U);
    held_.erase(e.agent.agent);
  }
  void judge(const FactFlowEnded& e) {
    EXPECT_FALSE(has_disposition_) << "the flow ended twice";
    has_disposition_ = e.disposition.has_value();
  }
  void judge(const Say&) { EXPECT_NE(run_.machine.plan().script, nullptr); }
  void judge(const FactSettled& e) {
    EXPECT_FALSE(is_settled_) << "settled twice";
    is_settled_ = true;
    EXPECT_EQ(e.legs, legs_);
    const bool was_bridged = run_.count<FactBridged>() > 0 || run_.machine.times().bridged_at.is_set();
    EXPECT_EQ(e.outcome == Outcome::answered, was_bridged || has_disposition_) << to_string(e.outcome);
    EXPECT_TRUE(legs_ != 0 || e.outcome == Outcome::not_sent) << to_string(e.outcome);
  }

  void fire_oldest() {
    if (timers_.empty()) return;
    const StartTimer timer = timers_.front();
    timers_.pop_front();
    step(run_.machine.on_timer(run_.now(), timer.kind, timer.generation));
  }

  CallEffects give_agent() {
    const AssignedAgent agent = rng_.below(2) == 0 ? agent_a : agent_b;
    held_.insert(agent.agent);
    CallEffects effects = run_.machine.on_agent_assigned(run_.now(), agent);
    return effects;
  }

  EndCause any_cause() {
    static const std::vector<int> statuses{0, 200, 302, 403, 404, 408, 480, 486, 487, 500, 503, 503, 503, 600, 603};
    EndCause cause;
    cause.origin = static_cast<EndOrigin>(rng_.below(5));
    if (rng_.below(2) == 0) cause.origin = EndOrigin::remote;
    cause.sip_status = statuses[rng_.below(statuses.size())];
    return cause;
  }

  AgentId any_agent() { return rng_.below(3) == 0 ? agent_b.agent : agent_a.agent; }
  AssignedAgent expected_agent() {
    const auto& agent = run_.machine.agent();
    return agent && rng_.below(4) != 0 ? *agent : agent_b;
  }

  CallEffects flow_event() {
    CallMachine& m = run_.machine;
    const CallMoment now = run_.now();
    switch (rng_.below(4)) {
      case 0: return m.on_speech_finished(now, 1 + static_cast<std::uint32_t>(rng_.below(30)));
      case 1: return rng_.below(3) == 0 ? m.on_promise_refused(now) : m.on_promise_recorded(now);
      case 2: return m.on_timer(now, CallTimer::flow, 1 + static_cast<std::uint32_t>(rng_.below(8)));
      default: return m.on_key(now, "0123456789*#"[rng_.below(12)]);
    }
  }

  /// What an order leads to; refusals lead to nothing.
  static CallEffects done(const Result<CallEffects>& answer) { return answer ? *answer : CallEffects{}; }

  CallEffects supervisor_event() {
    CallMachine& m = run_.machine;
    const CallMoment now = run_.now();
    const AssignedAgent who = rng_.below(3) == 0 ? agent_b : AssignedAgent{AgentId(300), 3, LegId(700)};
    const auto mode = static_cast<SupervisionMode>(rng_.below(3));
    switch (rng_.below(6)) {
      case 0: return done(m.on_supervise(now, who, mode));
      case 1: return m.on_supervised(now, who, mode);
      case 2: return rng_.below(4) == 0 ? m.on_supervise_failed(now, who) : done(m.on_supervisor_leave(now, who.agent));
      case 3: return done(m.on_pause_recording(now, rng_.below(2) == 0));
      default: return take_over(who);
    }
  }

  /// The media worker answers within the order.
  CallEffects take_over(const AssignedAgent& who) {
    CallMachine& m = run_.machine;
    const auto ordered = m.on_take_over(run_.now(), who);
    if (!ordered) return {};
    const bool was_held = !held_.insert(who.agent).second;
    step(*ordered);
    if (rng_.below(3) != 0) return m.on_bridged(run_.now(), who);
    if (!was_held) held_.erase(who.agent);
    return m.on_bridge_failed(run_.now(), who);
  }

  CallEffects any_event() {
    CallMachine& m = run_.machine;
    const CallMoment now = run_.now();
    const int leg = rng_.below(8) == 0 ? 1 + static_cast<int>(rng_.below(3)) : std::max(1, m.legs());
    if (m.state() == CallState::in_flow && rng_.below(4) != 0) return flow_event();
    if (rng_.below(m.state() == CallState::talking ? 2 : 10) == 0) return supervisor_event();
    switch (rng_.below(20)) {
      case 0: return m.on_media_opened(now, {});
      case 1: return rng_.below(10) == 0 ? m.on_media_failed(now) : m.on_media_opened(now, {});
      case 2: return m.on_invite_sent(now, leg);
      case 3: has_rung_ = has_rung_ || (leg == m.legs()); return m.on_progress(now, leg, 180, std::nullopt);
      case 4: has_rung_ = has_rung_ || (leg == m.legs()); return m.on_progress(now, leg, 183, MediaDescription{});
      case 5:
      case 6: return m.on_answered(now, leg, {});
      case 7:
      case 8: return m.on_verdict(now, {AnswerClass::human, 1.0F, 500, false});
      case 9: return m.on_verdict(now, {static_cast<AnswerClass>(rng_.below(10)), 0.5F, 900, rng_.below(2) == 0});
      case 10:
      case 11: return give_agent();
      case 12: return rng_.below(3) == 0 ? m.on_no_agent(now) : m.on_hold(now, any_agent());
      case 13:
      case 14: return m.on_bridged(now, expected_agent());
      case 15: return rng_.below(2) == 0 ? m.on_bridge_failed(now, expected_agent()) : m.on_resume(now, any_agent());
      case 16: return rng_.below(2) == 0 ? m.on_agent_left(now, any_agent()) : m.on_agent_hang_up(now, any_agent());
      case 17: return rng_.below(2) == 0 ? m.on_leg_ended(now, leg, any_cause()) : m.on_prompt_finished(now);
      case 18:
        return rng_.below(3) == 0 ? m.on_second_leg_refused(now) : m.on_second_leg_granted(now, "south");
      default:
        if (rng_.below(6) == 0) return m.on_stop(now, static_cast<StopReason>(rng_.below(4)));
        return m.on_timer(now, static_cast<CallTimer>(rng_.below(call_timer_count)),
                          1 + static_cast<std::uint32_t>(rng_.below(2)));
    }
  }

  Rng rng_;
  CallRun run_;
  std::deque<StartTimer> timers_;
  std::set<AgentId> held_;      // Given to the call and not yet given back.
  int legs_ = 0;
  bool has_rung_ = false;
  bool was_second_leg_asked_ = false;
  bool is_settled_ = false;
  bool has_disposition_ = false;
  std::set<AgentId> listening_; // Supervisors on the call, as the history tells.
};

TEST(CallRandom, KeepsEveryPromiseInTwentyThousandLives) {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    HostileWorld world(seed);
    world.play();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace dunlin
