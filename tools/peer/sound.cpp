#include "tools/peer/sound.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dunlin::peer {
namespace {

constexpr double tone_rate = 8000.0;

std::size_t samples_in(std::int64_t length_ms) {
  return static_cast<std::size_t>(length_ms) * 8;
}

/// Amplitude of a sine of that level: dBov is relative to a full-scale square wave, so a sine loses 3 dB.
double sine_amplitude(double level_dbov) {
  return 32767.0 * std::sqrt(2.0) * std::pow(10.0, level_dbov / 20.0);
}

void append_sine(Samples& out, double hz, std::int64_t length_ms, double level_dbov) {
  const double amplitude = std::min(32767.0, sine_amplitude(level_dbov));
  const std::size_t count = samples_in(length_ms);
  for (std::size_t i = 0; i < count; ++i) {
    const double phase = 2 * std::numbers::pi * hz * static_cast<double>(i) / tone_rate;
    out.push_back(static_cast<std::int16_t>(std::lround(amplitude * std::sin(phase))));
  }
}

void append_silence(Samples& out, std::int64_t length_ms) {
  out.insert(out.end(), samples_in(length_ms), 0);
}

/// HDLC flags 01111110 by continuous-phase FSK at 300 bit/s: 1 is 1650 Hz, 0 is 1850 Hz (V.21 channel 2).
void append_v21_flags(Samples& out, std::int64_t length_ms) {
  const double amplitude = sine_amplitude(-15.0);
  double phase = 0;
  for (std::size_t i = 0; i < samples_in(length_ms); ++i) {
    const auto bit = static_cast<int>(static_cast<double>(i) * 300.0 / tone_rate) % 8;
    const double hz = bit == 0 || bit == 7 ? 1850.0 : 1650.0;
    phase += 2 * std::numbers::pi * hz / tone_rate;
    out.push_back(static_cast<std::int16_t>(std::lround(amplitude * std::sin(phase))));
  }
}

Clip shared(Samples samples) {
  return std::make_shared<const Samples>(std::move(samples));
}

}  // namespace

Clip make_tone(double hz, std::int64_t length_ms, double level_dbov) {
  Samples out;
  append_sine(out, hz, length_ms, level_dbov);
  return shared(std::move(out));
}

Clip make_silence(std::int64_t length_ms) {
  return shared(Samples(samples_in(length_ms), 0));
}

Clip make_sit() {
  Samples out;
  for (const double hz : {950.0, 1400.0, 1800.0}) append_sine(out, hz, 330, -13.0);
  append_silence(out, 1000);
  return shared(std::move(out));
}

Clip make_fax_answer() {
  Samples out;
  append_silence(out, 600);
  append_sine(out, 2100, 3000, -13.0);
  append_silence(out, 75);
  for (int burst = 0; burst < 3; ++burst) {
    append_v21_flags(out, 1200);
    append_silence(out, 3000);
  }
  return shared(std::move(out));
}

void SoundPlayer::play(SoundPlan plan) {
  plan_ = std::move(plan);
  clip_ = 0;
  offset_ = 0;
  // A uniform noise of peak p has a mean square of p²/3.
  noise_peak_ = static_cast<std::int32_t>(32767.0 * std::sqrt(3.0) * std::pow(10.0, plan_.noise_dbov / 20.0));
  plan_.clips.erase(std::remove_if(plan_.clips.begin(), plan_.clips.end(),
                                   [](const Clip& clip) { return !clip || clip->empty(); }),
                    plan_.clips.end());
}

std::int16_t SoundPlayer::next_sample() {
  if (clip_ >= plan_.clips.size()) return 0;
  const std::int16_t sample = (*plan_.clips[clip_])[offset_];
  if (++offset_ >= plan_.clips[clip_]->size()) {
    offset_ = 0;
    ++clip_;
    if (clip_ == plan_.clips.size() && plan_.is_looped) clip_ = 0;
  }
  return sample;
}

void SoundPlayer::fill(std::span<std::int16_t> frame) {
  const auto spread = static_cast<std::uint64_t>(2 * noise_peak_ + 1);
  for (auto& sample : frame) {
    const auto noise = static_cast<std::int32_t>(dice_.below(spread)) - noise_peak_;
    sample = static_cast<std::int16_t>(std::clamp<std::int32_t>(next_sample() + noise, -32768, 32767));
  }
}

}  // namespace dunlin::peer
