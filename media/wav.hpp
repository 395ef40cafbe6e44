#pragma once
// Prompts from WAV: RIFF, PCM, 8 kHz, mono, 16 bit. Parses bytes, never reads past the end. Pure, any thread.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

inline constexpr std::size_t max_prompt_samples = 8000u * 600;  ///< Ten minutes.

/// The samples of a WAV file; the error names what is wrong and how to convert the file.
Result<std::vector<std::int16_t>> parse_wav(std::span<const std::uint8_t> bytes);

/// A WAV file around samples (tests, operators' tools).
std::string make_wav(std::span<const std::int16_t> samples);

}  // namespace dunlin
