#pragma once
// Which trunks a campaign may name, and which caller ids it may have: those of its trunks' contracts. Pure, any thread.
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

/// Of all trunks of the campaign this node knows, in their order, each once.
std::vector<std::string> numbers_of_trunks(const CampaignSettings& campaign, const NodeSettings& node);

/// Errc::invalid_input, naming the trunks there are, when the campaign names one that is not in the settings. In a cluster
/// another node may have it: there every name goes.
Status check_trunks(const CampaignSettings& campaign, const NodeSettings& node);

/// Errc::invalid_input, naming the numbers allowed, when no trunk of the campaign has one of its caller ids. Where none of
/// its trunks lists numbers, another trunk must have them: the law forbids to show a number without a contract. Trunks
/// another node has are not judged here; the gate judges each call.
Status check_caller_id(const CampaignSettings& campaign, const NodeSettings& node);

}  // namespace dunlin
