#pragma once
// What is wrong with a flow as a whole: steps nobody reaches, ways that lead nowhere, loops that never wait for the person,
// and what the law forbids: a word before caller, robot and recording are told, a word of the debt before the person is
// confirmed. Reading the file is config/flow_loader's matter. Pure.
#include <string>
#include <vector>

#include "core/dialogue/flow.hpp"

namespace dunlin {

struct FlowFinding {
  int line = 0;
  std::string place;                       ///< "step \"greeting\"", "flow".
  std::string what;
};

/// Empty: the flow may be used. Every index must lie within the steps; one that does not is the only finding.
std::vector<FlowFinding> check_flow(const Flow& flow);

}  // namespace dunlin
