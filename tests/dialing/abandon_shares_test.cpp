#include "core/report/abandon_shares.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

constexpr UtcTime midday{1'795'521'600'000};
std::optional<int> day_share(const AbandonShares& shares, UtcTime now) {
  return shares.rates(now)[static_cast<std::size_t>(FactRate::abandoned_24h)];
}
std::optional<int> month_share(const AbandonShares& shares, UtcTime now) {
  return shares.rates(now)[static_cast<std::size_t>(FactRate::abandoned_30d)];
}

TEST(AbandonShares, NothingMeasuredIsNoShare) {
  EXPECT_FALSE(day_share(AbandonShares(), midday).has_value());
  EXPECT_FALSE(month_share(AbandonShares(), midday).has_value());
}

TEST(AbandonShares, AreRoundedUpSoThatALimitIsNeverUndercut) {
  AbandonShares shares;
  for (int i = 0; i < 97; ++i) shares.add(midday, false);
  for (int i = 0; i < 3; ++i) shares.add(midday, true);
  EXPECT_EQ(day_share(shares, midday), 3000);
  shares.add(midday, true);
  EXPECT_EQ(day_share(shares, midday), 3961);  // 4 of 101.
}

TEST(AbandonShares, ForgetADayAndAMonth) {
  AbandonShares shares;
  shares.add(midday, true);
  EXPECT_EQ(day_share(shares, midday + hours(23)), 100'000);
  EXPECT_FALSE(day_share(shares, midday + hours(24)).has_value());
  EXPECT_EQ(month_share(shares, midday + hours(24)), 100'000);
  EXPECT_EQ(month_share(shares, midday + days(29)), 100'000);
  EXPECT_FALSE(month_share(shares, midday + days(30)).has_value());
}

TEST(AbandonShares, AnHourOfLongAgoDoesNotComeBack) {
  AbandonShares shares;
  shares.add(midday, false);
  shares.add(midday - days(31), true);
  shares.add(midday + days(31), true);
  EXPECT_EQ(month_share(shares, midday + days(31)), 100'000);
  EXPECT_EQ(day_share(shares, midday), 0);
}

}  // namespace
}  // namespace dunlin
