#include "tools/peer/media_leg.hpp"

#include <gtest/gtest.h>

#include "tests/tools/programs.hpp"
#include "tools/peer/address.hpp"
#include "tools/peer/media_loop.hpp"

namespace dunlin::peer {
namespace {

std::shared_ptr<MediaLeg> open_leg(Impairment impairment) {
  auto leg = MediaLeg::open({*parse_address("127.0.0.1", 0), 9, impairment});
  EXPECT_TRUE(leg.ok());
  return leg ? *leg : nullptr;
}

LegSession session_to(const MediaLeg& other, std::optional<SrtpKeys> keys) {
  return {{Codec::pcma, 8}, 101, *parse_address("127.0.0.1", other.port()), std::move(keys)};
}

/// Two legs talking on loopback until the second has had so many packets.
struct Pair {
  explicit Pair(Impairment impairment) : first(open_leg(impairment)), second(open_leg({})) {}
  void connect(std::optional<SrtpKeys> ours, std::optional<SrtpKeys> theirs) {
    ASSERT_TRUE(first->configure(session_to(*second, ours)).ok());
    ASSERT_TRUE(second->configure(session_to(*first, theirs)).ok());
  }
  void run_until(std::uint64_t packets) {
    if (!is_running) {
      loop.add(first);
      loop.add(second);
      is_running = true;
    }
    EXPECT_TRUE(peer_test::eventually(
        [&] { return second->report().rtp_rx + second->report().auth_failures >= packets; }));
  }
  std::shared_ptr<MediaLeg> first;
  std::shared_ptr<MediaLeg> second;
  bool is_running = false;
  MediaLoop loop;
};

TEST(MediaLeg, CarriesAToneUnderSrtp) {
  Pair pair({});
  const std::string a = new_key_salt(SrtpSuite::gcm_128);
  const std::string b = new_key_salt(SrtpSuite::gcm_128);
  pair.connect(SrtpKeys{SrtpSuite::gcm_128, a, b}, SrtpKeys{SrtpSuite::gcm_128, b, a});
  pair.first->play({{make_tone(1000, 1000)}, true, -90.0});
  pair.run_until(40);
  const auto report = pair.second->report();
  EXPECT_NEAR(report.tone_hz, 1000.0, 2.0);
  EXPECT_EQ(report.auth_failures, 0u);
  EXPECT_EQ(report.srtp, "AEAD_AES_128_GCM");
}

TEST(MediaLeg, CountsPacketsUnderAForeignKey) {
  Pair pair({});
  const auto key = [] { return new_key_salt(SrtpSuite::cm_sha1_80); };
  pair.connect(SrtpKeys{SrtpSuite::cm_sha1_80, key(), key()}, SrtpKeys{SrtpSuite::cm_sha1_80, key(), key()});
  pair.run_until(10);
  EXPECT_EQ(pair.second->report().rtp_rx, 0u);
  EXPECT_GE(pair.second->report().auth_failures, 10u);
}

TEST(MediaLeg, LosesItsShareOfPackets) {
  Pair pair({0.3, 0});
  pair.connect(std::nullopt, std::nullopt);
  pair.run_until(100);
  EXPECT_GT(pair.second->report().lost, 15u);
  EXPECT_EQ(pair.first->report().lost, 0u);
}

TEST(MediaLeg, HoldsPacketsBackInOrder) {
  Pair pair({0.0, 60});
  pair.connect(std::nullopt, std::nullopt);
  pair.run_until(50);
  const auto report = pair.second->report();
  EXPECT_EQ(report.lost, 0u);
  EXPECT_GT(report.max_gap_ms, 25);
}

TEST(MediaLeg, ReconfiguringWithTheSameKeysKeepsTheStream) {
  Pair pair({});
  const std::string a = new_key_salt(SrtpSuite::cm_sha1_80);
  const std::string b = new_key_salt(SrtpSuite::cm_sha1_80);
  const SrtpKeys ours{SrtpSuite::cm_sha1_80, a, b};
  const SrtpKeys theirs{SrtpSuite::cm_sha1_80, b, a};
  pair.connect(ours, theirs);
  pair.run_until(10);
  pair.connect(ours, theirs);
  pair.run_until(20);
  EXPECT_EQ(pair.second->report().auth_failures, 0u);
  EXPECT_EQ(pair.second->report().lost, 0u);
}

}  // namespace
}  // namespace dunlin::peer
