#pragma once
// What a 20 ms frame sounds like: its level and its two strongest spectral peaks. The window is the last two frames
// (40 ms, Hann), so tones 90 Hz apart are told apart and closer ones are seen as one peak between them.
// The owner's thread; no allocation. Units: dBov (full-scale sine -3), Hz, shares of energy in 200..3700 Hz.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dunlin {

inline constexpr std::size_t frame_samples = 160;
inline constexpr std::uint32_t frame_ms = 20;

struct FrameFeatures {
  float level_dbov = -96;
  float first_hz = 0;
  float first_share = 0;   ///< 0..1: how much of the energy is in the strongest peak.
  float second_hz = 0;
  float second_share = 0;
  bool is_blank = false;   ///< All zeros: a lost packet, or a line that sends digital silence.
};

class SpectrumAnalyzer {
 public:
  SpectrumAnalyzer();
  /// A frame shorter than 160 samples counts as ended by zeros, a longer one is cut.
  FrameFeatures analyze(std::span<const std::int16_t> frame);

 private:
  static constexpr std::size_t window_samples = 2 * frame_samples;
  static constexpr std::size_t fft_size = 512;
  static constexpr std::size_t bins = fft_size / 2;
  struct Peak {
    float hz = 0;
    float energy = 0;
  };

  void transform();
  /// The strongest peak, removed from the power spectrum so that the next call finds the next one.
  Peak take_peak();

  std::array<float, window_samples> window_{};
  std::array<float, window_samples> samples_{};
  std::array<float, fft_size / 2> cosines_{};
  std::array<float, fft_size / 2> sines_{};
  std::array<std::uint16_t, fft_size> reversed_{};
  std::array<float, fft_size> real_{};
  std::array<float, fft_size> imaginary_{};
  std::array<float, bins> power_{};
};

}  // namespace dunlin
