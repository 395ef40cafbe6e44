#pragma once
// The risk one more dial may carry so that agents wait as long between two calls as the campaign accepts, and no more risk
// than that: idle seconds beyond the target raise the bound, calls that come sooner lower it, slowly enough for what is on the
// way to arrive. Never above what the abandon budget bears. Pure; pacing actor only.
#include "core/dialing/pacing.hpp"

namespace dunlin {

class PacingIdle {
 public:
  /// What one tick shows beside the input.
  struct Seen {
    double dt_s = 0;
    double handling_s = 0;       ///< Talk and wrap-up of one call, on average.
    double budget_bound = 0;     ///< Of the abandon budget, now.
    bool may_rise = true;        ///< False: something else held the dialing, and idle time says nothing about risk.
  };
  explicit PacingIdle(double target_s) : target_s_(target_s) {}
  void reconfigure(double target_s) { target_s_ = target_s; }
  bool has_target() const { return target_s_ > 0; }
  void observe(const PacingInput& input, const Seen& seen);
  /// Of use with a target only.
  double risk_bound() const { return bound_; }

 private:
  double target_s_ = 0;
  double bound_ = 0.002;         ///< Low, so that a loose target is never paid for with persons.
};

}  // namespace dunlin
