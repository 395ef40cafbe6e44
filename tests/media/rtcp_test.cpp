#include "media/rtcp.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "core/base/rng.hpp"
#include "media/byte_order.hpp"

namespace dunlin {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes report_with_block() {
  std::array<std::uint8_t, rtcp_draft_size> buffer{};
  RtcpDraft draft{0x11111111, SenderInfo{0x0102030405060708ull, {99}, 7, 1120},
                  ReportBlock{0x22222222, 64, -3, 70000, 12, 5, 6}};
  const auto used = write_rtcp(draft, buffer);
  return {used.begin(), used.end()};
}

TEST(Rtcp, ReadsWhatItWrote) {
  const auto report = parse_rtcp(report_with_block());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender_ssrc, 0x11111111u);
  EXPECT_EQ(report->sender_info, (SenderInfo{0x0102030405060708ull, {99}, 7, 1120}));
  EXPECT_EQ(report->about(0x22222222u), (ReportBlock{0x22222222, 64, -3, 70000, 12, 5, 6}));
  EXPECT_FALSE(report->about(0x33333333u));
}

TEST(Rtcp, WritesReceiverReportWithoutSenderInfo) {
  std::array<std::uint8_t, rtcp_draft_size> buffer{};
  const auto used = write_rtcp({5, std::nullopt, std::nullopt}, buffer);
  const auto report = parse_rtcp(used);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->sender_info);
  EXPECT_EQ(report->block_count, 0u);
}

TEST(Rtcp, RefusesDamagedCompounds) {
  const auto change = [](std::size_t at, std::uint8_t value) {
    Bytes bytes = report_with_block();
    bytes[at] = value;
    return bytes;
  };
  EXPECT_FALSE(parse_rtcp(Bytes{}));
  EXPECT_FALSE(parse_rtcp(change(0, 0x41))) << "version";
  EXPECT_FALSE(parse_rtcp(change(0, 0x9F))) << "31 blocks do not fit";
  EXPECT_FALSE(parse_rtcp(change(1, 202))) << "a compound begins with a report";
  EXPECT_FALSE(parse_rtcp(change(3, 200))) << "length past the end";
}

TEST(Rtcp, SurvivesEveryCutAndRandomMutation) {
  Rng rng(11);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = report_with_block();
    bytes.resize(rng.below(bytes.size() + 1));
    for (std::uint64_t i = rng.below(6); i > 0 && !bytes.empty(); --i) {
      bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.next());
    }
    const auto report = parse_rtcp(bytes);
    if (report) {
      EXPECT_LE(report->block_count, report->blocks.size());
    }
  }
}

TEST(ReceiveStats, CountsLossAcrossTheSequenceWrap) {
  ReceiveStats stats(8000);
  std::uint16_t sequence = 65500;
  for (int i = 0; i < 100; ++i, ++sequence) {
    if (i % 10 == 5) continue;  // one in ten is lost
    stats.on_packet({false, 8, {sequence}, {static_cast<std::uint32_t>(i) * 160}, 1}, i * 20000);
  }
  const auto block = stats.take_report(2'000'000);
  EXPECT_EQ(block.cumulative_lost, 10);
  EXPECT_NEAR(stats.interval_loss(), 0.1, 0.005);
  EXPECT_EQ(block.fraction_lost, 25);
}

TEST(ReceiveStats, MeasuresJitterOfAlternatingDelay) {
  ReceiveStats stats(8000);
  for (int i = 0; i < 400; ++i) {
    stats.on_packet({false, 8, {static_cast<std::uint16_t>(i)}, {static_cast<std::uint32_t>(i) * 160}, 1},
                    i * 20000 + (i % 2) * 10000);
  }
  EXPECT_NEAR(stats.jitter_ms(), 10, 0.5);
}

TEST(ReceiveStats, ReportsTimeSinceTheSenderReport) {
  ReceiveStats stats(8000);
  stats.on_packet({false, 8, {1}, {0}, 1}, 0);
  stats.on_sender_report({0xAABBCCDD11223344ull, {0}, 0, 0}, 1'000'000);
  const auto block = stats.take_report(1'500'000);
  EXPECT_EQ(block.last_sr, 0xCCDD1122u);
  EXPECT_EQ(block.delay_since_sr, 32768u);
}

TEST(Quality, RoundTripIsNowMinusReportMinusDelay) {
  const std::uint64_t now = ntp_from_unix_ms(1'800'000'000'000);
  ReportBlock block;
  block.last_sr = static_cast<std::uint32_t>(now >> 16) - 65536;  // one second ago
  block.delay_since_sr = 65536 * 9 / 10;
  EXPECT_NEAR(round_trip_ms(block, now), 100, 1);
  EXPECT_EQ(round_trip_ms({}, now), 0);
}

TEST(Quality, MosFallsWithLossAndDelay) {
  const float clean = estimate_mos({});
  EXPECT_GT(clean, 4.2f);
  EXPECT_LT(estimate_mos({0.05f, 0, 0, false}), clean - 0.5f);
  EXPECT_LT(estimate_mos({0, 0, 800, false}), clean - 0.5f);
  EXPECT_GT(estimate_mos({0.05f, 0, 0, true}), estimate_mos({0.05f, 0, 0, false}));
}

}  // namespace
}  // namespace dunlin
