#pragma once
// What a campaign hears of its shards when it gives its lines away (docs/pacing.md, Allocation). Soft state: every message may
// be lost, and costs pace then. Local messages; a shard of another node is not asked.
#include <cstddef>
#include <vector>

#include "actors/contracts/caf.hpp"
#include "core/base/ids.hpp"
#include "core/dialing/dial_queue.hpp"

namespace dunlin::msg {

/// To a shard. Answered by RanksView.
struct GetRanks { CampaignId campaign; std::size_t most = 0; };
/// `top`: the most urgent due rows, most urgent first.
struct RanksView { ShardIndex shard = 0; QueueSummary queue; std::vector<UrgentRow> top; };
/// From the shard to the campaign: the ticket came in time, and a case is being searched for it.
struct TicketTaken { AttemptId attempt; };

}  // namespace dunlin::msg

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::GetRanks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::RanksView)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::TicketTaken)
