#include "core/dialogue/flow_card.hpp"

#include <gtest/gtest.h>

#include "tests/dialing/strategy_fixture.hpp"
#include "tests/dialogue/flow_fixture.hpp"

namespace dunlin {
namespace {

CaseRecord owing(std::vector<Debt> debts) {
  CaseRecord record;
  record.name.full = "Synthetic Person";
  record.debts = std::move(debts);
  return record;
}

Debt debt_of(std::int64_t overdue_minor, int days_past_due, Currency currency = Currency::rub) {
  Debt debt = test::debt("C-" + std::to_string(days_past_due), overdue_minor);
  debt.days_past_due = days_past_due;
  debt.overdue.currency = currency;
  debt.balance.currency = currency;
  return debt;
}

TEST(FlowCard, SumsTheOpenDebtsOfTheCampaignInTheFlowsCurrency) {
  Debt closed = debt_of(700'00, 90);
  closed.is_closed = true;
  Debt other = debt_of(800'00, 80);
  other.portfolio = "south";
  CaseFilter filter;
  filter.portfolios = {"north"};
  const Flow flow = test::pay_flow();
  const FlowCard card = flow_card(flow, filter, owing({debt_of(100'00, 5), debt_of(200'50, 40), debt_of(9'00, 7, Currency::usd), closed, other}), test::noon, nullptr);
  EXPECT_EQ(card.overdue, (Money{300'50, Currency::rub}));
  EXPECT_EQ(card.balance, (Money{3'005'00, Currency::rub}));
  EXPECT_EQ(card.days_past_due, 40);
  EXPECT_EQ(card.debt_external_id, "");
  EXPECT_EQ(card.name, "Synthetic Person");
}

TEST(FlowCard, OneDebtIsNamedForThePromise) {
  EXPECT_EQ(flow_card(test::pay_flow(), {}, owing({debt_of(100'00, 5)}), test::noon, nullptr).debt_external_id, "C-5");
}

TEST(FlowCard, TodayIsTheEarlierDayWhereTheZoneIsNotCertain) {
  const test::FixedClock clock({hours(2), hours(12)});
  const UtcTime evening = test::noon + hours(10);
  EXPECT_EQ(flow_card(test::pay_flow(), {}, owing({}), evening, nullptr).today, (CivilDate{2026, 11, 24}));
  EXPECT_EQ(flow_card(test::pay_flow(), {}, owing({}), evening, &clock).today, (CivilDate{2026, 11, 25}));
  EXPECT_EQ(flow_card(test::pay_flow(), {}, owing({}), test::noon + hours(1), &clock).today, (CivilDate{2026, 11, 24}));
}

TEST(FlowCard, ABranchGoesByTheFirstConditionThatHolds) {
  Flow flow = test::pay_flow();
  StrategyCondition fresh;
  fresh.dpd = {std::nullopt, 10};
  StrategyCondition large;
  large.overdue = {1'000'00, std::nullopt};
  StrategyCondition morning;
  morning.hour_to = 12;
  flow.steps[test::at_debt].act = flow_step::Branch{{{fresh, test::at_menu}, {large, test::at_sum}, {morning, test::at_day}}, test::at_callback};
  struct Row {
    Debt debt;
    UtcTime at;
    FlowIndex to;
  };
  const Row rows[] = {
      {debt_of(5'000'00, 5), test::noon, test::at_menu},
      {debt_of(5'000'00, 50), test::noon, test::at_sum},
      {debt_of(100'00, 50), test::noon - hours(2), test::at_day},
      {debt_of(100'00, 50), test::noon, test::at_callback},
  };
  const test::FixedClock clock({hours(0)});
  for (const Row& row : rows) {
    EXPECT_EQ(flow_card(flow, {}, owing({row.debt}), row.at, &clock).branches[test::at_debt], row.to);
  }
}

TEST(FlowCard, AMachineTakesTheWayOfTheCard) {
  Flow flow = test::pay_flow();
  flow.steps[test::at_debt].act = flow_step::Branch{{{StrategyCondition{}, test::at_menu}}, test::at_callback};
  FlowCard card = test::pay_card(flow);
  card.branches[test::at_debt] = test::at_callback;
  test::FlowCall call(flow, card);
  call.heard();
  call.heard();
  call.keys("1");
  EXPECT_EQ(call.at(), "later");
}

TEST(FlowCard, ValuesTheCaseDoesNotHaveAreLeftOut) {
  const Flow flow = test::pay_flow();
  const FlowCard card = test::pay_card(flow);
  const auto words = [&](const char* text) { return spoken_text(spoken_flow_text(flow, card, test::flow_text(text), std::nullopt, std::nullopt)); };
  EXPECT_EQ(words("In arrears since {arrears_since} with {creditor}"), "In arrears since with");
  EXPECT_EQ(words("{amount} by {date}"), "two thousand five hundred roubles and fifty kopecks by");
  EXPECT_EQ(words("{days_past_due}, call {caller_number}"), "zero days call");
}

TEST(FlowCard, WhatACallAloneSaysIsEachNameOnce) {
  const Flow flow = test::pay_flow();
  EXPECT_EQ(words_of_card(flow, test::pay_card(flow)), (SpokenPieces{{"", "Ivan Petrov"}}));
  for (const SpokenPiece& piece : flow_fragments(flow)) EXPECT_FALSE(piece.fragment.empty()) << piece.text;
}

TEST(FlowCard, ANameIsSynthesisedAndAPhraseMayBeRecorded) {
  const Flow flow = test::pay_flow();
  const SpokenPieces pieces = spoken_flow_text(flow, test::pay_card(flow), test::flow_text("Good day, {name}"), std::nullopt, std::nullopt);
  EXPECT_EQ(pieces, (SpokenPieces{{"t.1", "Good day,"}, {"", "Ivan Petrov"}}));
}

}  // namespace
}  // namespace dunlin
