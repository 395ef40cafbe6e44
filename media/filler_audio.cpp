#include "media/filler_audio.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace dunlin {
namespace {

/// A plucked envelope starts and ends at zero, so notes join without clicks.
void append_note(double hz, std::size_t note_samples, std::vector<std::int16_t>& samples) {
  for (std::size_t i = 0; i < note_samples; ++i) {
    const double t = static_cast<double>(i) / 8000.0;
    const double envelope =
        std::min(1.0, t * 100) * std::exp(-4.0 * t) * (1.0 - static_cast<double>(i) / static_cast<double>(note_samples));
    const double wave = std::sin(2 * std::numbers::pi * hz * t) + 0.3 * std::sin(4 * std::numbers::pi * hz * t);
    samples.push_back(static_cast<std::int16_t>(4000 * envelope * wave));
  }
}

}  // namespace

void ComfortNoise::fill(std::span<std::int16_t> frame) {
  for (auto& sample : frame) {
    state_ = state_ * 1664525u + 1013904223u;
    sample = static_cast<std::int16_t>(static_cast<int>(state_ >> 27) - 16);
  }
}

std::vector<std::int16_t> make_hold_melody() {
  constexpr std::array<double, 16> notes = {392.0, 493.9, 587.3, 493.9, 440.0, 523.3, 659.3, 523.3,
                                            392.0, 493.9, 587.3, 784.0, 659.3, 587.3, 493.9, 440.0};
  constexpr std::size_t note_samples = 4000;
  std::vector<std::int16_t> samples;
  samples.reserve(notes.size() * note_samples);
  for (const double note : notes) append_note(note, note_samples, samples);
  return samples;
}

std::vector<std::int16_t> make_notice_tones() {
  std::vector<std::int16_t> samples;
  for (int round = 0; round < 2; ++round) {
    for (const double note : {659.3, 523.3, 392.0}) append_note(note, 2800, samples);
  }
  return samples;
}

}  // namespace dunlin
