#pragma once
// What a what-if day takes out of a stopped node's store: a campaign with its strategy, the cases, the number ranges. Reads
// only. Main thread.
#include <string>

#include "core/simulate/what_if.hpp"
#include "storage/store.hpp"

namespace dunlin {

struct SimulateSource {
  std::string campaign;        ///< Name or id; empty = the plan's own.
  bool has_cases = false;
};
/// Errc::not_found names the campaigns there are. The plan's law must be set.
Status take_from_history(Store& store, const SimulateSource& source, WhatIfPlan& plan);

}  // namespace dunlin
