#include "core/dialogue/flow_machine.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"
#include "tests/dialogue/flow_fixture.hpp"

namespace dunlin::test {
namespace {

/// To the menu, with the person confirmed.
FlowCall confirmed_call() {
  FlowCall call;
  call.heard();
  call.heard();
  call.keys("1");
  call.heard();
  call.new_words();
  EXPECT_EQ(call.at(), "menu");
  return call;
}

TEST(FlowMachine, WalksFromTheGreetingToAPromise) {
  FlowCall call;
  EXPECT_EQ(call.new_words(), "A robot of the bank, recorded.");
  call.heard();
  EXPECT_EQ(call.new_words(), "Are you Ivan Petrov");
  call.heard();
  call.keys("1");
  EXPECT_TRUE(call.machine.is_person_confirmed());
  EXPECT_EQ(call.new_words(), "You owe two thousand five hundred roubles and fifty kopecks");
  call.heard();
  call.keys("1");
  call.keys("1500#");
  call.keys("1003");
  ASSERT_EQ(call.promised.size(), 1U);
  EXPECT_EQ(call.promised[0].amount, (Money{1'500'00, Currency::rub}));
  EXPECT_EQ(call.promised[0].date, (CivilDate{2026, 3, 10}));
  EXPECT_EQ(call.promised[0].debt_external_id, "D-1");
  EXPECT_EQ(call.machine.state(), FlowState::recording_promise);
  call.new_words();
  call.take(call.machine.on_promise_recorded());
  EXPECT_EQ(call.new_words(), "Noted one thousand five hundred roubles by the tenth of March");
  call.heard();
  ASSERT_EQ(call.finishes.size(), 1U);
  EXPECT_EQ(call.finishes[0].why, FlowEnd::script_ended);
  EXPECT_EQ(call.finishes[0].disposition, Outcome::rpc_promise);
  EXPECT_EQ(call.finishes[0].promise, call.promised[0]);
}

TEST(FlowMachine, NothingIsSaidToBeNotedBeforeTheCaseSaysSo) {
  FlowCall call = confirmed_call();
  call.keys("11500#1003");
  call.new_words();
  call.take(call.machine.on_promise_refused());
  EXPECT_EQ(call.new_words(), "Not noted.");
  call.heard();
  EXPECT_EQ(call.finishes.at(0).disposition, std::nullopt);
  EXPECT_EQ(call.finishes.at(0).promise, std::nullopt);
}

TEST(FlowMachine, ACaseThatDoesNotAnswerHasNotTakenThePromise) {
  FlowCall call = confirmed_call();
  call.keys("11500#1003");
  call.silence();
  EXPECT_EQ(call.at(), "refused");
  call.take(call.machine.on_promise_recorded());
  EXPECT_EQ(call.at(), "refused");
}

TEST(FlowMachine, AKeyCutsAQuestionShortAndTheGreetingNever) {
  FlowCall call;
  call.keys("1");
  EXPECT_EQ(call.at(), "greeting");
  FlowCall confirmed = confirmed_call();
  confirmed.keys("1");
  EXPECT_EQ(confirmed.at(), "sum");
}

TEST(FlowMachine, WhoConfirmsToBeThePersonHasHeardWhom) {
  FlowCall call;
  call.heard();
  call.keys("11");
  EXPECT_EQ(call.at(), "who") << "the question is still being said";
  EXPECT_FALSE(call.machine.is_person_confirmed());
  call.heard();
  call.keys("1");
  EXPECT_TRUE(call.machine.is_person_confirmed());
}

TEST(FlowMachine, AKeyTypedAheadConfirmsNobody) {
  Flow flow = pay_flow();
  std::get<flow_step::Say>(flow.steps[at_debt].act).next = at_who;
  std::get<flow_step::Menu>(flow.steps[at_who].act).choices[0].next = at_menu;
  std::get<flow_step::Say>(flow.steps[at_greeting].act).next = at_debt;
  FlowCall call(flow);
  call.heard();
  EXPECT_EQ(call.at(), "debt");
  call.keys("1");
  EXPECT_EQ(call.at(), "who");
  EXPECT_FALSE(call.machine.is_person_confirmed());
}

TEST(FlowMachine, KeysTypedAheadAnswerTheNextQuestions) {
  FlowCall call;
  call.heard();
  call.heard();
  call.keys("1");
  call.keys("1");
  EXPECT_EQ(call.at(), "sum");
  call.keys("900#");
  EXPECT_EQ(call.at(), "day");
}

TEST(FlowMachine, SilenceAndWrongKeysAskAgainThenGiveUp) {
  FlowCall call = confirmed_call();
  call.heard();
  call.silence();
  EXPECT_EQ(call.at(), "menu");
  EXPECT_EQ(call.new_words(), "1 pay, 0 human");
  call.keys("7");
  EXPECT_EQ(call.at(), "later");
  EXPECT_EQ(call.callbacks, std::vector<Duration>{hours(2)});
}

TEST(FlowMachine, LateTimersAndSpeechEndsAreIgnored) {
  FlowCall call;
  const std::uint32_t greeting_round = call.round;
  call.heard();
  call.take(call.machine.on_speech_finished(greeting_round));
  call.take(call.machine.on_timer(greeting_round));
  EXPECT_EQ(call.machine.state(), FlowState::asking);
  call.heard();
  const std::uint32_t wait_round = call.round;
  call.keys("1");
  call.take(call.machine.on_timer(wait_round));
  EXPECT_EQ(call.at(), "debt");
}

TEST(FlowMachine, SumsAreTakenWithinTheirBounds) {
  struct Row {
    const char* typed;
    std::optional<std::int64_t> minor;
  };
  const Row rows[] = {
      {"100#", 100'00},
      {"99#", std::nullopt},
      {"0#", std::nullopt},
      {"#", std::nullopt},
      {"55*700#", 700'00},
      {"10000#", 10'000'00},
      {"10001#", 10'000'50},
      {"10002#", std::nullopt},
      {"123456789", std::nullopt},
  };
  for (const Row& row : rows) {
    FlowCall call = confirmed_call();
    call.keys("1");
    call.keys(row.typed);
    EXPECT_EQ(call.at(), row.minor ? "day" : "sum") << row.typed;
    if (!row.minor) continue;
    call.keys("0603");
    EXPECT_EQ(call.promised.at(0).amount.minor, *row.minor) << row.typed;
  }
}

TEST(FlowMachine, ASumEndsWithSilenceToo) {
  FlowCall call = confirmed_call();
  call.keys("1700");
  EXPECT_EQ(call.at(), "sum");
  call.silence();
  EXPECT_EQ(call.at(), "day");
}

TEST(FlowMachine, DatesAreTheNextSuchDayWithinTheirBound) {
  struct Row {
    CivilDate today;
    const char* typed;
    std::optional<CivilDate> date;
  };
  const Row rows[] = {
      {{2026, 3, 5}, "0503", CivilDate{2026, 3, 5}},
      {{2026, 3, 5}, "1903", CivilDate{2026, 3, 19}},
      {{2026, 3, 5}, "2003", std::nullopt},
      {{2026, 3, 5}, "0403", std::nullopt},
      {{2026, 3, 5}, "3102", std::nullopt},
      {{2026, 3, 5}, "0000", std::nullopt},
      {{2026, 3, 5}, "99#", std::nullopt},
      {{2026, 12, 28}, "0301", CivilDate{2027, 1, 3}},
      {{2027, 12, 28}, "2902", std::nullopt},
      {{2028, 2, 20}, "2902", CivilDate{2028, 2, 29}},
      {{2026, 3, 5}, "99*0603", CivilDate{2026, 3, 6}},
  };
  for (const Row& row : rows) {
    Flow flow = pay_flow();
    FlowCard card = pay_card(flow);
    card.today = row.today;
    FlowCall call(flow, card);
    call.heard();
    call.heard();
    call.keys("11500#");
    call.heard();
    ASSERT_EQ(call.at(), "day");
    call.keys(row.typed);
    EXPECT_EQ(call.at(), row.date ? "promise" : "day") << row.typed;
    if (!row.date) continue;
    EXPECT_EQ(call.promised.at(0).date, *row.date) << row.typed;
  }
}

TEST(FlowMachine, AnAgentTakesTheCallAndTheFlowIsOver) {
  FlowCall call = confirmed_call();
  call.keys("0");
  EXPECT_EQ(call.asked_skill, "soft");
  call.keys("111");
  call.take(call.machine.on_agent_connected());
  ASSERT_EQ(call.finishes.size(), 1U);
  EXPECT_EQ(call.finishes[0].why, FlowEnd::transferred);
  EXPECT_FALSE(call.finishes[0].has_missed_agent);
}

TEST(FlowMachine, WithoutAnAgentACallbackIsOfferedAndTheLossIsTold) {
  for (const bool is_refused : {true, false}) {
    FlowCall call = confirmed_call();
    call.keys("0");
    if (is_refused) call.take(call.machine.on_no_agent());
    else call.silence();
    EXPECT_EQ(call.cancelled, is_refused ? 0 : 1);
    EXPECT_EQ(call.at(), "later");
    call.take(call.machine.on_agent_connected());
    call.heard();
    ASSERT_EQ(call.finishes.size(), 1U);
    EXPECT_TRUE(call.finishes[0].has_missed_agent);
    EXPECT_EQ(call.finishes[0].disposition, Outcome::rpc_callback);
    EXPECT_EQ(call.finishes[0].callback_after, hours(2));
  }
}

TEST(FlowMachine, HangingUpSaysHowFarTheTalkCame) {
  FlowCall greeted;
  greeted.take(greeted.machine.on_hang_up());
  EXPECT_EQ(greeted.finishes.at(0).disposition, Outcome::hung_up_at_identification);
  FlowCall confirmed = confirmed_call();
  confirmed.take(confirmed.machine.on_hang_up());
  EXPECT_EQ(confirmed.finishes.at(0).disposition, std::nullopt);
  EXPECT_TRUE(confirmed.finishes.at(0).is_person_confirmed);
  FlowCall promised = confirmed_call();
  promised.keys("11500#1003");
  promised.take(promised.machine.on_promise_recorded());
  promised.take(promised.machine.on_hang_up());
  EXPECT_EQ(promised.finishes.at(0).disposition, Outcome::rpc_promise);
  FlowCall waiting = confirmed_call();
  waiting.keys("0");
  waiting.take(waiting.machine.on_hang_up());
  EXPECT_EQ(waiting.cancelled, 1);
  EXPECT_TRUE(waiting.finishes.at(0).has_missed_agent);
}

TEST(FlowMachine, HangingUpDuringTheFarewellKeepsWhatWasSaid) {
  Flow flow = pay_flow();
  flow.steps[at_stranger].act = flow_step::Say{flow_text("Sorry."), {}, false, flow.steps.size()};
  flow.steps.push_back({"wrong", flow_step::End{Outcome::wrong_number}, 15});
  FlowCall call(flow, pay_card(flow));
  call.heard();
  call.heard();
  call.keys("2");
  ASSERT_EQ(call.at(), "stranger");
  call.take(call.machine.on_hang_up());
  EXPECT_EQ(call.finishes.at(0).why, FlowEnd::hung_up);
  EXPECT_EQ(call.finishes.at(0).disposition, Outcome::wrong_number);
}

TEST(FlowMachine, APromiseWithoutDigitsIsTheOverdueSumInSoManyDays) {
  Flow flow = pay_flow();
  std::get<flow_step::Menu>(flow.steps[at_menu].act).choices[0].next = at_promise;
  FlowCall call(flow, pay_card(flow));
  call.heard();
  call.heard();
  call.keys("11");
  EXPECT_EQ(call.promised.at(0).amount, (Money{2'500'50, Currency::rub}));
  EXPECT_EQ(call.promised.at(0).date, (CivilDate{2026, 3, 8}));
}

TEST(FlowMachine, WhoOwesNothingPromisesNothing) {
  Flow flow = pay_flow();
  std::get<flow_step::Menu>(flow.steps[at_menu].act).choices[0].next = at_promise;
  FlowCard card = pay_card(flow);
  card.overdue.minor = 0;
  FlowCall call(flow, card);
  call.heard();
  call.heard();
  call.keys("11");
  EXPECT_TRUE(call.promised.empty());
  EXPECT_EQ(call.at(), "refused");
}

TEST(FlowMachine, ACallEndsAtItsMostSteps) {
  Flow flow = pay_flow();
  flow.most_steps = 5;
  std::get<flow_step::Menu>(flow.steps[at_menu].act).choices[0].next = at_menu;
  FlowCall call(flow, pay_card(flow));
  call.heard();
  call.heard();
  call.keys("1");
  for (int i = 0; i < 10; ++i) call.keys("1");
  ASSERT_EQ(call.finishes.size(), 1U);
  EXPECT_EQ(call.finishes[0].why, FlowEnd::step_limit);
}

/// Whatever happens on the line, in any order: the call ends once, records one promise at most and says no debt to strangers.
TEST(FlowMachine, AnyEventsInAnyOrderEndInOneFinish) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Rng rng(seed);
    FlowCall call;
    for (int i = 0; i < 400 && !call.machine.is_ended(); ++i) {
      switch (rng.below(8)) {
        case 0:
        case 1: call.heard(); break;
        case 2: call.silence(); break;
        case 3: call.keys(std::string(1, "0123456789*#"[rng.below(12)])); break;
        case 4: call.keys("1"); break;
        case 5: call.take(rng.below(2) == 0 ? call.machine.on_promise_recorded() : call.machine.on_promise_refused()); break;
        case 6: call.take(rng.below(2) == 0 ? call.machine.on_agent_connected() : call.machine.on_no_agent()); break;
        default: call.take(call.machine.on_timer(static_cast<std::uint32_t>(rng.below(40)))); break;
      }
      EXPECT_TRUE(call.machine.is_person_confirmed() || call.said.find("rouble") == std::string::npos) << seed;
    }
    if (!call.machine.is_ended()) call.take(call.machine.on_hang_up());
    EXPECT_EQ(call.finishes.size(), 1U) << seed;
    EXPECT_LE(call.callbacks.size(), 1U) << seed;
    call.take(call.machine.on_hang_up());
    call.keys("1");
    call.heard();
    EXPECT_EQ(call.finishes.size(), 1U) << seed;
  }
}

}  // namespace
}  // namespace dunlin::test
