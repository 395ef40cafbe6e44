#include "tools/peer/audio_meter.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace dunlin::peer {
namespace {

constexpr double voice_threshold_dbov = -42.0;
constexpr double tone_threshold_dbov = -50.0;
constexpr std::size_t max_digits = 64;
constexpr int vote_width_hz = 10;

double to_db(double power) {
  return power <= 0 ? silence_dbov : std::max(silence_dbov, 10.0 * std::log10(power));
}

/// Mean square with full scale = 1.
double power_of(std::span<const std::int16_t> samples) {
  double sum = 0;
  for (const std::int16_t sample : samples) sum += static_cast<double>(sample) * sample;
  return samples.empty() ? 0.0 : sum / static_cast<double>(samples.size()) / (32768.0 * 32768.0);
}

using Spectrum = std::vector<std::complex<double>>;

/// In-place radix-2 transform; the size is a power of two.
void transform(Spectrum& values) {
  const std::size_t n = values.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(values[i], values[j]);
  }
  for (std::size_t half = 1; half < n; half *= 2) {
    const auto step = std::polar(1.0, -std::numbers::pi / static_cast<double>(half));
    for (std::size_t start = 0; start < n; start += 2 * half) {
      std::complex<double> turn = 1.0;
      for (std::size_t k = start; k < start + half; ++k, turn *= step) {
        const auto odd = values[k + half] * turn;
        values[k + half] = values[k] - odd;
        values[k] += odd;
      }
    }
  }
}

struct Peak {
  double hz = 0;
  double share = 0;  ///< Of the window's energy within three bins of the peak.
};

Peak strongest_peak(std::span<const std::int16_t> samples) {
  const std::size_t n = samples.size();
  Spectrum values(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double hann =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
    values[i] = hann * samples[i];
  }
  transform(values);
  std::vector<double> power(n / 2);
  double total = 0;
  std::size_t best = 2;
  for (std::size_t bin = 2; bin + 2 < power.size(); ++bin) {
    power[bin] = std::norm(values[bin]);
    total += power[bin];
    if (power[bin] > power[best]) best = bin;
  }
  if (total <= 0 || best < 4 || best + 4 >= power.size()) return {};
  double near = 0;
  for (std::size_t bin = best - 3; bin <= best + 3; ++bin) near += power[bin];
  const double a = std::log(power[best - 1] + 1e-9);
  const double b = std::log(power[best] + 1e-9);
  const double c = std::log(power[best + 1] + 1e-9);
  const double bend = a - 2 * b + c;
  const double offset = bend == 0 ? 0 : 0.5 * (a - c) / bend;
  return {(static_cast<double>(best) + offset) * sample_rate / static_cast<double>(n), near / total};
}

double rounded(double value) {
  return std::round(value * 10.0) / 10.0;
}

}  // namespace

double level_dbov(std::span<const std::int16_t> samples) {
  return to_db(power_of(samples));
}

double level_at(std::span<const std::int16_t> samples, double hz) {
  const double coefficient = 2 * std::cos(2 * std::numbers::pi * hz / sample_rate);
  double before = 0;
  double last = 0;
  for (const std::int16_t sample : samples) {
    const double next = static_cast<double>(sample) / 32768.0 + coefficient * last - before;
    before = last;
    last = next;
  }
  const double n = static_cast<double>(samples.size());
  const double energy = before * before + last * last - coefficient * before * last;
  return n == 0 ? silence_dbov : to_db(2.0 * energy / (n * n));
}

void AudioMeter::on_packet(const RtpHeader& header, std::int64_t arrival_us) {
  if (last_arrival_us_ != 0) max_gap_us_ = std::max(max_gap_us_, arrival_us - last_arrival_us_);
  last_arrival_us_ = arrival_us;
  if (!has_started_ || header.ssrc != ssrc_) {
    if (has_started_)
      lost_before_ += static_cast<std::uint64_t>(std::max<std::int64_t>(
          0, highest_sequence_ - first_sequence_ + 1 - static_cast<std::int64_t>(received_in_run_)));
    has_started_ = true;
    ssrc_ = header.ssrc;
    first_sequence_ = highest_sequence_ = header.sequence;
    received_in_run_ = 0;
    seen_.fill(0);
  }
  const auto step =
      static_cast<std::int16_t>(header.sequence - static_cast<std::uint16_t>(highest_sequence_));
  const std::int64_t extended = highest_sequence_ + step;
  auto& mark = seen_[static_cast<std::size_t>(extended & 1023)];
  if (mark == extended + 1) {
    ++duplicates_;
    return;
  }
  mark = extended + 1;
  ++received_in_run_;
  highest_sequence_ = std::max(highest_sequence_, extended);
}

void AudioMeter::on_audio(std::span<const std::int16_t> samples, std::int64_t arrival_us) {
  for (std::size_t at = 0; at + frame_samples <= samples.size(); at += frame_samples) {
    count_frame(samples.subspan(at, frame_samples), arrival_us);
  }
  collect_window(samples);
}

