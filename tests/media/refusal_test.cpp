// What a leg refuses is counted by its reason, told once, and told again only after a minute.
#include <vector>

#include <gtest/gtest.h>

#include "media/leg_receiver.hpp"
#include "media/refusal_words.hpp"

namespace dunlin {
namespace {

using Datagram = std::vector<std::uint8_t>;
constexpr std::int64_t minute_us = RefusalBook::told_every_us;

UdpAddress place(const char* address, std::uint16_t port) { return *UdpAddress::parse(address, port); }

TEST(RefusalBook, TellsOnceAndAgainOnlyAfterAMinute) {
  RefusalBook book;
  for (int i = 0; i < 30; ++i) book.note(RefusalReason::stranger, place("192.0.2.7", 4000));
  const auto first = book.take_due(5'000'000);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->reason, RefusalReason::stranger);
  EXPECT_EQ(first->count, 30u);
  EXPECT_TRUE(first->from == place("192.0.2.7", 4000));
  EXPECT_FALSE(book.take_due(5'000'000)) << "told";
  for (int i = 0; i < 500; ++i) book.note(RefusalReason::stranger, place("192.0.2.8", 4000));
  EXPECT_FALSE(book.take_due(5'000'000 + minute_us - 1));
  const auto second = book.take_due(5'000'000 + minute_us);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->count, 500u) << "what came since";
  EXPECT_FALSE(book.take_due(5'000'000 + 3 * minute_us)) << "nothing came since";
  EXPECT_EQ(book.total(), 530u);
}

TEST(RefusalBook, EachReasonHasItsOwnMinute) {
  RefusalBook book;
  for (int i = 0; i < 25; ++i) book.note(RefusalReason::not_authentic, place("192.0.2.7", 4000));
  ASSERT_TRUE(book.take_due(0));
  for (int i = 0; i < 25; ++i) book.note(RefusalReason::replayed, place("192.0.2.7", 4000));
  const auto other = book.take_due(1);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->reason, RefusalReason::replayed);
}

TEST(RefusalBook, FewLatePacketsAreNobodysTrouble) {
  RefusalBook book;
  for (std::uint64_t i = 1; i < RefusalBook::worth_telling; ++i) book.note(RefusalReason::stranger, place("192.0.2.7", 4000));
  for (int i = 0; i < 100; ++i) book.note_early();
  EXPECT_FALSE(book.take_due(10 * minute_us));
  EXPECT_EQ(book.total(), 124u);
}

/// A leg that takes plain PCMA, or SRTP under a key of its own, from 192.0.2.9:5000.
class RefusingLeg : public testing::Test {
 protected:
  void agree(bool is_secure) {
    ReceivePlan plan;
    plan.expected = far_end;
    plan.is_secure = is_secure;
    std::unique_ptr<SrtpSession> session;
    if (is_secure) {
      const CryptoKey key = *make_crypto_key(CryptoSuite::aes_cm_128_hmac_sha1_80, 1);
      session = std::move(*SrtpSession::inbound(key));
      sender_ = std::move(*SrtpSession::outbound(key, ssrc));
    }
    std::unique_ptr<OpusVoiceDecoder> decoder;
    receiver_.adopt(plan, session, decoder);
  }
  Datagram packet(std::uint16_t sequence) {
    Datagram bytes(rtp_header_size + 160 + max_srtp_overhead, 0xD5);
    write_rtp_header({false, 8, {sequence}, {sequence * 160u}, ssrc}, bytes);
    const std::size_t plain = rtp_header_size + 160;
    bytes.resize(sender_ ? *sender_->protect(bytes, plain) : plain);
    return bytes;
  }
  bool is_accepted(Datagram bytes, const UdpAddress& from) {
    return receiver_.on_rtp(bytes, from, 0).kind != LegReceiver::Kind::refused;
  }
  /// Sends it thirty times; the reason it is refused for.
  std::optional<RefusalReason> reason_for(const Datagram& bytes, const UdpAddress& from) {
    for (int i = 0; i < 30; ++i) EXPECT_FALSE(is_accepted(bytes, from));
    const auto due = receiver_.refusals().take_due(0);
    return due ? std::optional(due->reason) : std::nullopt;
  }

