#pragma once
// `dunlin simulate`: what would a day look like with so many agents, this strategy, this mode? Reads files and, with the
// node stopped, the cases of its history; asks no node, writes nothing but the report it is told to. docs/simulate.md.
#include <string>
#include <vector>

#include "app/cli/local_commands.hpp"

namespace dunlin {

/// Prints; exit code 0, 1 when a judge saw a violation (its seed is named), 2 for wrong words or files, 3 not found, 4 when
/// the node runs and its cases were asked for.
int run_simulate(const std::vector<std::string>& words, const LocalContext& context);

}  // namespace dunlin