void AudioMeter::count_frame(std::span<const std::int16_t> frame, std::int64_t arrival_us) {
  const double power = power_of(frame);
  power_sum_ += power;
  ++frames_;
  const bool is_voiced = to_db(power) > voice_threshold_dbov;
  voiced_frames_ += is_voiced ? 1 : 0;
  voiced_run_ = is_voiced ? voiced_run_ + 1 : 0;
  // Three frames in a row: a click is no voice.
  if (first_voice_us_ == 0 && voiced_run_ == 3) first_voice_us_ = arrival_us;
  if (followed_hz_ > 0) follow_tone(frame, arrival_us);
}

void AudioMeter::follow_tone(std::span<const std::int16_t> frame, std::int64_t arrival_us) {
  const double level = level_at(frame, followed_hz_);
  if (level < tone_threshold_dbov || level < level_dbov(frame) - 6.0) return;
  if (last_tone_us_ != 0) tone_break_us_ = std::max(tone_break_us_, arrival_us - last_tone_us_);
  last_tone_us_ = arrival_us;
}

void AudioMeter::collect_window(std::span<const std::int16_t> samples) {
  for (const std::int16_t sample : samples) {
    samples_[collected_++] = sample;
    if (collected_ < window) continue;
    collected_ = 0;
    // The first second is looked at whole, later one window in four: the spectrum is the costly part.
    if (windows_analysed_ < 8 || ++windows_skipped_ % 4 == 0) analyse_window();
  }
}

void AudioMeter::analyse_window() {
  ++windows_analysed_;
  const double power = power_of(samples_);
  if (to_db(power) < tone_threshold_dbov) return;
  const Peak peak = strongest_peak(samples_);
  if (peak.share < 0.7) return;
  auto& vote = votes_[static_cast<int>(peak.hz) / vote_width_hz];
  ++vote.count;
  vote.hz_sum += peak.hz;
  vote.power_sum += power * peak.share;
  if (const auto* best = best_tone(); best->count >= 2) followed_hz_ = best->hz_sum / best->count;
}

const AudioMeter::ToneVotes* AudioMeter::best_tone() const {
  const auto best = std::max_element(votes_.begin(), votes_.end(), [](const auto& a, const auto& b) {
    return a.second.count < b.second.count;
  });
  return best == votes_.end() ? nullptr : &best->second;
}

void AudioMeter::on_dtmf(const RtpPacket& packet) {
  const auto event = parse_dtmf_event(packet.payload);
  // All packets of one digit carry one timestamp; the end comes three times (RFC 4733 §2.5.1.4).
  if (!event || packet.header.timestamp == last_event_timestamp_ || digits_.size() >= max_digits) return;
  last_event_timestamp_ = packet.header.timestamp;
  digits_.push_back(digit_of(event->code));
}

void AudioMeter::fill(MediaReport& report) const {
  report.duplicates = duplicates_;
  report.lost = lost_before_;
  if (has_started_) {
    const std::int64_t wanted = highest_sequence_ - first_sequence_ + 1;
    report.lost += static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, wanted - static_cast<std::int64_t>(received_in_run_)));
  }
  report.max_gap_ms = max_gap_us_ / 1000;
  report.level_db = rounded(frames_ == 0 ? silence_dbov : to_db(power_sum_ / static_cast<double>(frames_)));
  report.voice_ms = static_cast<std::int64_t>(voiced_frames_) * 20;
  report.first_voice_ms = first_voice_us_ == 0 ? -1 : (first_voice_us_ - opened_us_) / 1000;
  report.digits = digits_;
  const auto* tone = best_tone();
  if (tone == nullptr || tone->count < 2) return;
  report.tone_hz = rounded(tone->hz_sum / tone->count);
  report.tone_db = rounded(to_db(tone->power_sum / tone->count));
  report.tone_share = rounded(100.0 * tone->count / std::max(1, windows_analysed_)) / 100.0;
  report.tone_break_ms = tone_break_us_ / 1000;
}

Json to_json(const MediaReport& report) {
  const double wanted = static_cast<double>(report.rtp_rx + report.lost);
  Json out;
  out["rtp_rx"] = report.rtp_rx;
  out["rtp_tx"] = report.rtp_tx;
  out["lost"] = report.lost;
  out["loss"] = wanted == 0 ? 0.0 : std::round(static_cast<double>(report.lost) / wanted * 1e4) / 1e4;
  out["duplicates"] = report.duplicates;
  out["auth_failures"] = report.auth_failures;
  out["max_gap_ms"] = report.max_gap_ms;
  out["tone_hz"] = report.tone_hz;
  out["tone_db"] = report.tone_db;
  out["tone_share"] = report.tone_share;
  out["tone_break_ms"] = report.tone_break_ms;
  out["level_db"] = report.level_db;
  out["voice_ms"] = report.voice_ms;
  out["first_voice_ms"] = report.first_voice_ms;
  out["digits"] = report.digits;
  out["codec"] = report.codec;
  out["srtp"] = report.srtp;
  return out;
}

}  // namespace dunlin::peer