  static constexpr std::uint32_t ssrc = 0xCAFEBABE;
  const UdpAddress far_end = place("192.0.2.9", 5000);
  LegReceiver receiver_;
  std::unique_ptr<SrtpSession> sender_;
};

TEST_F(RefusingLeg, BeforeTheAgreementNothingIsToldOf) {
  EXPECT_EQ(reason_for(packet(1), far_end), std::nullopt);
  EXPECT_EQ(receiver_.refusals().total(), 30u);
}

TEST_F(RefusingLeg, APlainLegKnowsAStrangerByItsAddressAndThenByItsPort) {
  agree(false);
  EXPECT_EQ(reason_for(packet(1), place("203.0.113.5", 5000)), RefusalReason::stranger);
  ASSERT_TRUE(is_accepted(packet(2), far_end));
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(is_accepted(packet(3), far_end.with_port(5002)));
  const auto due = receiver_.refusals().take_due(minute_us);
  ASSERT_TRUE(due);
  EXPECT_TRUE(due->from == far_end.with_port(5002));
  EXPECT_TRUE(is_accepted(packet(4), far_end)) << "the far end is heard all the while";
}

TEST_F(RefusingLeg, ASecretLegTellsAWrongKeyFromAReplay) {
  agree(true);
  const Datagram good = packet(1);
  ASSERT_TRUE(is_accepted(good, far_end));
  EXPECT_EQ(reason_for(good, far_end), RefusalReason::replayed);
  Datagram changed = packet(2);
  changed[40] ^= 1;
  EXPECT_EQ(reason_for(changed, far_end), RefusalReason::not_authentic);
  sender_.reset();
  EXPECT_FALSE(is_accepted(packet(3), far_end)) << "plain RTP where SRTP was agreed";
}

TEST_F(RefusingLeg, WhatIsNoRtpIsMalformed) {
  agree(false);
  EXPECT_EQ(reason_for(Datagram(40, 0x20), far_end), RefusalReason::malformed);
}

TEST(RefusalWords, NameReasonPlaceAndRemedy) {
  const UdpAddress from = place("203.0.113.5", 4711);
  for (const auto& [reason, name] : {std::pair{RefusalReason::not_authentic, "wrong_key"}, std::pair{RefusalReason::replayed, "replayed"},
                                     std::pair{RefusalReason::stranger, "stranger"}, std::pair{RefusalReason::malformed, "malformed"}}) {
    for (const LegRole role : {LegRole::agent, LegRole::trunk}) {
      const std::string words = refusal_words({LegId{1}, role, reason, 40, from, place("192.0.2.9", 5000)});
      EXPECT_NE(words.find(std::string("reason=") + name + " count=40 from=203.0.113."), std::string::npos) << words;
      EXPECT_GT(words.size() - words.find("do=\""), 60u) << words;
    }
  }
}

TEST(RefusalWords, NobodysHomeAddressIsWritten) {
  const auto of_agent = [](const UdpAddress& from) {
    return refusal_words({LegId{1}, LegRole::agent, RefusalReason::stranger, 40, from, place("192.0.2.9", 5000)});
  };
  const std::string v4 = of_agent(place("203.0.113.5", 4711));
  EXPECT_NE(v4.find("from=203.0.113.0/24 expected=192.0.2.0/24"), std::string::npos) << v4;
  EXPECT_EQ(v4.find("113.5"), std::string::npos) << v4;
  const std::string v6 = of_agent(place("2001:db8:7:8::9", 4711));
  EXPECT_NE(v6.find("from=2001:db8:7::/48"), std::string::npos) << v6;
  const std::string same = of_agent(place("192.0.2.9", 4711));
  EXPECT_NE(same.find("same_host=yes ports=4711/5000"), std::string::npos) << same;
}

TEST(RefusalWords, OfACarrierTheWholeAddressIsWritten) {
  const std::string words =
      refusal_words({LegId{1}, LegRole::trunk, RefusalReason::stranger, 40, place("2001:db8::9", 4711), place("192.0.2.9", 5000)});
  EXPECT_NE(words.find("from=[2001:db8::9]:4711 expected=192.0.2.9:5000"), std::string::npos) << words;
}

}  // namespace
}  // namespace dunlin
