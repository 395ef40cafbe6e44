#include "core/report/call_costs.hpp"
#include "core/report/live_counters.hpp"

#include <gtest/gtest.h>

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::Desk;

void play(LiveCounters& counters, Outcome outcome, std::optional<Outcome> disposition) {
  Desk desk;
  const auto count = [&counters](const CaseEffects& effects) {
    for (const CaseEvent& event : effects.events) counters.count(event);
  };
  desk.import();
  count(desk.reserve(1));
  count(desk.settle(1, outcome));
  if (disposition) count(desk.dispose(1, *disposition));
}

TEST(LiveCounters, TheFunnelCountsEachAttemptOnce) {
  LiveCounters counters;
  play(counters, Outcome::no_answer, std::nullopt);
  play(counters, Outcome::busy, std::nullopt);
  play(counters, Outcome::abandoned, std::nullopt);
  play(counters, Outcome::answered, Outcome::rpc_promise);
  play(counters, Outcome::answered, Outcome::wrong_number);
  play(counters, Outcome::answered, Outcome::rpc_refusal);
  EXPECT_EQ(counters.reserved, 6U);
  EXPECT_EQ(counters.settled(), 6U);
  EXPECT_EQ(counters.answered, 4U);
  EXPECT_EQ(counters.humans, 4U);
  EXPECT_EQ(counters.connected, 3U);
  EXPECT_EQ(counters.right_party, 2U);
  EXPECT_EQ(counters.promises, 1U);
  EXPECT_EQ(counters.abandon_rate(), 250);
  EXPECT_EQ(counters.right_party_rate(), 333);
  EXPECT_EQ(counters.promise_rate(), 500);
  EXPECT_EQ(counters.answer_to_agent.quantile(500), milliseconds(1023));
}

TEST(CallCost, IsTheFeesOfAttemptsAndMinutes) {
  LiveCounters counters;
  play(counters, Outcome::no_answer, std::nullopt);
  play(counters, Outcome::not_sent, std::nullopt);
  play(counters, Outcome::answered, Outcome::rpc_promise);
  EXPECT_EQ(counters.charged, 2U) << "what was never sent is not charged";
  counters.line_ms = 90'000;
  CallPrices prices;
  EXPECT_EQ(costs_of(prices, counters).fees, 0);
  prices.attempt = *parse_price("1.5");
  prices.minute = *parse_price("2");
  const CallCosts costs = costs_of(prices, counters);
  EXPECT_NEAR(costs.fees, 2 * 1.5 + 1.5 * 2, 1e-9);
  ASSERT_TRUE(costs.per_contact.has_value());
  EXPECT_NEAR(*costs.per_contact, 6, 1e-9);
  EXPECT_FALSE(costs.per_kept_promise.has_value()) << "no promise is kept yet";
}

TEST(LiveCounters, ATalkNobodyDescribedCountsAsMissed) {
  LiveCounters counters;
  Desk desk;
  const auto count = [&counters](const CaseEffects& effects) {
    for (const CaseEvent& event : effects.events) counters.count(event);
  };
  desk.import();
  count(desk.reserve(1));
  count(desk.settle(1, Outcome::answered));
  EXPECT_EQ(counters.dispositions_missed, 0U);
  desk.now = desk.now + CaseLimits{}.wrap_up;
  count(desk.commit(desk.machine.on_due(desk.now, desk.book)));
  EXPECT_EQ(counters.dispositions_missed, 1U);
  EXPECT_EQ(counters.settled_by_outcome[static_cast<std::size_t>(Outcome::answered)], 1U) << "the attempt itself stays what it was";
}

TEST(LiveCounters, AReconciliationReplacesTheUnknownEnd) {
  LiveCounters counters;
  AttemptSettled lost;
  lost.outcome = Outcome::unknown_after_failure;
  counters.count(lost);
  AttemptReconciled known;
  known.outcome = Outcome::busy;
  counters.count(known);
  EXPECT_EQ(counters.settled(), 1U);
  EXPECT_EQ(counters.settled_by_outcome[static_cast<std::size_t>(Outcome::busy)], 1U);
}

TEST(LiveCounters, RatesWithoutADenominatorAreUnknown) {
  const LiveCounters counters;
  EXPECT_FALSE(counters.abandon_rate().has_value());
  EXPECT_FALSE(counters.occupancy().has_value());
  EXPECT_FALSE(counters.idle.quantile(500).has_value());
}

TEST(LiveCounters, OccupancyLeavesBreaksOut) {
  LiveCounters counters;
  counters.add_agent_time(AgentTime::talking, minutes(30));
  counters.add_agent_time(AgentTime::wrap_up, minutes(10));
  counters.add_agent_time(AgentTime::waiting, minutes(10));
  counters.add_agent_time(AgentTime::on_break, minutes(60));
  EXPECT_EQ(counters.occupancy(), 800);
}

TEST(LiveCounters, MergedCountersAreTheSum) {
  LiveCounters one;
  LiveCounters two;
  LiveCounters both;
  play(one, Outcome::answered, Outcome::rpc_promise);
  play(two, Outcome::abandoned, std::nullopt);
  play(both, Outcome::answered, Outcome::rpc_promise);
  play(both, Outcome::abandoned, std::nullopt);
  one.merge(two);
  EXPECT_TRUE(one == both);
}

TEST(DurationHistogram, QuantilesAreAtMostAQuarterTooHigh) {
  for (const std::int64_t exact : {0, 3, 7, 8, 100, 999, 1'000, 60'000, 3'600'000, 86'400'000}) {
    DurationHistogram histogram;
    histogram.add(milliseconds(exact));
    const std::int64_t told = histogram.quantile(950)->ms;
    EXPECT_GE(told, exact);
    EXPECT_LE(told, exact + exact / 4) << exact;
  }
}

TEST(DurationHistogram, ThePercentileIsTheRankedValue) {
  DurationHistogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.add(milliseconds(i <= 95 ? 5 : 4'000));
  EXPECT_EQ(histogram.quantile(950), milliseconds(5));
  EXPECT_GT(*histogram.quantile(960), milliseconds(3'900));
  EXPECT_EQ(histogram.count(), 100U);
}

}  // namespace
}  // namespace dunlin
