#pragma once
// G.711 A-law and mu-law by tables (ITU-T G.711). Pure, any thread; tables are built at start-up, never
// changed.
#include <cstdint>
#include <span>

namespace dunlin {

std::uint8_t encode_alaw(std::int16_t sample);
std::uint8_t encode_ulaw(std::int16_t sample);
std::int16_t decode_alaw(std::uint8_t code);
std::int16_t decode_ulaw(std::uint8_t code);

/// The spans must have equal length.
void encode_alaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes);
void encode_ulaw(std::span<const std::int16_t> samples, std::span<std::uint8_t> codes);
void decode_alaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples);
void decode_ulaw(std::span<const std::uint8_t> codes, std::span<std::int16_t> samples);

inline constexpr std::uint8_t alaw_silence = 0xD5;
inline constexpr std::uint8_t ulaw_silence = 0xFF;

}  // namespace dunlin
