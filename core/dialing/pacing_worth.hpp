#pragma once
// Whether a line started ahead of the agents is worth it, by the prices the campaign told. Such a line saves an agent the idle
// seconds until its person is reached; should the person find nobody, its fee is spent for nothing and the talk it could
// have been is lost. And no line ahead is started whose expected talk, with the idle time it saves, brings less than its
// fees. One line per idle agent is never weighed: what is due to the persons in the list must not stand still. Learns whom
// talks reach from what agents write down. Pure; pacing actor only.
#include "core/dialing/pacing.hpp"

namespace dunlin {

/// One more line, as the forecast sees it.
struct PacingLine {
  double live = 0;           ///< Chance that a person answers.
  double arrives_s = 0;      ///< Until then, on average.
  double risk = 0;           ///< Chance that the person finds no agent.
};

class PacingWorth {
 public:
  explicit PacingWorth(const PacingPrices& prices) : prices_(prices) {}
  void reconfigure(const PacingPrices& prices) { prices_ = prices; }
  void observe(const PacingInput& input);
  /// True as long as no prices are told that could be weighed.
  bool is_worth(const PacingLine& line, double mean_talk_s) const;
  /// Share of talks that reach the debtor, as far as seen.
  double right_share() const;

 private:
  PacingPrices prices_;
  double talks_ = 0;
  double right_ = 0;
};

}  // namespace dunlin
