#include "core/base/clock_watch.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

constexpr UtcTime noon{1'795'000'000'000};
constexpr MonoTime boot{5'000};

TEST(ClockWatch, BelievesAClockThatGoesWithTheOther) {
  const ClockWatch watch(noon, boot);
  EXPECT_TRUE(watch.is_believed(noon + hours(1000), boot + hours(1000)));
  EXPECT_EQ(watch.step(noon + hours(1), boot + hours(1)), seconds(0));
}

TEST(ClockWatch, BelievesSmallStepsAndNoLargeOnes) {
  const ClockWatch watch(noon, boot);
  for (const auto small : {seconds(1), seconds(30), seconds(-1), seconds(-30)}) {
    EXPECT_TRUE(watch.is_believed(noon + hours(1) + small, boot + hours(1))) << small.ms;
  }
  for (const auto large : {seconds(31), seconds(-31), hours(12), hours(-12), days(3650)}) {
    EXPECT_FALSE(watch.is_believed(noon + hours(1) + large, boot + hours(1))) << large.ms;
    EXPECT_EQ(watch.step(noon + hours(1) + large, boot + hours(1)), large);
  }
}

TEST(ClockWatch, BelievesAgainWhenTheClockIsBack) {
  const ClockWatch watch(noon, boot);
  EXPECT_FALSE(watch.is_believed(noon + hours(9), boot));
  EXPECT_TRUE(watch.is_believed(noon + minutes(1), boot + minutes(1)));
}

}  // namespace
}  // namespace dunlin
