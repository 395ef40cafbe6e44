#include "core/cluster/envelope.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

Envelope sample_envelope() { return {17, {0xfeedULL, 42}, 255, 1'234'567, std::string("body\0with zero", 14)}; }

TEST(Envelope, ReadsWhatItWrote) {
  for (const auto& envelope : {Envelope{}, sample_envelope(), Envelope{UINT16_MAX, {UINT64_MAX, UINT64_MAX}, 0, INT64_MIN, std::string(100'000, 'x')}}) {
    const auto bytes = encode(envelope);
    ASSERT_TRUE(bytes.ok()) << bytes.error().detail;
    const auto read = decode_envelope(*bytes);
    ASSERT_TRUE(read.ok()) << read.error().detail;
    EXPECT_EQ(*read, envelope);
  }
}

TEST(Envelope, NamesTheVersionsItSpeaksToOneItDoesNot) {
  auto bytes = *encode(sample_envelope());
  bytes[0] = 9;
  const auto read = decode_envelope(bytes);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Errc::invalid_input);
  EXPECT_EQ(read.error().detail, "envelope of version 9; this node speaks 1 to 1");
}

TEST(Envelope, RefusesEveryTruncation) {
  const auto bytes = *encode(sample_envelope());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto read = decode_envelope(bytes.substr(0, length));
    ASSERT_FALSE(read.ok()) << length;
    EXPECT_EQ(read.error().code, Errc::corrupt) << length;
  }
  EXPECT_FALSE(decode_envelope(bytes + "x").ok());
}

TEST(Envelope, RefusesAShardThatIsNone) {
  auto envelope = sample_envelope();
  envelope.shard = shard_count;
  const auto read = decode_envelope(*encode(envelope));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().detail.find("no such shard"), std::string::npos);
}

TEST(Envelope, HasASizeCapBothWays) {
  auto envelope = sample_envelope();
  envelope.body.assign(max_envelope_body, 'x');
  const auto largest = encode(envelope);
  ASSERT_TRUE(largest.ok());
  EXPECT_TRUE(decode_envelope(*largest).ok());
  envelope.body.push_back('x');
  EXPECT_EQ(encode(envelope).error().code, Errc::exhausted);
  EXPECT_EQ(decode_envelope(std::string(max_envelope_body + 1000, '\1')).error().code, Errc::exhausted);
}

TEST(Envelope, MutatedBytesAreRefusedOrReadAsWhatTheySay) {
  const auto bytes = *encode(sample_envelope());
  Rng rng(7);
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = bytes;
    damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
    const auto read = decode_envelope(damaged);
    if (read.ok()) {
      EXPECT_EQ(*encode(*read), damaged);
    }
  }
}

TEST(Refusal, CarriesCodeAndSentence) {
  for (const Errc code : {Errc::invalid_input, Errc::not_found, Errc::conflict, Errc::denied, Errc::unavailable, Errc::exhausted, Errc::corrupt}) {
    const auto refusal = make_refusal({1, 2}, {code, "why"});
    EXPECT_EQ(refusal.command, (CommandId{1, 2}));
    EXPECT_EQ(read_refusal(refusal).code, code);
    EXPECT_EQ(read_refusal(refusal).detail, "why");
  }
  EXPECT_EQ(read_refusal(sample_envelope()).code, Errc::corrupt);
}

}  // namespace
}  // namespace dunlin
