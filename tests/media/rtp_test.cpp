#include "media/rtp.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes plain_packet(std::size_t payload) {
  Bytes bytes(rtp_header_size + payload, 0xAA);
  write_rtp_header({true, 8, {65535}, {0xFFFFFFF0u}, 0x01020304u}, bytes);
  return bytes;
}

TEST(Rtp, ReadsWhatItWrote) {
  const auto packet = parse_rtp(plain_packet(160));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->header, (RtpHeader{true, 8, {65535}, {0xFFFFFFF0u}, 0x01020304u}));
  EXPECT_EQ(packet->payload.size(), 160u);
}

TEST(Rtp, SkipsSourcesExtensionAndPadding) {
  Bytes bytes = plain_packet(0);
  bytes[0] = 0x80 | 0x20 | 0x10 | 2;                          // padding, extension, two CSRCs
  bytes.insert(bytes.end(), 8, 1);                            // CSRCs
  bytes.insert(bytes.end(), {0xBE, 0xDE, 0, 1, 1, 2, 3, 4});  // extension of one word
  bytes.insert(bytes.end(), {7, 8, 9});
  bytes.insert(bytes.end(), {0, 0, 3});
  const auto packet = parse_rtp(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(Bytes(packet->payload.begin(), packet->payload.end()), (Bytes{7, 8, 9}));
  EXPECT_EQ(packet->payload_offset, 28u);
}

struct BadPacket {
  const char* name;
  std::size_t size;
  std::uint8_t first_byte;
  std::uint8_t last_byte;
};

TEST(Rtp, RefusesDamagedPackets) {
  const BadPacket table[] = {
      {"too short", 11, 0x80, 0},
      {"version 1", 20, 0x40, 0},
      {"sources past the end", 20, 0x8F, 0},
      {"extension past the end", 14, 0x90, 0},
      {"extension length past the end", 20, 0x90, 0},
      {"zero padding", 20, 0xA0, 0},
      {"padding longer than the packet", 20, 0xA0, 200},
  };
  for (const auto& row : table) {
    Bytes bytes(row.size, 0xFF);
    bytes.front() = row.first_byte;
    bytes.back() = row.last_byte;
    EXPECT_FALSE(parse_rtp(bytes)) << row.name;
  }
}

TEST(Rtp, SurvivesEveryCutAndRandomMutation) {
  Rng rng(7);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = plain_packet(rng.below(40));
    bytes.resize(rng.below(bytes.size() + 1));
    for (std::uint64_t i = rng.below(6); i > 0 && !bytes.empty(); --i) {
      bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.next());
    }
    const auto packet = parse_rtp(bytes);
    if (!packet) continue;
    EXPECT_LE(packet->payload_offset + packet->payload.size(), bytes.size());
  }
}

TEST(Rtp, SequenceDistanceWraps) {
  EXPECT_EQ(SequenceNumber{2}.after({65534}), 4);
  EXPECT_EQ(SequenceNumber{65534}.after({2}), -4);
  EXPECT_EQ(RtpTimestamp{10}.after({0xFFFFFFF6u}), 20);
}

TEST(Rtp, TellsRtcpOnASharedPort) {
  Bytes rtcp(8, 0);
  rtcp[0] = 0x80;
  rtcp[1] = 200;
  EXPECT_TRUE(looks_like_rtcp(rtcp));
  EXPECT_FALSE(looks_like_rtcp(plain_packet(4)));
}

}  // namespace
}  // namespace dunlin
