#include "core/dialing/pacing_capacity.hpp"

namespace dunlin {

PacingCapacity::PacingCapacity(int idle_agents, bool is_exact) : idle_(idle_agents), is_exact_(is_exact) {
  if (!is_exact_) return;
  for (Distribution& d : exact_) {
    d.chance.reserve(256);
    d.chance.assign(1, 1.0);
    d.lowest = idle_agents;
  }
}

void PacingCapacity::convolve_up(Distribution& d, double p) {
  d.chance.push_back(0.0);
  for (std::size_t i = d.chance.size() - 1; i > 0; --i) d.chance[i] = d.chance[i] * (1 - p) + d.chance[i - 1] * p;
  d.chance[0] *= 1 - p;
}

void PacingCapacity::convolve_down(Distribution& d, double p) {
  d.chance.push_back(0.0);
  // Going down by one is going up by one from a start one lower, with the chances exchanged.
  for (std::size_t i = d.chance.size() - 1; i > 0; --i) d.chance[i] = d.chance[i] * p + d.chance[i - 1] * (1 - p);
  d.chance[0] *= p;
  d.lowest -= 1;
}

void PacingCapacity::add_agent(const PacingRow& ready_within) {
  add_row(ready_within, supply_);
  if (!is_exact_) return;
  for (std::size_t s = 1; s <= pacing_horizon_s; ++s) {
    if (ready_within[s] > 1e-6F) convolve_up(exact_[s], std::min(1.0, static_cast<double>(ready_within[s])));
  }
}

void PacingCapacity::add_call(const PacingRow& demand) {
  add_row(demand, demand_);
  if (!is_exact_) return;
  for (std::size_t s = 1; s <= pacing_horizon_s; ++s) {
    if (demand[s] > 1e-6F) convolve_down(exact_[s], std::min(1.0, static_cast<double>(demand[s])));
  }
}

double PacingCapacity::full_at(int s) const {
  const auto i = static_cast<std::size_t>(s);
  if (is_exact_) {
    const Distribution& d = exact_[i];
    double full = 0;
    for (int k = 0; d.lowest + k < 1 && k < static_cast<int>(d.chance.size()); ++k) {
      full += d.chance[static_cast<std::size_t>(k)];
    }
    return full;
  }
  const double mean = idle_ + supply_.mean[i] - demand_.mean[i];
  const double level = level_sd_ * demand_.mean[i];
  const double sd = std::sqrt(supply_.variance[i] + demand_.variance[i] + level * level + 1e-9);
  return 0.5 * std::erfc((mean - 0.5) / sd * 0.70710678118654752);
}

double PacingCapacity::risk_of(const PacingRow& fresh_live) const {
  double risk = 0;
  double weight = 0;
  for (int s = 1; s <= pacing_horizon_s; ++s) {
    const auto i = static_cast<std::size_t>(s);
    const double arrives = fresh_live[i] - fresh_live[i - 1];
    if (arrives <= 1e-7) continue;
    weight += arrives;
    risk += arrives * full_at(s);
  }
  return weight > 0 ? risk / weight : 1.0;
}

}  // namespace dunlin
