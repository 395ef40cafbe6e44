#pragma once
// What a leg says: clips, silences and tones in order, with a little line noise below. Value types, any
// thread.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tools/peer/dice.hpp"

namespace dunlin::peer {

using Samples = std::vector<std::int16_t>;  ///< 8 kHz mono.
using Clip = std::shared_ptr<const Samples>;

/// A sine of that many milliseconds; the level is dBov of the sine.
Clip make_tone(double hz, std::int64_t length_ms, double level_dbov = -13.0);
Clip make_silence(std::int64_t length_ms);
/// ITU-T E.180 special information tone: 950, 1400, 1800 Hz, 330 ms each.
Clip make_sit();
/// Called fax: CED 2100 Hz for 3 s, then V.21 flags (ITU-T T.30 §4.3.3, §5.3.1).
Clip make_fax_answer();

/// What a quiet desk sounds like.
inline constexpr double comfort_noise_dbov = -65.0;

struct SoundPlan {
  std::vector<Clip> clips;
  bool is_looped = false;
  double noise_dbov = -62.0;
};

/// Plays one plan frame by frame. One thread at a time.
class SoundPlayer {
 public:
  explicit SoundPlayer(std::uint64_t seed) : dice_(seed) {}
  void play(SoundPlan plan);
  /// Fills the frame; only noise once the plan is over.
  void fill(std::span<std::int16_t> frame);

 private:
  std::int16_t next_sample();
  SoundPlan plan_;
  std::size_t clip_ = 0;
  std::size_t offset_ = 0;
  std::int32_t noise_peak_ = 0;
  Dice dice_;
};

}  // namespace dunlin::peer
