// What a strategy does to one case: plans, attempts, retries. The machine is driven the way its actor drives it.
#include <gtest/gtest.h>

#include "core/dialing/retry.hpp"
#include "tests/dialing/strategy_fixture.hpp"

namespace dunlin {
namespace {

using test::noon;
using test::strategy_of;
using test::strategy_rule;
using test::StrategyDesk;

RowImported staged_row(std::uint64_t import, const std::string& stage) {
  RowImported row = test::row(import);
  row.draft.debts[0].stage = stage;
  return row;
}

StrategyCondition at_stage(const std::string& stage) {
  StrategyCondition when;
  when.stages = {stage};
  return when;
}

PaymentFact small_payment(UtcTime at) { return {"p-1", "C-1", Money{1'00, Currency::rub}, at}; }

TEST(StrategyWork, AStoppedCaseWaitsForNothing) {
  StrategyDesk desk(strategy_of({strategy_rule("stop", at_stage("soft"), test::stop_order())}));
  desk.import();
  EXPECT_EQ(desk.due(), std::nullopt);
  desk.import(staged_row(2, "late"));
  EXPECT_EQ(desk.due(), noon);
}

TEST(StrategyWork, AMovedStageChangesTheNumberOrderAtOnce) {
  StrategyOrders then;
  then.number_order = {{PartyRole::debtor, PhoneType::home}, {PartyRole::debtor, PhoneType::mobile}};
  StrategyDesk desk(strategy_of({strategy_rule("late", at_stage("late"), then)}));
  desk.import();
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(1).answer).number, test::number(1));
  desk.settle(1, Outcome::not_sent);
  desk.import(staged_row(2, "late"));
  desk.now = *desk.due();
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(2).answer).number, test::number(2));
}

TEST(StrategyWork, ThePlanNamesTheRuleThatFired) {
  StrategyOrders then;
  then.max_attempts_per_case_day = 7;
  StrategyDesk desk(strategy_of({strategy_rule("early stage", at_stage("soft"), then)}));
  desk.import();
  desk.reserve(1);
  EXPECT_EQ(desk.reason(), "attempt reserved; strategy soft r1, rule \"early stage\"");
  desk.settle(1, Outcome::busy);
  EXPECT_EQ(desk.reason(), "busy: next number; strategy soft r1, rule \"early stage\"");
}

TEST(StrategyWork, RetryRulesOfTheRuleReplaceTheCampaigns) {
  StrategyOrders then;
  RetryRule no_answer;
  no_answer.outcome = Outcome::no_answer;
  no_answer.first_delay = days(2);
  no_answer.max_delay = days(2);
  then.retry = {no_answer};
  StrategyDesk desk(strategy_of({strategy_rule("slow", {}, then)}));
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::no_answer);
  EXPECT_EQ(desk.due(), noon + days(2));
}

TEST(StrategyWork, ARuleOnTheLastOutcomeSpeaksFromItsSettlementOn) {
  StrategyCondition after_busy;
  after_busy.last_outcomes = {Outcome::busy};
  StrategyDesk desk(strategy_of({strategy_rule("busy ends it", after_busy, test::stop_order())}));
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::busy);
  EXPECT_EQ(desk.due(), std::nullopt);
}

TEST(StrategyWork, CapsOfTheRuleHold) {
  StrategyOrders then;
  then.max_attempts_per_case_day = 1;
  StrategyDesk desk(strategy_of({strategy_rule("one a day", {}, then)}));
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::busy);
  EXPECT_EQ(desk.due(), noon + days(1));
}

TEST(StrategyWork, RestIsKeptAfterTheLastAttempt) {
  StrategyCondition silent;
  silent.silent_attempts_from = 1;
  StrategyOrders then;
  then.rest_days = 5;
  StrategyDesk desk(strategy_of({strategy_rule("rest", silent, then)}));
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::busy);
  EXPECT_EQ(desk.due(), noon + days(5));
}

TEST(StrategyWork, AStopThatTimeEndsIsPlannedForItsEnd) {
  StrategyCondition paid;
  paid.paid_within_days = 3;
  StrategyDesk desk(strategy_of({strategy_rule("quiet after payment", paid, test::stop_order())}));
  desk.import();
  desk.commit(desk.machine.on_payment(noon, small_payment(noon), desk.book));
  ASSERT_TRUE(desk.due());
  EXPECT_EQ(*desk.due(), noon + days(3) + milliseconds(1));
  desk.now = *desk.due();
  EXPECT_TRUE(std::holds_alternative<AttemptView>(desk.reserve(1).answer));
}

