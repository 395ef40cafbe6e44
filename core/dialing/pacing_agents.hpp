#pragma once
// When do agents come back? Release hazards by talk age and by wrap age, learnt on line with slow forgetting, turned into
// R(e, s): the chance that an agent now e seconds in its state is ready within s seconds. Pure; pacing actor only.
#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/dialing/pacing.hpp"
#include "core/dialing/pacing_curve.hpp"

namespace dunlin {

class PacingAgentModel {
 public:
  PacingAgentModel();
  /// Exposure of this tick's agents and the releases among its events; `dt_s` since the last tick.
  void observe(const PacingInput& input, double dt_s);
  /// Recomputes the rows from the hazards; cheap enough for every few seconds.
  void rebuild();

  /// P(ready within s | this agent's state, ages known `lag_s` seconds ago). Ready and breaking agents give zeros.
  PacingRow ready_within(const PacingAgent& agent, double lag_s) const;
  /// P(ready within s | a talk begins now).
  const PacingRow& ready_after_start() const { return talk_rows_.front(); }
  double mean_talk_s() const { return talk_sum_s_ / talk_count_; }
  double mean_wrap_s() const { return wrap_sum_s_ / wrap_count_; }

 private:
  static constexpr int talk_ages = 400;
  static constexpr int wrap_ages = 160;
  static constexpr int talk_classes = 3;
  static constexpr std::size_t talk_bins = 52;
  static constexpr std::size_t wrap_bins = 40;
  struct Hazard {
    double events = 0;
    double exposure_s = 0;
    double rate() const { return events / exposure_s; }
  };
  static std::size_t talk_bin(double age_s);
  static std::size_t wrap_bin(double age_s);
  static int talk_class(double talk_s);
  void take_event(const PacingEvent& event);
  void forget(double dt_s);
  void rebuild_wrap(int talk_class_index);

  std::array<Hazard, talk_bins> talk_;
  std::array<Hazard, talk_bins> talk_prior_;
  std::array<std::array<Hazard, wrap_bins>, talk_classes> wrap_;
  std::array<Hazard, wrap_bins> wrap_prior_;
  std::unordered_map<std::uint64_t, double> talk_of_;  ///< Length of each agent's last talk; bounded by the agents.
  double returns_ = 0;      ///< Wrap-ups that ended in ready …
  double departures_ = 0;   ///< … and those that ended in a break or logout.
  double talk_sum_s_ = 0;
  double talk_count_ = 0;
  double wrap_sum_s_ = 0;
  double wrap_count_ = 0;
  double since_forget_s_ = 0;
  std::vector<PacingRow> talk_rows_;                              ///< By whole seconds of talk age.
  std::array<std::vector<PacingRow>, talk_classes> wrap_rows_;    ///< By whole seconds of wrap age.
};

}  // namespace dunlin
