// Calls in which a flow speaks: what it says, when an agent comes, what the case is told, and who must never hear it.
#include "tests/call/call_fixture.hpp"

namespace dunlin {
namespace {

using namespace call_effect;

/// The person picked up, said to be the debtor and hears the menu.
CallRun run_to_menu(CallPlan plan = flow_plan()) {
  CallRun run(std::move(plan));
  run.to_waiting();
  run.heard();
  run.heard();
  run.keys("1");
  run.heard();
  EXPECT_EQ(run.machine.state(), CallState::in_flow);
  return run;
}

void expect_flow_settled(const CallRun& run, Outcome outcome, std::optional<Outcome> disposition) {
  ASSERT_NE(run.settled(), nullptr);
  EXPECT_EQ(to_string(run.settled()->outcome), to_string(outcome));
  EXPECT_EQ(run.count<FactSettled>(), 1);
  const auto* told = CallRun::find<FactFlowEnded>(run.all);
  EXPECT_EQ(told != nullptr ? told->disposition : std::nullopt, disposition);
}

TEST(CallFlow, SpeaksToAPersonAndSettlesWithThePromise) {
  CallRun run(flow_plan());
  run.to_classifying();
  EXPECT_EQ(run.said(), "") << "nobody is spoken to before the classifier has heard a person";
  run.verdict(AnswerClass::human);
  EXPECT_EQ(run.machine.state(), CallState::in_flow);
  run.heard();
  run.heard();
  run.keys("1");
  run.heard();
  run.keys("11500#1003");
  ASSERT_NE(run.asked<RecordPromise>(), nullptr);
  EXPECT_EQ(run.asked<RecordPromise>()->terms.amount, (Money{1'500'00, Currency::rub}));
  run.take(run.machine.on_promise_recorded(run.now()));
  EXPECT_NE(run.said().find("Noted one thousand five hundred"), std::string::npos);
  run.heard();
  ASSERT_NE(run.asked<HangUp>(), nullptr);
  EXPECT_EQ(run.asked<HangUp>()->reason, HangUpReason::flow_ended);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::answered, Outcome::rpc_promise);
  EXPECT_EQ(run.count<AskForAgent>(), 0);
}

TEST(CallFlow, AMachineHearsNoWordOfTheFlow) {
  CallRun run(flow_plan());
  run.to_classifying();
  run.verdict(AnswerClass::machine);
  EXPECT_EQ(run.said(), "");
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::machine, std::nullopt);
}

TEST(CallFlow, ASecondLookThatFindsAMachineSilencesTheFlow) {
  CallRun run(flow_plan());
  run.to_waiting();
  run.verdict(AnswerClass::machine, true);
  EXPECT_NE(run.asked<StopSaying>(), nullptr);
  EXPECT_NE(run.asked<HangUp>(), nullptr);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::machine, std::nullopt);
}

TEST(CallFlow, ASecondLookLeavesTheCampaignsMessage) {
  CallPlan plan = flow_plan();
  plan.classifier.on_machine = AnswerAction::leave_message;
  CallRun run(plan);
  run.to_waiting();
  run.verdict(AnswerClass::machine, true);
  EXPECT_EQ(run.asked<HangUp>(), nullptr) << "the tone is awaited";
  run.verdict(AnswerClass::machine_end, true);
  ASSERT_NE(run.asked<PlayPrompt>(), nullptr);
  EXPECT_EQ(run.asked<PlayPrompt>()->prompt, CallPrompt::voicemail);
  run.take(run.machine.on_prompt_finished(run.now()));
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::machine_message_left, std::nullopt);
}

TEST(CallFlow, WhoeverPressedAKeyIsNoMachineAnyMore) {
  CallRun run = run_to_menu();
  run.verdict(AnswerClass::machine, true);
  EXPECT_EQ(run.machine.state(), CallState::in_flow);
  EXPECT_EQ(run.count<StopSaying>(), 0);
}

