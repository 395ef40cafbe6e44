// A store's heads are put into an empty cluster once, gone on with after a stop at any point, and never beside somebody else's.
#include "cluster/adoption.hpp"

#include <gtest/gtest.h>

#include "cluster/cluster_identity.hpp"
#include "core/cluster/replica_set.hpp"
#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {
namespace {

using Stage = Adoption::Stage;

constexpr const char* adopted_cluster = "adopting";

class AdoptionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = EtcdClient::make(etcd_.access());
    ASSERT_TRUE(made.ok());
    client_ = std::move(*made);
  }
  Adoption adoption(const std::string& store = "store-a", const ClusterSecret& secret = ClusterSecret{9}) {
    return Adoption(*client_, adopted_cluster, secret, "k1", {store, "host-a"});
  }
  Adoption::Heads heads_of(const std::string& chain) const {
    Adoption::Heads heads;
    for (ShardIndex shard = 0; shard < shard_count; ++shard) heads.emplace_back(shard, adopted_head(ClusterSecret{9}, "store-a", shard, {}, chain));
    return heads;
  }
  std::string value_of(const std::string& key) {
    const auto seen = client_->read({key, {}, 1});
    return seen && !seen->rows.empty() ? seen->rows.front().value : std::string();
  }
  void put(const std::string& key, const std::string& value) { ASSERT_TRUE(client_->run({{}, {EtcdPut{key, value, 0}}, {}}).ok()); }
  void expect_conflict(const Result<Stage>& stage, const std::string& words) {
    ASSERT_FALSE(stage.ok()) << words;
    EXPECT_EQ(stage.error().code, Errc::conflict);
    EXPECT_NE(stage.error().detail.find(words), std::string::npos) << stage.error().detail;
  }
  const EtcdProcess etcd_;
  std::unique_ptr<EtcdClient> client_;
  const JournalKeys keys_{adopted_cluster};
  const std::string chain_ = std::string(32, 'c');
};

TEST_F(AdoptionTest, HeadsListsAndPositionsStandAndNobodyJoinsBeforeTheEnd) {
  EXPECT_EQ(*adoption().look(), Stage::empty);
  ASSERT_TRUE(adoption().begin().ok());
  EXPECT_EQ(check_not_adopting(*client_, adopted_cluster).error().code, Errc::denied);
  EXPECT_EQ(*adoption().look(), Stage::half_done);
  ASSERT_TRUE(adoption().put_heads(heads_of(chain_)).ok());
  ASSERT_TRUE(adoption().end().ok());
  EXPECT_TRUE(check_not_adopting(*client_, adopted_cluster).ok());
  EXPECT_EQ(*adoption().look(), Stage::done);
  EXPECT_EQ(adoption().begin().error().code, Errc::conflict);
  for (const ShardIndex shard : {ShardIndex{0}, ShardIndex{31}, ShardIndex{32}, ShardIndex{255}}) {
    const auto head = decode_shard_head(value_of(keys_.head(shard)));
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->sequence, 1u);
    EXPECT_EQ(*head, heads_of(chain_)[shard].second);
    EXPECT_EQ(value_of(keys_.applied(shard, "store-a")), value_of(keys_.head(shard)));
    const auto list = decode_replica_set(value_of(keys_.replicas(shard)));
    ASSERT_TRUE(list.ok());
    ASSERT_EQ(list->stores.size(), 1u);
    EXPECT_TRUE(list->is_in_sync("store-a"));
  }
  EXPECT_TRUE(confirm_identity(*client_, adopted_cluster, ClusterSecret{9}, "k1").ok());
  EXPECT_EQ(confirm_identity(*client_, adopted_cluster, ClusterSecret{9}, "k2").error().code, Errc::denied);
}

TEST_F(AdoptionTest, ItGoesOnWhereItStoppedAlsoWhenTheStoreWentOn) {
  ASSERT_TRUE(adoption().begin().ok());
  auto heads = heads_of(chain_);
  ASSERT_TRUE(adoption().put_heads({heads.begin(), heads.begin() + 100}).ok());
  ASSERT_TRUE(adoption().begin().ok());
  heads[3].second = adopted_head(ClusterSecret{9}, "store-a", 3, heads[3].second, std::string(32, 'd'));
  EXPECT_EQ(heads[3].second.sequence, 2u);
  ASSERT_TRUE(adoption().put_heads(heads).ok());
  EXPECT_EQ(value_of(keys_.head(3)), encode(heads[3].second));
  EXPECT_EQ(value_of(keys_.head(4)), encode(heads[4].second));
  EXPECT_EQ(adopted_head(ClusterSecret{9}, "store-a", 4, heads[4].second, chain_), heads[4].second) << "what stands is not named anew";
  EXPECT_EQ(adoption("store-a", ClusterSecret{8}).look().error().code, Errc::denied);
  ASSERT_TRUE(adoption().end().ok());
}

TEST_F(AdoptionTest, OnlyAnEmptyClusterIsTaken) {
  put(keys_.head(7), "1");
  expect_conflict(adoption().look(), "holds a history or documents");
  ASSERT_TRUE(client_->run({{}, {EtcdErase{keys_.head(7), {}}}, {}}).ok());
  put(keys_.document("x"), "1");
  expect_conflict(adoption().look(), "holds a history or documents");
  ASSERT_TRUE(client_->run({{}, {EtcdErase{keys_.document("x"), {}}}, {}}).ok());
  put(keys_.node("b"), "1");
  expect_conflict(adoption().look(), "a node sits");
  ASSERT_TRUE(client_->run({{}, {EtcdErase{keys_.node("b"), {}}}, {}}).ok());
  ASSERT_TRUE(adoption("store-z").begin().ok());
  expect_conflict(adoption().look(), "another data folder");
  EXPECT_EQ(adoption().put_heads(heads_of(chain_)).error().code, Errc::conflict);
  EXPECT_EQ(value_of(keys_.head(0)), "") << "without its own mark it puts nothing";
}

TEST_F(AdoptionTest, ANodeThatComesMeanwhileEndsIt) {
  ASSERT_TRUE(adoption().begin().ok());
  put(keys_.owner(40), "b#1");
  const auto refused = adoption().put_heads(heads_of(chain_));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(value_of(keys_.head(40)), "");
  EXPECT_EQ(adoption().end().error().code, Errc::conflict);
}

}  // namespace
}  // namespace dunlin::test
