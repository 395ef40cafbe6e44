#include "core/cluster/shard_head.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

ShardHead sample_head() {
  ShardHead head{17, {0x0123456789abcdefULL, 0xfedcba9876543210ULL}, {}};
  for (std::size_t i = 0; i < head.chain.size(); ++i) head.chain[i] = static_cast<unsigned char>(i * 7);
  return head;
}

TEST(ShardHead, ReadsWhatItWrote) {
  for (const auto& head : {ShardHead{}, sample_head(), ShardHead{UINT64_MAX, {UINT64_MAX, UINT64_MAX}, sample_head().chain}}) {
    const auto read = decode_shard_head(encode(head));
    ASSERT_TRUE(read.ok()) << read.error().detail;
    EXPECT_EQ(*read, head);
  }
  EXPECT_EQ(encode(sample_head()).substr(0, 37), "1 17 0123456789abcdeffedcba9876543210");
}

TEST(ShardHead, NamesWhatIsDamaged) {
  const auto good = encode(sample_head());
  const auto broken = [&good](std::size_t at, char c) {
    auto text = good;
    text[at] = c;
    return text;
  };
  const struct { std::string text; std::string says; } rows[] = {
      {"", "format number"}, {"2" + good.substr(1), "format number"}, {broken(2, 'x'), "sequence"}, {"1 017" + good.substr(4), "sequence"},
      {"1 99999999999999999999999" + good.substr(4), "sequence"}, {broken(5, 'G'), "batch id"}, {broken(5, 'A'), "batch id"},
      {"1 17 0123 " + good.substr(38), "batch id"}, {good.substr(0, good.size() - 1), "chain"}, {good + "0", "chain"}, {broken(good.size() - 1, ' '), "chain"}};
  for (const auto& row : rows) {
    const auto read = decode_shard_head(row.text);
    ASSERT_FALSE(read.ok()) << row.text;
    EXPECT_EQ(read.error().code, Errc::corrupt);
    EXPECT_NE(read.error().detail.find(row.says), std::string::npos) << row.text << ": " << read.error().detail;
  }
}

}  // namespace
}  // namespace dunlin
