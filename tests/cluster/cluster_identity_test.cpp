// A node whose secret or key is not the cluster's is told which, over a real etcd.
#include "cluster/cluster_identity.hpp"

#include <gtest/gtest.h>

#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {
namespace {

TEST(ClusterIdentity, NamesWhatIsNotTheClusters) {
  const EtcdProcess etcd;
  const auto made = EtcdClient::make(etcd.access());
  ASSERT_TRUE(made.ok());
  EtcdClient& client = **made;
  const ClusterSecret secret{9};
  const auto check = [&](const std::string& cluster, const ClusterSecret& with, const std::string& key) { return confirm_identity(client, cluster, with, key); };
  EXPECT_TRUE(check("bank", secret, "k1").ok()) << "the first one writes it";
  EXPECT_TRUE(check("bank", secret, "k1").ok());
  EXPECT_TRUE(check("bank", secret, "k0").ok()) << "nothing was ever kept under the former one";
  EXPECT_TRUE(check("bank", secret, "k1").ok());
  ASSERT_TRUE(client.run({{}, {EtcdPut{JournalKeys("bank").head(7), "1", 0}}, {}}).ok());
  const auto other_secret = check("bank", ClusterSecret{8}, "k1");
  ASSERT_FALSE(other_secret.ok());
  EXPECT_EQ(other_secret.error().code, Errc::denied);
  EXPECT_NE(other_secret.error().detail.find("not the secret of cluster 'bank'"), std::string::npos) << other_secret.error().detail;
  const auto other_key = check("bank", secret, "k2");
  ASSERT_FALSE(other_key.ok());
  EXPECT_EQ(other_key.error().code, Errc::denied);
  EXPECT_NE(other_key.error().detail.find("fingerprint k2"), std::string::npos) << other_key.error().detail;
  EXPECT_TRUE(check("bank", secret, "k1").ok()) << "nothing was written over";
  EXPECT_TRUE(check("other", ClusterSecret{8}, "k2").ok()) << "each cluster has its own";
  EXPECT_EQ(identity_of(secret, "bank", "k1").find("k1"), std::string::npos) << "the fingerprint is not told";
  ASSERT_TRUE(client.run({{}, {EtcdPut{JournalKeys("bank").identity(), "nonsense", 0}}, {}}).ok());
  EXPECT_EQ(check("bank", secret, "k1").error().code, Errc::corrupt);
}

}  // namespace
}  // namespace dunlin::test
