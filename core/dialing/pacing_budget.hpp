#pragma once
// The abandon budget: how much risk one more dial may carry (theta), moved by what really happened, and the ledger that
// stops over-dialing when the legal window cannot bear one more loss. Learns only from connects and abandons, never from
// the clock, so that a quiet hour does not wind it up. Groups of up to 24 agents spend the budget by a plan over the answers
// still to come in the window; larger ones follow the realised share. Pure; pacing actor only.
#include "core/dialing/pacing.hpp"

namespace dunlin {

/// Of what kind the group is; both change slowly.
struct PacingGroup {
  int agents = 0;
  double answer_rate = 0.3;   ///< Live persons per dial.
  bool is_held = false;       ///< Lines or rate cut the last wish: what is not started now is lost for good.
};

class PacingBudget {
 public:
  explicit PacingBudget(const PacingConfig& config);
  void reconfigure(const PacingConfig& config);

  /// One tick's connects and abandons. `was_limited`: the last wish was cut by channels, rate or list; then theta must
  /// not rise, because losses cannot follow it. Only the bound of larger groups is wider while such a limit holds.
  void observe(const PacingInput& input, double dt_s, bool was_limited, const PacingGroup& group);

  double risk_bound() const;                      ///< The largest risk one more dial may carry.
  /// False: one line per idle agent until the share has come down.
  bool can_bear_one_more() const { return can_bear_; }
  double budget_left() const { return budget_left_; }

 private:
  void count(const PacingInput& input);           ///< What the window holds; begins the next one.
  void book(double at_s);                         ///< `at_s` from here on: seconds since the window began.
  void plan(double at_s);                         ///< Small groups: what is left over what is to come.
  void brake(double at_s);                        ///< Large groups: what one line per agent could still make good.
  bool is_planned() const;
  void learn(bool is_abandoned, bool was_limited);
  double goal() const;

  PacingConfig config_;
  double theta_ = 0.022;
  double live_per_s_ = 0;
  double answered_10min_ = 0;
  double abandoned_10min_ = 0;
  double answered_ = 0;                           ///< Of the legal window.
  double abandoned_ = 0;
  double window_at_s_ = 0;                        ///< When the window began, and what had been counted by then.
  double answered_before_ = 0;
  double abandoned_before_ = 0;
  double budget_left_ = 0;
  int agents_ = 0;
  double answer_rate_ = 0.3;
  double wanted_share_ = 0.03;                    ///< Losses per answer that the plan wants from now on.
  double caution_ = 1;
  double limited_share_ = 0;                      ///< Of the last minute's ticks, those cut by channels or rate.
  bool can_bear_ = true;
};

}  // namespace dunlin
