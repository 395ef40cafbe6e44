// The agent's day, story by story.
#include "tests/agent/agent_fixture.hpp"

namespace dunlin {
namespace {

using namespace agent_effect;

TEST(AgentMachine, CallsTheStationWhenLoginFindsNoLeg) {
  AgentRun run;
  ASSERT_TRUE(run.take(run.machine.on_login(run.now(), test_session, std::nullopt)));
  EXPECT_NE(run.asked<WantLeg>(), nullptr);
  ASSERT_TRUE(run.take(run.machine.on_ready(run.now())));
  EXPECT_EQ(run.machine.state(), AgentState::link_lost);
  EXPECT_EQ(run.count<OfferToMatchmaker>(), 0);
  run.take(run.machine.on_leg_up(run.now(), test_leg));
  EXPECT_EQ(run.machine.state(), AgentState::ready);
  EXPECT_EQ(run.count<OfferToMatchmaker>(), 1);
}

TEST(AgentMachine, ReportsOneDispositionWithTalkAndWrap) {
  AgentRun run;
  run.to_wrap();
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_promise, "pays on Friday")));
  const auto* report = run.asked<ReportDisposition>();
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->outcome, Outcome::rpc_promise);
  EXPECT_EQ(report->talk.ms, 30'000);
  EXPECT_EQ(report->wrap.ms, 8'000);
  EXPECT_FALSE(report->is_automatic);
  EXPECT_EQ(run.machine.state(), AgentState::ready);
  EXPECT_FALSE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_refusal, "")));
}

TEST(AgentMachine, SkipsWrapUpWhenTheResultWasGivenInTheTalk) {
  AgentRun run;
  run.to_talking();
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_refusal, "")));
  EXPECT_EQ(run.count<ReportDisposition>(), 0);
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_promise, "")));
  run.take(run.machine.on_call_ended(run.now(), test_attempt));
  ASSERT_NE(run.asked<ReportDisposition>(), nullptr);
  EXPECT_EQ(run.asked<ReportDisposition>()->outcome, Outcome::rpc_promise);
  EXPECT_EQ(run.machine.state(), AgentState::ready);
}

TEST(AgentMachine, RefusesASystemOutcomeAsAResult) {
  AgentRun run;
  run.to_wrap();
  EXPECT_FALSE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::no_answer, "")));
  EXPECT_EQ(run.machine.state(), AgentState::wrap_up);
}

