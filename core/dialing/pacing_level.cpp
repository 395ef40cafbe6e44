#include "core/dialing/pacing_level.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr double prior_count = 12;     // Weight of "as the hazards say" in every window.
constexpr double rise_believed = 2.5;  // Standard deviations at which a shorter window overrules a longer one.
constexpr double fall_believed = -3.0;
// A window that expects so many persons tells more than luck: its rise is believed sooner, and the hazards, which it has
// just refuted, hardly count in its estimate. A jump costs persons by the second.
constexpr double telling_count = 12;
constexpr double telling_rise_believed = 2.0;
constexpr double refuted_count = 1;

}  // namespace

void PacingLevel::observe(double dt_s, double live, double intensity, double verdict_delay_s) {
  const double follow = verdict_delay_s > 0 ? 1.0 - std::exp(-dt_s / verdict_delay_s) : 1.0;
  delayed_intensity_ += follow * (intensity - delayed_intensity_);
  for (Window& w : windows_) {
    const double keep = std::exp(-dt_s / w.tau_s);
    w.seen = w.seen * keep + live;
    w.expected = w.expected * keep + delayed_intensity_ * dt_s;
  }
  choose();
}

void PacingLevel::rescale(double factor) {
  for (Window& w : windows_) w.expected *= factor;
  delayed_intensity_ *= factor;
  choose();
}

void PacingLevel::choose() {
  const auto estimate = [](const Window& w) { return (w.seen + prior_count) / (w.expected + prior_count); };
  std::size_t chosen = windows_.size() - 1;
  bool is_refuted = false;
  for (std::size_t i = windows_.size() - 1; i-- > 0;) {
    const double expected = estimate(windows_[chosen]) * windows_[i].expected;
    const double surprise = (windows_[i].seen - expected) / std::sqrt(expected + 1.0);
    const bool is_telling = windows_[i].expected >= telling_count;
    if (surprise <= (is_telling ? telling_rise_believed : rise_believed) && surprise >= fall_believed) continue;
    chosen = i;
    is_refuted = is_telling && surprise > 0;
  }
  const Window& w = windows_[chosen];
  const double prior = is_refuted ? refuted_count : prior_count;
  level_ = std::clamp((w.seen + prior) / (w.expected + prior), 0.2, 5.0);
  window_s_ = w.tau_s;
  relative_sd_ = 1.0 / std::sqrt(level_ * w.expected + prior_count);
}

}  // namespace dunlin
