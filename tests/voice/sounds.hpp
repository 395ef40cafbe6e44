#pragma once
// Sounds for the classifier's tests: tones, noise, and bursts that behave like speech (a gliding pitch with harmonics,
// syllables of changing loudness). Deterministic: the noise is a fixed linear congruential sequence.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/voice/answer_classifier.hpp"

namespace dunlin::voice_test {

constexpr double pi = 3.14159265358979;

/// Samples at 8 kHz, put one behind the other.
class Sound {
 public:
  Sound& silence(int ms) {
    // Without a value to fill in: GCC 12 sees a copy beyond the end there when it inlines the vector into a test.
    samples_.resize(samples_.size() + static_cast<std::size_t>(ms) * 8);
    return *this;
  }

  Sound& tone(double hz, int ms, double amplitude = 0.2, double second_hz = 0) {
    for (int i = 0; i < ms * 8; ++i) {
      double value = std::sin(2 * pi * hz * i / 8000);
      if (second_hz > 0) value = (value + std::sin(2 * pi * second_hz * i / 8000)) / 2;
      samples_.push_back(amplitude * value);
    }
    return *this;
  }

  /// Syllables and closures of changing length; the pitch glides, so no harmonic holds still and nothing repeats.
  Sound& speech(int ms, double amplitude = 0.2) {
    static constexpr int voiced_ms[] = {130, 210, 90, 260, 170, 110, 240, 150, 190};
    static constexpr int closed_ms[] = {30, 60, 20, 80, 50, 40, 70};
    double phase = 0;
    int syllable = 0;
    int start_ms = 0;
    for (int i = 0; i < ms * 8; ++i) {
      const int at_ms = i / 8;
      if (at_ms - start_ms >= voiced_ms[syllable % 9] + closed_ms[syllable % 7]) {
        start_ms = at_ms;
        ++syllable;
      }
      const double in_syllable = static_cast<double>(at_ms - start_ms) / voiced_ms[syllable % 9];
      phase += 2 * pi * (170 + 40 * std::sin(2 * pi * at_ms / 310.0)) / 8000;
      double value = 0;
      for (int harmonic = 2; harmonic <= 12; ++harmonic) value += std::sin(harmonic * phase) / harmonic;
      samples_.push_back(in_syllable < 1 ? amplitude * value * std::sin(pi * in_syllable) : 0.0);
    }
    return *this;
  }

  /// White noise over all that was put so far.
  Sound& noise(double amplitude) {
    std::uint32_t state = 12345;
    for (double& sample : samples_) {
      state = state * 1664525U + 1013904223U;
      sample += amplitude * (static_cast<double>(state >> 8U) / 8388608.0 - 1.0);
    }
    return *this;
  }

  Sound& then(const Sound& other) {
    samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
    return *this;
  }

  /// Replaces every n-th frame by zeros, as a lost packet does.
  Sound& lose_every(std::size_t n) {
    for (std::size_t frame = n; (frame + 1) * 160 <= samples_.size(); frame += n) {
      for (std::size_t i = 0; i < 160; ++i) samples_[frame * 160 + i] = 0;
    }
    return *this;
  }

  std::vector<std::int16_t> pcm() const {
    std::vector<std::int16_t> out;
    for (const double sample : samples_) out.push_back(static_cast<std::int16_t>(std::lround(std::fmax(-1, std::fmin(1, sample)) * 32767)));
    return out;
  }

 private:
  std::vector<double> samples_;
};

struct Heard {
  std::optional<VoiceVerdict> first;
  std::optional<VoiceVerdict> second;
  int verdicts = 0;
};

inline Heard hear(const Sound& sound, const ClassifierSettings& settings = {}) {
  const auto listener = make_answer_classifier(settings);
  const std::vector<std::int16_t> samples = sound.pcm();
  Heard heard;
  for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
    const auto verdict = listener->on_frame(std::span<const std::int16_t>(samples).subspan(at, 160));
    if (!verdict) continue;
    ++heard.verdicts;
    if (!heard.first) {
      heard.first = verdict;
    } else if (!heard.second) {
      heard.second = verdict;
    }
  }
  return heard;
}

}  // namespace dunlin::voice_test
