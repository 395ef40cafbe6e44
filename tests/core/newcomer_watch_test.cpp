// How long a newcomer rests that got nowhere, and what ends it.
#include "core/cluster/newcomer_watch.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

using StoreNames = std::set<std::string>;

MonoTime at_minute(std::int64_t m) { return MonoTime{m * 60'000}; }

/// "a b?": stores, those catching up with a question mark.
ReplicaSet list_of(std::uint64_t number, std::vector<std::string> names) {
  ReplicaSet set{number, {}};
  for (auto& name : names) {
    const bool is_newcomer = name.back() == '?';
    if (is_newcomer) name.pop_back();
    set.stores.push_back({{name, "host-" + name}, is_newcomer ? ReplicaState::catching_up : ReplicaState::in_sync});
  }
  return set;
}

const ReplicaSet owner_alone = list_of(1, {"a"});
const ReplicaSet with_newcomer = list_of(2, {"a", "b?"});
const ReplicaSet with_copy = list_of(3, {"a", "b"});

TEST(NewcomerWatch, RestsLongerEveryTime) {
  NewcomerWatch watch({minutes(10), minutes(40)});
  std::int64_t now = 0;
  for (const std::int64_t rest : {10, 20, 40, 40}) {
    watch.on_list(3, owner_alone, with_newcomer, {}, at_minute(now));
    EXPECT_TRUE(watch.resting(3, at_minute(now)).empty());
    watch.on_list(3, with_newcomer, owner_alone, {}, at_minute(now));
    EXPECT_EQ(watch.resting(3, at_minute(now)), StoreNames{"b"});
    EXPECT_EQ(watch.resting(3, at_minute(now + rest) - milliseconds(1)), StoreNames{"b"}) << rest;
    EXPECT_TRUE(watch.resting(3, at_minute(now + rest)).empty()) << rest;
    now += rest;
  }
}

TEST(NewcomerWatch, EachShardByItself) {
  NewcomerWatch watch({});
  watch.on_list(3, with_newcomer, owner_alone, {}, at_minute(0));
  watch.on_list(5, with_newcomer, owner_alone, {}, at_minute(0));
  EXPECT_TRUE(watch.resting(4, at_minute(1)).empty());
  EXPECT_EQ(watch.resting(5, at_minute(1)), StoreNames{"b"});
  EXPECT_EQ(watch.resting_count(at_minute(1)), 2u);
  EXPECT_EQ(watch.resting_count(at_minute(11)), 0u);
}

TEST(NewcomerWatch, AWholeCopyStartsAnewAndTellsThatTheStoreGetsOn) {
  NewcomerWatch watch({minutes(10), minutes(40)});
  for (int i = 0; i < 3; ++i) watch.on_list(3, with_newcomer, owner_alone, {}, at_minute(0));
  EXPECT_EQ(watch.last_finished("b"), MonoTime{});
  watch.on_list(3, with_newcomer, with_copy, {}, at_minute(50));
  EXPECT_EQ(watch.last_finished("b"), at_minute(50));
  EXPECT_TRUE(watch.resting(3, at_minute(51)).empty());
  watch.on_list(3, with_newcomer, owner_alone, {}, at_minute(100));
  EXPECT_TRUE(watch.resting(3, at_minute(110)).empty()) << "the first rest again";
}

TEST(NewcomerWatch, NeitherACopyNorAWipedStoreRests) {
  NewcomerWatch watch({});
  watch.on_list(3, with_copy, owner_alone, {}, at_minute(0));
  EXPECT_TRUE(watch.resting(3, at_minute(1)).empty()) << "a copy that stayed away may come back at once";
  watch.on_list(3, with_newcomer, owner_alone, {"b"}, at_minute(0));
  EXPECT_EQ(watch.resting_count(at_minute(1)), 0u);
}

}  // namespace
}  // namespace dunlin
