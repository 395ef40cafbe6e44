#include "media/jitter_buffer.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t lost_mark = 255;

/// Plays a list of arrivals against a 20 ms clock. Each packet's payload is its number (0..250).
class Player {
 public:
  explicit Player(std::uint16_t first_sequence = 65530)
      : first_(first_sequence), buffer_(JitterBuffer::Options{}) {}

  JitterBuffer::PutResult arrive(int number, std::int64_t at_ms) {
    const std::uint8_t byte = static_cast<std::uint8_t>(number);
    RtpPacket packet;
    packet.header = {false,
                     8,
                     {static_cast<std::uint16_t>(first_ + number)},
                     {0xFFFFF000u + static_cast<std::uint32_t>(number) * 160},
                     1};
    packet.payload = {&byte, 1};
    return buffer_.put(packet, at_ms);
  }
  void play(std::int64_t at_ms) {
    const auto taken = buffer_.take(at_ms);
    if (taken.kind == JitterBuffer::TakeKind::packet) played_.push_back(taken.payload[0]);
    if (taken.kind == JitterBuffer::TakeKind::lost) played_.push_back(lost_mark);
  }
  /// Arrivals as (number, time); plays every 20 ms till the end.
  void run(std::vector<std::pair<int, std::int64_t>> arrivals, std::int64_t until_ms) {
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    std::size_t next = 0;
    for (std::int64_t now = 0; now <= until_ms; now += 20) {
      for (; next < arrivals.size() && arrivals[next].second <= now; ++next)
        arrive(arrivals[next].first, arrivals[next].second);
      play(now);
    }
  }
  const std::vector<std::uint8_t>& played() const { return played_; }
  std::size_t lost() const {
    return static_cast<std::size_t>(std::count(played_.begin(), played_.end(), lost_mark));
  }
  bool is_in_order() const {
    int last = -1;
    for (const std::uint8_t number : played_) {
      if (number == lost_mark) continue;
      if (number <= last) return false;
      last = number;
    }
    return true;
  }
  JitterBuffer& buffer() { return buffer_; }

 private:
  std::uint16_t first_;
  JitterBuffer buffer_;
  std::vector<std::uint8_t> played_;
};

std::vector<std::pair<int, std::int64_t>> steady(int count) {
  std::vector<std::pair<int, std::int64_t>> arrivals;
  for (int i = 0; i < count; ++i) arrivals.emplace_back(i, i * 20 + 5);
  return arrivals;
}

TEST(JitterBuffer, PlaysASteadyStreamWholeAndSoon) {
  Player player;
  player.run(steady(100), 2100);
  EXPECT_EQ(player.played().size(), 100u);
  EXPECT_EQ(player.lost(), 0u);
  EXPECT_LE(player.buffer().target_ms(), 40);
}

TEST(JitterBuffer, PutsReorderedPacketsInOrder) {
  Player player;
  auto arrivals = steady(60);
  for (std::size_t i = 10; i < 50; i += 5) std::swap(arrivals[i].first, arrivals[i + 1].first);
  player.run(arrivals, 1500);
  EXPECT_TRUE(player.is_in_order());
  EXPECT_LE(player.lost(), 1u) << "the first swap may cost one frame before the buffer has grown";
}

TEST(JitterBuffer, NamesALostPacketAndShowsItsSuccessor) {
  Player player;
  auto arrivals = steady(40);
  arrivals.erase(arrivals.begin() + 20);
  player.run(arrivals, 900);
  EXPECT_EQ(player.lost(), 1u);
  EXPECT_TRUE(player.is_in_order());
  EXPECT_EQ(player.played().size(), 40u);
}

TEST(JitterBuffer, RefusesDuplicatesLateAndOversizedPackets) {
  Player player;
  EXPECT_EQ(player.arrive(0, 0), JitterBuffer::PutResult::stored);
  EXPECT_EQ(player.arrive(0, 1), JitterBuffer::PutResult::duplicate);
  for (int i = 1; i < 5; ++i) player.arrive(i, i * 20);
  for (int i = 0; i < 4; ++i) player.play(200 + i * 20);
  EXPECT_EQ(player.arrive(1, 300), JitterBuffer::PutResult::late);
  const std::vector<std::uint8_t> large(700);
  RtpPacket packet;
  packet.payload = large;
  EXPECT_EQ(player.buffer().put(packet, 300), JitterBuffer::PutResult::too_large);
}

