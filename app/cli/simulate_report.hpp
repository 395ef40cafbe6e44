#pragma once
// The result of `dunlin simulate` as text for people, JSON for programs and one HTML page without outside resources.
// Russian and English. Pure.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/simulate/what_if_summary.hpp"

namespace dunlin {

/// One plan and its played days, one a seed.
struct SimulatedSide {
  WhatIfPlan plan;
  std::vector<WhatIfDay> days;
};
struct SimulateResult {
  SimulatedSide first;
  std::optional<SimulatedSide> second{};
  bool is_russian = false;
};

std::string simulate_text(const SimulateResult& result);
nlohmann::ordered_json simulate_json(const SimulateResult& result);
std::string simulate_html(const SimulateResult& result);

struct MeanZone;
/// Words of the report in both languages, shared by its forms.
struct SimulateWords {
  bool is_russian = false;
  std::string say(const char* english, const char* russian) const { return is_russian ? russian : english; }
  std::string metric(WhatIfMetric metric) const;
  /// "1234.5", "12.34 %", "1.2 s".
  std::string value(WhatIfMetric metric, double value, const std::string& currency) const;
  /// With its sign, a share in percentage points.
  std::string difference(const WhatIfDifference& row, const std::string& currency) const;
  std::string title(const WhatIfPlan& plan) const;
  std::string hours_cell(const MeanZone& zone, double hours) const;
  /// The kind of rule in plain words: hours, frequency, …
  std::string rule_kind(const std::string& kind) const;
  /// "kept in all 20 seeds", or what was seen where.
  std::vector<std::string> verdicts(const SimulatedSide& side) const;
};

/// Mean over seeds of a table of counts, largest first.
struct MeanRow {
  std::string name;
  double mean = 0;
};
std::vector<MeanRow> mean_counts(const std::vector<WhatIfDay>& days, std::map<std::string, std::uint64_t> WhatIfDay::*table);
/// The pack's word for a rule's kind; empty when no pack has the rule.
std::string kind_of_rule(const WhatIfPlan& plan, const std::string& rule_id);

struct MeanZone {
  std::string name;
  double cases = 0;
  double called = 0;
  double attempts = 0;
  double lawful_h = 0;
  double worked_h = 0;
  double left_h = 0;
};
std::vector<MeanZone> mean_zones(const std::vector<WhatIfDay>& days);

struct MeanHour {
  double attempts = 0;
  double connected = 0;
  double occupancy = 0;
};
std::vector<MeanHour> mean_hours(const std::vector<WhatIfDay>& days);

}  // namespace dunlin
