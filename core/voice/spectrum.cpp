#include "core/voice/spectrum.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr float pi = 3.14159265358979F;
constexpr float bin_hz = 8000.0F / 512.0F;
constexpr std::size_t lowest_bin = 13;    // 203 Hz
constexpr std::size_t highest_bin = 236;  // 3688 Hz
constexpr std::size_t lobe_bins = 4;      // the Hann window's main lobe reaches 50 Hz; one bin more for its foot

}  // namespace

SpectrumAnalyzer::SpectrumAnalyzer() {
  for (std::size_t i = 0; i < window_samples; ++i) {
    window_[i] = 0.5F - 0.5F * std::cos(2 * pi * (static_cast<float>(i) + 0.5F) / static_cast<float>(window_samples));
  }
  for (std::size_t i = 0; i < fft_size / 2; ++i) {
    const float angle = 2 * pi * static_cast<float>(i) / static_cast<float>(fft_size);
    cosines_[i] = std::cos(angle);
    sines_[i] = -std::sin(angle);
  }
  for (std::size_t i = 0; i < fft_size; ++i) {
    std::size_t mirrored = 0;
    for (std::size_t bit = 1; bit < fft_size; bit <<= 1U) mirrored = (mirrored << 1U) | ((i & bit) != 0 ? 1U : 0U);
    reversed_[i] = static_cast<std::uint16_t>(mirrored);
  }
}

void SpectrumAnalyzer::transform() {
  for (std::size_t i = 0; i < fft_size; ++i) {
    real_[reversed_[i]] = i < window_samples ? samples_[i] * window_[i] : 0.0F;
  }
  imaginary_.fill(0);
  for (std::size_t half = 1; half < fft_size; half *= 2) {
    const std::size_t step = fft_size / (2 * half);
    for (std::size_t start = 0; start < fft_size; start += 2 * half) {
      for (std::size_t i = 0; i < half; ++i) {
        const std::size_t upper = start + i;
        const std::size_t lower = upper + half;
        const float real = real_[lower] * cosines_[i * step] - imaginary_[lower] * sines_[i * step];
        const float imaginary = real_[lower] * sines_[i * step] + imaginary_[lower] * cosines_[i * step];
        real_[lower] = real_[upper] - real;
        imaginary_[lower] = imaginary_[upper] - imaginary;
        real_[upper] += real;
        imaginary_[upper] += imaginary;
      }
    }
  }
}

SpectrumAnalyzer::Peak SpectrumAnalyzer::take_peak() {
  std::size_t best = lowest_bin;
  for (std::size_t i = lowest_bin; i <= highest_bin; ++i) {
    if (power_[i] > power_[best]) best = i;
  }
  Peak peak;
  float moment = 0;
  for (std::size_t i = std::max(lowest_bin, best - lobe_bins); i <= std::min(highest_bin, best + lobe_bins); ++i) {
    peak.energy += power_[i];
    moment += power_[i] * static_cast<float>(i);
    power_[i] = 0;
  }
  if (peak.energy > 0) peak.hz = moment / peak.energy * bin_hz;
  return peak;
}

FrameFeatures SpectrumAnalyzer::analyze(std::span<const std::int16_t> frame) {
  FrameFeatures features;
  std::copy(samples_.begin() + frame_samples, samples_.end(), samples_.begin());
  float energy = 0;
  float sum = 0;
  for (std::size_t i = 0; i < frame_samples; ++i) {
    const float sample = i < frame.size() ? static_cast<float>(frame[i]) / 32768.0F : 0.0F;
    samples_[frame_samples + i] = sample;
    energy += sample * sample;
    sum += sample;
  }
  features.is_blank = energy == 0;
  const float count = static_cast<float>(frame_samples);
  const float power = energy / count - (sum / count) * (sum / count);  // an offset of the line is no sound
  features.level_dbov = std::max(-96.0F, 10 * std::log10(std::max(power, 1e-12F)));
  if (features.is_blank) return features;
  transform();
  float total = 0;
  for (std::size_t i = 0; i < bins; ++i) {
    power_[i] = real_[i] * real_[i] + imaginary_[i] * imaginary_[i];
    if (i >= lowest_bin && i <= highest_bin) total += power_[i];
  }
  if (total <= 0) return features;
  const Peak first = take_peak();
  const Peak second = take_peak();
  features.first_hz = first.hz;
  features.first_share = first.energy / total;
  features.second_hz = second.hz;
  features.second_share = second.energy / total;
  return features;
}

}  // namespace dunlin
