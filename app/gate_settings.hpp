#pragma once
// From the settings of a node to what its gate of the law must know of the house: the same for a node and for a what-if.
// Pure.
#include "config/settings.hpp"
#include "core/case/policy_gate.hpp"

namespace dunlin {

inline Organisation organisation_of(const std::string& type) {
  if (type == "bank") return Organisation::bank;
  if (type == "mfo") return Organisation::microfinance;
  return Organisation::agency;
}

/// Without the number ranges, which only a node's store has.
inline PolicyGateOptions gate_options_of(const NodeSettings& settings) {
  PolicyGateOptions options;
  options.organisation = organisation_of(settings.organisation_type);
  options.jurisdictions = {settings.jurisdiction};
  return options;
}

}  // namespace dunlin
