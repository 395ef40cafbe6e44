#pragma once
// Many seeds of one plan in numbers: mean and 95 % confidence interval over seeds (Student's t), and two plans side by side
// on the same seeds, where the difference of each seed is what is averaged. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/simulate/what_if.hpp"

namespace dunlin {

enum class WhatIfMetric : std::uint8_t {
  attempts, picked_up, live, connected, abandoned, abandon_share, right_party, promises, promises_per_hour, occupancy,
  idle_p50, idle_p95, cases_called, denied_by_law, list_left, cost, cost_per_promise, cost_per_rpc,
  cost_per_kept_promise,
};
inline constexpr int what_if_metric_count = static_cast<int>(WhatIfMetric::cost_per_kept_promise) + 1;
enum class WhatIfUnit : std::uint8_t { count, share, seconds, money };

/// Stable snake_case name used in files and the JSON.
std::string_view to_string(WhatIfMetric metric);
WhatIfUnit unit_of(WhatIfMetric metric);
/// Promises per hour is per hour an agent sat there; a cost per promise without promises is 0, of contacts the same.
double value_of(WhatIfMetric metric, const WhatIfDay& day);

struct WhatIfEstimate {
  double mean = 0;
  std::optional<double> half_width{};    ///< Of the 95 % interval; unset with one seed.
  double least = 0;
  double most = 0;
};
WhatIfEstimate estimate_of(const std::vector<double>& values);
WhatIfEstimate estimate_of(WhatIfMetric metric, const std::vector<WhatIfDay>& days);

struct WhatIfDifference {
  WhatIfMetric metric = WhatIfMetric::attempts;
  WhatIfEstimate first;
  WhatIfEstimate second;
  WhatIfEstimate difference;             ///< Second minus first, seed by seed.
  bool is_significant = false;           ///< The interval of the difference does not hold zero.
};
/// Both of the same seeds in the same order.
std::vector<WhatIfDifference> compare(const std::vector<WhatIfDay>& first, const std::vector<WhatIfDay>& second);

}  // namespace dunlin
