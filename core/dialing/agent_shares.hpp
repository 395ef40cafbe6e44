#pragma once
// Agents with skills shared by several campaigns: which campaign may pace for whom. Each agent is counted in one campaign
// only, so campaigns never dial for the same pair of ears. Guarantees first, then priority, then weight; what a campaign
// cannot use is lent to the others until it can. Pure and deterministic; runs inside the campaigns' desk, for the agents of
// its node. O(agents × campaigns) for a handful of distinct sets of skills.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// An agent who takes calls: ready, talking or wrapping up. Those on a break are not shared.
struct SharedAgent {
  AgentId agent;
  bool is_ready = false;
  std::vector<std::string> skills;
};

/// What a running campaign asks for.
struct AgentClaim {
  CampaignId campaign;
  std::string skill;               ///< Empty: any agent.
  std::int32_t priority = 100;     ///< Lower takes all it can use before the next.
  std::uint32_t weight = 1;        ///< Among claims of one priority; 0: only what they leave.
  std::uint32_t guaranteed = 0;    ///< Agents held before any other share, as far as demand goes.
  std::uint32_t demand = 0;        ///< Agents it could use now at most: persons to dial, on lines and in talks.
};

struct AgentShare {
  std::vector<AgentId> agents;     ///< By id.
  std::uint32_t guaranteed = 0;    ///< How many of them its guarantee holds.
  bool operator==(const AgentShare&) const = default;
};

/// Remembers who had whom, so that agents seldom change hands, and what rounding to whole agents owes to each campaign:
/// one agent of two equal campaigns goes back and forth by the minute.
class AgentShares {
 public:
  /// Shares out anew. Several claims of one campaign or entries of one agent: the first counts. `now` does not go back.
  void share_out(MonoTime now, const std::vector<SharedAgent>& agents, const std::vector<AgentClaim>& claims);
  /// One for each claim, empty or not.
  const std::map<CampaignId, AgentShare>& shares() const { return shares_; }
  /// Unset: no campaign may have the agent.
  CampaignId home_of(AgentId agent) const;

 private:
  std::map<CampaignId, AgentShare> shares_;
  std::map<AgentId, CampaignId> homes_;
  std::map<CampaignId, double> credits_;   ///< Agent-minutes owed; of claims with a demand.
  MonoTime shared_at_;
  bool has_shared_ = false;
};

}  // namespace dunlin
