#include "api/campaign_numbers.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/dialing/caller_id_choice.hpp"

namespace dunlin {

namespace {

bool is_every_trunk_here(const CampaignSettings& campaign, const NodeSettings& node) {
  return std::all_of(campaign.trunks.begin(), campaign.trunks.end(), [&node](const TrunkShare& share) {
    return std::any_of(node.trunks.begin(), node.trunks.end(), [&share](const TrunkOptions& trunk) { return trunk.name == share.trunk; });
  });
}

std::vector<std::string> numbers_of_all(const NodeSettings& node) {
  std::vector<std::string> all;
  for (const TrunkOptions& trunk : node.trunks) all.insert(all.end(), trunk.caller_ids.begin(), trunk.caller_ids.end());
  return all;
}

}  // namespace

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
  if (campaign.trunks.empty()) return Done{};  // Refused for that, wherever it is checked as a whole.
  const auto wanted = parse_caller_ids(campaign.caller_id);
  if (!wanted) return invalid_input("caller_id: " + wanted.error().detail);
  const std::vector<std::string> of_trunks = numbers_of_trunks(campaign, node);
  const bool is_elsewhere = of_trunks.empty() && !is_every_trunk_here(campaign, node);
  if (is_elsewhere) return Done{};
  const std::vector<std::string> contracted = of_trunks.empty() ? numbers_of_all(node) : of_trunks;
  for (const PhoneNumber& number : *wanted) {
    if (std::find(contracted.begin(), contracted.end(), number.e164()) != contracted.end()) continue;
    if (of_trunks.empty()) {
      return invalid_input(fmt::format("caller_id {} is in no caller_ids of [[trunk]]: a number without a contract may not be shown", number.e164()));
    }
    return invalid_input(fmt::format("caller_id {} is of no trunk of the campaign: allowed are {} (caller_ids of [[trunk]])", number.e164(),
                                     fmt::join(of_trunks, ", ")));
  }
  return Done{};
}

}  // namespace dunlin
