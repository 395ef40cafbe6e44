#include "core/voice/speech_history.hpp"

#include <algorithm>
#include <cmath>

#include "core/voice/spectrum.hpp"

namespace dunlin {
namespace {

constexpr std::uint32_t lost_frames = 3;      // more zeros in a row are digital silence, not lost packets
constexpr std::size_t loudest_rank = 4;       // a click is louder than a voice, but not four frames long
constexpr std::size_t background_share = 10;  // the quietest tenth is the background
constexpr float border_share = 0.42F;         // where between background and voice the border lies
constexpr float least_rise_db = 4.5F;
constexpr std::size_t repeated_frames = 34;   // what is repeated must be longer than a word
constexpr float repeated_likeness = 0.90F;    // the same recording reaches 0.96, two utterances of a person 0.7
constexpr std::uint32_t stop_frames = 4;      // the closure of a plosive does not end a burst

/// Gathers bursts into utterances while walking from the oldest frame to the latest.
class Walker {
 public:
  Walker(const SpeechLimits& limits, bool is_clear) : limits_(limits), is_clear_(is_clear) {}

  void step(std::size_t index, bool is_sounding) {
    if (is_sounding) {
      if (burst_voiced_ == 0) burst_start_ = index;
      ++burst_voiced_;
      burst_end_ = index;
    } else if (burst_voiced_ > 0 && index - burst_end_ > stop_frames) {
      close_burst();
    }
  }

  SpeechView finish(std::size_t size) {
    if (burst_voiced_ > 0) close_burst();
    SpeechView view;
    if (!has_utterance_) return view;
    view.spoken_ms = spoken_ * frame_ms;
    view.voiced_ms = voiced_ * frame_ms;
    view.utterance_ms = static_cast<std::uint32_t>(end_ - start_ + 1) * frame_ms;
    view.pause_ms = static_cast<std::uint32_t>(size - 1 - end_) * frame_ms;
    return view;
  }

 private:
  void close_burst() {
    // In a quiet room even a short sound is speech that goes on; in a loud one it may be the room.
    const bool is_continuing = is_clear_ && has_utterance_ && (burst_start_ - end_) * frame_ms < limits_.joining_pause_ms;
    const std::uint32_t least_ms = is_continuing ? limits_.min_utterance_ms / 2 : limits_.min_utterance_ms;
    if (burst_voiced_ * frame_ms >= least_ms) accept_burst();
    burst_voiced_ = 0;
  }

  void accept_burst() {
    if (!has_utterance_ || (burst_start_ - end_) * frame_ms > limits_.joining_pause_ms) {
      start_ = burst_start_;
      voiced_ = 0;
    }
    has_utterance_ = true;
    end_ = burst_end_;
    voiced_ += burst_voiced_;
    spoken_ += burst_voiced_;
  }

  const SpeechLimits& limits_;
  bool is_clear_ = false;
  std::size_t burst_start_ = 0, burst_end_ = 0, start_ = 0, end_ = 0;
  std::uint32_t burst_voiced_ = 0, voiced_ = 0, spoken_ = 0;
  bool has_utterance_ = false;
};

}  // namespace

const SpeechHistory::Frame& SpeechHistory::at(std::size_t age_from_oldest) const {
  return frames_[(next_ + capacity - size_ + age_from_oldest) % capacity];
}

SpeechHistory::Frame& SpeechHistory::latest(std::size_t back) { return frames_[(next_ + capacity - 1 - back) % capacity]; }

void SpeechHistory::add(float level_dbov, bool is_blank) {
  blanks_ = is_blank ? blanks_ + 1 : 0;
  auto level = static_cast<std::uint8_t>(std::lround(std::clamp(-level_dbov, 0.0F, 96.0F)));
  if (is_blank && size_ > 0 && blanks_ <= lost_frames) level = latest(0).level;
  if (size_ == capacity) {
    const Frame& oldest = at(0);
    if (!oldest.is_tone) --histogram_[oldest.level];
  } else {
    ++size_;
  }
  frames_[next_] = Frame{level, false};
  next_ = (next_ + 1) % capacity;
  ++histogram_[level];
}

void SpeechHistory::mark_tone(std::uint32_t frames) {
  const std::size_t count = std::min<std::size_t>(frames, size_);
  for (std::size_t back = 0; back < count; ++back) {
    Frame& frame = latest(back);
    if (frame.is_tone) continue;
    frame.is_tone = true;
    --histogram_[frame.level];
  }
}

SpeechHistory::Border SpeechHistory::border() const {
  std::size_t counted = 0;
  std::size_t loud = levels - 1;
  for (std::size_t i = 0; i < levels; ++i) {
    counted += histogram_[i];
    if (counted >= loudest_rank) {
      loud = i;
      break;
    }
  }
  std::size_t total = 0;
  for (const std::uint16_t count : histogram_) total += count;
  std::size_t quiet = levels - 1;
  for (std::size_t seen = 0; quiet > 0; --quiet) {
    seen += histogram_[quiet];
    if (seen * background_share >= std::max<std::size_t>(total, 1)) break;
  }
  Border border;
  border.contrast_db = quiet > loud ? static_cast<float>(quiet - loud) : 0.0F;
  border.background_dbov = -static_cast<float>(quiet);
  const float rise = std::max(least_rise_db, border_share * border.contrast_db);
  const float threshold = std::max(limits_.quiet_dbov, border.background_dbov + rise);
  border.level = static_cast<std::uint8_t>(std::clamp(-threshold, 0.0F, 96.0F));
  return border;
}

SpeechView SpeechHistory::view() const {
  const Border border = this->border();
  Walker walker(limits_, border.contrast_db >= limits_.clear_contrast_db);
  const bool has_contrast = border.contrast_db >= limits_.min_contrast_db;
  for (std::size_t i = 0; i < size_; ++i) {
    const Frame& frame = at(i);
    walker.step(i, has_contrast && !frame.is_tone && frame.level < border.level);
  }
  SpeechView view = walker.finish(size_);
  view.contrast_db = border.contrast_db;
  view.background_dbov = border.background_dbov;
  return view;
}

float SpeechHistory::likeness(std::size_t first, std::size_t second, std::size_t count) const {
  float sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto a = static_cast<float>(at(first + i).level);
    const auto b = static_cast<float>(at(second + i).level);
    sum_a += a;
    sum_b += b;
    sum_aa += a * a;
    sum_bb += b * b;
    sum_ab += a * b;
  }
  const auto n = static_cast<float>(count);
  const float spread = (n * sum_aa - sum_a * sum_a) * (n * sum_bb - sum_b * sum_b);
  return spread <= 1 ? 0.0F : (n * sum_ab - sum_a * sum_b) / std::sqrt(spread);
}

bool SpeechHistory::has_repetition(const SpeechView& view) const {
  const std::size_t length = view.utterance_ms / frame_ms;
  const std::size_t pause = view.pause_ms / frame_ms;
  if (length + pause > size_ || length < 2 * repeated_frames) return false;
  const std::size_t start = size_ - pause - length;
  for (std::size_t lag = repeated_frames; lag + repeated_frames <= length; ++lag) {
    const std::size_t overlap = length - lag;
    if (overlap * 3 < length) break;
    if (likeness(start, start + lag, overlap) >= repeated_likeness) return true;
  }
  return false;
}

}  // namespace dunlin