TEST(StrategyWork, AnHourOfTheDayThatClosesIsPlannedForTheNextOneThatOpens) {
  const test::FixedClock moscow({hours(3)});
  StrategyCondition afternoon;
  afternoon.hour_from = 12;
  StrategyDesk desk(strategy_of({strategy_rule("mornings only", afternoon, test::stop_order())}), &moscow);
  desk.import();
  EXPECT_EQ(desk.due(), noon + hours(9));  // Midnight in Moscow: hours are the strategy's word, the law's come on top.
}

TEST(StrategyWork, TheAttemptAsksAgainWhatThePlanCouldNotKnow) {
  const test::FixedClock moscow({hours(3)});
  StrategyCondition evening;
  evening.hour_from = 18;
  StrategyDesk desk(strategy_of({strategy_rule("no evenings", evening, test::stop_order())}), &moscow);
  desk.import();
  EXPECT_EQ(desk.due(), noon);
  desk.now = noon + hours(4);  // 19:00 in Moscow: nobody had a line free before.
  const CaseEffects refused = desk.reserve(1);
  ASSERT_NE(test::denial_of(refused), nullptr);
  EXPECT_EQ(test::denial_of(refused)->reason, "strategy soft r1, rule \"no evenings\": stop");
  EXPECT_FALSE(test::denial_of(refused)->is_by_law);
  EXPECT_EQ(desk.due(), noon + hours(9));
}

TEST(StrategyWork, RetriesGoThroughThePartsOfTheDayInTurn) {
  const test::FixedClock moscow({hours(3)});
  StrategyOrders then;
  then.day_parts = {DayPart::morning, DayPart::day, DayPart::evening};
  StrategyDesk desk(strategy_of({strategy_rule("spread", {}, then)}), &moscow);
  RowImported row = test::row();
  row.draft.phones.pop_back();
  desk.import(row);
  const UtcTime midnight = noon - hours(15);  // In Moscow.
  const std::vector<UtcTime> expected{midnight + hours(17), midnight + days(1) + hours(8), midnight + days(1) + hours(12) + minutes(30)};
  std::uint64_t id = 1;
  for (const UtcTime due : expected) {
    desk.reserve(id);
    desk.settle(id, Outcome::no_answer);
    ASSERT_TRUE(desk.due());
    EXPECT_EQ(format_utc(*desk.due()), format_utc(due));
    desk.now = *desk.due();
    ++id;
  }
}

TEST(StrategyWork, ABusyNumbersMinuteIsNotSpread) {
  const test::FixedClock moscow({hours(3)});
  StrategyOrders then;
  then.day_parts = {DayPart::morning, DayPart::evening};
  StrategyDesk desk(strategy_of({strategy_rule("spread", {}, then)}), &moscow);
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::busy);
  EXPECT_EQ(desk.due(), noon + minutes(1));
}

TEST(StrategyWork, ACallbackThePersonAskedForBreaksTheRestButNotTheStop) {
  StrategyOrders rest;
  rest.rest_days = 10;
  StrategyDesk resting(strategy_of({strategy_rule("rest", {}, rest)}));
  StrategyCondition talked;
  talked.last_outcomes = {Outcome::rpc_callback};
  StrategyDesk stopped(strategy_of({strategy_rule("stop", talked, test::stop_order())}));
  for (StrategyDesk* desk : {&resting, &stopped}) {
    desk->import();
    desk->reserve(1);
    desk->settle(1, Outcome::answered);
    desk->dispose(1, Outcome::rpc_callback);
  }
  EXPECT_EQ(resting.due(), noon + hours(3));
  EXPECT_EQ(stopped.due(), std::nullopt);
}

TEST(StrategyWork, ACallbackWaitsForTheAgentWhoPromisedItThenForAnybody) {
  StrategyOrders then;
  then.callback_own_for = hours(2);
  StrategyDesk desk(strategy_of({strategy_rule("own", {}, then)}));
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::answered);
  desk.dispose(1, Outcome::rpc_callback);  // By agent 9, for three hours later.
  desk.now = *desk.due();
  const auto ask = [&desk](std::uint64_t id, std::vector<AgentId> ready) {
    AttemptRequest request = desk.request(id);
    request.ready_agents = std::move(ready);
    auto effects = desk.machine.on_attempt_request(desk.now, request, desk.book, desk.gate);
    EXPECT_TRUE(effects.ok());
    return *effects;
  };
  const CaseEffects refused = ask(2, {AgentId(1)});
  ASSERT_NE(test::denial_of(refused), nullptr);
  EXPECT_EQ(test::denial_of(refused)->reason, "the callback waits for its own agent");
  const CaseEffects own = ask(3, {AgentId(1), AgentId(9)});
  ASSERT_TRUE(std::holds_alternative<AttemptView>(own.answer));
  EXPECT_EQ(std::get<AttemptView>(own.answer).preferred_agent, AgentId(9));
  EXPECT_FALSE(std::get<AttemptView>(own.answer).agent.is_set());
  desk.now = desk.now + hours(2);
  const CaseEffects late = ask(4, {AgentId(1)});
  ASSERT_TRUE(std::holds_alternative<AttemptView>(late.answer));
  EXPECT_FALSE(std::get<AttemptView>(late.answer).preferred_agent.is_set());
}

