#pragma once
// What is wrong with a strategy as a whole: rules that cannot fit, rules an earlier one hides, orders that contradict each
// other, values outside the bounds a campaign has. Reading the file is config/strategy_loader's matter. Pure.
#include <string>
#include <vector>

#include "core/dialing/strategy.hpp"

namespace dunlin {

struct StrategyFinding {
  int line = 0;
  std::string place;                       ///< "rule \"early stage\"", "group \"B\"", "strategy".
  std::string what;
};

/// Empty: the strategy may be used.
std::vector<StrategyFinding> check_strategy(const Strategy& strategy);

/// Whether every case that fits `inner` also fits `outer`, so that behind `outer` it is never reached.
bool covers(const StrategyCondition& outer, const StrategyCondition& inner);

/// 1 to 64 of a-z, 0-9, _ and -: names are file names, words of the shell and parts of document ids.
bool is_strategy_name(std::string_view name);

}  // namespace dunlin
