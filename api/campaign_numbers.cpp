#include "api/campaign_numbers.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dunlin {

std::vector<std::string> numbers_of_trunks(const CampaignSettings& campaign, const NodeSettings& node) {
  std::vector<std::string> numbers;
  for (const TrunkShare& share : campaign.trunks) {
    for (const TrunkOptions& trunk : node.trunks) {
      if (trunk.name != share.trunk) continue;
      for (const std::string& number : trunk.caller_ids) {
        if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
      }
    }
  }
  return numbers;
}

Status check_trunks(const CampaignSettings& campaign, const NodeSettings& node) {
  if (!node.cluster.name.empty()) return Done{};
  std::vector<std::string> known;
  for (const TrunkOptions& trunk : node.trunks) known.push_back(trunk.name);
  for (const TrunkShare& share : campaign.trunks) {
    if (std::find(known.begin(), known.end(), share.trunk) != known.end()) continue;
    return invalid_input(fmt::format("trunks: no trunk {}; there {}", share.trunk, known.empty() ? "is none in the settings" : fmt::format("are {}", fmt::join(known, ", "))));
  }
  return Done{};
}

Status check_caller_id(const CampaignSettings& campaign, const NodeSettings& node) {
  const std::vector<std::string> allowed = numbers_of_trunks(campaign, node);
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), campaign.caller_id) != allowed.end()) return Done{};
  return invalid_input(fmt::format("caller_id {} is of no trunk of the campaign: allowed are {} (caller_ids of [[trunk]])", campaign.caller_id,
                                   fmt::join(allowed, ", ")));
}

}  // namespace dunlin
