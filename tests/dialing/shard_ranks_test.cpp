#include "core/dialing/shard_ranks.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

constexpr UtcTime noon_due{50'000'000};

QueueSummary ready_rows(std::size_t ready, std::int32_t best) {
  QueueSummary summary;
  summary.ready = ready;
  summary.best_rank = best;
  return summary;
}

std::vector<ShardIndex> taken(ShardRanks& ranks, int count) {
  std::vector<ShardIndex> shards;
  for (int n = 0; n < count; ++n) {
    if (const auto shard = ranks.take()) shards.push_back(*shard);
  }
  return shards;
}

TEST(ShardRanks, NothingReadyGivesNoShard) {
  ShardRanks ranks;
  EXPECT_FALSE(ranks.take());
  ranks.update(3, QueueSummary{}, {});
  EXPECT_FALSE(ranks.take());
}

TEST(ShardRanks, LinesGoByTheRowsNotByTheBestShard) {
  ShardRanks ranks;
  ranks.update(4, ready_rows(3, -9), {{-9, noon_due}, {5, noon_due}, {6, noon_due}});
  ranks.update(8, ready_rows(2, 1), {{1, noon_due}, {2, noon_due}});
  EXPECT_EQ(taken(ranks, 9), (std::vector<ShardIndex>{4, 8, 8, 4, 4}));
}

TEST(ShardRanks, AmongEqualRanksWhoWaitsLongestIsFirst) {
  ShardRanks ranks;
  ranks.update(1, ready_rows(1, 0), {{0, noon_due + seconds(5)}});
  ranks.update(2, ready_rows(1, 0), {{0, noon_due}});
  EXPECT_EQ(taken(ranks, 2), (std::vector<ShardIndex>{2, 1}));
}

TEST(ShardRanks, BehindTheRowsToldTheLastOneIsTheBound) {
  ShardRanks ranks;
  ranks.update(1, ready_rows(10, 0), {{0, noon_due}});
  ranks.update(2, ready_rows(1, 0), {{0, noon_due}});
  ranks.update(3, ready_rows(1, 1), {{1, noon_due}});
  EXPECT_EQ(taken(ranks, 4), (std::vector<ShardIndex>{1, 2, 1, 1})) << "a told row before a bound of the same urgency, a bound before what is worse";
}

TEST(ShardRanks, AShardWithoutACaseIsLeftAloneUntilItTellsAgain) {
  ShardRanks ranks;
  ranks.update(1, ready_rows(4, 0), {{0, noon_due}});
  ranks.on_empty(1);
  EXPECT_FALSE(ranks.take());
  ranks.update(1, ready_rows(1, 0), {{0, noon_due}});
  EXPECT_EQ(ranks.take(), std::optional<ShardIndex>(1));
}

TEST(ShardRanks, TotalsAreOfAllShards) {
  ShardRanks ranks;
  QueueSummary one = ready_rows(2, 7);
  one.waiting = 3;
  one.next_due = noon_due + hours(2);
  ranks.update(0, one, {});
  QueueSummary other = ready_rows(1, -1);
  other.next_due = noon_due + hours(1);
  ranks.update(255, other, {});
  const QueueSummary total = ranks.total();
  EXPECT_EQ(total.ready, 3U);
  EXPECT_EQ(total.waiting, 3U);
  EXPECT_EQ(total.next_due, noon_due + hours(1));
  EXPECT_EQ(total.best_rank, -1);
}

/// As long as no shard gives more rows than it told, the lines go to the cases in the order of one single queue.
TEST(ShardRanks, ManyShardsGiveTheOrderOfOneQueue) {
  Rng lots(11);
  DialQueue whole(1000);
  std::map<ShardIndex, DialQueue> parts;
  ShardRanks ranks;
  for (std::uint64_t id = 1; id <= 600; ++id) {
    const QueueRow row{CampaignId(1), CaseId(id), noon_due + milliseconds(static_cast<std::int64_t>(id)), static_cast<std::int32_t>(lots.below(5))};
    ASSERT_TRUE(whole.upsert(row).ok());
    const auto part = parts.try_emplace(static_cast<ShardIndex>(lots.below(shard_count)), 1000).first;
    ASSERT_TRUE(part->second.upsert(row).ok());
  }
  const UtcTime now = noon_due + hours(1);
  for (auto& [shard, queue] : parts) ranks.update(shard, queue.summary(CampaignId(1), now), queue.most_urgent(CampaignId(1), now, 600));
  while (const auto expected = whole.pop_ready(CampaignId(1), now)) {
    const auto shard = ranks.take();
    ASSERT_TRUE(shard);
    EXPECT_EQ(parts.at(*shard).pop_ready(CampaignId(1), now)->case_id, expected->case_id);
  }
  EXPECT_FALSE(ranks.take());
}

}  // namespace
}  // namespace dunlin