TEST(AgentMachine, StaysInWrapUpOrClosesItByPolicy) {
  AgentRun staying;
  staying.to_wrap();
  staying.wait(60'000);
  staying.fire(AgentTimer::wrap);
  EXPECT_NE(staying.asked<WrapOverdue>(), nullptr);
  EXPECT_EQ(staying.machine.state(), AgentState::wrap_up);

  AgentRun hurried;  // The campaign's limit, not the policy's.
  hurried.to_reserved();
  hurried.take(hurried.machine.on_bridged(hurried.now(), test_token, seconds(30)));
  hurried.take(hurried.machine.on_call_ended(hurried.now(), test_attempt));
  ASSERT_NE(hurried.asked<StartTimer>(), nullptr);
  EXPECT_EQ(hurried.asked<StartTimer>()->kind, AgentTimer::wrap);
  EXPECT_EQ(hurried.asked<StartTimer>()->after, seconds(30));

  AgentRun pressed;  // A campaign that gives no time reminds each second, not without pause.
  pressed.to_reserved();
  pressed.take(pressed.machine.on_bridged(pressed.now(), test_token, Duration{}));
  pressed.take(pressed.machine.on_call_ended(pressed.now(), test_attempt));
  ASSERT_NE(pressed.asked<StartTimer>(), nullptr);
  EXPECT_EQ(pressed.asked<StartTimer>()->after, seconds(1));

  AgentPolicy policy;
  policy.at_wrap_limit = WrapTimeoutPolicy::auto_disposition;
  policy.auto_disposition = Outcome::rpc_callback;
  AgentRun closing(policy);
  closing.to_wrap();
  closing.fire(AgentTimer::wrap);
  ASSERT_NE(closing.asked<ReportDisposition>(), nullptr);
  EXPECT_TRUE(closing.asked<ReportDisposition>()->is_automatic);
  EXPECT_EQ(closing.asked<ReportDisposition>()->outcome, Outcome::rpc_callback);
  EXPECT_EQ(closing.machine.state(), AgentState::ready);
}

TEST(AgentMachine, KeepsItsPlaceInLineOverACancelledReservation) {
  AgentRun run;
  run.to_ready();
  const MonoTime since = std::get<OfferToMatchmaker>(run.all.back()).waiting_since;
  ASSERT_TRUE(run.take(run.machine.on_reserve(run.now(), test_token)));
  run.wait(900);
  run.take(run.machine.on_reservation_cancelled(run.now(), test_attempt));
  ASSERT_NE(run.asked<OfferToMatchmaker>(), nullptr);
  EXPECT_EQ(run.asked<OfferToMatchmaker>()->waiting_since, since);
  EXPECT_EQ(run.count<ReportDisposition>(), 0);
}

TEST(AgentMachine, GivesBackAReservationNobodyBridged) {
  AgentRun run;
  run.to_reserved();
  run.fire(AgentTimer::reservation);
  ASSERT_NE(run.asked<LeaveCall>(), nullptr);
  EXPECT_EQ(run.asked<LeaveCall>()->cause, AgentLeaveCause::reservation_expired);
  EXPECT_EQ(run.machine.state(), AgentState::ready);
}

TEST(AgentMachine, RefusesABridgeItIsNotReservedFor) {
  AgentRun run;
  run.to_reserved();
  run.take(run.machine.on_bridged(run.now(), {AttemptId(8), test_session}));
  EXPECT_EQ(run.machine.state(), AgentState::reserved);
  ASSERT_NE(run.asked<LeaveCall>(), nullptr);
  EXPECT_EQ(run.asked<LeaveCall>()->attempt, AttemptId(8));
  run.take(run.machine.on_bridged(run.now(), {test_attempt, test_session + 1}));
  EXPECT_EQ(run.machine.state(), AgentState::reserved);
}

TEST(AgentMachine, RefusesAReservationForAnOldLogin) {
  AgentRun run;
  run.to_ready();
  EXPECT_FALSE(run.take(run.machine.on_reserve(run.now(), {test_attempt, test_session - 1})));
  EXPECT_EQ(run.machine.state(), AgentState::ready);
}

TEST(AgentMachine, ReturnsToItsTalkWithANewLeg) {
  AgentRun run;
  run.to_talking();
  run.take(run.machine.on_leg_lost(run.now(), test_leg));
  EXPECT_EQ(run.machine.state(), AgentState::link_lost);
  EXPECT_NE(run.asked<LeaveCall>(), nullptr);
  EXPECT_NE(run.asked<WantLeg>(), nullptr);
  run.wait(4'000);
  run.take(run.machine.on_leg_up(run.now(), LegId(901)));
  ASSERT_NE(run.asked<RejoinCall>(), nullptr);
  EXPECT_EQ(run.asked<RejoinCall>()->leg, LegId(901));
  run.take(run.machine.on_bridged(run.now(), test_token));
  EXPECT_EQ(run.machine.state(), AgentState::talking);
  run.wait(1'000);
  run.take(run.machine.on_call_ended(run.now(), test_attempt));
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_promise, "")));
  EXPECT_EQ(run.asked<ReportDisposition>()->talk.ms, 31'000);
  EXPECT_EQ(run.machine.totals(run.now().mono).calls, 1);
}

TEST(AgentMachine, WrapsUpACallThatEndedWhileItsLegWasLost) {
  AgentRun run;
  run.to_talking();
  run.take(run.machine.on_leg_lost(run.now(), test_leg));
  run.take(run.machine.on_call_ended(run.now(), test_attempt));
  EXPECT_EQ(run.machine.state(), AgentState::wrap_up);
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_promise, "")));
  EXPECT_EQ(run.machine.state(), AgentState::link_lost);
  run.take(run.machine.on_leg_up(run.now(), LegId(901)));
  EXPECT_EQ(run.machine.state(), AgentState::ready);
}

TEST(AgentMachine, ComesBackPausedAfterLosingTheLegWhileReady) {
  AgentRun run;
  run.to_link_lost();
  EXPECT_EQ(run.count<WithdrawFromMatchmaker>(), 1);
  run.take(run.machine.on_leg_up(run.now(), LegId(901)));
  EXPECT_EQ(run.machine.state(), AgentState::on_break);
  EXPECT_EQ(run.machine.break_reason(), "link_lost");
}

