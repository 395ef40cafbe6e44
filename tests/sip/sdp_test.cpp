#include "sip/sdp.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

const std::string sdp_head = "v=0\r\no=- 7 9 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
const std::string key30 = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

MediaDescription local_plain() {
  MediaDescription local;
  local.address = "198.51.100.1";
  local.port = 20000;
  local.codecs = {{Codec::opus, 96}, {Codec::pcma, 8}, {Codec::pcmu, 0}};
  local.telephone_event = 101;
  local.comfort_noise = 13;
  return local;
}

MediaDescription local_secure() {
  auto local = local_plain();
  local.crypto = {{1, CryptoSuite::aead_aes_128_gcm, std::vector<std::uint8_t>(28, 1)},
                  {2, CryptoSuite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 2)}};
  return local;
}

TEST(Sdp, ReadsAPlainOffer) {
  const auto body = parse_sdp(
      sdp_head +
      "m=audio 4000 RTP/AVP 0 8 101 13\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\na=sendonly\r\n");
  ASSERT_TRUE(body.ok()) << body.error().detail;
  const auto& audio = body->audio;
  EXPECT_EQ(audio.address, "192.0.2.1");
  EXPECT_EQ(audio.port, 4000);
  EXPECT_EQ(audio.codecs, (std::vector<CodecChoice>{{Codec::pcmu, 0}, {Codec::pcma, 8}}));
  EXPECT_EQ(audio.telephone_event, 101);
  EXPECT_EQ(audio.comfort_noise, 13);
  EXPECT_EQ(audio.ptime_ms, 30);
  EXPECT_EQ(audio.direction, MediaDirection::sendonly);
  EXPECT_EQ(audio.session_id, 7U);
  EXPECT_EQ(audio.session_version, 9U);
  EXPECT_FALSE(audio.is_secure());
}

TEST(Sdp, PrefersTheMediaLevelAddress) {
  const auto body = parse_sdp(sdp_head + "m=audio 4000 RTP/AVP 8\nc=IN IP6 2001:db8::1\n");
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->audio.address, "2001:db8::1");
}

TEST(Sdp, ReadsCryptoWithALifetimeAndPassesOverMki) {
  const auto body = parse_sdp(sdp_head + "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 +
                              "|2^20|1:4\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20\r\n");
  ASSERT_TRUE(body.ok()) << body.error().detail;
  ASSERT_EQ(body->audio.crypto.size(), 1U);
  EXPECT_EQ(body->audio.crypto.front().tag, 2U);
  EXPECT_EQ(body->audio.crypto.front().key_salt, std::vector<std::uint8_t>(30, 7));
}

TEST(Sdp, RefusesWhatItCannotSpeak) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"empty", ""},
      {"no version", "o=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n"},
      {"no media", sdp_head},
      {"fax", sdp_head + "m=image 4000 udptl t38\r\n"},
      {"refused stream", sdp_head + "m=audio 0 RTP/AVP 8\r\n"},
      {"unknown codec", sdp_head + "m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 SPEEX/8000\r\n"},
      {"host name", "v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP4 host.example\r\nm=audio 4000 RTP/AVP 8\r\n"},
      {"no address", "v=0\r\nm=audio 4000 RTP/AVP 8\r\n"},
      {"bad port", sdp_head + "m=audio 70000 RTP/AVP 8\r\n"},
      {"bad payload type", sdp_head + "m=audio 4000 RTP/AVP 8 200\r\n"},
      {"no formats", sdp_head + "m=audio 4000 RTP/AVP\r\n"},
      {"secure without key", sdp_head + "m=audio 4000 RTP/SAVP 8\r\n"},
      {"unknown suite only",
       sdp_head + "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 F8_128_HMAC_SHA1_80 inline:" + key30 + "\r\n"},
      {"short key", sdp_head + "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n"},
      {"session parameter", sdp_head + "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" +
                                key30 + " UNENCRYPTED_SRTP\r\n"},
      {"line without type", sdp_head + "m=audio 4000 RTP/AVP 8\r\nnonsense\r\n"},
      {"too long", sdp_head + "m=audio 4000 RTP/AVP 8\r\n" + "a=" + std::string(20'000, 'x') + "\r\n"},
      {"negative version",
       "v=0\r\no=- -1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n"},
  };
  for (const auto& [name, text] : table) EXPECT_FALSE(parse_sdp(text).ok()) << name;
}

TEST(Sdp, WritesWhatItReads) {
  for (auto description : {local_plain(), local_secure()}) {
    description.session_id = 5;
    description.session_version = 6;
    description.telephone_event_48k = 102;
    const auto read = parse_sdp(write_sdp(description));
    ASSERT_TRUE(read.ok()) << write_sdp(description);
    EXPECT_EQ(read->audio, description) << write_sdp(description);
  }
}

