#include "media/codecs.hpp"

#include <gtest/gtest.h>

#include "media/concealment.hpp"
#include "media/filler_audio.hpp"
#include "tests/media/rtp_peer.hpp"

namespace dunlin {
namespace {

TEST(Opus, KeepsAToneThroughLossWithFecAndConcealment) {
  auto encoder = std::move(*OpusVoiceEncoder::make({1, 16000, 5, true}));
  auto decoder = std::move(*OpusVoiceDecoder::make());
  encoder->set_expected_loss(10);
  const auto tone = make_tone(440, 160 * 100);
  std::vector<std::vector<std::uint8_t>> packets;
  for (std::size_t i = 0; i < 100; ++i) {
    std::vector<std::uint8_t> packet(max_encoded_bytes);
    packet.resize(*encoder->encode(std::span(tone).subspan(i * 160, 160), packet));
    packets.push_back(std::move(packet));
  }
  std::vector<std::int16_t> heard;
  for (std::size_t i = 0; i < 100; ++i) {
    std::array<std::int16_t, max_decoded_samples> samples;
    auto count = Result<std::size_t>(std::size_t{0});
    if (i % 10 != 5)
      count = decoder->decode(packets[i], samples);
    else if (i % 20 == 5)
      count = decoder->recover(packets[i + 1], std::span(samples).first(160));
    else
      count = decoder->conceal(std::span(samples).first(160));
    ASSERT_TRUE(count);
    EXPECT_EQ(*count, 160u);
    heard.insert(heard.end(), samples.begin(), samples.begin() + 160);
  }
  EXPECT_NEAR(loudest_tone(std::span(heard).last(8000)).value_or(0), 440, 2);
}

TEST(Opus, RefusesGarbageWithoutHarm) {
  auto decoder = std::move(*OpusVoiceDecoder::make());
  std::array<std::int16_t, max_decoded_samples> samples;
  EXPECT_FALSE(decoder->decode({}, samples));
  std::array<std::uint8_t, 50> garbage;
  garbage.fill(0xFF);
  EXPECT_FALSE(decoder->decode(garbage, samples));
}

TEST(Concealment, ContinuesTheVoiceAndFadesOut) {
  Concealment concealment;
  const auto tone = make_tone(200, 800);
  for (std::size_t i = 0; i < 5; ++i) concealment.remember(std::span(tone).subspan(i * 160, 160));
  std::vector<std::int16_t> filled(160);
  concealment.fill(filled);
  EXPECT_NEAR(loudest_tone(filled).value_or(0), 200, 20);
  for (int i = 0; i < 3; ++i) concealment.fill(filled);
  EXPECT_FALSE(loudest_tone(filled)) << "silent after sixty milliseconds";
}

TEST(FillerAudio, NoiseIsQuietAndMelodyLoopsWithoutClick) {
  std::vector<std::int16_t> frame(8000);
  ComfortNoise(1).fill(frame);
  int loudest = 0;
  for (const auto sample : frame) loudest = std::max(loudest, std::abs(int{sample}));
  EXPECT_GT(loudest, 4);
  EXPECT_LE(loudest, 16);
  const auto melody = make_hold_melody();
  EXPECT_GE(melody.size(), 32000u);
  EXPECT_LE(std::abs(melody.front() - melody.back()), 100);
}

}  // namespace
}  // namespace dunlin
