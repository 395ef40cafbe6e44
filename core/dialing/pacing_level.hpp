#pragma once
// The fast part of the answer forecast: are persons picking up more or less than the hazards say, right now? Three
// decaying windows compare live persons seen with live persons expected from the calls that were ringing (Gamma-Poisson).
// The longest window speaks unless a shorter one contradicts it strongly; upward jumps are believed sooner, because they
// cost persons. Pure; pacing actor only.
#include <array>
#include <cstddef>

namespace dunlin {

class PacingLevel {
 public:
  /// One tick: `live` persons seen, `intensity` expected live pick-ups per second while the calls of the tick rang,
  /// `verdict_delay_s` mean time from pick-up to verdict (the expectation waits that long for its outcome).
  void observe(double dt_s, double live, double intensity, double verdict_delay_s);

  /// The hazards were learnt anew and expect `factor` times as much of the same calls: so do the windows.
  void rescale(double factor);

  double level() const { return level_; }           ///< 1 = as the hazards say.
  double window_s() const { return window_s_; }
  double relative_sd() const { return relative_sd_; }

 private:
  struct Window {
    double tau_s = 0;
    double seen = 0;
    double expected = 0;
  };
  void choose();

  std::array<Window, 3> windows_{{{30, 0, 0}, {120, 0, 0}, {600, 0, 0}}};
  double delayed_intensity_ = 0;
  double level_ = 1;
  double window_s_ = 600;
  double relative_sd_ = 0.3;
};

}  // namespace dunlin
