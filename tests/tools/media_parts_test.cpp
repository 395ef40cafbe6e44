#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "tools/peer/audio_meter.hpp"
#include "tools/peer/g711.hpp"
#include "tools/peer/negotiation.hpp"
#include "tools/peer/rtp.hpp"
#include "tools/peer/sdp.hpp"
#include "tools/peer/sound.hpp"
#include "tools/peer/speech_bank.hpp"
#include "tools/peer/srtp.hpp"
#include "tools/peer/voice_codec.hpp"
#include "tools/peer/wave_file.hpp"

namespace dunlin::peer {
namespace {

TEST(G711, KnowsTheCodesOfSilenceAndFullScale) {
  EXPECT_EQ(to_alaw(0), 0xD5);
  EXPECT_EQ(from_alaw(0xD5), 8);
  EXPECT_EQ(from_alaw(0x2A), -32'256);
  EXPECT_EQ(from_ulaw(0xFF), 0);
  EXPECT_EQ(from_ulaw(0x80), 32'124);
}

TEST(G711, ReturnsEveryCodeItWrote) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    EXPECT_EQ(from_alaw(to_alaw(from_alaw(byte))), from_alaw(byte)) << code;
    EXPECT_EQ(from_ulaw(to_ulaw(from_ulaw(byte))), from_ulaw(byte)) << code;
  }
}

std::string little_endian(std::uint32_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

std::string chunk(const std::string& name, const std::string& content) {
  return name + little_endian(static_cast<std::uint32_t>(content.size()), 4) + content + std::string(content.size() % 2, '\0');
}

std::string wave_of(std::uint32_t kind, std::uint32_t channels, std::uint32_t rate, std::uint32_t bits, const std::string& sound) {
  const std::string format = little_endian(kind, 2) + little_endian(channels, 2) + little_endian(rate, 4) + little_endian(rate * 2, 4) +
                             little_endian(2, 2) + little_endian(bits, 2);
  return "RIFF" + little_endian(0, 4) + "WAVE" + chunk("LIST", "odd") + chunk("fmt ", format) + chunk("data", sound);
}

TEST(WaveFile, PassesOverChunksItDoesNotKnow) {
  const auto wave = parse_wave(wave_of(1, 1, 16'000, 16, std::string("\x01\x00\xFF\xFF\x00\x80", 6)));
  ASSERT_TRUE(wave.ok());
  EXPECT_EQ(wave->rate, 16'000);
  EXPECT_EQ(wave->samples, (Samples{1, -1, -32'768}));
}

TEST(WaveFile, RefusesWhatItCannotPlayAndSurvivesEveryCut) {
  const std::string sound(200, '\x11');
  for (const auto& bytes : {std::string(), std::string("RIFFxxxxAVI "), wave_of(6, 1, 8000, 16, sound), wave_of(1, 2, 8000, 16, sound),
                            wave_of(1, 1, 8000, 8, sound), wave_of(1, 1, 4000, 16, sound), wave_of(1, 1, 8000, 16, "")}) {
    EXPECT_FALSE(parse_wave(bytes).ok());
  }
  const std::string good = wave_of(1, 1, 8000, 16, sound);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto wave = parse_wave(good.substr(0, size));
    EXPECT_TRUE(!wave.ok() || wave->samples.size() < 100) << size;
  }
  const auto missing = read_wave_file("/nowhere/ss-noservice.wav");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.failure().text, "/nowhere/ss-noservice.wav is missing");
}

TEST(Rtp, WritesWhatItReads) {
  std::array<std::uint8_t, 16> bytes{};
  write_rtp_header({101, true, 65'535, 0xFFFFFFF0u, 0x12345678u}, std::span(bytes).first<rtp_header_bytes>());
  const auto packet = parse_rtp(bytes);
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(packet->header.payload_type, 101);
  EXPECT_TRUE(packet->header.is_marked);
  EXPECT_EQ(packet->header.sequence, 65'535);
  EXPECT_EQ(packet->header.timestamp, 0xFFFFFFF0u);
  EXPECT_EQ(packet->header.ssrc, 0x12345678u);
  EXPECT_EQ(packet->payload.size(), 4u);
}

TEST(Rtp, HonoursExtensionsContributorsAndPadding) {
  const std::vector<std::uint8_t> bytes{0xB1,
                                        8,
                                        0,
                                        1,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        1,
                                        /*csrc*/ 0,
                                        0,
                                        0,
                                        2,
                                        /*extension*/ 0xBE,
                                        0xDE,
                                        0,
                                        1,
                                        9,
                                        9,
                                        9,
                                        9,
                                        /*payload*/ 7,
                                        7,
                                        /*padding*/ 0,
                                        2};
  const auto packet = parse_rtp(bytes);
  ASSERT_TRUE(packet.has_value());
  ASSERT_EQ(packet->payload.size(), 2u);
  EXPECT_EQ(packet->payload[0], 7);
}

TEST(Rtp, RefusesRtcpAndShortPackets) {
  EXPECT_FALSE(parse_rtp(std::vector<std::uint8_t>{0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}).has_value());
  EXPECT_FALSE(parse_rtp(std::vector<std::uint8_t>(11, 0x80)).has_value());
  EXPECT_FALSE(parse_rtp(std::vector<std::uint8_t>{0x9F, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}).has_value());
}

TEST(Srtp, CarriesBothSuitesAndRefusesForgeries) {
  for (const auto suite : {SrtpSuite::cm_sha1_80, SrtpSuite::gcm_128}) {
    const std::string a = new_key_salt(suite);
    const std::string b = new_key_salt(suite);
    auto here = SrtpPair::create({suite, a, b});
    auto there = SrtpPair::create({suite, b, a});
    ASSERT_TRUE(here.ok() && there.ok());
    std::array<std::uint8_t, 400> buffer{};
    write_rtp_header({8, false, 100, 0, 77}, std::span(buffer).first<rtp_header_bytes>());
    const std::size_t sealed = (*here).protect(buffer, 172);
    ASSERT_GT(sealed, 172u);
    auto forged = buffer;
    forged[20] ^= 1;
    EXPECT_EQ((*there).unprotect(forged, sealed), 0u);
    auto copy = buffer;
    EXPECT_EQ((*there).unprotect(buffer, sealed), 172u);
    EXPECT_EQ((*there).unprotect(copy, sealed), 0u) << "a replay must be refused";
  }
}

const std::string offer_text =
    "v=0\r\no=- 1 1 IN IP4 10.1.1.1\r\ns=-\r\nc=IN IP4 10.1.1.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/SAVP 111 8 101\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA\r\n"
    "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\n"
    "a=sendonly\r\n";

TEST(Sdp, ReadsCodecsKeysAndDirection) {
  const auto audio = parse_sdp(offer_text);
  ASSERT_TRUE(audio.ok());
  EXPECT_EQ(audio->address, "10.1.1.1");
  EXPECT_EQ(audio->port, 4000);
  ASSERT_EQ(audio->codecs.size(), 2u);
  EXPECT_EQ(audio->codecs[0].codec, Codec::opus);
  EXPECT_EQ(audio->codecs[1].payload_type, 8);
  EXPECT_EQ(audio->event_type, 101);
  ASSERT_EQ(audio->cryptos.size(), 1u);
  EXPECT_EQ(audio->cryptos[0].tag, 2);
  EXPECT_EQ(audio->cryptos[0].key_salt.substr(0, 4), "YS__");
  EXPECT_EQ(audio->direction, "sendonly");
}

TEST(Sdp, RefusesWhatHasNoAudioOrAddress) {
  EXPECT_FALSE(parse_sdp("v=0\r\nm=video 1 RTP/AVP 9\r\n").ok());
  EXPECT_FALSE(parse_sdp("v=0\r\nm=audio 1 RTP/AVP 8\r\n").ok());
  EXPECT_FALSE(parse_sdp("").ok());
}

TEST(Negotiation, AnswerAndItsReaderAgreeOnKeys) {
  for (const auto suite : {SrtpSuite::cm_sha1_80, SrtpSuite::gcm_128}) {
    const auto offered = make_offer({"10.0.0.1", 4000, {Codec::opus, Codec::pcma}}, {suite});
    const auto read = parse_sdp(write_sdp(offered, 1));
    ASSERT_TRUE(read.ok());
    const auto answer = answer_offer(*read, {"10.0.0.2", 5000, {Codec::pcma}}, std::nullopt);
    ASSERT_TRUE(answer.ok());
    const auto read_answer = parse_sdp(write_sdp(answer->ours, 1));
    ASSERT_TRUE(read_answer.ok());
    const auto session = take_answer(*read_answer, offered);
    ASSERT_TRUE(session.ok());
    EXPECT_EQ(session->codec.codec, Codec::pcma);
    EXPECT_EQ(session->srtp->ours, answer->session.srtp->theirs);
    EXPECT_EQ(session->srtp->theirs, answer->session.srtp->ours);
  }
}

TEST(Negotiation, HoldIsMirroredAndStopsSending) {
  const auto answer = answer_offer(*parse_sdp(offer_text), {"10.0.0.2", 5000, {Codec::pcma}}, std::nullopt);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->ours.direction, "recvonly");
  EXPECT_FALSE(answer->is_sending);
}

TEST(Negotiation, KeepsTheKeyOfARunningSession) {
  const auto first = answer_offer(*parse_sdp(offer_text), {"10.0.0.2", 5000, {Codec::pcma}}, std::nullopt);
  const auto second =
      answer_offer(*parse_sdp(offer_text), {"10.0.0.2", 5000, {Codec::pcma}}, first->ours.cryptos.front());
  EXPECT_EQ(second->session.srtp->ours, first->session.srtp->ours);
}

/// Feeds a meter with one packet of sound every 20 ms of stream time.
class MeterFeed {
 public:
  void say(const Clip& clip) {
    for (std::size_t at = 0; at + frame_samples <= clip->size(); at += frame_samples) {
      packet();
      meter.on_audio(std::span(*clip).subspan(at, frame_samples), now_us);
    }
  }
  void packet() {
    now_us += 20'000;
    meter.on_packet({8, false, sequence++, 0, 1}, now_us);
  }
  MediaReport report() const {
    MediaReport out;
    meter.fill(out);
    return out;
  }
  std::int64_t now_us = 1'000'000;
  std::uint16_t sequence = 65'500;  // wraps during the test
  AudioMeter meter{1'000'000};
};

TEST(AudioMeter, MeasuresFrequencyAndLevelOfATone) {
  for (const double hz : {425.0, 700.0, 1000.0, 2100.0}) {
    MeterFeed feed;
    feed.say(make_tone(hz, 3000, -16.0));
    const auto report = feed.report();
    EXPECT_NEAR(report.tone_hz, hz, 2.0);
    EXPECT_NEAR(report.tone_db, -16.0, 0.5);
    EXPECT_EQ(report.lost, 0u);
    EXPECT_EQ(report.tone_share, 1.0);
    EXPECT_LE(report.tone_break_ms, 20);
  }
}

TEST(AudioMeter, FindsTheLongestBreakOfATone) {
  MeterFeed feed;
  feed.say(make_tone(1000, 2000));
  feed.say(make_silence(400));
  feed.say(make_tone(1000, 1000));
  EXPECT_NEAR(static_cast<double>(feed.report().tone_break_ms), 420.0, 20.0);
}

TEST(AudioMeter, CountsLossDuplicatesAndGaps) {
  MeterFeed feed;
  for (int i = 0; i < 50; ++i) feed.packet();
  feed.sequence = static_cast<std::uint16_t>(feed.sequence + 3);
  feed.now_us += 60'000;
  for (int i = 0; i < 50; ++i) feed.packet();
  --feed.sequence;
  feed.packet();
  const auto report = feed.report();
  EXPECT_EQ(report.lost, 3u);
  EXPECT_EQ(report.duplicates, 1u);
  EXPECT_EQ(report.max_gap_ms, 80);
}

TEST(AudioMeter, HearsNoVoiceInLineNoise) {
  MeterFeed feed;
  SoundPlayer player(3);
  player.play({{}, false, -60.0});
  auto noise = std::make_shared<Samples>(8000);
  player.fill(*noise);
  feed.say(noise);
  EXPECT_FALSE(feed.meter.has_heard_voice());
  EXPECT_NEAR(feed.report().level_db, -60.0, 1.5);
  EXPECT_EQ(feed.report().tone_hz, 0.0);
  feed.say(make_tone(300, 200));
  EXPECT_TRUE(feed.meter.has_heard_voice());
}

TEST(VoiceCodec, EachCodecCarriesATone) {
  for (const auto codec : {Codec::pcma, Codec::pcmu, Codec::opus}) {
    auto coder = VoiceCodec::create(codec);
    ASSERT_TRUE(coder.ok());
    const Clip tone = make_tone(800, 1000, -15.0);
    Samples heard;
    for (std::size_t at = 0; at < tone->size(); at += frame_samples) {
      std::array<std::uint8_t, max_payload_bytes> payload{};
      std::array<std::int16_t, max_decoded_samples> out{};
      const std::size_t size = (*coder).encode(std::span(*tone).subspan(at).first<frame_samples>(), payload);
      const std::size_t count = (*coder).decode(std::span(payload).first(size), out);
      heard.insert(heard.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
    }
    ASSERT_EQ(heard.size(), tone->size());
    EXPECT_NEAR(level_at(std::span(heard).subspan(4000), 800), -15.0, 1.5) << to_string(codec);
  }
}

TEST(SoundPlayer, PlaysInOrderAndLoops) {
  SoundPlayer player(1);
  player.play({{std::make_shared<const Samples>(Samples{100, 200}), nullptr,
                std::make_shared<const Samples>(Samples{300})},
               true,
               -96.0});
  Samples out(7);
  player.fill(out);
  EXPECT_EQ(out, (Samples{100, 200, 300, 100, 200, 300, 100}));
}

TEST(Resampler, KeepsATelephoneToneAndDropsAHighOne) {
  const auto sine = [](double hz) {
    Samples samples(22'050);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<std::int16_t>(
          10'000 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / 22'050.0));
    }
    return samples;
  };
  const auto kept = to_eight_khz(sine(1000), 22'050);
  EXPECT_EQ(kept.size(), 8000u);
  EXPECT_NEAR(level_at(std::span(kept).subspan(1000, 6000), 1000), level_dbov(sine(1000)), 0.3);
  EXPECT_LT(level_dbov(to_eight_khz(sine(6000), 22'050)), level_dbov(sine(6000)) - 40.0);
}

}  // namespace
}  // namespace dunlin::peer
