#include "core/cluster/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace dunlin {
namespace {

std::vector<StorePlace> stores_on_hosts(int count) {
  std::vector<StorePlace> stores;
  for (int i = 0; i < count; ++i) stores.push_back({"store-" + std::to_string(i), "host-" + std::to_string(i)});
  return stores;
}

TEST(Placement, DoesNotDependOnTheOrderOfTheList) {
  auto stores = stores_on_hosts(5);
  auto reversed = stores;
  std::reverse(reversed.begin(), reversed.end());
  for (ShardIndex shard = 0; shard < shard_count; ++shard) EXPECT_EQ(stores_for(shard, stores, 2), stores_for(shard, reversed, 2));
}

TEST(Placement, StaysAsItIsForAllVersions) {
  // Written down once: nodes of two versions must agree while an upgrade goes on.
  const auto stores = stores_on_hosts(3);
  std::string firsts;
  for (ShardIndex shard = 0; shard < 24; ++shard) firsts += stores_for(shard, stores, 1).front().store.back();
  EXPECT_EQ(firsts, "010002222002221200001210");
}

TEST(Placement, SharesTheShardsFairly) {
  for (const int nodes : {2, 3, 5, 8}) {
    std::map<std::string, int> shares;
    for (ShardIndex shard = 0; shard < shard_count; ++shard) ++shares[stores_for(shard, stores_on_hosts(nodes), 2).front().store];
    ASSERT_EQ(shares.size(), static_cast<std::size_t>(nodes));
    for (const auto& [store, share] : shares) {
      EXPECT_GT(share, shard_count / nodes / 2) << store << " of " << nodes;
      EXPECT_LT(share, shard_count * 2 / nodes) << store << " of " << nodes;
    }
  }
}

TEST(Placement, ANewNodeMovesOnlyWhatItGains) {
  const auto before = stores_on_hosts(4);
  const auto after = stores_on_hosts(5);
  int moved = 0;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto first = stores_for(shard, before, 1).front();
    const auto now = stores_for(shard, after, 1).front();
    if (now == first) continue;
    EXPECT_EQ(now.store, "store-4");
    ++moved;
  }
  EXPECT_GT(moved, shard_count / 10);
  EXPECT_LT(moved, shard_count / 3);
}

TEST(Placement, CopiesStandOnDifferentHostsWhileThereAreEnough) {
  auto stores = stores_on_hosts(3);
  stores.push_back({"store-3", "host-0"});
  stores.push_back({"store-4", "host-0"});
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto places = stores_for(shard, stores, 3);
    std::set<std::string> hosts;
    for (const auto& place : places) hosts.insert(place.host);
    EXPECT_EQ(hosts.size(), 3u);
    EXPECT_EQ(stores_for(shard, stores, 9).size(), 5u);
  }
  EXPECT_TRUE(stores_for(1, {}, 2).empty());
}

}  // namespace
}  // namespace dunlin
