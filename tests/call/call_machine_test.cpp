// The life of one call, story by story.
#include "core/call/call_machine.hpp"

#include "tests/call/call_fixture.hpp"

namespace dunlin {
namespace {

using namespace call_effect;

void expect_settled(const CallRun& run, Outcome outcome) {
  ASSERT_NE(run.settled(), nullptr);
  EXPECT_EQ(to_string(run.settled()->outcome), to_string(outcome));
  EXPECT_EQ(run.count<FactSettled>(), 1);
  EXPECT_TRUE(run.machine.is_settled());
}

TEST(CallMachine, BridgesAPersonToTheAssignedAgent) {
  CallRun run;
  run.to_settled();
  expect_settled(run, Outcome::answered);
  const FactSettled& fact = *run.settled();
  EXPECT_EQ(fact.legs, 1);
  EXPECT_EQ(fact.agent, agent_a.agent);
  EXPECT_EQ(fact.times.ring.ms, 6'000);
  EXPECT_EQ(fact.times.wait_for_agent.ms, 120);
  EXPECT_EQ(fact.times.talk.ms, 60'000);
  EXPECT_EQ(run.count<Bridge>(), 1);
  EXPECT_EQ(run.count<StartRecording>(), 1);
  EXPECT_EQ(run.count<StopRecording>(), 1);
  EXPECT_EQ(run.count<CloseMedia>(), 1);
}

TEST(CallMachine, EndsTheAgentsWorkWhenTheHangUpIsOrdered) {
  CallRun run;
  run.to_ending();
  ASSERT_NE(run.asked<TellAgentCallEnded>(), nullptr);
  EXPECT_TRUE(run.asked<TellAgentCallEnded>()->was_bridged);
  EXPECT_FALSE(run.machine.is_settled());
}

TEST(CallMachine, AbandonsAPersonAfterTheLimitWithANotice) {
  CallRun run;
  run.to_waiting();
  EXPECT_EQ(run.asked<AskForAgent>()->deadline.ms, run.clock_ms + 2'000);
  run.wait(2'000);
  run.fire(CallTimer::agent);
  ASSERT_NE(run.asked<PlayPrompt>(), nullptr);
  EXPECT_EQ(run.asked<PlayPrompt>()->prompt, CallPrompt::abandon_notice);
  EXPECT_NE(run.asked<CancelAgentRequest>(), nullptr);
  run.take(run.machine.on_prompt_finished(run.now()));
  ASSERT_NE(run.asked<HangUp>(), nullptr);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_settled(run, Outcome::abandoned);
}

TEST(CallMachine, CountsTheAbandonLimitFromTheAnswerWhenToldSo) {
  CallPlan plan = test_plan();
  plan.limits.abandon_clock = AbandonClock::answer;
  CallRun run(plan);
  run.to_classifying();
  const std::int64_t answered = run.clock_ms;
  run.wait(700);
  run.verdict(AnswerClass::human);
  EXPECT_EQ(run.asked<AskForAgent>()->deadline.ms, answered + 2'000);
}

TEST(CallMachine, TellsAHangUpBeforeTheLimitFromAnAbandon) {
  for (const std::int64_t waited : {500, 2'500}) {
    CallRun run;
    run.to_waiting();
    run.wait(waited);
    run.take(run.machine.on_leg_ended(run.now(), 1, bye));
    expect_settled(run, waited < 2'000 ? Outcome::hung_up_before_agent : Outcome::abandoned);
    EXPECT_EQ(run.count<CancelAgentRequest>(), 1);
  }
}

struct ClassRow {
  AnswerClass answer;
  Outcome outcome;
};

TEST(CallMachine, HangsUpOnEverythingThatIsNoPerson) {
  const std::vector<ClassRow> rows{{AnswerClass::machine, Outcome::machine},
                                   {AnswerClass::machine_end, Outcome::machine},
                                   {AnswerClass::fax, Outcome::fax},
                                   {AnswerClass::tone, Outcome::network_announcement},
                                   {AnswerClass::announcement, Outcome::network_announcement},
                                   {AnswerClass::screening, Outcome::call_screening}};
  for (const ClassRow& row : rows) {
    CallRun run;
    run.to_classifying();
    run.verdict(row.answer);
    ASSERT_NE(run.asked<HangUp>(), nullptr) << to_string(row.answer);
    EXPECT_EQ(run.count<AskForAgent>(), 0);
    run.take(run.machine.on_leg_ended(run.now(), 1, bye));
    expect_settled(run, row.outcome);
  }
}

TEST(CallMachine, SendsDoubtAndSilenceToAnAgent) {
  for (const AnswerClass answer : {AnswerClass::unknown, AnswerClass::silence}) {
    CallRun run;
    run.to_classifying();
    run.verdict(answer);
    EXPECT_NE(run.asked<AskForAgent>(), nullptr) << to_string(answer);
  }
  CallRun late;
  late.to_classifying();
  late.wait(6'000);
  late.fire(CallTimer::classify);
  EXPECT_NE(late.asked<AskForAgent>(), nullptr);
  EXPECT_NE(late.asked<FactClassified>(), nullptr) << "the answer is told, though nobody judged it";
}

TEST(CallMachine, LeavesAMessageAfterTheTone) {
  CallPlan plan = test_plan();
  plan.classifier.on_machine = AnswerAction::leave_message;
  CallRun run(plan);
  run.to_classifying();
  run.verdict(AnswerClass::machine);
  EXPECT_EQ(run.count<HangUp>(), 0);
  run.verdict(AnswerClass::machine_end, true);
  ASSERT_NE(run.asked<PlayPrompt>(), nullptr);
  EXPECT_EQ(run.asked<PlayPrompt>()->prompt, CallPrompt::voicemail);
  run.take(run.machine.on_prompt_finished(run.now()));
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_settled(run, Outcome::machine_message_left);
}

TEST(CallMachine, TellsTheAgentOfAMachineFoundInTheTalk) {
  CallRun run;
  run.to_talking();
  run.verdict(AnswerClass::machine, true);
  ASSERT_NE(run.asked<TellAgent>(), nullptr);
  EXPECT_EQ(run.machine.state(), CallState::talking);
}

TEST(CallMachine, AsksForASecondLegOnlyWhenNothingRang) {
  CallRun quiet;
  quiet.to_dialing();
  quiet.take(quiet.machine.on_leg_ended(quiet.now(), 1, overload));
  ASSERT_NE(quiet.asked<AskSecondLeg>(), nullptr);
  quiet.take(quiet.machine.on_second_leg_granted(quiet.now(), "south"));
  EXPECT_EQ(quiet.machine.state(), CallState::opening_media);
  quiet.take(quiet.machine.on_media_opened(quiet.now(), {}));
  ASSERT_NE(quiet.asked<PlaceLeg>(), nullptr);
  EXPECT_EQ(quiet.asked<PlaceLeg>()->leg_number, 2);
  EXPECT_EQ(quiet.asked<PlaceLeg>()->trunk, "south");
  quiet.take(quiet.machine.on_leg_ended(quiet.now(), 2, overload));
  expect_settled(quiet, Outcome::failed);
  EXPECT_EQ(quiet.settled()->legs, 2);

  CallRun rang;
  rang.to_ringing();
  rang.take(rang.machine.on_leg_ended(rang.now(), 1, overload));  // The cause forgot the 18x; the machine did not.
  EXPECT_EQ(rang.count<AskSecondLeg>(), 0);
  expect_settled(rang, Outcome::no_answer);
}

TEST(CallMachine, SettlesWithTheFirstFailureWhenTheSecondLegIsRefusedOrSilent) {
  for (const bool is_refused : {true, false}) {
    CallRun run;
    run.to_dialing();
    run.take(run.machine.on_leg_ended(run.now(), 1, overload));
    if (is_refused) {
      run.take(run.machine.on_second_leg_refused(run.now()));
    } else {
      run.fire(CallTimer::second_leg);
    }
    expect_settled(run, Outcome::failed);
    EXPECT_EQ(run.settled()->cause.sip_status, 503);
    run.take(run.machine.on_second_leg_granted(run.now(), "south"));
    EXPECT_EQ(run.count<PlaceLeg>(), 1);
  }
}

/// Its permit ran out on the way to the wire: the first INVITE had left all the same.
TEST(CallMachine, SettlesWithTheFirstFailureWhenTheSecondLegNeverLeft) {
  CallRun run;
  run.to_dialing();
  run.take(run.machine.on_leg_ended(run.now(), 1, overload));
  run.take(run.machine.on_second_leg_granted(run.now(), "south"));
  run.take(run.machine.on_media_opened(run.now(), {}));
  run.take(run.machine.on_leg_ended(run.now(), 2, {EndOrigin::not_sent, 0, 0, "permit expired", false}));
  expect_settled(run, Outcome::failed);
  EXPECT_EQ(run.settled()->cause.sip_status, 503);
}

/// The other carrier has its own codecs and word on SRTP, and must not get the keys the first one saw.
TEST(CallMachine, OffersTheSecondCarrierMediaOfItsOwn) {
  MediaDescription plain, secure;
  plain.port = 4000;
  secure.port = 4002;
  secure.crypto.push_back({});
  CallRun run;
  run.to_opening();
  run.take(run.machine.on_media_opened(run.now(), plain));
  ASSERT_NE(run.asked<PlaceLeg>(), nullptr);
  EXPECT_EQ(run.asked<PlaceLeg>()->offer, plain);
  run.take(run.machine.on_leg_ended(run.now(), 1, overload));
  run.take(run.machine.on_second_leg_granted(run.now(), "south"));
  ASSERT_EQ(run.last.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<CloseMedia>(run.last[0]));
  EXPECT_TRUE(std::holds_alternative<OpenMedia>(run.last[1]));
  EXPECT_EQ(run.machine.plan().trunk, "south");
  run.take(run.machine.on_media_opened(run.now(), secure));
  ASSERT_NE(run.asked<PlaceLeg>(), nullptr);
  EXPECT_EQ(run.asked<PlaceLeg>()->leg_number, 2);
  EXPECT_EQ(run.asked<PlaceLeg>()->offer, secure);
}

/// The first leg was sent and refused, whatever keeps the second one from the wire.
TEST(CallMachine, SettlesWithTheFirstFailureWhenTheSecondLegGetsNoMedia) {
  using Spoil = void (*)(CallRun&);
  const std::vector<Spoil> ways{[](CallRun& r) { r.take(r.machine.on_media_failed(r.now())); },
                                [](CallRun& r) { r.fire(CallTimer::media); },
                                [](CallRun& r) { r.take(r.machine.on_stop(r.now(), StopReason::drain)); },
                                [](CallRun& r) { r.take(r.machine.on_stop(r.now(), StopReason::operator_hang_up)); }};
  for (const Spoil spoil : ways) {
    CallRun run;
    run.to_dialing();
    run.take(run.machine.on_leg_ended(run.now(), 1, overload));
    run.take(run.machine.on_second_leg_granted(run.now(), "south"));
    spoil(run);
    expect_settled(run, Outcome::failed);
    EXPECT_EQ(run.settled()->cause.sip_status, 503);
    EXPECT_EQ(run.settled()->legs, 1);
    EXPECT_EQ(run.count<CloseMedia>(), 2) << "what a slow media worker opens later is closed too";
  }
}

TEST(CallMachine, NeverRedialsAfterALostTransport) {
  CallRun run;
  run.to_dialing();
  run.take(run.machine.on_leg_ended(run.now(), 1, {EndOrigin::transport, 0, 0, "", false}));
  EXPECT_EQ(run.count<AskSecondLeg>(), 0);
  expect_settled(run, Outcome::unknown_after_failure);
}

TEST(CallMachine, CancelsAtTheRingLimit) {
  CallRun run;
  run.to_ringing();
  run.wait(30'000);
  run.fire(CallTimer::ring);
  ASSERT_NE(run.asked<HangUp>(), nullptr);
  EXPECT_EQ(run.asked<HangUp>()->reason, HangUpReason::ring_timeout);
  run.take(run.machine.on_leg_ended(run.now(), 1, cancelled));
  expect_settled(run, Outcome::no_answer);
}

TEST(CallMachine, SettlesAsUnknownWhenNothingConfirmsTheCancel) {
  CallRun run;
  run.to_ringing();
  run.fire(CallTimer::ring);
  run.wait(35'000);
  run.fire(CallTimer::hang_up);
  expect_settled(run, Outcome::unknown_after_failure);
}

TEST(CallMachine, CountsAnAnswerItWasNeverToldOfAsAbandoned) {
  CallRun run;
  run.to_ringing();
  run.fire(CallTimer::ring);
  // The SIP edge hangs up a 200 that crossed our CANCEL by itself and tells the end alone.
  EndCause crossed{EndOrigin::local, 200, 0, "", true};
  crossed.was_answered = true;
  run.take(run.machine.on_leg_ended(run.now(), 1, crossed));
  ASSERT_NE(run.settled(), nullptr);
  EXPECT_EQ(run.settled()->outcome, Outcome::abandoned);
  EXPECT_TRUE(run.settled()->times.answered_at.is_set());
}

TEST(CallMachine, CountsAnAnswerThatCrossedItsCancelAsAbandoned) {
  CallRun run;
  run.to_ringing();
  run.fire(CallTimer::ring);
  run.take(run.machine.on_answered(run.now(), 1, {}));
  EXPECT_NE(run.asked<HangUp>(), nullptr);
  EXPECT_NE(run.asked<FactAnswered>(), nullptr);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_settled(run, Outcome::abandoned);
}

TEST(CallMachine, TreatsAnUnclassifiedAnswerAsAContact) {
  CallRun run;
  run.to_classifying();
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_settled(run, Outcome::hung_up_before_agent);
  EXPECT_TRUE(traits(run.settled()->outcome).counts_as_contact);
}

TEST(CallMachine, EndsOnAnAnnouncementBeforeTheAnswer) {
  CallRun run;
  run.to_dialing();
  run.take(run.machine.on_progress(run.now(), 1, 183, MediaDescription{}));
  EXPECT_NE(run.asked<StartClassifier>(), nullptr);
  run.verdict(AnswerClass::human);  // Ringback may sound like a voice; only an announcement counts here.
  EXPECT_EQ(run.count<HangUp>(), 0);
  run.verdict(AnswerClass::announcement);
  EXPECT_EQ(run.count<HangUp>(), 1);
  run.take(run.machine.on_leg_ended(run.now(), 1, cancelled));
  expect_settled(run, Outcome::network_announcement);
  EXPECT_EQ(run.count<FactClassified>(), 0) << "nobody answered, so no answer is told";
}

TEST(CallMachine, ReleasesAnAgentWhoComesTooLate) {
  CallRun run;
  run.to_waiting();
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  run.take(run.machine.on_agent_assigned(run.now(), agent_a));
  ASSERT_NE(run.asked<ReleaseAgent>(), nullptr);
  EXPECT_EQ(run.asked<ReleaseAgent>()->agent, agent_a);
  EXPECT_EQ(run.count<Bridge>(), 0);
}

TEST(CallMachine, AsksAgainWhenTheBridgeFailsInTime) {
  CallRun run;
  run.to_bridging();
  run.take(run.machine.on_bridge_failed(run.now(), agent_a));
  EXPECT_NE(run.asked<ReleaseAgent>(), nullptr);
  EXPECT_NE(run.asked<AskForAgent>(), nullptr);
  run.take(run.machine.on_agent_assigned(run.now(), agent_b));
  run.take(run.machine.on_bridged(run.now(), agent_b));
  EXPECT_EQ(run.machine.state(), CallState::talking);
  EXPECT_EQ(run.machine.agent()->agent, agent_b.agent);
}

TEST(CallMachine, HoldsTheTalkForAnAgentWhoseLegDied) {
  CallRun run;
  run.to_talking();
  run.wait(10'000);
  run.take(run.machine.on_agent_left(run.now(), agent_a.agent));
  EXPECT_NE(run.asked<Unbridge>(), nullptr);
  EXPECT_NE(run.asked<PlayPrompt>(), nullptr);
  run.wait(3'000);
  run.take(run.machine.on_agent_assigned(run.now(), agent_b));  // Not the one who spoke with this person.
  EXPECT_NE(run.asked<ReleaseAgent>(), nullptr);
  const AssignedAgent returned{agent_a.agent, 9, LegId(501)};
  run.take(run.machine.on_agent_assigned(run.now(), returned));
  run.take(run.machine.on_bridged(run.now(), returned));
  EXPECT_EQ(run.machine.state(), CallState::talking);
  run.wait(5'000);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_settled(run, Outcome::answered);
  EXPECT_EQ(run.settled()->times.talk.ms, 15'000);
  EXPECT_EQ(run.count<FactBridged>(), 1);
}

TEST(CallMachine, HangsUpWhenTheAgentDoesNotReturn) {
  CallRun run;
  run.to_talking();
  run.take(run.machine.on_agent_left(run.now(), agent_a.agent));
  run.fire(CallTimer::agent_return);
  EXPECT_NE(run.asked<HangUp>(), nullptr);
  EXPECT_NE(run.asked<TellAgentCallEnded>(), nullptr);
  run.take(run.machine.on_leg_ended(run.now(), 1, bye));
  expect_settled(run, Outcome::answered);
}

TEST(CallMachine, BridgesOnlyItsOwnAgentWhenThePlanNamesOne) {
  CallPlan plan = test_plan();
  plan.own_agent = agent_b.agent;
  CallRun run(plan);
  run.to_waiting();
  EXPECT_EQ(run.asked<AskForAgent>()->only_agent, agent_b.agent);
  run.take(run.machine.on_agent_assigned(run.now(), agent_a));
  EXPECT_NE(run.asked<ReleaseAgent>(), nullptr);
  run.take(run.machine.on_agent_assigned(run.now(), agent_b));
  EXPECT_NE(run.asked<Bridge>(), nullptr);
}

TEST(CallMachine, GoesStraightToAnAgentWithoutAClassifier) {
  CallPlan plan = test_plan();
  plan.classifier.is_enabled = false;
  CallRun run(plan);
  run.to_ringing();
  run.take(run.machine.on_answered(run.now(), 1, {}));
  EXPECT_NE(run.asked<AskForAgent>(), nullptr);
  EXPECT_EQ(run.count<StartClassifier>(), 0);
  ASSERT_NE(run.asked<FactClassified>(), nullptr) << "the answer is told all the same";
  EXPECT_EQ(run.asked<FactClassified>()->verdict.answer, AnswerClass::unknown);
}

TEST(CallMachine, SettlesAsNotSentWhenMediaFails) {
  CallRun run;
  run.to_opening();
  run.take(run.machine.on_media_failed(run.now()));
  expect_settled(run, Outcome::not_sent);
  EXPECT_EQ(run.count<PlaceLeg>(), 0);
}

TEST(CallMachine, SettlesAsNotSentWhenThePermitExpired) {
  CallRun run;
  run.to_opening();
  run.take(run.machine.on_media_opened(run.now(), {}));
  run.take(run.machine.on_leg_ended(run.now(), 1, {EndOrigin::not_sent, 0, 0, "permit expired", false}));
  expect_settled(run, Outcome::not_sent);
  EXPECT_EQ(run.count<FactSent>(), 0);
}

TEST(CallMachine, LetsTalksFinishInADrain) {
  CallRun talking;
  talking.to_talking();
  talking.take(talking.machine.on_stop(talking.now(), StopReason::drain));
  EXPECT_EQ(talking.machine.state(), CallState::talking);
  CallRun ringing;
  ringing.to_ringing();
  ringing.take(ringing.machine.on_stop(ringing.now(), StopReason::drain));
  EXPECT_NE(ringing.asked<HangUp>(), nullptr);
}

TEST(CallMachine, EndsTheLongestCall) {
  CallRun run;
  run.to_talking();
  run.wait(7'200'000);
  run.fire(CallTimer::longest_call);
  EXPECT_EQ(run.asked<HangUp>()->reason, HangUpReason::longest_call);
}

TEST(CallMachine, ToldTwiceDoesNothingTwice) {
  CallRun run;
  run.to_talking();
  const std::size_t before = run.all.size();
  run.take(run.machine.on_start(run.now()));
  run.take(run.machine.on_media_opened(run.now(), {}));
  run.take(run.machine.on_invite_sent(run.now(), 1));
  run.take(run.machine.on_answered(run.now(), 1, {}));
  run.take(run.machine.on_agent_assigned(run.now(), agent_a));
  run.take(run.machine.on_bridged(run.now(), agent_a));
  EXPECT_EQ(run.all.size(), before);
}

TEST(CallMachine, PassesHoldToTheBridgeOnce) {
  CallRun run;
  run.to_talking();
  run.take(run.machine.on_hold(run.now(), agent_a.agent));
  run.take(run.machine.on_hold(run.now(), agent_a.agent));
  run.take(run.machine.on_hold(run.now(), agent_b.agent));
  EXPECT_EQ(run.count<HoldBridge>(), 1);
  run.take(run.machine.on_resume(run.now(), agent_a.agent));
  EXPECT_EQ(run.count<ResumeBridge>(), 1);
}

}  // namespace
}  // namespace dunlin
