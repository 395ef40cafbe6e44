#pragma once
// What a simulated shift came to: occupancy, losses, waits, dials, decision time. Persons only where the law
// counts persons.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/dialing/pacing.hpp"
#include "tools/pacing_lab/scenario.hpp"

namespace dunlin::lab {

/// Raw counts and times, gathered by the simulation.
struct Measures {
  double ready_s = 0;
  double talk_s = 0;
  double wrap_s = 0;
  double pause_s = 0;
  double channel_s = 0;
  int channels_most = 0;
  std::int64_t dials = 0;
  std::int64_t wanted = 0;
  std::int64_t persons_connected = 0;
  std::int64_t machines_connected = 0;
  std::int64_t persons_abandoned = 0;
  std::int64_t machines_abandoned = 0;
  std::int64_t persons_judged_machine = 0;
  std::int64_t right_party = 0;
  std::int64_t promises = 0;
  std::vector<double> idle_s;  ///< Before each call.
  std::vector<double> wait_s;  ///< Of each connected person.
  std::vector<int> connected_by_minute;
  std::vector<int> abandoned_by_minute;
  double decision_s = 0;
  double longest_decision_s = 0;
  std::int64_t ticks = 0;
  std::array<std::int64_t, pacing_limits> limit_ticks{};  ///< By PacingLimit: what bound the decisions.
};

struct Report {
  std::string scenario;
  std::string policy;
  std::uint64_t seed = 0;
  double target_abandon = 0;
  double occupancy = 0;  ///< (talk + wrap) / (logged in - break).
  double abandon_rate = 0;
  double abandon_worst30 = 0;
  double abandon_strict = 0;  ///< Persons hung up on as machines included.
  /// Losses at the end over budget x answers, as the campaign counts them: machines taken for persons are answers, too.
  /// The ledger of small groups promises at most one.
  double beyond_budget = 0;
  double idle_p50_s = 0;
  double idle_p95_s = 0;
  double dials_per_agent_hour = 0;
  double contacts_per_agent_hour = 0;
  double right_party_per_agent_hour = 0;
  double channels_mean = 0;
  double channels_used = 0;  ///< Mean share of the channels there are at the start.
  double starts_used = 0;    ///< Dials over what the start rate allows.
  std::string limit;         ///< What bound most decisions …
  double limit_share = 0;    ///< … and how many of them.
  std::int64_t dials = 0;
  std::int64_t abandoned = 0;
  std::int64_t connected = 0;
  double decision_mean_us = 0;
  double decision_max_us = 0;
};

Report make_report(const Scenario& scenario, std::uint64_t seed, Measures measures);
/// One JSON object without line breaks.
std::string to_json(const Report& report);

}  // namespace dunlin::lab