TEST(StrategyWork, UrgentRulesGoBeforeTheRest) {
  StrategyOrders then;
  then.sooner_by = 500;
  StrategyDesk desk(strategy_of({strategy_rule("urgent", at_stage("late"), then)}));
  desk.import();
  const std::int32_t before = desk.record().due.front().rank;
  desk.import(staged_row(2, "late"));
  EXPECT_EQ(desk.record().due.front().rank, before - 500);
}

/// Two campaigns of one strategy; the rule's mode says which of them dials.
TEST(StrategyWork, AMovedStageMovesTheCaseToTheCampaignOfItsMode) {
  StrategyOrders predictive;
  predictive.mode = DialingMode::predictive;
  Campaign calm = test::campaign();
  calm.settings.strategy = "soft";
  Campaign quick = calm;
  quick.settings.id = CampaignId(8);
  quick.settings.mode = DialingMode::predictive;
  test::Desk desk;
  desk.book = CampaignBook({calm, quick}, {strategy_of({strategy_rule("mass", at_stage("soft"), predictive)})});
  const auto dialed_by = [&desk] { return desk.record().due.size() == 1 ? desk.record().due.front().campaign : CampaignId(); };
  desk.import();
  EXPECT_EQ(dialed_by(), CampaignId(8));
  // Behind the rule both campaigns want the case; a second rule leaves it to the calm one.
  StrategyOrders progressive;
  progressive.mode = DialingMode::progressive;
  desk.book = CampaignBook({calm, quick}, {strategy_of({strategy_rule("mass", at_stage("soft"), predictive), strategy_rule("calm", {}, progressive)})});
  desk.import(staged_row(2, "late"));
  EXPECT_EQ(dialed_by(), test::campaign_id);
}

TEST(StrategyWork, ACampaignWhoseStrategyIsMissingDialsNobody) {
  Campaign campaign = test::campaign();
  campaign.settings.strategy = "lost";
  test::Desk desk;
  desk.book = CampaignBook({campaign});
  desk.import();
  EXPECT_EQ(desk.due(), std::nullopt);
}

TEST(StrategyWork, APersonMayCallByHandWhomTheStrategyStops) {
  StrategyDesk desk(strategy_of({strategy_rule("stop", {}, test::stop_order())}));
  desk.import();
  AttemptRequest request = desk.request(1);
  request.is_manual = true;
  request.number = test::number(1);
  const CaseEffects effects = desk.commit(desk.machine.on_attempt_request(desk.now, request, desk.book, desk.gate));
  EXPECT_TRUE(std::holds_alternative<AttemptView>(effects.answer));
}

TEST(StrategyWork, ANewStrategyReplansAWaitingCase) {
  StrategyOrders rest;
  rest.rest_days = 30;
  StrategyDesk desk(strategy_of({strategy_rule("rest", {}, rest)}));
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::not_sent);
  EXPECT_EQ(desk.due(), noon + days(30));
  StrategyOrders keep;
  keep.keeps = true;
  Campaign campaign = desk.book.all().front();
  desk.book = CampaignBook({campaign}, {strategy_of({strategy_rule("keep", {}, keep)})});
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book, true));
  EXPECT_EQ(desk.due(), noon + minutes(1));
}

TEST(StrategyWork, ANewStrategyDoesNotAskTheLawAgainWhatItRefused) {
  StrategyOrders keep;
  keep.keeps = true;
  StrategyDesk desk(strategy_of({strategy_rule("keep", {}, keep)}));
  desk.import();
  desk.gate.deny_until(noon + hours(20));
  desk.reserve(1);
  ASSERT_EQ(desk.due(), noon + hours(20));
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book, true));
  EXPECT_EQ(desk.due(), noon + hours(20));
}

}  // namespace
}  // namespace dunlin