TEST(Sdp, AnswersThePacketTimeWeSendWhateverIsOffered) {
  const auto offer = parse_sdp(sdp_head + "m=audio 4000 RTP/AVP 8\r\na=ptime:30\r\n");
  ASSERT_TRUE(offer.ok());
  const auto answer = choose_answer(offer->audio, local_plain());
  ASSERT_TRUE(answer.ok());
  const auto text = write_sdp_answer(*answer, *offer);
  EXPECT_NE(text.find("a=ptime:20\r\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("a=ptime:30"), std::string::npos) << text;
}

TEST(Sdp, AnswersOtherStreamsWithPortZero) {
  const auto offer = parse_sdp(sdp_head + "m=video 5000 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 8\r\nm=image 6000 udptl t38\r\n");
  ASSERT_TRUE(offer.ok());
  const auto answer = choose_answer(offer->audio, local_plain());
  ASSERT_TRUE(answer.ok());
  const auto text = write_sdp_answer(*answer, *offer);
  EXPECT_NE(text.find("m=video 0 RTP/AVP 99\r\nm=audio 20000 RTP/AVP 8\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("m=image 0 udptl t38\r\n"), std::string::npos) << text;
}

TEST(SdpAnswer, TakesOurPreferenceWithTheOffersNumbers) {
  auto offer = local_plain();
  offer.codecs = {{Codec::pcmu, 0}, {Codec::opus, 111}};
  offer.telephone_event = 98;
  offer.direction = MediaDirection::sendonly;
  const auto answer = choose_answer(offer, local_plain());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->codecs, (std::vector<CodecChoice>{{Codec::opus, 111}}));
  EXPECT_EQ(answer->telephone_event, 98);
  EXPECT_FALSE(answer->comfort_noise);
  EXPECT_EQ(answer->direction, MediaDirection::recvonly);
}

TEST(SdpAnswer, TakesTheFirstCryptoSuiteWeHaveAKeyFor) {
  auto offer = local_plain();
  offer.crypto = {{4, CryptoSuite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 9)}};
  const auto answer = choose_answer(offer, local_secure());
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->crypto.size(), 1U);
  EXPECT_EQ(answer->crypto.front(), (CryptoKey{4, CryptoSuite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 2)}));
}

TEST(SdpAnswer, NeverMixesPlainAndSecure) {
  EXPECT_FALSE(choose_answer(local_plain(), local_secure()).ok());
  EXPECT_FALSE(choose_answer(local_secure(), local_plain()).ok());
  EXPECT_FALSE(accept_answer(local_secure(), local_plain()).ok());
  EXPECT_FALSE(accept_answer(local_plain(), local_secure()).ok());
}

TEST(SdpAnswer, BestEffortSrtpFallsBackToPlain) {
  auto offer = local_secure();
  offer.is_best_effort = true;
  const auto read = parse_sdp(write_sdp(offer));
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(read->lines.front().protocol, "RTP/AVP") << "RFC 8643: keys beside RTP/AVP";
  EXPECT_EQ(read->audio.crypto, offer.crypto);
  EXPECT_TRUE(read->audio.is_best_effort);
  const auto plain = accept_answer(offer, local_plain());
  ASSERT_TRUE(plain.ok()) << plain.error().detail;
  EXPECT_FALSE(plain->is_secure());
  auto keyed = local_secure();
  keyed.is_best_effort = true;
  keyed.crypto.resize(1);
  const auto secure = accept_answer(offer, keyed);
  ASSERT_TRUE(secure.ok()) << secure.error().detail;
  EXPECT_TRUE(secure->is_secure());
  EXPECT_FALSE(accept_answer(local_secure(), keyed).ok()) << "SRTP alone was offered, RTP/AVP answered";
  const auto unasked = accept_answer(local_plain(), keyed);
  ASSERT_TRUE(unasked.ok()) << "keys nobody asked for do no harm";
  EXPECT_FALSE(unasked->is_secure());
}

TEST(Sdp, SaysAndReadsSilenceSuppression) {
  auto local = local_plain();
  EXPECT_EQ(write_sdp(local).find("silenceSupp"), std::string::npos);
  local.comfort_noise.reset();
  EXPECT_NE(write_sdp(local).find("a=silenceSupp:off - - - -\r\n"), std::string::npos);
  EXPECT_TRUE(parse_sdp(sdp_head + "m=audio 4000 RTP/AVP 8\r\na=silenceSupp:on 5 - - -\r\n")->audio.suppresses_silence);
  EXPECT_FALSE(parse_sdp(sdp_head + "m=audio 4000 RTP/AVP 8\r\na=silenceSupp:off - - - -\r\n")->audio.suppresses_silence);
}

TEST(SdpAnswer, AcceptsOnlyWhatWasOffered) {
  auto answer = local_secure();
  answer.codecs = {{Codec::pcma, 8}};
  answer.crypto.resize(1);
  EXPECT_TRUE(accept_answer(local_secure(), answer).ok());
  answer.crypto.front().tag = 9;
  EXPECT_FALSE(accept_answer(local_secure(), answer).ok());
  auto narrow = local_plain();
  narrow.codecs = {{Codec::pcma, 8}};
  auto foreign = local_plain();
  foreign.codecs = {{Codec::pcmu, 0}};
  EXPECT_FALSE(accept_answer(narrow, foreign).ok());
}

TEST(Sdp, KnowsHold) {
  auto media = local_plain();
  EXPECT_FALSE(is_hold(media));
  media.direction = MediaDirection::sendonly;
  EXPECT_TRUE(is_hold(media));
  media.direction = MediaDirection::inactive;
  EXPECT_TRUE(is_hold(media));
  media.direction = MediaDirection::sendrecv;
  media.address = "0.0.0.0";
  EXPECT_TRUE(is_hold(media));
}

TEST(Base64, GoesBothWays) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + size);
    const auto back = decode_base64(encode_base64(bytes));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, bytes);
  }
  EXPECT_FALSE(decode_base64("A").ok());
  EXPECT_FALSE(decode_base64("AA A").ok());
  EXPECT_FALSE(decode_base64("AA=A").ok());
}

}  // namespace
}  // namespace dunlin
