#pragma once
// The words of `dunlin simulate` and what they say to play: one plan, or two that are compared on the same seeds.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/local_commands.hpp"
#include "core/simulate/what_if.hpp"

namespace dunlin {

struct SimulateOptions {
  std::string campaign;                   ///< File, or name of a campaign in the history; empty = defaults.
  std::string cases;                      ///< A count, or "history"; empty = 5000, the history's for a campaign of the history.
  int agents = 20;
  std::optional<CivilDate> day{};         ///< Unset: tomorrow.
  int days = 1;
  std::string mode;
  std::string strategy;                   ///< File; "none" takes the campaign's away.
  std::string against;                    ///< A strategy file, or mode=…, agents=…, strategy=…, line=…, numbers=…, hours=…, by commas.
  std::string line;
  std::string config;                     ///< Settings file of the node: jurisdiction and kind of organisation.
  int seeds = 20;
  int first_seed = 1;
  std::string language = "en";
  std::string html;
  std::vector<std::string> stories{};     ///< Cases whose course is told, of the first seed.
  std::string journal;                    ///< File for every step of the first seed; synthetic persons only.
};
Result<SimulateOptions> parse_simulate_options(const std::vector<std::string>& words);

/// What changes on the other side of a comparison.
struct SimulateChange {
  std::string mode{};
  std::optional<int> agents{};
  std::string strategy{};
  std::string line{};
  std::string numbers{};
  std::string hours{};
  std::string costs{};
};
Result<SimulateChange> parse_simulate_change(const std::string& text);

struct SimulatePlans {
  WhatIfPlan first;
  std::optional<WhatIfPlan> second{};
};
/// Reads everything the words name. `today` gives the default day.
Result<SimulatePlans> make_simulate_plans(const SimulateOptions& options, const LocalContext& context, UtcTime today);

}  // namespace dunlin
