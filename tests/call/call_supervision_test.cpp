// A supervisor on a talk, the take-over, pauses of the recording: who is told what, and what is refused.
#include "tests/call/call_fixture.hpp"

namespace dunlin {
namespace {

using namespace call_effect;

const AssignedAgent boss{AgentId(300), 3, LegId(700)};

/// A talk the supervisor has joined.
CallRun supervised_talk(SupervisionMode mode = SupervisionMode::listen) {
  CallRun run;
  run.to_talking();
  EXPECT_EQ(run.order(run.machine.on_supervise(run.now(), boss, mode)), "");
  run.take(run.machine.on_supervised(run.now(), boss, mode));
  return run;
}

TEST(CallSupervision, IsAFactOnlyWhenTheMediaWorkerHasIt) {
  CallRun run;
  run.to_talking();
  EXPECT_EQ(run.order(run.machine.on_supervise(run.now(), boss, SupervisionMode::whisper)), "");
  ASSERT_NE(run.asked<Supervise>(), nullptr);
  EXPECT_EQ(run.asked<Supervise>()->agent, agent_a);
  EXPECT_FALSE(run.machine.supervision());
  EXPECT_EQ(run.count<FactControlled>(), 0);
  run.take(run.machine.on_supervised(run.now(), boss, SupervisionMode::whisper));
  ASSERT_NE(run.asked<FactControlled>(), nullptr);
  EXPECT_EQ(run.asked<FactControlled>()->act, CallAct::whisper);
  EXPECT_EQ(run.asked<FactControlled>()->by, boss.agent);
  EXPECT_EQ(run.asked<FactControlled>()->agent, agent_a.agent);
}

TEST(CallSupervision, RefusesWithTheReason) {
  CallRun ringing;
  ringing.to_ringing();
  EXPECT_NE(ringing.order(ringing.machine.on_supervise(ringing.now(), boss, SupervisionMode::listen)).find("ringing"), std::string::npos);
  CallRun over;
  over.to_settled();
  EXPECT_EQ(over.order(over.machine.on_supervise(over.now(), boss, SupervisionMode::listen)), "the call has ended");
  CallRun run = supervised_talk();
  EXPECT_NE(run.order(run.machine.on_supervise(run.now(), agent_a, SupervisionMode::listen)).find("already"), std::string::npos);
  EXPECT_NE(run.order(run.machine.on_supervise(run.now(), agent_b, SupervisionMode::listen)).find("supervises this call already"), std::string::npos);
  EXPECT_NE(run.order(run.machine.on_take_over(run.now(), agent_b)).find("supervises this call already"), std::string::npos);
  EXPECT_NE(run.order(run.machine.on_supervisor_leave(run.now(), agent_b.agent)).find("not on this call"), std::string::npos);
}

TEST(CallSupervision, EndsWithTheCall) {
  CallRun run = supervised_talk();
  run.wait(5'000);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  EXPECT_NE(run.asked<EndSupervision>(), nullptr);
  ASSERT_NE(run.asked<TellSupervisorCallEnded>(), nullptr);
  EXPECT_EQ(run.asked<TellSupervisorCallEnded>()->supervisor, boss);
  EXPECT_EQ(run.asked<FactControlled>()->act, CallAct::leave);
}

TEST(CallSupervision, IsKeptForAnAgentWhoComesBackToTheTalk) {
  CallRun run = supervised_talk(SupervisionMode::barge);
  run.take(run.machine.on_agent_left(run.now(), agent_a.agent));
  const AssignedAgent back{agent_a.agent, agent_a.session, LegId(555)};
  run.take(run.machine.on_agent_assigned(run.now(), back));
  run.take(run.machine.on_bridged(run.now(), back));
  ASSERT_NE(run.asked<Supervise>(), nullptr) << "the new leg has to be joined anew";
  EXPECT_EQ(run.asked<Supervise>()->agent, back);
  EXPECT_EQ(run.asked<Supervise>()->mode, SupervisionMode::barge);
  run.take(run.machine.on_supervised(run.now(), boss, SupervisionMode::barge));
  EXPECT_EQ(run.count<FactControlled>(), 1) << "it never left";
}

TEST(CallSupervision, ATakeOverFreesTheAgentAndKeepsTheDebtor) {
  CallRun run = supervised_talk();
  run.take(run.machine.on_hold(run.now(), agent_a.agent));
  run.wait(10'000);
  EXPECT_EQ(run.order(run.machine.on_take_over(run.now(), boss)), "");
  ASSERT_NE(run.asked<Bridge>(), nullptr);
  EXPECT_EQ(run.machine.agent(), agent_a) << "the agent talks until the bridge stands";
  run.take(run.machine.on_bridged(run.now(), boss));
  EXPECT_EQ(run.machine.state(), CallState::talking);
  EXPECT_EQ(run.machine.agent(), boss);
  EXPECT_FALSE(run.machine.supervision());
  ASSERT_NE(run.asked<TellAgentCallEnded>(), nullptr);
  EXPECT_EQ(run.asked<TellAgentCallEnded>()->agent, agent_a);
  EXPECT_TRUE(run.asked<TellAgentCallEnded>()->is_taken_over);
  EXPECT_NE(run.asked<ResumeBridge>(), nullptr) << "the music of the agent's hold ends";
  EXPECT_EQ(run.asked<FactControlled>()->act, CallAct::take_over);
  run.wait(20'000);
  run.take(run.machine.on_agent_hang_up(run.now(), agent_a.agent));
  EXPECT_EQ(run.machine.state(), CallState::talking) << "the agent has nothing to hang up any more";
  run.take(run.machine.on_agent_hang_up(run.now(), boss.agent));
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  ASSERT_NE(run.settled(), nullptr);
  EXPECT_EQ(run.settled()->agent, boss.agent);
  EXPECT_EQ(run.settled()->times.talk.ms, 30'000) << "both parts of the talk count";
}

TEST(CallSupervision, ATakeOverTheMediaWorkerRefusesChangesNothing) {
  CallRun run = supervised_talk();
  EXPECT_EQ(run.order(run.machine.on_take_over(run.now(), boss)), "");
  run.take(run.machine.on_bridge_failed(run.now(), boss));
  EXPECT_TRUE(run.last.empty());
  EXPECT_EQ(run.machine.agent(), agent_a);
  EXPECT_TRUE(run.machine.supervision());
  EXPECT_EQ(run.order(run.machine.on_take_over(run.now(), boss)), "") << "and may be tried again";
}

/// The music was left on the debtor's leg, and an agent who is back "talking" has no way to end it.
TEST(CallSupervision, AnAgentLostOnHoldLeavesNoMusicBehind) {
  CallRun run;
  run.to_talking();
  run.take(run.machine.on_hold(run.now(), agent_a.agent));
  run.take(run.machine.on_agent_left(run.now(), agent_a.agent));
  EXPECT_NE(run.asked<ResumeBridge>(), nullptr);
}

TEST(CallSupervision, ARecordingPausesOnceAndGoesOnOnce) {
  CallRun run;
  run.to_talking();
  EXPECT_EQ(run.order(run.machine.on_pause_recording(run.now(), false)), "the recording is not paused");
  EXPECT_EQ(run.order(run.machine.on_pause_recording(run.now(), true)), "");
  ASSERT_NE(run.asked<PauseRecording>(), nullptr);
  EXPECT_TRUE(run.asked<PauseRecording>()->is_on);
  EXPECT_EQ(run.asked<FactControlled>()->act, CallAct::pause_recording);
  EXPECT_EQ(run.order(run.machine.on_pause_recording(run.now(), true)), "the recording is paused already");
  EXPECT_EQ(run.order(run.machine.on_pause_recording(run.now(), false)), "");
  EXPECT_EQ(run.asked<FactControlled>()->act, CallAct::resume_recording);
  CallRun early;
  early.to_ringing();
  EXPECT_NE(early.order(early.machine.on_pause_recording(early.now(), true)).find("nothing is recorded"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
