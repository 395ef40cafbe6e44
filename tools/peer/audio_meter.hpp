#pragma once
// What a leg heard, in figures: loss and gaps by sequence numbers and arrival times, voice by energy, a tone
// by spectrum (frequency, level, interruptions). One thread at a time. Levels are dBov: a full-scale sine is
// -3.0.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "tools/peer/json_log.hpp"
#include "tools/peer/rtp.hpp"

namespace dunlin::peer {

inline constexpr int sample_rate = 8000;
inline constexpr std::size_t frame_samples = 160;  ///< 20 ms.
inline constexpr double silence_dbov = -96.0;

struct MediaReport {
  std::uint64_t rtp_rx = 0;
  std::uint64_t rtp_tx = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t auth_failures = 0;
  std::int64_t max_gap_ms = 0;
  double tone_hz = 0;  ///< 0: no tone held.
  double tone_db = silence_dbov;
  double tone_share = 0;
  std::int64_t tone_break_ms = 0;
  double level_db = silence_dbov;
  std::int64_t voice_ms = 0;
  std::int64_t first_voice_ms = -1;
  std::string digits;
  std::string codec;
  std::string srtp;
};

/// The report's fields as they stand in the logs (tools/README.md).
Json to_json(const MediaReport& report);

double level_dbov(std::span<const std::int16_t> samples);
/// Level of one frequency alone within the samples (Goertzel).
double level_at(std::span<const std::int16_t> samples, double hz);

class AudioMeter {
 public:
  explicit AudioMeter(std::int64_t opened_us) : opened_us_(opened_us) {}

  /// Arrival times are microseconds of one clock, the one `opened_us` was read from.
  void on_packet(const RtpHeader& header, std::int64_t arrival_us);
  void on_audio(std::span<const std::int16_t> samples, std::int64_t arrival_us);
  void on_dtmf(const RtpPacket& packet);
  bool has_heard_voice() const { return first_voice_us_ > 0; }
  /// Fills the fields that are measured by listening.
  void fill(MediaReport& report) const;

 private:
  static constexpr std::size_t window = 1024;
  struct ToneVotes {
    int count = 0;
    double hz_sum = 0;
    double power_sum = 0;
  };
  void count_frame(std::span<const std::int16_t> frame, std::int64_t arrival_us);
  void collect_window(std::span<const std::int16_t> samples);
  void analyse_window();
  void follow_tone(std::span<const std::int16_t> frame, std::int64_t arrival_us);
  const ToneVotes* best_tone() const;

  std::int64_t opened_us_;
  bool has_started_ = false;
  std::uint32_t ssrc_ = 0;
  std::int64_t first_sequence_ = 0;
  std::int64_t highest_sequence_ = 0;
  std::uint64_t received_in_run_ = 0;  ///< Since the current SSRC began.
  std::uint64_t lost_before_ = 0;      ///< By earlier SSRCs.
  std::uint64_t duplicates_ = 0;
  std::array<std::int64_t, 1024>
      seen_{};  ///< Extended sequence + 1 by its low bits: tells duplicates from late ones.
  std::int64_t last_arrival_us_ = 0;
  std::int64_t max_gap_us_ = 0;

  double power_sum_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t voiced_frames_ = 0;
  int voiced_run_ = 0;
  std::int64_t first_voice_us_ = 0;

  std::array<std::int16_t, window> samples_{};
  std::size_t collected_ = 0;
  int windows_skipped_ = 0;
  int windows_analysed_ = 0;
  std::map<int, ToneVotes> votes_;
  double followed_hz_ = 0;
  std::int64_t last_tone_us_ = 0;
  std::int64_t tone_break_us_ = 0;

  std::string digits_;
  std::int64_t last_event_timestamp_ = -1;
};

}  // namespace dunlin::peer
