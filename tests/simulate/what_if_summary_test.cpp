#include "core/simulate/what_if_summary.hpp"

#include <gtest/gtest.h>

#include <set>

namespace dunlin {
namespace {

WhatIfDay day_with(std::uint64_t attempts) {
  WhatIfDay day;
  day.attempts = attempts;
  return day;
}

TEST(WhatIfSummary, AnIntervalFollowsStudent) {
  // Mean 10, deviation 1, three values: 4.303 / sqrt(3).
  const WhatIfEstimate estimate = estimate_of({9, 10, 11});
  EXPECT_DOUBLE_EQ(estimate.mean, 10);
  ASSERT_TRUE(estimate.half_width);
  EXPECT_NEAR(*estimate.half_width, 2.484, 0.001);
  EXPECT_DOUBLE_EQ(estimate.least, 9);
  EXPECT_DOUBLE_EQ(estimate.most, 11);
}

TEST(WhatIfSummary, OneSeedHasNoInterval) {
  EXPECT_FALSE(estimate_of({5}).half_width);
  EXPECT_DOUBLE_EQ(estimate_of(std::vector<double>()).mean, 0);
}

TEST(WhatIfSummary, ADifferenceIsTakenSeedBySeed) {
  // The days differ widely, but the second is always ten better: only pairing sees it.
  const std::vector<WhatIfDay> first{day_with(100), day_with(900), day_with(500)};
  const std::vector<WhatIfDay> second{day_with(110), day_with(911), day_with(509)};
  const WhatIfDifference row = compare(first, second).front();
  EXPECT_DOUBLE_EQ(row.difference.mean, 10);
  EXPECT_TRUE(row.is_significant);
  EXPECT_FALSE(compare(first, first).front().is_significant);
}

TEST(WhatIfSummary, EveryMetricHasItsOwnName) {
  std::set<std::string_view> names;
  for (int i = 0; i < what_if_metric_count; ++i) names.insert(to_string(static_cast<WhatIfMetric>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(what_if_metric_count));
}

}  // namespace
}  // namespace dunlin
