#pragma once
// What a leg hears when nobody speaks: comfort noise (RTP never stops: carriers and NATs drop silent streams)
// and the built-in sounds. ComfortNoise runs in the media worker; melody and notice are made once on the control
// thread.
#include <cstdint>
#include <span>
#include <vector>

namespace dunlin {

/// White noise near -65 dBm0, below anything a classifier calls voice. Deterministic from its seed.
class ComfortNoise {
 public:
  explicit ComfortNoise(std::uint32_t seed) : state_(seed | 1u) {}
  void fill(std::span<std::int16_t> frame);

 private:
  std::uint32_t state_;
};

/// About eight seconds of a quiet melody that loops without a click. 8 kHz.
std::vector<std::int16_t> make_hold_melody();

/// Three falling tones, twice, about two seconds: "nobody can talk to you now" where no voice could be made. 8 kHz.
std::vector<std::int16_t> make_notice_tones();

}  // namespace dunlin