TEST(AgentMachine, TakesABreakAfterTheCallWhenAskedInIt) {
  AgentRun run;
  run.to_talking();
  ASSERT_TRUE(run.take(run.machine.on_pause_after_call(run.now(), true, "lunch")));
  EXPECT_EQ(run.machine.state(), AgentState::talking);
  run.take(run.machine.on_call_ended(run.now(), test_attempt));
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), test_attempt, Outcome::rpc_refusal, "")));
  EXPECT_EQ(run.machine.state(), AgentState::on_break);
  EXPECT_EQ(run.machine.break_reason(), "lunch");
  ASSERT_TRUE(run.take(run.machine.on_recall_from_break(run.now(), "chief")));
  EXPECT_EQ(run.machine.state(), AgentState::ready);
}

TEST(AgentMachine, LeavesTheCallWhenForcedOut) {
  AgentRun run;
  run.to_talking();
  run.take(run.machine.on_force_logout(run.now(), "chief"));
  EXPECT_EQ(run.machine.state(), AgentState::logged_out);
  EXPECT_EQ(run.asked<LeaveCall>()->cause, AgentLeaveCause::forced_logout);
  EXPECT_TRUE(run.asked<ReportDisposition>()->is_automatic);
  EXPECT_NE(run.asked<DropLeg>(), nullptr);
}

TEST(AgentMachine, KeepsTheLegOfAStationThatDialsInBeforeTheLogin) {
  AgentRun run;
  run.take(run.machine.on_leg_up(run.now(), test_leg));
  EXPECT_EQ(run.asked<DropLeg>(), nullptr);
  run.to_break();
  EXPECT_EQ(run.count<WantLeg>(), 0);
  ASSERT_TRUE(run.take(run.machine.on_ready(run.now())));
  EXPECT_EQ(run.machine.state(), AgentState::ready);
  run.fire(AgentTimer::login);
  EXPECT_EQ(run.machine.leg(), test_leg);
}

TEST(AgentMachine, HangsUpAStationThatNobodyLogsInAt) {
  AgentRun run;
  run.take(run.machine.on_leg_up(run.now(), test_leg));
  run.fire(AgentTimer::login);
  ASSERT_NE(run.asked<DropLeg>(), nullptr);
  EXPECT_EQ(run.asked<DropLeg>()->leg, test_leg);
  EXPECT_FALSE(run.machine.leg());
}

TEST(AgentMachine, CallsNobodyBackWhoseStationLeavesBeforeTheLogin) {
  AgentRun run;
  run.take(run.machine.on_leg_up(run.now(), test_leg));
  run.take(run.machine.on_leg_lost(run.now(), test_leg));
  EXPECT_EQ(run.asked<WantLeg>(), nullptr);
}

TEST(AgentMachine, ResumesTheTalkAtAnotherDesk) {
  AgentRun run;
  run.to_talking();
  ASSERT_TRUE(run.take(run.machine.on_login(run.now(), test_session + 1, LegId(950))));
  EXPECT_NE(run.asked<LeaveCall>(), nullptr);
  ASSERT_NE(run.asked<RejoinCall>(), nullptr);
  EXPECT_EQ(run.asked<RejoinCall>()->session, test_session + 1);
  run.take(run.machine.on_bridged(run.now(), {test_attempt, test_session + 1}));
  EXPECT_EQ(run.machine.state(), AgentState::talking);
}

