// Followers of a real etcd: copies are byte-equal whatever is lost on the way, and what cannot be joined is told.
#include "cluster/replica_follower.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"
#include "tests/cluster/replica_rig.hpp"

namespace dunlin::test {
namespace {

using WireFate = FaultyWire::Fate;
const std::string follower_path = "POST /v3/kv/txn ";

TEST(ReplicaFollower, TwoStoresReachTheOwnersBytes) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  FollowerRig c(etcd, "c");
  owner.list({b.place(), c.place()});
  owner.write(30);
  b.start();
  c.start();
  owner.write(30);
  ASSERT_TRUE(replica_comes_to([&] { return owner.has_images(b) && owner.has_images(c); }));
  EXPECT_FALSE(owner.journal.store->image(1).empty());
  for (const auto shard : OwnerRig::shards) {
    const auto head = encode(owner.head(shard));
    EXPECT_EQ(encode(JournalRig::must(b.store->applied(shard))), head);
    for (const char* store : {"store-b", "store-c"}) {
      EXPECT_TRUE(replica_comes_to([&] { return owner.value(owner.keys.applied(shard, store)) == head; })) << store;
    }
  }
  const auto stats = b.follower->stats();
  EXPECT_EQ(stats.batches, 60u);
  EXPECT_LT(stats.reports, 60u) << "positions go together, not one a batch";
  ASSERT_TRUE(replica_comes_to([&] { return b.notes.sight().has_value(); }));
  EXPECT_NE(b.notes.sight()->cluster_id, 0u);
}

TEST(ReplicaFollower, LeavesAloneWhatItDoesNotFollowOrIsNotListedFor) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.list({b.place()});
  owner.put(owner.keys.replicas(2), encode(ReplicaSet{2, {{{"store-x", "host-x"}, ReplicaState::in_sync}}}));
  b.start();
  b.follower->unfollow(3);
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return b.has_image(1, *owner.journal.store); }));
  EXPECT_TRUE(b.store->image(2).empty());
  EXPECT_TRUE(b.store->image(3).empty());
  b.follower->unfollow(1);
  owner.write(9);
  b.follower->follow(3);
  ASSERT_TRUE(replica_comes_to([&] { return b.has_image(3, *owner.journal.store); }));
  EXPECT_FALSE(b.has_image(1, *owner.journal.store)) << "nothing is applied to what this node may own";
  owner.list({b.place()});
  b.follower->follow(1);
  EXPECT_TRUE(replica_comes_to([&] { return owner.has_images(b); })) << "a list that names the store later is seen";
  EXPECT_TRUE(b.notes.seeds().empty());
}

TEST(ReplicaFollower, AWireThatLosesAnswersCostsNeitherABatchNorAppliesOneTwice) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.list({b.place()});
  Rng rng(7);
  std::vector<WireFate> fates;
  for (int i = 0; i < 120; ++i) {
    const WireFate kinds[] = {WireFate::pass, WireFate::lose_answer, WireFate::lose_request};
    fates.push_back(kinds[rng.below(3)]);
  }
  b.wire.plan(follower_path, fates);
  b.start();
  owner.write(45);
  ASSERT_TRUE(replica_comes_to([&] { return owner.has_images(b) && b.wire.left_in_plan() == 0; })) << "the store refuses a batch out of order";
  EXPECT_EQ(b.follower->stats().batches, 45u);
  EXPECT_GT(b.follower->stats().failures, 0u);
  const auto head = encode(owner.head(2));
  EXPECT_TRUE(replica_comes_to([&] { return owner.value(owner.keys.applied(2, "store-b")) == head; }));
}

