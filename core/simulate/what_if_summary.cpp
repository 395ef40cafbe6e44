#include "core/simulate/what_if_summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

/// Two-sided 95 % quantiles of Student's t by degrees of freedom 1 to 30.
constexpr std::array<double, 30> t_quantiles{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                             2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                             2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

/// Beyond the table the quantile falls from 2.042 to 1.960; the table's last one errs on the careful side.
double t_quantile(std::size_t freedom) { return t_quantiles[std::min(freedom, t_quantiles.size()) - 1]; }

}  // namespace

std::string_view to_string(WhatIfMetric metric) {
  switch (metric) {
    case WhatIfMetric::attempts: return "attempts";
    case WhatIfMetric::picked_up: return "picked_up";
    case WhatIfMetric::live: return "live";
    case WhatIfMetric::connected: return "connected";
    case WhatIfMetric::abandoned: return "abandoned";
    case WhatIfMetric::abandon_share: return "abandon_share";
    case WhatIfMetric::right_party: return "right_party";
    case WhatIfMetric::promises: return "promises";
    case WhatIfMetric::promises_per_hour: return "promises_per_agent_hour";
    case WhatIfMetric::occupancy: return "occupancy";
    case WhatIfMetric::idle_p50: return "idle_p50_s";
    case WhatIfMetric::idle_p95: return "idle_p95_s";
    case WhatIfMetric::cases_called: return "cases_called";
    case WhatIfMetric::denied_by_law: return "denied_by_law";
    case WhatIfMetric::list_left: return "list_left";
    case WhatIfMetric::cost: return "cost";
    case WhatIfMetric::cost_per_promise: return "cost_per_promise";
    case WhatIfMetric::cost_per_rpc: return "cost_per_rpc";
    case WhatIfMetric::cost_per_kept_promise: return "cost_per_kept_promise";
  }
  return "?";
}

WhatIfUnit unit_of(WhatIfMetric metric) {
  switch (metric) {
    case WhatIfMetric::abandon_share:
    case WhatIfMetric::occupancy: return WhatIfUnit::share;
    case WhatIfMetric::idle_p50:
    case WhatIfMetric::idle_p95: return WhatIfUnit::seconds;
    case WhatIfMetric::cost:
    case WhatIfMetric::cost_per_promise:
    case WhatIfMetric::cost_per_rpc:
    case WhatIfMetric::cost_per_kept_promise:
    case WhatIfMetric::promises_per_hour: return WhatIfUnit::money;
    case WhatIfMetric::attempts:
    case WhatIfMetric::picked_up:
    case WhatIfMetric::live:
    case WhatIfMetric::connected:
    case WhatIfMetric::abandoned:
    case WhatIfMetric::right_party:
    case WhatIfMetric::promises:
    case WhatIfMetric::cases_called:
    case WhatIfMetric::denied_by_law:
    case WhatIfMetric::list_left: return WhatIfUnit::count;
  }
  return WhatIfUnit::count;
}

double value_of(WhatIfMetric metric, const WhatIfDay& day) {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  const double hours_present = day.present_s / 3600;
  switch (metric) {
    case WhatIfMetric::attempts: return number(day.attempts);
    case WhatIfMetric::picked_up: return number(day.picked_up);
    case WhatIfMetric::live: return number(day.live);
    case WhatIfMetric::connected: return number(day.connected);
    case WhatIfMetric::abandoned: return number(day.abandoned);
    case WhatIfMetric::abandon_share: return day.abandon_share();
    case WhatIfMetric::right_party: return number(day.right_party);
    case WhatIfMetric::promises: return number(day.promises);
    case WhatIfMetric::promises_per_hour: return hours_present > 0 ? number(day.promises) / hours_present : 0;
    case WhatIfMetric::occupancy: return day.occupancy();
    case WhatIfMetric::idle_p50: return day.idle_quantile(0.5);
    case WhatIfMetric::idle_p95: return day.idle_quantile(0.95);
    case WhatIfMetric::cases_called: return number(day.cases_called);
    case WhatIfMetric::denied_by_law: return number(day.law_denials);
    case WhatIfMetric::list_left: return number(day.list_left);
    case WhatIfMetric::cost: return day.cost;
    case WhatIfMetric::cost_per_promise: return day.promises > 0 ? day.cost / number(day.promises) : 0;
    case WhatIfMetric::cost_per_rpc: return day.right_party > 0 ? day.cost / number(day.right_party) : 0;
    case WhatIfMetric::cost_per_kept_promise: return day.promises_kept > 0 ? day.cost / day.promises_kept : 0;
  }
  return 0;
}

WhatIfEstimate estimate_of(const std::vector<double>& values) {
  WhatIfEstimate estimate;
  if (values.empty()) return estimate;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) estimate.mean += value / count;
  estimate.least = *std::min_element(values.begin(), values.end());
  estimate.most = *std::max_element(values.begin(), values.end());
  if (values.size() < 2) return estimate;
  double squares = 0;
  for (const double value : values) squares += (value - estimate.mean) * (value - estimate.mean);
  estimate.half_width = t_quantile(values.size() - 1) * std::sqrt(squares / (count - 1) / count);
  return estimate;
}

WhatIfEstimate estimate_of(WhatIfMetric metric, const std::vector<WhatIfDay>& days) {
  std::vector<double> values;
  values.reserve(days.size());
  for (const WhatIfDay& day : days) values.push_back(value_of(metric, day));
  return estimate_of(values);
}

std::vector<WhatIfDifference> compare(const std::vector<WhatIfDay>& first, const std::vector<WhatIfDay>& second) {
  DUNLIN_CHECK(first.size() == second.size());
  std::vector<WhatIfDifference> rows;
  for (int i = 0; i < what_if_metric_count; ++i) {
    WhatIfDifference row;
    row.metric = static_cast<WhatIfMetric>(i);
    row.first = estimate_of(row.metric, first);
    row.second = estimate_of(row.metric, second);
    std::vector<double> differences;
    differences.reserve(first.size());
    for (std::size_t seed = 0; seed < first.size(); ++seed) {
      differences.push_back(value_of(row.metric, second[seed]) - value_of(row.metric, first[seed]));
    }
    row.difference = estimate_of(differences);
    row.is_significant = row.difference.half_width && std::abs(row.difference.mean) > *row.difference.half_width;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace dunlin
