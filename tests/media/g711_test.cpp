#include "media/g711.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(G711, KnowsTheTableOfTheRecommendation) {
  // ITU-T G.711 decoder output values, scaled to 16 bit.
  EXPECT_EQ(decode_alaw(0xD5), 8);
  EXPECT_EQ(decode_alaw(0x55), -8);
  EXPECT_EQ(decode_alaw(0xAA), 32256);
  EXPECT_EQ(decode_alaw(0x2A), -32256);
  EXPECT_EQ(decode_ulaw(0xFF), 0);
  EXPECT_EQ(decode_ulaw(0x7F), 0);
  EXPECT_EQ(decode_ulaw(0x80), 32124);
  EXPECT_EQ(decode_ulaw(0x00), -32124);
}

TEST(G711, EveryCodeComesBackAsItself) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    EXPECT_EQ(encode_alaw(decode_alaw(byte)), byte) << code;
    if (byte != 0x7F) {
      EXPECT_EQ(encode_ulaw(decode_ulaw(byte)), byte) << code;
    }  // 0x7F is the second zero
  }
}

TEST(G711, ErrorStaysBelowTheStepOfItsSegment) {
  for (int sample = -32768; sample < 32768; sample += 7) {
    const auto value = static_cast<std::int16_t>(sample);
    const int bound = std::abs(sample) / 16 + 16;
    EXPECT_LE(std::abs(decode_alaw(encode_alaw(value)) - sample), std::max(bound, 520)) << sample;
    EXPECT_LE(std::abs(decode_ulaw(encode_ulaw(value)) - sample), std::max(bound, 650)) << sample;
  }
  EXPECT_LE(std::abs(decode_alaw(encode_alaw(1000)) - 1000), 32);
  EXPECT_LE(std::abs(decode_ulaw(encode_ulaw(1000)) - 1000), 32);
}

}  // namespace
}  // namespace dunlin
