#pragma once
// What a strategy means for the people in the store: which rule takes how many of them, before and after a change, and
// what came of each branch of a comparison. Reads stored views only, page by page, on the connection's thread; looks at a
// bounded number of cases and says how many.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/command.hpp"

namespace dunlin {

struct RuleEffect {
  std::string rule;                        ///< Empty: no rule, the campaign's own settings.
  std::string orders;
  std::size_t before = 0;
  std::size_t after = 0;
};
struct StrategyEffect {
  std::vector<RuleEffect> rules;           ///< In the order of the new strategy, then the rules that go.
  std::size_t looked_at = 0;
  std::size_t cases = 0;                   ///< Of campaigns with this strategy.
  std::size_t changed = 0;                 ///< Another rule takes them.
  std::size_t campaigns = 0;
};
/// The effect of putting `proposed` in force. Without a campaign that names it every open case is counted.
Result<StrategyEffect> strategy_effect(const CommandContext& context, const CampaignBook& book, const Strategy& proposed);

/// Of one group since an instant. Attempts are those of the last 45 days at most: older ones are only in the history.
struct GroupResult {
  std::string group;
  std::uint32_t share = 0;
  std::uint64_t cases = 0;
  std::uint64_t worked = 0;                ///< With an attempt.
  std::uint64_t attempts = 0;
  std::uint64_t right_party = 0;
  std::uint64_t promises = 0;
  std::uint64_t kept = 0;
  std::uint64_t payers = 0;
};
struct StrategyResults {
  std::vector<GroupResult> groups;
  std::size_t looked_at = 0;
};
Result<StrategyResults> strategy_results(const CommandContext& context, const CampaignBook& book, const Strategy& strategy, UtcTime since);

}  // namespace dunlin
