#include "media/g711.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr std::int16_t expand_alaw(std::uint8_t code) {
  const int value = code ^ 0x55;
  const int exponent = (value & 0x70) >> 4;
  int magnitude = (value & 0x0F) << 4 | 8;
  if (exponent > 0) magnitude = (magnitude + 0x100) << (exponent - 1);
  return static_cast<std::int16_t>((value & 0x80) != 0 ? magnitude : -magnitude);
}

constexpr std::int16_t expand_ulaw(std::uint8_t code) {
  const int value = ~code & 0xFF;
  const int exponent = (value & 0x70) >> 4;
  const int magnitude = ((((value & 0x0F) << 3) + 0x84) << exponent) - 0x84;
  return static_cast<std::int16_t>((value & 0x80) != 0 ? -magnitude : magnitude);
}

constexpr int segment_of(int magnitude, int first_bit) {
  int segment = 0;
  while (segment < 8 && magnitude >= 1 << (first_bit + segment)) ++segment;
  return segment;
}

std::uint8_t compress_alaw(int sample) {
  const bool is_positive = sample >= 0;
  const int magnitude = std::min((is_positive ? sample : -sample - 1) >> 3, 4095);
  const int segment = std::min(segment_of(magnitude, 5), 7);
  int code = segment << 4 | ((segment < 2 ? magnitude >> 1 : magnitude >> segment) & 0x0F);
  if (is_positive) code |= 0x80;
  return static_cast<std::uint8_t>(code ^ 0x55);
}

std::uint8_t compress_ulaw(int sample) {
  const bool is_negative = sample < 0;
  const int magnitude = std::min(is_negative ? -sample : sample, 32635) + 0x84;
  const int segment = std::min(segment_of(magnitude, 8), 7);
  const int code = segment << 4 | ((magnitude >> (segment + 3)) & 0x0F);
  return static_cast<std::uint8_t>(~(is_negative ? code | 0x80 : code) & 0xFF);
}

struct Tables {
  std::array<std::int16_t, 256> alaw_decode{};
  std::array<std::int16_t, 256> ulaw_decode{};
  std::array<std::uint8_t, 65536> alaw_encode{};
  std::array<std::uint8_t, 65536> ulaw_encode{};

  Tables() {
    for (int i = 0; i < 256; ++i) {
      alaw_decode[static_cast<std::size_t>(i)] = expand_alaw(static_cast<std::uint8_t>(i));
      ulaw_decode[static_cast<std::size_t>(i)] = expand_ulaw(static_cast<std::uint8_t>(i));
    }
    for (int sample = -32768; sample < 32768; ++sample) {
      const auto index = static_cast<std::size_t>(static_cast<std::uint16_t>(sample));
      alaw_encode[index] = compress_alaw(sample);
      ulaw_encode[index] = compress_ulaw(sample);
    }
  }
};

const Tables tables;

std::size_t index_of(std::int16_t sample) {
  return static_cast<std::size_t>(static_cast<std::uint16_t>(sample));
}

}  // namespace

std::uint8_t encode_alaw(std::int16_t sample) {
  return tables.alaw_encode[index_of(sample)];
}
std::uint8_t encode_ulaw(std::int16_t sample) {
  return tables.ulaw_encode[index_of(sample)];
}
std::int16_t decode_alaw(std::uint8_t code) {
  return tables.alaw_decode[code];
}
std::int16_t decode_ulaw(std::uint8_t code) {
  return tables.ulaw_decode[code];
}

void encode_alaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes) {
  DUNLIN_CHECK(samples.size() == codes.size());
  for (std::size_t i = 0; i < samples.size(); ++i) codes[i] = tables.alaw_encode[index_of(samples[i])];
}
void encode_ulaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes) {
  DUNLIN_CHECK(samples.size() == codes.size());
  for (std::size_t i = 0; i < samples.size(); ++i) codes[i] = tables.ulaw_encode[index_of(samples[i])];
}
void decode_alaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples) {
  DUNLIN_CHECK(samples.size() == codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) samples[i] = tables.alaw_decode[codes[i]];
}
void decode_ulaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples) {
  DUNLIN_CHECK(samples.size() == codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) samples[i] = tables.ulaw_decode[codes[i]];
}

}  // namespace dunlin