TEST(AgentMachine, MeasuresOccupancyWithoutBreaks) {
  AgentRun run;
  run.to_wrap();  // break 1 s, ready 10 s, reserved 0.1 s, talk 30 s, wrap 8 s
  const AgentTotals totals = run.machine.totals(run.now().mono);
  EXPECT_EQ(totals.logged_in().ms, 49'100);
  EXPECT_NEAR(totals.occupancy(), 38.0 / 48.1, 1e-9);
}

TEST(AgentMachine, ASupervisorLeavesTheQueueForTheTalkAndComesBackToABreak) {
  AgentRun run;
  run.to_ready();
  ASSERT_TRUE(run.take(run.machine.on_supervise(run.now(), supervised_attempt)));
  EXPECT_EQ(run.count<agent_effect::WithdrawFromMatchmaker>(), 1);
  EXPECT_EQ(run.machine.supervised(), supervised_attempt);
  EXPECT_FALSE(run.machine.attempt().is_set()) << "the talk is somebody else's";
  const auto other = run.machine.on_supervise(run.now(), AttemptId(99));
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().detail.find("on the call " + supervised_attempt.str()), std::string::npos) << other.error().detail;
  run.take(run.machine.on_supervision_ended(run.now(), AttemptId(99)));
  EXPECT_EQ(run.machine.state(), AgentState::supervising) << "another call's end is not this one's";
  run.take(run.machine.on_supervision_ended(run.now(), supervised_attempt));
  EXPECT_EQ(run.machine.state(), AgentState::on_break);
  EXPECT_EQ(run.machine.break_reason(), "supervision");
}

TEST(AgentMachine, ASupervisorWithoutALegJoinsNothing) {
  AgentRun run;
  ASSERT_TRUE(run.take(run.machine.on_login(run.now(), test_session, std::nullopt)));
  for (const auto& refused : {run.machine.on_supervise(run.now(), supervised_attempt), run.machine.on_take_over(run.now(), supervised_attempt)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_NE(refused.error().detail.find("no leg"), std::string::npos) << refused.error().detail;
  }
}

TEST(AgentMachine, ASupervisorWhoseLegDiesTellsTheCall) {
  AgentRun run;
  run.to_supervising();
  run.take(run.machine.on_leg_lost(run.now(), test_leg));
  ASSERT_NE(run.asked<agent_effect::LeaveSupervision>(), nullptr);
  EXPECT_EQ(run.asked<agent_effect::LeaveSupervision>()->attempt, supervised_attempt);
  EXPECT_EQ(run.machine.state(), AgentState::link_lost);
}

TEST(AgentMachine, ATalkTakenOverEndsWithItsOutcomeAndABreak) {
  AgentRun run;
  run.to_supervising();
  ASSERT_TRUE(run.take(run.machine.on_take_over(run.now(), supervised_attempt)));
  EXPECT_EQ(run.machine.state(), AgentState::reserved);
  run.take(run.machine.on_bridged(run.now(), {supervised_attempt, test_session}));
  EXPECT_EQ(run.machine.state(), AgentState::talking);
  run.wait(20'000);
  run.take(run.machine.on_call_ended(run.now(), supervised_attempt));
  ASSERT_TRUE(run.take(run.machine.on_disposition(run.now(), supervised_attempt, Outcome::rpc_promise, "")));
  EXPECT_EQ(run.machine.state(), AgentState::on_break);
  EXPECT_EQ(run.count<agent_effect::ReportDisposition>(), 1);
}

TEST(AgentMachine, ATakeOverThatFailsLeavesNothingOwed) {
  AgentRun run;
  run.to_supervising();
  ASSERT_TRUE(run.take(run.machine.on_take_over(run.now(), supervised_attempt)));
  run.take(run.machine.on_reservation_cancelled(run.now(), supervised_attempt));
  EXPECT_EQ(run.machine.state(), AgentState::on_break);
  EXPECT_EQ(run.count<agent_effect::ReportDisposition>(), 0);
}

TEST(AgentMachine, MuteEndsWithTheTalk) {
  AgentRun run;
  run.to_talking();
  ASSERT_TRUE(run.take(run.machine.on_mute(run.now(), true)));
  ASSERT_NE(run.asked<agent_effect::MuteLeg>(), nullptr);
  EXPECT_TRUE(run.asked<agent_effect::MuteLeg>()->is_on);
  ASSERT_TRUE(run.take(run.machine.on_mute(run.now(), true)));
  EXPECT_EQ(run.count<agent_effect::MuteLeg>(), 1) << "asked twice it is done once";
  run.take(run.machine.on_call_ended(run.now(), test_attempt));
  ASSERT_NE(run.asked<agent_effect::MuteLeg>(), nullptr) << "the next debtor must hear the agent";
  EXPECT_FALSE(run.asked<agent_effect::MuteLeg>()->is_on);
}

}  // namespace
}  // namespace dunlin
