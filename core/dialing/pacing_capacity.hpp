#pragma once
// Free capacity ahead: for each second of the horizon the distribution of (agents free) - (agents needed), and from it
// the chance that one more person arriving then finds nobody. Small groups exactly (Poisson-binomial by convolution),
// large ones by the normal law. Pure; pacing actor only.
#include <array>
#include <vector>

#include "core/dialing/pacing_curve.hpp"

namespace dunlin {

class PacingCapacity {
 public:
  /// `is_exact` for small groups: cost grows with the square of agents and calls.
  PacingCapacity(int idle_agents, bool is_exact);

  void add_agent(const PacingRow& ready_within);     ///< A busy agent's chance to be ready by s.
  void add_call(const PacingRow& demand);            ///< A call's chance to hold an agent at s.
  /// Relative uncertainty of the answer level: it moves all calls together, so it does not average out.
  void set_level_sd(double relative_sd) { level_sd_ = relative_sd; }

  /// P(nobody free for one more person at s), s = 1..pacing_horizon_s.
  double full_at(int s) const;
  /// Weighted mean of full_at over the arrival times of a new dial.
  double risk_of(const PacingRow& fresh_live) const;

  double expected_supply(int s) const { return idle_ + supply_.mean[static_cast<std::size_t>(s)]; }
  double expected_demand(int s) const { return demand_.mean[static_cast<std::size_t>(s)]; }

 private:
  /// Exact distribution of free minus needed at one second; index 0 = -needed_max.
  struct Distribution {
    std::vector<double> chance;
    int lowest = 0;
  };
  static void convolve_up(Distribution& d, double p);
  static void convolve_down(Distribution& d, double p);

  double idle_ = 0;
  bool is_exact_ = false;
  double level_sd_ = 0;
  PacingCurve supply_;
  PacingCurve demand_;
  std::array<Distribution, pacing_horizon_s + 1> exact_;
};

}  // namespace dunlin
