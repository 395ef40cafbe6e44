// A copy that cannot serve leaves its place to another, over a real etcd.
#include "cluster/step_back.hpp"

#include "tests/cluster/replica_rig.hpp"

namespace dunlin::test {
namespace {

TEST(StepBack, ALostOwnershipChangesNothingAndAStandingOneTheListOnly) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  owner.sit("b");
  auto& client = *owner.journal.keeper;
  EXPECT_FALSE(step_back(client, owner.keys, 1, owner.owner_of(0), "store-a").value()) << "no list";
  owner.list({{"store-a", "host-a"}, {"store-b", "host-b"}});
  auto former = owner.owner_of(0);
  --former.owner_created_at;
  EXPECT_FALSE(step_back(client, owner.keys, 1, former, "store-a").value());
  EXPECT_EQ(owner.listed(), "a b");
  owner.leave("b");
  EXPECT_FALSE(step_back(client, owner.keys, 1, owner.owner_of(0), "store-a").value()) << "nobody else could serve";
  owner.sit("b");
  EXPECT_TRUE(step_back(client, owner.keys, 1, owner.owner_of(0), "store-a").value());
  EXPECT_EQ(owner.listed(), "a? b");
  EXPECT_FALSE(step_back(client, owner.keys, 1, owner.owner_of(0), "store-a").value()) << "once";
  owner.put(owner.keys.replicas(1), "nonsense");
  EXPECT_FALSE(step_back(client, owner.keys, 1, owner.owner_of(0), "store-a").ok());
}

TEST(StepBack, TheJournalSaysWhoseFaultALostShardIs) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(3).ok());
  ASSERT_TRUE(rig.commit(commit_of(case_in(3, 1), 0, {"e"})).ok());
  rig.store->is_broken = true;
  EXPECT_FALSE(rig.commit(commit_of(case_in(3, 1), 1, {"last"})).ok());
  ASSERT_TRUE(replica_comes_to([&] { return rig.lost == 3; }));
  EXPECT_TRUE(rig.is_store_to_blame);
  EXPECT_NE(rig.lost_epoch, 0);
}

}  // namespace
}  // namespace dunlin::test
