#pragma once
// What a media worker hands to the journal writer: half a second of stereo A-law, or the end of a recording.
// Plain data in a ring; filled in place by the worker, read in place by the writer.
#include <array>
#include <cstdint>

#include "media/media_types.hpp"
#include "media/spsc_ring.hpp"

namespace dunlin {

inline constexpr std::size_t block_samples = 4000;  ///< 0.5 s at 8 kHz.

struct RecordingBlock {
  RecordingId recording;
  std::uint64_t first_sample = 0;  ///< Position on the recording's time line.
  std::uint16_t samples = 0;       ///< Per channel.
  bool is_last = false;
  bool is_paused = false;          ///< Nobody may keep what was said: the channels hold silence.
  std::array<std::uint8_t, block_samples> left;   ///< Agent, A-law.
  std::array<std::uint8_t, block_samples> right;  ///< Debtor, A-law.
};

using RecordingRing = SpscRing<RecordingBlock>;

}  // namespace dunlin