TEST(CallFlow, ATransferIsTheAgentsCallFromTheBridgeOn) {
  CallRun run = run_to_menu();
  run.keys("0");
  ASSERT_NE(run.asked<AskForAgent>(), nullptr);
  EXPECT_EQ(run.asked<AskForAgent>()->skill, "soft");
  EXPECT_EQ(run.asked<AskForAgent>()->deadline.ms, run.clock_ms + 20'000);
  ASSERT_NE(run.asked<PlayMusic>(), nullptr);
  EXPECT_TRUE(run.asked<PlayMusic>()->is_on);
  run.wait(3'000);
  run.take(run.machine.on_agent_assigned(run.now(), agent_a));
  EXPECT_FALSE(run.asked<PlayMusic>()->is_on);
  run.fire(CallTimer::flow);
  EXPECT_EQ(run.machine.state(), CallState::bridging) << "the wait is over: an agent was found";
  run.take(run.machine.on_bridged(run.now(), agent_a));
  EXPECT_EQ(run.machine.state(), CallState::talking);
  run.take(run.machine.on_agent_hang_up(run.now(), agent_a.agent));
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::answered, std::nullopt);
  EXPECT_EQ(run.settled()->agent, agent_a.agent);
  EXPECT_EQ(run.settled()->times.wait_for_agent.ms, 3'000);
}

TEST(CallFlow, WithoutAnAgentTheFlowGoesOnAndCallsBack) {
  CallRun run = run_to_menu();
  run.keys("0");
  run.take(run.machine.on_no_agent(run.now()));
  EXPECT_EQ(run.machine.state(), CallState::in_flow);
  EXPECT_NE(run.said().find("We call again."), std::string::npos);
  run.heard();
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::answered, Outcome::rpc_callback);
  const auto* told = CallRun::find<FactFlowEnded>(run.all);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->callback_at, run.now().utc + hours(2));
}

TEST(CallFlow, WhoHangsUpWaitingForAnAgentIsAbandoned) {
  CallRun run = run_to_menu();
  run.keys("0");
  run.wait(5'000);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  EXPECT_NE(run.asked<CancelAgentRequest>(), nullptr);
  expect_flow_settled(run, Outcome::abandoned, std::nullopt);
}

TEST(CallFlow, AFailedBridgeGoesBackToTheFlow) {
  CallRun run = run_to_menu();
  run.keys("0");
  run.take(run.machine.on_agent_assigned(run.now(), agent_a));
  run.take(run.machine.on_bridge_failed(run.now(), agent_a));
  EXPECT_NE(run.asked<ReleaseAgent>(), nullptr);
  EXPECT_EQ(run.machine.state(), CallState::in_flow);
}

TEST(CallFlow, WhoHangsUpUnconfirmedSaidNothing) {
  CallRun run(flow_plan());
  run.to_waiting();
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::answered, Outcome::hung_up_at_identification);
}

TEST(CallFlow, SilenceEndsTheFlowByItsOwnRules) {
  CallRun run(flow_plan());
  run.to_waiting();
  run.heard();
  for (int i = 0; i < 10 && run.count<HangUp>() == 0; ++i) {
    run.heard();
    run.fire(CallTimer::flow);
  }
  EXPECT_EQ(run.said().find("You owe"), std::string::npos);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::hung_up_before_agent, std::nullopt);
}

TEST(CallFlow, SpeechNobodyReportsIsOverInTheEnd) {
  CallRun run(flow_plan());
  run.to_waiting();
  const std::string greeting = run.said();
  run.fire(CallTimer::speech);
  EXPECT_GT(run.said().size(), greeting.size());
}

TEST(CallFlow, AnOperatorsHangUpKeepsWhatWasAgreed) {
  CallRun run = run_to_menu();
  run.keys("11500#1003");
  run.take(run.machine.on_promise_recorded(run.now()));
  run.take(run.machine.on_stop(run.now(), StopReason::operator_hang_up));
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_flow_settled(run, Outcome::answered, Outcome::rpc_promise);
}

TEST(CallFlow, WithoutSpeechNothingIsDialed) {
  CallRun run(flow_plan());
  run.take(run.machine.on_no_speech(run.now()));
  expect_flow_settled(run, Outcome::not_sent, std::nullopt);
  EXPECT_EQ(run.count<OpenMedia>() + run.count<PlaceLeg>(), 0);
  EXPECT_EQ(run.settled()->ended_by, HangUpReason::no_speech);
}

}  // namespace
}  // namespace dunlin
