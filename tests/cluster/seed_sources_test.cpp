// Where a copy can come from, and whether the journal goes on behind it, over a real etcd.
#include "cluster/seed_sources.hpp"

#include "tests/cluster/replica_rig.hpp"

namespace dunlin::test {
namespace {

std::string source_names(const Result<SeedSources>& sources) {
  if (!sources) return sources.error().detail;
  if (!sources->is_listed) return "not listed";
  std::string text;
  for (const auto& source : sources->nodes) text += source.node_id + (source.is_owner ? "! " : " ");
  return text;
}

TEST(SeedSources, AreTheNodesThatSitWithAWholeCopy) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  for (const char* node : {"b", "c", "d", "e"}) owner.sit(node);
  const auto ask = [&](const std::string& store) { return source_names(seed_sources(*owner.journal.keeper, owner.keys, 1, store)); };
  EXPECT_EQ(ask("store-e"), "not listed") << "no list yet";
  const auto replica = [](const std::string& name, ReplicaState state) { return Replica{{"store-" + name, "host-" + name}, state}; };
  const ReplicaSet set{1, {replica("a", ReplicaState::in_sync), replica("b", ReplicaState::in_sync), replica("c", ReplicaState::in_sync),
                           replica("d", ReplicaState::catching_up), replica("e", ReplicaState::catching_up)}};
  owner.put(owner.keys.replicas(1), encode(set));
  EXPECT_EQ(ask("store-e"), "a! b c ");
  EXPECT_EQ(ask("store-b"), "a! c ");
  EXPECT_EQ(ask("store-x"), "not listed") << "what it lacks may be trimmed at any time";
  owner.leave("b");
  EXPECT_EQ(ask("store-e"), "a! c ");
  owner.leave("a");
  owner.leave("c");
  EXPECT_EQ(ask("store-e"), "") << "listed, and nobody who sits has a copy";
  owner.put(owner.keys.replicas(1), "nonsense");
  EXPECT_FALSE(seed_sources(*owner.journal.keeper, owner.keys, 1, "store-e").ok());
}

TEST(SeedSources, ACopyMustJoinTheJournal) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  const BatchSeal seal(ClusterSecret{9});
  const auto check = [&](const ShardHead& position) { return check_joins(*owner.journal.keeper, owner.keys, seal, 1, position); };
  EXPECT_TRUE(check({}).ok()) << "nothing was written yet";
  owner.write_to(1);
  const auto first = owner.head(1);
  EXPECT_TRUE(check({}).ok()) << "the journal has it all";
  EXPECT_TRUE(check(first).ok());
  owner.write_to(1);
  owner.write_to(1);
  EXPECT_TRUE(check(first).ok());
  auto beside = first;
  beside.chain[3] ^= 1;
  EXPECT_EQ(check(beside).error().code, Errc::corrupt);
  auto ahead = owner.head(1);
  ++ahead.sequence;
  EXPECT_EQ(check(ahead).error().code, Errc::corrupt);
  EXPECT_TRUE(owner.journal.keeper->run({{}, {EtcdErase{owner.keys.batch(1, 0), owner.keys.batch(1, 3)}}, {}}).ok());
  const auto trimmed = check(first);
  ASSERT_FALSE(trimmed.ok());
  EXPECT_NE(trimmed.error().detail.find("trimmed"), std::string::npos) << trimmed.error().detail;
  EXPECT_TRUE(check(owner.head(1)).ok());
}

}  // namespace
}  // namespace dunlin::test
