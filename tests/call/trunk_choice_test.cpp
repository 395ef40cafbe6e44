#include "core/call/trunk_choice.hpp"

#include <gtest/gtest.h>

#include <map>

namespace dunlin {
namespace {

MonoTime at(std::int64_t ms) { return MonoTime{1'000'000 + ms}; }

TrunkBudget budget(std::vector<TrunkLimits> trunks) {
  auto made = TrunkBudget::make(std::move(trunks), at(0));
  EXPECT_TRUE(made.ok());
  return std::move(*made);
}

const EndCause refused{EndOrigin::remote, 503, 0, "", false};
const EndCause busy{EndOrigin::remote, 486, 0, "", false};

TEST(TrunkBudget, RefusesBadLimits) {
  EXPECT_FALSE(TrunkBudget::make({{"", 1, 1}}, at(0)).ok());
  EXPECT_FALSE(TrunkBudget::make({{"a", 1, 1}, {"a", 1, 1}}, at(0)).ok());
  EXPECT_FALSE(TrunkBudget::make({{"a", -1, 1}}, at(0)).ok());
  EXPECT_FALSE(TrunkBudget::make({{"a", 1, 0}}, at(0)).ok());
}

TEST(TrunkBudget, StartsNoMoreThanTheRateInAnySecond) {
  TrunkBudget b = budget({{"a", 1000, 7.5}});
  std::vector<std::int64_t> starts;
  for (std::int64_t ms = 0; ms < 20'000; ms += 10) {
    while (b.acquire(at(ms)).ok()) starts.push_back(ms);
  }
  EXPECT_NEAR(static_cast<double>(starts.size()), 7.5 * 20, 1.0);
  for (std::size_t i = 0; i + 16 < starts.size(); ++i) {
    // One second's depth and one second's refill are the most that can meet in one second.
    EXPECT_GE(starts[i + 16] - starts[i], 1000);
  }
}

TEST(TrunkBudget, SpacesStartsSmoothlyInsteadOfBursting) {
  TrunkBudget b = budget({{"a", 1000, 4.0}});
  std::int64_t last = 0;
  for (std::int64_t ms = 0; ms < 10'000; ms += 10) {
    if (!b.acquire(at(ms)).ok()) continue;
    EXPECT_TRUE(last == 0 || ms - last == 250) << ms - last;
    last = ms;
  }
  EXPECT_GT(last, 9'000);
}

TEST(TrunkBudget, GivesACampaignItsOwnTrunksOnly) {
  TrunkBudget b = budget({{"a", 10, 10}, {"b", 10, 10}, {"c", 10, 10}, {"d", 10, 10}});
  const auto tokens_before = b.view(at(2'000))[0].tokens;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(b.acquire(at(2'000), {{}, {{"d"}}, {}}).value(), "d") << "others are no obstacle";
  EXPECT_EQ(b.acquire(at(2'000), {{}, {{"c"}, {"d"}}, "d"}).value(), "c") << "the one that failed is not chosen again";
  EXPECT_FALSE(b.acquire(at(2'000), {{}, {{"d"}}, "d"}).ok());
  EXPECT_EQ(b.view(at(2'000))[0].tokens, tokens_before) << "nobody else's starts are spent";
}

TEST(TrunkBudget, NeverExceedsChannels) {
  TrunkBudget b = budget({{"a", 2, 100}});
  EXPECT_TRUE(b.acquire(at(2'000)).ok());
  EXPECT_TRUE(b.acquire(at(2'000)).ok());
  const auto third = b.acquire(at(2'000));
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(third.error().code, Errc::exhausted);
  EXPECT_EQ(b.limit(at(2'000)), TrunkLimit::channels);
  b.release("a");
  EXPECT_TRUE(b.acquire(at(2'000)).ok());
  b.release("nobody");
  EXPECT_EQ(b.channels_free(), 0);
}

TEST(TrunkBudget, SharesEachCampaignsCallsByItsOwnWeights) {
  TrunkBudget b = budget({{"a", 10'000, 1'000}, {"b", 10'000, 1'000}});
  const TrunkWish first{CampaignId(1), {{"a", 3}, {"b", 1}}, {}};
  const TrunkWish second{CampaignId(2), {{"a", 1}, {"b", 1}}, {}};
  std::map<std::string, int> of_first, of_second;
  for (int i = 0; i < 400; ++i) {
    ++of_first[*b.acquire(at(10'000 + 2 * i), first)];
    ++of_second[*b.acquire(at(10'000 + 2 * i), second)];
  }
  EXPECT_EQ(of_first["a"], 300);
  EXPECT_EQ(of_first["b"], 100);
  EXPECT_EQ(of_second["a"], 200);
  EXPECT_EQ(of_second["b"], 200);
}

TEST(TrunkBudget, TakesNewWeightsFromTheNextCallOn) {
  TrunkBudget b = budget({{"a", 10'000, 1'000}, {"b", 10'000, 1'000}});
  std::map<std::string, int> count;
  for (int i = 0; i < 7; ++i) (void)b.acquire(at(10'000), {CampaignId(1), {{"a", 9}, {"b", 1}}, {}});
  for (int i = 0; i < 100; ++i) ++count[*b.acquire(at(11'000 + i), {CampaignId(1), {{"a", 1}, {"b", 3}}, {}})];
  EXPECT_NEAR(count["b"], 75, 3);
}

TEST(TrunkBudget, KeepsAReserveForWhenTheOthersCannot) {
  TrunkBudget b = budget({{"reserve", 5, 100}, {"main", 1, 100}});
  const TrunkWish wish{CampaignId(1), {{"reserve", 0}, {"main", 1}}, {}};
  EXPECT_EQ(*b.acquire(at(1'000), wish), "main");
  EXPECT_EQ(*b.acquire(at(1'000), wish), "reserve");
  b.release("main");
  EXPECT_EQ(*b.acquire(at(1'000), wish), "main");
}

TEST(TrunkBudget, ExcludesTheTrunkThatJustFailed) {
  TrunkBudget b = budget({{"a", 10, 100}, {"b", 10, 100}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(*b.acquire(at(1'000), {{}, {}, "a"}), "b");
}

TEST(TrunkBudget, TakesAFailingTrunkDownAndTriesItAgainLater) {
  TrunkBudget b = budget({{"a", 100, 100}, {"b", 100, 100}});
  for (int i = 0; i < 3; ++i) b.on_start_result(at(1'000), "a", refused);
  EXPECT_EQ(*b.acquire(at(1'000)), "b");  // Degraded: only when nobody is up.
  for (int i = 0; i < 3; ++i) b.on_start_result(at(1'000), "a", refused);
  EXPECT_EQ(b.view(at(1'000))[0].health, TrunkHealth::down);
  EXPECT_EQ(b.view(at(31'000))[0].health, TrunkHealth::degraded);
  b.on_start_worked("a");
  EXPECT_EQ(b.view(at(31'000))[0].health, TrunkHealth::up);
}

TEST(TrunkBudget, DoesNotBlameATrunkForABusyPerson) {
  TrunkBudget b = budget({{"a", 100, 100}});
  for (int i = 0; i < 20; ++i) b.on_start_result(at(1'000), "a", busy);
  EXPECT_EQ(b.view(at(1'000))[0].health, TrunkHealth::up);
  EXPECT_FALSE(is_failover_cause(busy));
  EXPECT_TRUE(is_failover_cause(refused));
}

TEST(TrunkBudget, SaysWhatStopsTheNextStart) {
  TrunkBudget none = budget({});
  EXPECT_EQ(none.limit(at(0)), TrunkLimit::no_trunk);
  EXPECT_EQ(none.acquire(at(0)).error().code, Errc::unavailable);
  TrunkBudget b = budget({{"a", 10, 1}});
  EXPECT_EQ(b.limit(at(0)), TrunkLimit::call_rate);
  EXPECT_EQ(b.limit(at(1'000)), TrunkLimit::none);
  EXPECT_EQ(b.startable(at(1'000)), 1);
  b.set_health("a", TrunkHealth::down);
  EXPECT_EQ(b.limit(at(1'000)), TrunkLimit::all_down);
  EXPECT_EQ(b.startable(at(1'000)), 0);
  b.set_health("a", TrunkHealth::up);
  EXPECT_EQ(b.limit(at(1'000)), TrunkLimit::none);
}

TEST(TrunkBudget, KeepsLiveCallsOverAReconfiguration) {
  TrunkBudget b = budget({{"a", 2, 100}});
  ASSERT_TRUE(b.acquire(at(1'000)).ok());
  ASSERT_TRUE(b.reconfigure({{"a", 1, 100}, {"b", 1, 100}}, at(1'000)).ok());
  EXPECT_EQ(b.view(at(1'000))[0].channels_in_use, 1);
  EXPECT_EQ(*b.acquire(at(2'000)), "b");
  EXPECT_FALSE(b.acquire(at(2'000)).ok());
}

}  // namespace
}  // namespace dunlin
