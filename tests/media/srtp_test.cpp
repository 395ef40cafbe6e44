#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "media/rtp.hpp"
#include "media/srtp_session.hpp"

namespace dunlin {
namespace {

using Bytes = std::vector<std::uint8_t>;

CryptoKey fixed_key(CryptoSuite suite, std::uint8_t first) {
  CryptoKey key;
  key.suite = suite;
  for (std::size_t i = 0; i < key_salt_size(suite); ++i)
    key.key_salt.push_back(static_cast<std::uint8_t>(first + i));
  return key;
}

Bytes packet(std::uint16_t sequence, std::uint32_t ssrc = 0xCAFEBABE) {
  Bytes bytes(rtp_header_size + 160, 0xAB);
  write_rtp_header({false, 8, {sequence}, {sequence * 160u}, ssrc}, bytes);
  return bytes;
}

Bytes protect(SrtpSession& session, Bytes bytes) {
  const std::size_t size = bytes.size();
  bytes.resize(size + max_srtp_overhead);
  const auto used = session.protect(bytes, size);
  EXPECT_TRUE(used);
  bytes.resize(used ? *used : 0);
  return bytes;
}

class SrtpSuites : public testing::TestWithParam<CryptoSuite> {
 protected:
  void SetUp() override {
    const auto key = fixed_key(GetParam(), 1);
    sender_ = std::move(*SrtpSession::outbound(key, 0xCAFEBABE));
    receiver_ = std::move(*SrtpSession::inbound(key));
  }
  std::unique_ptr<SrtpSession> sender_;
  std::unique_ptr<SrtpSession> receiver_;
};

TEST_P(SrtpSuites, RoundTripGivesThePlainPacketBack) {
  Bytes sealed = protect(*sender_, packet(1));
  EXPECT_NE(Bytes(sealed.begin() + 12, sealed.begin() + 172), Bytes(160, 0xAB));
  const auto size = receiver_->unprotect(sealed);
  ASSERT_TRUE(size);
  sealed.resize(*size);
  EXPECT_EQ(sealed, packet(1));
}

TEST_P(SrtpSuites, RefusesWrongKeyReplayAndChangedBits) {
  Bytes sealed = protect(*sender_, packet(1));
  auto stranger = std::move(*SrtpSession::inbound(fixed_key(GetParam(), 2)));
  Bytes copy = sealed;
  EXPECT_EQ(stranger->unprotect(copy).error().code, Errc::denied) << "wrong key";
  copy = sealed;
  copy[40] ^= 1;
  EXPECT_FALSE(receiver_->unprotect(copy)) << "changed";
  copy = sealed;
  EXPECT_TRUE(receiver_->unprotect(copy));
  copy = sealed;
  EXPECT_EQ(receiver_->unprotect(copy).error().code, Errc::conflict) << "replayed";
}

TEST_P(SrtpSuites, GoesOnPastTheSequenceWrap) {
  std::uint16_t sequence = 65530;
  for (int i = 0; i < 20; ++i, ++sequence) {
    Bytes sealed = protect(*sender_, packet(sequence));
    EXPECT_TRUE(receiver_->unprotect(sealed)) << sequence;
  }
}

TEST_P(SrtpSuites, ProtectsReports) {
  Bytes report(28 + max_srtp_overhead, 0);
  report[0] = 0x80;
  report[1] = 200;
  report[3] = 6;
  report[4] = 0xCA;
  report[5] = 0xFE;
  report[6] = 0xBA;
  report[7] = 0xBE;
  const auto sealed = sender_->protect_rtcp(report, 28);
  ASSERT_TRUE(sealed);
  EXPECT_GT(*sealed, 28u);
  const auto opened = receiver_->unprotect_rtcp(std::span(report).first(*sealed));
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, 28u);
}

INSTANTIATE_TEST_SUITE_P(Both, SrtpSuites,
                         testing::Values(CryptoSuite::aes_cm_128_hmac_sha1_80,
                                         CryptoSuite::aead_aes_128_gcm));

TEST(Srtp, MatchesThePublishedCounterModePacket) {
  // The reference packet of libsrtp's own driver: master key and salt of RFC 3711 B.3, SSRC 0xCAFEBABE,
  // sequence 0x1234.
  CryptoKey key;
  key.key_salt = {0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41,
                  0x39, 0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6};
  Bytes plain = {0x80, 0x0f, 0x12, 0x34, 0xde, 0xca, 0xfb, 0xad, 0xca, 0xfe, 0xba, 0xbe};
  plain.insert(plain.end(), 16, 0xab);
  const Bytes expected = {0x80, 0x0f, 0x12, 0x34, 0xde, 0xca, 0xfb, 0xad, 0xca, 0xfe, 0xba, 0xbe, 0x4e,
                          0x55, 0xdc, 0x4c, 0xe7, 0x99, 0x78, 0xd8, 0x8c, 0xa4, 0xd2, 0x15, 0x94, 0x9d,
                          0x24, 0x02, 0xb7, 0x8d, 0x6a, 0xcc, 0x99, 0xea, 0x17, 0x9b, 0x8d, 0xbb};
  auto sender = std::move(*SrtpSession::outbound(key, 0xCAFEBABE));
  EXPECT_EQ(protect(*sender, plain), expected);
}

TEST(Srtp, RefusesKeysOfTheWrongLength) {
  CryptoKey key = fixed_key(CryptoSuite::aead_aes_128_gcm, 1);
  key.key_salt.pop_back();
  EXPECT_FALSE(SrtpSession::inbound(key));
}

TEST(Srtp, MakesDifferentKeysEachTime) {
  const auto a = make_crypto_key(CryptoSuite::aead_aes_128_gcm, 1);
  const auto b = make_crypto_key(CryptoSuite::aead_aes_128_gcm, 1);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->key_salt.size(), 28u);
  EXPECT_NE(a->key_salt, b->key_salt);
}

}  // namespace
}  // namespace dunlin
