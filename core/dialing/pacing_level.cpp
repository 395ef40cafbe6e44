#include "core/dialing/pacing_level.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr double prior_count = 12;     // Weight of "as the hazards say" in every window.
constexpr double rise_believed = 2.5;  // Standard deviations at which a shorter window overrules a longer one.
constexpr double fall_believed = -3.0;

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
  for (std::size_t i = windows_.size() - 1; i-- > 0;) {
    const double expected = estimate(windows_[chosen]) * windows_[i].expected;
    const double surprise = (windows_[i].seen - expected) / std::sqrt(expected + 1.0);
    if (surprise > rise_believed || surprise < fall_believed) chosen = i;
  }
  level_ = std::clamp(estimate(windows_[chosen]), 0.2, 5.0);
  window_s_ = windows_[chosen].tau_s;
  relative_sd_ = 1.0 / std::sqrt(level_ * windows_[chosen].expected + prior_count);
}

}  // namespace dunlin