TEST(JitterBuffer, RidesOutTwoHundredMillisecondsOfJitter) {
  Rng rng(3);
  std::vector<std::pair<int, std::int64_t>> arrivals;
  for (int i = 0; i < 250; ++i) arrivals.emplace_back(i, i * 20 + static_cast<std::int64_t>(rng.below(200)));
  Player player;
  player.run(arrivals, 250 * 20 + 400);
  EXPECT_TRUE(player.is_in_order());
  EXPECT_GE(player.buffer().target_ms(), 150);
  const std::size_t heard = player.played().size() - player.lost();
  EXPECT_GE(heard, 225u) << "nine in ten are heard, the missing ones are from the first second";
}

TEST(JitterBuffer, ShrinksAgainWhenTheNetworkCalmsDown) {
  Player player;
  std::vector<std::pair<int, std::int64_t>> arrivals;
  for (int i = 0; i < 250; ++i) arrivals.emplace_back(i, i * 20 + (i == 20 ? 150 : 0));
  player.run(arrivals, 250 * 20 + 100);
  EXPECT_LE(player.buffer().depth_ms(), 160);
  EXPECT_TRUE(player.is_in_order());
}

struct Drift {
  const char* name;
  std::int64_t step_us;  ///< The sender's true packet interval.
};

TEST(JitterBuffer, FollowsClockDriftWithoutGrowingOrStarving) {
  // One percent, a hundred times worse than real clocks, so that a short test shows it.
  for (const Drift& row : {Drift{"fast sender", 19800}, Drift{"slow sender", 20200}}) {
    Player player;
    std::vector<std::pair<int, std::int64_t>> arrivals;
    for (int i = 0; i < 250; ++i) arrivals.emplace_back(i, i * row.step_us / 1000);
    player.run(arrivals, 4900);
    EXPECT_LE(player.buffer().depth_ms(), 120) << row.name;
    EXPECT_TRUE(player.is_in_order()) << row.name;
    EXPECT_GE(player.played().size() - player.lost(), 235u) << row.name;
  }
}

TEST(JitterBuffer, StartsAnewWithAnotherSource) {
  Player player;
  player.run(steady(20), 500);
  RtpPacket packet;
  const std::uint8_t byte = 77;
  packet.header = {false, 8, {9}, {5}, 2};
  packet.payload = {&byte, 1};
  player.buffer().put(packet, 600);
  for (int i = 0; i < 5; ++i) player.play(640 + i * 20);
  EXPECT_EQ(player.played().back(), 77);
}

TEST(JitterBuffer, LearnsTheFrameLength) {
  JitterBuffer buffer(JitterBuffer::Options{});
  for (int i = 0; i < 5; ++i) {
    RtpPacket packet;
    packet.header = {false, 8, {static_cast<std::uint16_t>(i)}, {static_cast<std::uint32_t>(i) * 240}, 1};
    buffer.put(packet, i * 30);
  }
  EXPECT_EQ(buffer.frame_ms(), 30);
}

TEST(JitterBuffer, SurvivesRandomPackets) {
  Rng rng(5);
  JitterBuffer buffer(JitterBuffer::Options{});
  std::vector<std::uint8_t> bytes(640);
  for (int i = 0; i < 50000; ++i) {
    RtpPacket packet;
    const auto jump = rng.below(20) == 0 ? rng.next() : rng.below(40);
    packet.header = {false,
                     8,
                     {static_cast<std::uint16_t>(static_cast<std::uint64_t>(i) + jump)},
                     {static_cast<std::uint32_t>(rng.next())},
                     static_cast<std::uint32_t>(rng.below(3))};
    packet.payload = std::span(bytes).first(rng.below(641));
    buffer.put(packet, i * 10);
    const auto taken = buffer.take(i * 10);
    EXPECT_LE(taken.payload.size(), 640u);
    EXPECT_GE(buffer.target_ms(), 20);
    EXPECT_LE(buffer.target_ms(), 240);
  }
}

}  // namespace
}  // namespace dunlin
