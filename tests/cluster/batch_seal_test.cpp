#include "cluster/batch_seal.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cluster/shard_txn.hpp"

namespace dunlin {
namespace {

ClusterSecret secret_of(unsigned char seed) {
  ClusterSecret secret{};
  secret.fill(seed);
  return secret;
}
const BatchPlace place{7, 12, {1, 2, 3}};
const BatchId id{0x1122334455667788ULL, 0x99aabbccddeeff00ULL};

TEST(BatchSeal, OpensWhatItSealed) {
  const BatchSeal seal(secret_of(5));
  for (const auto& rows : {std::string(), std::string("x"), std::string(300'000, 'r')}) {
    const auto stored = seal.seal(place, id, rows);
    const auto opened = seal.open(place, stored);
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    EXPECT_EQ(opened->id, id);
    EXPECT_EQ(opened->rows, rows);
    EXPECT_EQ(*id_of_stored_batch(stored), id);
  }
  EXPECT_EQ(seal.seal(place, id, std::string(64, 'p')).find("pppp"), std::string::npos);
}

TEST(BatchSeal, RefusesMovedForeignAndDamagedBatches) {
  const BatchSeal seal(secret_of(5));
  const auto stored = seal.seal(place, id, "rows of a batch");
  EXPECT_FALSE(seal.open({8, 12, place.before}, stored).ok());
  EXPECT_FALSE(seal.open({7, 13, place.before}, stored).ok());
  EXPECT_FALSE(seal.open({7, 12, {1, 2, 4}}, stored).ok());
  EXPECT_FALSE(BatchSeal(secret_of(6)).open(place, stored).ok());
  for (std::size_t at = 0; at < stored.size(); ++at) {
    auto damaged = stored;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    ASSERT_FALSE(seal.open(place, damaged).ok()) << at;
    ASSERT_FALSE(seal.open(place, std::string_view(stored).substr(0, at)).ok()) << at;
  }
  const auto refused = seal.open({8, 12, place.before}, stored);
  EXPECT_EQ(refused.error().code, Errc::corrupt);
  EXPECT_NE(refused.error().detail.find("batch 12 of shard 8"), std::string::npos);
}

TEST(BatchSeal, ChainsDependOnAllThatCameBefore) {
  std::set<BatchChain> chains{BatchChain{}};
  BatchChain chain{};
  for (int i = 0; i < 50; ++i) {
    chain = chain_after(chain, "same batch");
    EXPECT_TRUE(chains.insert(chain).second);
  }
  EXPECT_NE(random_batch_id(), random_batch_id());
}

}  // namespace
}  // namespace dunlin
