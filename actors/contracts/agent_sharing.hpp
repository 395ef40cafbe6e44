#pragma once
// How the campaigns' desk shares agents out among the campaigns of its node: what it hears and whom it tells. Local messages,
// copied inside the process; soft state, sent again whenever it changes.
#include <cstdint>
#include <vector>

#include "actors/contracts/caf.hpp"
#include "core/agent/agent_match.hpp"
#include "core/base/ids.hpp"

namespace dunlin::msg {

/// The desk's own timer.
struct ShareTick {};
/// From a campaign to the desk: how many agents it could use at most, persons to dial, on lines and in talks.
struct CampaignDemand { CampaignId campaign; std::uint32_t agents = 0; };
/// From the desk to a campaign: the agents it may pace for. `guaranteed` counts those held by its guarantee.
struct AgentsShared { std::vector<AgentId> agents; std::uint32_t guaranteed = 0; };
/// From the desk to the matchmaker: who is meant for which campaign.
struct AgentsHoused { AgentHomes homes; };

}  // namespace dunlin::msg

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::ShareTick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::CampaignDemand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::AgentsShared)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::AgentsHoused)
