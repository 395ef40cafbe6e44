#include "media/concealment.hpp"

#include <algorithm>

namespace dunlin {
namespace {
constexpr std::size_t min_period = 40;   // 200 Hz
constexpr std::size_t max_period = 160;  // 50 Hz
constexpr std::size_t match_size = 160;
constexpr int fade_after = 80;  // samples at full strength
constexpr int silent_after = 480;
}  // namespace

void Concealment::remember(std::span<const std::int16_t> frame) {
  const std::size_t fresh = std::min(frame.size(), history_size);
  std::copy(history_.begin() + static_cast<std::ptrdiff_t>(fresh), history_.end(), history_.begin());
  std::copy(frame.end() - static_cast<std::ptrdiff_t>(fresh), frame.end(),
            history_.end() - static_cast<std::ptrdiff_t>(fresh));
  concealed_samples_ = 0;
  period_ = 0;
}

std::size_t Concealment::find_period() const {
  const auto* tail = history_.data() + history_size - match_size;
  std::size_t best = max_period;
  double best_score = 0;
  for (std::size_t lag = min_period; lag <= max_period; ++lag) {
    double cross = 0;
    double energy = 1;
    for (std::size_t i = 0; i < match_size; i += 2) {
      const double past = *(tail + i - lag);
      cross += past * tail[i];
      energy += past * past;
    }
    const double score = cross > 0 ? cross * cross / energy : 0;
    if (score > best_score) {
      best_score = score;
      best = lag;
    }
  }
  return best;
}

void Concealment::fill(std::span<std::int16_t> frame) {
  if (period_ == 0) {
    period_ = find_period();
    phase_ = 0;
  }
  for (auto& sample : frame) {
    const int level =
        concealed_samples_ < fade_after ? silent_after : std::max(0, silent_after - concealed_samples_);
    sample = static_cast<std::int16_t>(history_[history_size - period_ + phase_] * level / silent_after);
    phase_ = (phase_ + 1) % period_;
    concealed_samples_ = std::min(concealed_samples_ + 1, silent_after);
  }
}

}  // namespace dunlin
