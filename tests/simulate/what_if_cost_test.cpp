// Prices in a world of known truth: people answer as the model that dialing asks was told. Beside the same days dialed blind.
#include "tests/simulate/what_if_fixture.hpp"

#include "core/base/rng.hpp"
#include "core/simulate/what_if_summary.hpp"

namespace dunlin {
namespace {

using test::first_violation;
using test::played;
using test::what_if_plan;

/// Mobiles are answered in the evening, landlines by day; at the other times one call in twelve reaches somebody.
std::shared_ptr<const AnswerOdds> uneven_odds() {
  std::vector<AnswerExample> examples;
  Rng lots(8);
  for (int i = 0; i < 20'000; ++i) {
    AnswerExample example;
    example.question.type = static_cast<PhoneType>(lots.below(4));
    const int hour = static_cast<int>(8 + lots.below(14));
    example.question.hour_of_week = static_cast<int>(lots.below(5)) * 24 + hour;
    const bool is_good = (example.question.type == PhoneType::mobile) == (hour >= 17);
    example.result.is_live = lots.uniform() < (is_good ? 0.45 : 0.08);
    example.result.is_right_party = example.result.is_live && lots.uniform() < 0.7;
    example.at = UtcTime{1'790'000'000'000} + minutes(i);
    examples.push_back(example);
  }
  const UtcTime learned_at = examples.back().at;
  return learn_odds(std::move(examples), learned_at, test::shipped_zones());
}

/// A fee an attempt. Numbers go in the order of the campaign and retries as planned, so that the prices alone make the difference.
WhatIfPlan priced_plan() {
  static const auto odds = uneven_odds();
  WhatIfPlan plan = what_if_plan(DialingMode::predictive);
  plan.synthetic_cases = 1000;
  plan.agents = 2;
  plan.line.tick_s = 4;
  plan.line.work_from_s = 14 * 3600;
  plan.line.work_to_s = 20 * 3600;
  plan.line.price_attempt = 1.5;
  plan.odds = odds;
  plan.answers_by_odds = true;
  plan.campaign.prices.attempt = *parse_price("1.5");
  return plan;
}

TEST(WhatIfCost, AFeeWithoutAValueChangesNoCall) {
  WhatIfPlan plan = priced_plan();
  plan.synthetic_cases = 300;
  const std::uint64_t with_fee = played(plan, 2).trace_hash;
  plan.campaign.prices = {};
  EXPECT_EQ(played(plan, 2).trace_hash, with_fee);
}

TEST(WhatIfCost, ATalkCostsLessThanDialedBlindAndAsManyAreReached) {
  std::vector<WhatIfDay> blind;
  std::vector<WhatIfDay> priced;
  std::uint64_t deferred = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    WhatIfPlan plan = priced_plan();
    blind.push_back(played(plan, seed));
    plan.campaign.prices.rpc_value = *parse_price("10.5");  // Seven attempts.
    priced.push_back(played(plan, seed));
    EXPECT_EQ(first_violation(priced.back()), "") << "seed " << seed;
    const auto refused = priced.back().denied_by_plan.find("cost");
    if (refused != priced.back().denied_by_plan.end()) deferred += refused->second;
    std::printf("seed %d: a talk costs %.2f blind, %.2f by cost; talks %d and %d\n", static_cast<int>(seed), value_of(WhatIfMetric::cost_per_rpc, blind.back()),
                value_of(WhatIfMetric::cost_per_rpc, priced.back()), static_cast<int>(blind.back().right_party), static_cast<int>(priced.back().right_party));
    EXPECT_LT(value_of(WhatIfMetric::cost_per_rpc, priced.back()), value_of(WhatIfMetric::cost_per_rpc, blind.back())) << "seed " << seed;
  }
  for (const WhatIfDifference& row : compare(blind, priced)) {
    const bool is_shown = row.metric == WhatIfMetric::cost_per_rpc || row.metric == WhatIfMetric::right_party || row.metric == WhatIfMetric::attempts ||
                          row.metric == WhatIfMetric::abandon_share || row.metric == WhatIfMetric::occupancy || row.metric == WhatIfMetric::cost_per_kept_promise;
    if (!is_shown) continue;
    std::printf("%s: blind %.3f, by cost %.3f, difference %.3f ± %.3f\n", std::string(to_string(row.metric)).c_str(), row.first.mean, row.second.mean, row.difference.mean,
                row.difference.half_width.value_or(0));
    if (row.metric == WhatIfMetric::cost_per_rpc) {
      EXPECT_LT(row.second.mean, 0.92 * row.first.mean);
      EXPECT_TRUE(row.is_significant);
    }
    if (row.metric == WhatIfMetric::right_party) {
      EXPECT_GT(row.second.mean, 0.97 * row.first.mean) << "at equal reach";
    }
  }
  EXPECT_GT(deferred, 0U);
}

}  // namespace
}  // namespace dunlin
