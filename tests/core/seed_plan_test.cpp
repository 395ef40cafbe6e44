// Seeding decisions: by table, and in random plays of sources that die, refuse and come back.
#include "core/cluster/seed_plan.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/rng.hpp"
#include "core/cluster/seed_message.hpp"

namespace dunlin {
namespace {

MonoTime at_second(std::int64_t s) { return MonoTime{s * 1000}; }
const std::vector<SeedSource> two_sources{{"a", true}, {"b", false}};

TEST(SeedPlan, AsksWhoDoesNotCommitBeforeTheOwner) {
  SeedPlan plan({});
  plan.want(7);
  plan.want(7);
  EXPECT_EQ(plan.waiting(), 1u);
  ASSERT_EQ(plan.due(at_second(1)), std::vector<ShardIndex>{7});
  EXPECT_EQ(plan.begin(7, two_sources, at_second(1)), "b");
  EXPECT_EQ(plan.copying(), 1u);
  EXPECT_TRUE(plan.due(at_second(1)).empty()) << "it is under way";
  plan.fail(7, SeedFault::source, at_second(2));
  EXPECT_TRUE(plan.due(at_second(2)).empty()) << "not without a pause";
  ASSERT_EQ(plan.due(at_second(3)).size(), 1u);
  EXPECT_EQ(plan.begin(7, two_sources, at_second(3)), "a") << "another one than the one that failed";
  plan.finish(7);
  EXPECT_EQ(plan.waiting() + plan.copying(), 0u);
}

TEST(SeedPlan, WaitsWhenNobodyHasACopy) {
  SeedPlan plan({});
  plan.want(7);
  EXPECT_EQ(plan.begin(7, {}, at_second(1)), std::nullopt);
  EXPECT_TRUE(plan.due(at_second(1)).empty());
  EXPECT_EQ(plan.due(at_second(2)).size(), 1u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(plan.begin(7, {}, at_second(2)), std::nullopt);
  EXPECT_TRUE(plan.due(at_second(61)).empty());
  EXPECT_EQ(plan.due(at_second(62)).size(), 1u) << "never longer than the longest pause";
}

TEST(SeedPlan, AFaultOfTheOwnDiskBlamesNobodyAndRestsEverything) {
  SeedPlan plan({});
  for (const ShardIndex shard : {ShardIndex{1}, ShardIndex{2}, ShardIndex{3}}) plan.want(shard);
  EXPECT_EQ(plan.due(at_second(0)), (std::vector<ShardIndex>{1, 2})) << "two at a time";
  EXPECT_EQ(plan.begin(1, two_sources, at_second(0)), "b");
  EXPECT_EQ(plan.due(at_second(0)), std::vector<ShardIndex>{2});
  plan.fail(1, SeedFault::own, at_second(1));
  EXPECT_TRUE(plan.due(at_second(1)).empty());
  EXPECT_EQ(plan.due(at_second(2)).size(), 2u);
  EXPECT_EQ(plan.begin(1, two_sources, at_second(2)), "b");
}

TEST(SeedPlan, GoesByTheOrderOfWantAndPutsWhoFailedBehind) {
  SeedPlan plan({});
  for (const ShardIndex shard : {ShardIndex{9}, ShardIndex{5}, ShardIndex{7}, ShardIndex{1}}) plan.want(shard);
  plan.want(9);
  ASSERT_EQ(plan.due(at_second(0)), (std::vector<ShardIndex>{9, 5}));
  EXPECT_EQ(plan.begin(9, two_sources, at_second(0)), "b");
  EXPECT_EQ(plan.begin(5, two_sources, at_second(0)), "b");
  EXPECT_TRUE(plan.due(at_second(0)).empty()) << "no place is free";
  plan.fail(9, SeedFault::source, at_second(0));
  plan.finish(5);
  EXPECT_EQ(plan.due(at_second(60)), (std::vector<ShardIndex>{7, 1})) << "those that were not tried yet come first";
  EXPECT_EQ(plan.begin(7, two_sources, at_second(60)), "b");
  plan.finish(7);
  EXPECT_EQ(plan.due(at_second(60)), (std::vector<ShardIndex>{1, 9}));
}

TEST(SeedPlan, KeepsToTheSpeed) {
  SeedThrottle throttle(1000);
  EXPECT_EQ(throttle.pause_after(500, at_second(10)).ms, 500);
  EXPECT_EQ(throttle.pause_after(500, at_second(10)).ms, 1000) << "all copies together";
  EXPECT_EQ(throttle.pause_after(100, at_second(20)).ms, 100) << "nothing is saved up";
}

/// Nodes come and go, their answers are lost or wrong: whatever happens, few copies run, none twice, and when one source
/// stays well all shards come to their end.
TEST(SeedPlan, ComesToAnEndWhateverFails) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Rng rng(seed);
    SeedPlan plan({});
    std::set<ShardIndex> left;
    std::map<ShardIndex, std::string> running;
    for (int i = 0; i < 12; ++i) left.insert(static_cast<ShardIndex>(rng.below(40)));
    for (const auto shard : left) plan.want(shard);
    MonoTime now;
    const std::vector<SeedSource> all{{"a", true}, {"b", false}, {"c", false}};
    for (int step = 0; step < 4000 && !left.empty(); ++step) {
      now = now + milliseconds(static_cast<std::int64_t>(rng.below(2000)));
      const bool is_calm = step > 200;
      for (const auto shard : plan.due(now)) {
        ASSERT_EQ(running.count(shard), 0u);
        std::vector<SeedSource> sources;
        for (const auto& source : all) {
          if (is_calm ? source.node_id == "a" : rng.below(2) == 0) sources.push_back(source);
        }
        const auto chosen = plan.begin(shard, sources, now);
        ASSERT_EQ(chosen.has_value(), !sources.empty());
        if (chosen) running[shard] = *chosen;
      }
      ASSERT_LE(running.size(), SeedRules{}.at_once);
      ASSERT_EQ(plan.copying(), running.size());
      ASSERT_EQ(plan.waiting(), left.size() - running.size());
      for (auto at = running.begin(); at != running.end();) {
        const auto fate = is_calm ? 0 : rng.below(4);
        if (fate == 3) {
          ++at;
          continue;
        }
        if (fate == 0) {
          plan.finish(at->first);
          left.erase(at->first);
        } else {
          plan.fail(at->first, fate == 1 ? SeedFault::source : SeedFault::own, now);
          if (rng.below(2) == 0) plan.want(at->first);
        }
        at = running.erase(at);
      }
    }
    ASSERT_TRUE(left.empty()) << "seed " << seed;
  }
}

TEST(SeedMessage, ReadsWhatItWroteAndNothingElse) {
  const SeedAsk ask{SeedStep::next, 77, 12};
  EXPECT_EQ(decode_seed_ask(encode(ask)).value(), ask);
  const SeedAnswer answer{77, {5, {1, 2}, {9}}, 12, true, {3}, "rows"};
  EXPECT_EQ(decode_seed_answer(encode(answer)).value(), answer);
  for (std::size_t size = 0; size < encode(answer).size(); ++size) EXPECT_FALSE(decode_seed_answer(encode(answer).substr(0, size)).ok());
  EXPECT_FALSE(decode_seed_ask(encode(ask) + "x").ok());
  auto newer = encode(ask);
  newer[0] = 2;
  const auto refused = decode_seed_ask(newer);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::invalid_input);
  EXPECT_NE(refused.error().detail.find("version 2"), std::string::npos) << refused.error().detail;
}

}  // namespace
}  // namespace dunlin