TEST(ReplicaFollower, WhatIsTrimmedBeyondItIsSeededAndThenFollowedAgain) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.list({b.place()});
  b.start();
  owner.write(6);
  ASSERT_TRUE(replica_comes_to([&] { return owner.has_images(b); }));
  b.stop();
  owner.write(9);
  EXPECT_TRUE(owner.journal.keeper->run({{}, {EtcdErase{owner.keys.batch(1, 0), owner.keys.batch(1, 4)}}, {}}).ok());
  EXPECT_TRUE(owner.journal.keeper->run({{}, {EtcdErase{owner.keys.batch(2, 0), owner.keys.batch(2, 99)}}, {}}).ok());
  const auto before = b.store->image(1);
  b.start(b.notes.sight());
  ASSERT_TRUE(replica_comes_to([&] { return b.notes.seeds() == std::set<ShardIndex>{1, 2}; }));
  ASSERT_TRUE(replica_comes_to([&] { return b.has_image(3, *owner.journal.store); })) << "the others go on";
  EXPECT_EQ(b.store->image(1), before) << "nothing is skipped";
  for (const auto shard : {ShardIndex{1}, ShardIndex{2}}) {
    b.store->copy_from(*owner.journal.store, shard);
    b.follower->follow(shard);
  }
  owner.write(6);
  EXPECT_TRUE(replica_comes_to([&] { return owner.has_images(b); }));
  EXPECT_EQ(b.follower->stats().shards_to_seed, 0u);
}

TEST(ReplicaFollower, AChangedBatchIsNotApplied) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.list({b.place()});
  owner.write(9);
  auto batch = owner.value(owner.keys.batch(1, 2));
  batch.back() = static_cast<char>(batch.back() ^ 1);
  owner.put(owner.keys.batch(1, 2), batch);
  owner.put(owner.keys.batch(2, 2), owner.value(owner.keys.batch(1, 2)));
  b.start();
  ASSERT_TRUE(replica_comes_to([&] { return b.notes.seeds() == std::set<ShardIndex>{1, 2} && b.has_image(3, *owner.journal.store); }));
  EXPECT_EQ(JournalRig::must(b.store->applied(1)).sequence, 1u);
  EXPECT_EQ(JournalRig::must(b.store->applied(2)).sequence, 1u);
}

TEST(ReplicaFollower, AJournalThatWentBackIsToldAndNothingApplied) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig late_revision(etcd, "b");
  FollowerRig other_cluster(etcd, "c");
  FollowerRig ahead(etcd, "d");
  owner.list({late_revision.place(), other_cluster.place(), ahead.place()});
  ahead.start();
  owner.write(6);
  ASSERT_TRUE(replica_comes_to([&] { return owner.has_images(ahead) && ahead.notes.sight().has_value(); }));
  const auto sight = *ahead.notes.sight();
  late_revision.start(JournalSight{sight.cluster_id, sight.revision + 1'000'000});
  other_cluster.start(JournalSight{sight.cluster_id + 1, 1});
  ASSERT_TRUE(replica_comes_to([&] { return !late_revision.notes.went_back().empty() && !other_cluster.notes.went_back().empty(); }));
  owner.put(owner.keys.head(2), encode(ShardHead{1, {1, 1}, {}}));
  ASSERT_TRUE(replica_comes_to([&] { return !ahead.notes.went_back().empty(); }));
  EXPECT_NE(ahead.notes.went_back().find("shard 2"), std::string::npos) << ahead.notes.went_back();
  for (const auto* follower : {&late_revision, &other_cluster}) EXPECT_TRUE(follower->store->image(1).empty());
}

TEST(ReplicaFollower, ADiskThatFailsIsTriedAgain) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.list({b.place()});
  b.store->is_broken = true;
  b.start();
  owner.write(6);
  ASSERT_TRUE(replica_comes_to([&] { return b.follower->stats().failures > 2; }));
  EXPECT_GT(b.follower->stats().batches_behind, 0u);
  b.store->is_broken = false;
  EXPECT_TRUE(replica_comes_to([&] { return owner.has_images(b); }));
  EXPECT_TRUE(b.notes.seeds().empty());
}

}  // namespace
}  // namespace dunlin::test
