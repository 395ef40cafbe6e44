#pragma once
// Packet loss concealment for G.711: repeats the last pitch period and fades to silence within 60 ms, in the
// manner of ITU-T G.711 Appendix I without its overlap delay. Runs in the media worker; no allocation.
#include <array>
#include <cstdint>
#include <span>

namespace dunlin {

class Concealment {
 public:
  /// Every good frame goes through here.
  void remember(std::span<const std::int16_t> frame);
  /// Fills a missing frame of any length up to 480 samples.
  void fill(std::span<std::int16_t> frame);

 private:
  static constexpr std::size_t history_size = 400;  // 50 ms: two periods of the lowest voice
  std::size_t find_period() const;

  std::array<std::int16_t, history_size> history_{};
  std::size_t period_ = 0;
  std::size_t phase_ = 0;
  int concealed_samples_ = 0;
};

}  // namespace dunlin
