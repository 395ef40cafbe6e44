#include "tools/peer/g711.hpp"

#include <array>
#include <cstdlib>

namespace dunlin::peer {
namespace {

constexpr int decode_alaw(int code) {
  code ^= 0x55;
  const int exponent = (code >> 4) & 7;
  const int mantissa = code & 15;
  const int magnitude = exponent == 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return (code & 0x80) != 0 ? magnitude : -magnitude;
}

constexpr int decode_ulaw(int code) {
  code = ~code & 0xFF;
  const int magnitude = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80) != 0 ? -magnitude : magnitude;
}

using DecodeTable = std::array<std::int16_t, 256>;
using EncodeTable = std::array<std::uint8_t, 8193>;

DecodeTable decode_table(int (*decode)(int)) {
  DecodeTable table{};
  for (int code = 0; code < 256; ++code)
    table[static_cast<std::size_t>(code)] = static_cast<std::int16_t>(decode(code));
  return table;
}

/// The nearest code for each sample in steps of eight, found by search: slow to make, impossible to get
/// subtly wrong.
EncodeTable encode_table(const DecodeTable& decoded) {
  EncodeTable table{};
  for (int cell = 0; cell <= 8192; ++cell) {
    const int sample = (cell - 4096) * 8;
    int best = 0;
    int best_error = 1 << 20;
    for (int code = 0; code < 256; ++code) {
      const int error = std::abs(decoded[static_cast<std::size_t>(code)] - sample);
      // Of two equally near codes the positive one, which comes later, is meant for silence.
      if (error <= best_error) {
        best_error = error;
        best = code;
      }
    }
    table[static_cast<std::size_t>(cell)] = static_cast<std::uint8_t>(best);
  }
  return table;
}

std::size_t cell_of(std::int16_t sample) {
  return static_cast<std::size_t>(((sample + 4) >> 3) + 4096);
}

const DecodeTable alaw_samples = decode_table(&decode_alaw);
const DecodeTable ulaw_samples = decode_table(&decode_ulaw);
const EncodeTable alaw_codes = encode_table(alaw_samples);
const EncodeTable ulaw_codes = encode_table(ulaw_samples);

}  // namespace

std::uint8_t to_alaw(std::int16_t sample) {
  return alaw_codes[cell_of(sample)];
}
std::int16_t from_alaw(std::uint8_t code) {
  return alaw_samples[code];
}
std::uint8_t to_ulaw(std::int16_t sample) {
  return ulaw_codes[cell_of(sample)];
}
std::int16_t from_ulaw(std::uint8_t code) {
  return ulaw_samples[code];
}

}  // namespace dunlin::peer
