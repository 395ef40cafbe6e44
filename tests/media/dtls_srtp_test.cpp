// DTLS-SRTP between our server and a client of the same library: keys, lost and cut flights, wrong certificates, nonsense.
// What a real browser does is in tests/integration/browser_leg.py.
#include <deque>

#include <gtest/gtest.h>

#include "media/dtls_srtp.hpp"
#include "media/srtp_session.hpp"
#include "media/ticker.hpp"

namespace dunlin {
namespace {

class DatagramQueue : public DatagramSink {
 public:
  void send(std::span<const std::uint8_t> datagram) override { waiting.emplace_back(datagram.begin(), datagram.end()); }
  std::deque<std::vector<std::uint8_t>> waiting;
};

class DtlsTest : public testing::Test {
 protected:
  void SetUp() override {
    ours_ = *DtlsIdentity::make();
    theirs_ = *DtlsIdentity::make();
    server_ = std::move(*DtlsPeer::make(ours_, theirs_->fingerprint()));
    client_ = std::move(*DtlsPeer::make(theirs_, ours_->fingerprint(), DtlsPeer::Role::client));
  }

  /// Hands over what waits, but for so many datagrams in a hundred, until both are done or the tries are.
  void shake_hands(std::uint32_t lost_percent = 0) {
    const Ticker pause(20'000);
    for (int tries = 0; tries < 500; ++tries) {
      client_->on_time(to_server_);
      server_->on_time(to_client_);
      while (!to_server_.waiting.empty() || !to_client_.waiting.empty()) {
        deliver(to_server_, *server_, to_client_, lost_percent);
        deliver(to_client_, *client_, to_server_, lost_percent);
      }
      if (server_->state() != DtlsState::handshaking && client_->state() != DtlsState::handshaking) return;
      pause.wait();
    }
  }

  void deliver(DatagramQueue& from, DtlsPeer& to, DatagramQueue& back, std::uint32_t lost_percent) {
    if (from.waiting.empty()) return;
    const auto datagram = std::move(from.waiting.front());
    from.waiting.pop_front();
    largest_ = std::max(largest_, datagram.size());
    EXPECT_TRUE(looks_like_dtls(datagram));
    dice_ = dice_ * 1664525 + 1013904223;
    if ((dice_ >> 16) % 100 < lost_percent)
      ++lost_;
    else
      to.on_datagram(datagram, back);
  }

  std::shared_ptr<const DtlsIdentity> ours_;
  std::shared_ptr<const DtlsIdentity> theirs_;
  std::unique_ptr<DtlsPeer> server_;
  std::unique_ptr<DtlsPeer> client_;
  DatagramQueue to_server_;
  DatagramQueue to_client_;
  std::size_t largest_ = 0;
  std::uint32_t dice_ = 4;
  std::size_t lost_ = 0;
};

TEST_F(DtlsTest, BothSidesEndWithTheSameKeys) {
  shake_hands();
  ASSERT_EQ(server_->state(), DtlsState::connected);
  ASSERT_EQ(client_->state(), DtlsState::connected);
  EXPECT_EQ(server_->keys()->ours, client_->keys()->theirs);
  EXPECT_EQ(server_->keys()->theirs, client_->keys()->ours);
  EXPECT_NE(server_->keys()->ours, server_->keys()->theirs);
  EXPECT_EQ(server_->keys()->ours.suite, CryptoSuite::aead_aes_128_gcm) << "the cheaper one first";
  EXPECT_TRUE(SrtpSession::inbound(server_->keys()->theirs));
  EXPECT_LE(largest_, 1200u);
}

TEST_F(DtlsTest, LostDatagramsAreSentAgain) {
  for (std::uint32_t play = 1; play <= 6; ++play) {
    SetUp();
    dice_ = play * 7919;
    shake_hands(25);
    EXPECT_EQ(server_->state(), DtlsState::connected) << "play " << play;
    EXPECT_EQ(client_->state(), DtlsState::connected) << "play " << play;
  }
  EXPECT_GE(lost_, 6u);
}

TEST_F(DtlsTest, ARepeatedFlightAfterTheEndIsAnsweredAgain) {
  // The client never hears our last flight, so it says its own again.
  client_->on_time(to_server_);
  while (server_->state() == DtlsState::handshaking) {
    while (!to_server_.waiting.empty()) {
      server_->on_datagram(to_server_.waiting.front(), to_client_);
      to_server_.waiting.pop_front();
    }
    if (server_->state() == DtlsState::connected) break;
    ASSERT_FALSE(to_client_.waiting.empty());
    while (!to_client_.waiting.empty()) {
      client_->on_datagram(to_client_.waiting.front(), to_server_);
      to_client_.waiting.pop_front();
    }
  }
  to_client_.waiting.clear();
  shake_hands();
  EXPECT_EQ(client_->state(), DtlsState::connected);
  EXPECT_EQ(server_->state(), DtlsState::connected);
}

TEST_F(DtlsTest, AnotherCertificateThanToldIsRefused) {
  server_ = std::move(*DtlsPeer::make(ours_, ours_->fingerprint()));
  shake_hands();
  EXPECT_EQ(server_->state(), DtlsState::wrong_fingerprint);
  EXPECT_FALSE(server_->keys());
  EXPECT_EQ(client_->state(), DtlsState::failed) << "it is told by an alert";
}

TEST_F(DtlsTest, NonsenseEndsNothing) {
  std::vector<std::uint8_t> nonsense(300, 0x16);
  for (std::size_t size = 1; size < nonsense.size(); size += 7) server_->on_datagram(std::span(nonsense).first(size), to_client_);
  to_client_.waiting.clear();
  shake_hands();
  EXPECT_EQ(server_->state(), DtlsState::connected);
  for (std::size_t size = 1; size < nonsense.size(); size += 7) server_->on_datagram(std::span(nonsense).first(size), to_client_);
  EXPECT_EQ(server_->state(), DtlsState::connected);
}

TEST_F(DtlsTest, AGoodByeIsHeard) {
  shake_hands();
  client_->close(to_server_);
  ASSERT_EQ(to_server_.waiting.size(), 1u);
  EXPECT_EQ(server_->on_datagram(to_server_.waiting.front(), to_client_), DtlsState::closed);
  EXPECT_EQ(server_->on_time(to_client_), DtlsState::closed) << "an end is an end";
}

TEST(Fingerprint, IsReadAsItIsWritten) {
  const auto identity = *DtlsIdentity::make();
  const std::string text = identity->fingerprint().text();
  EXPECT_EQ(text.substr(0, 8), "sha-256 ");
  const auto again = parse_fingerprint(text);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, identity->fingerprint());
  EXPECT_NE((*DtlsIdentity::make())->fingerprint(), identity->fingerprint());
}

TEST(Fingerprint, RefusesWhatCannotBeChecked) {
  const auto reason = [](const std::string& text) {
    const auto found = parse_fingerprint(text);
    return found ? std::string("taken") : found.error().detail;
  };
  std::string digest = "00";
  for (int i = 1; i < 32; ++i) digest += ":0a";
  EXPECT_EQ(reason("SHA-256 " + digest), "taken");
  EXPECT_EQ(reason("sha-1 " + digest), "fingerprint: sha-256, sha-384 or sha-512 is expected");
  EXPECT_EQ(reason("sha-512 " + digest), "fingerprint: the digest has the wrong length for sha-512");
  EXPECT_EQ(reason("sha-256"), "fingerprint: hash and digest are expected");
  digest[2] = '-';
  EXPECT_EQ(reason("sha-256 " + digest), "fingerprint: pairs of hexadecimal digits with colons are expected");
  digest[0] = 'g';
  EXPECT_EQ(reason("sha-256 " + digest), "fingerprint: pairs of hexadecimal digits with colons are expected");
}

}  // namespace
}  // namespace dunlin
