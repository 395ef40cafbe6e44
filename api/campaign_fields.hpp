#pragma once
// The settings of a campaign as key=value words: what `campaign set` takes and `campaign show --settings` prints.
// One table for reading, writing and the sentence about the effect. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "core/dialing/campaign.hpp"

namespace dunlin {

struct CampaignFieldView {
  std::string key;
  std::string value;
  std::string effect;      ///< What a change does, and when.
};
std::vector<CampaignFieldView> campaign_fields(const CampaignSettings& settings);

/// Applies "key=value". Errors name the key, what is allowed, the nearest known key.
Status set_campaign_field(CampaignSettings& settings, std::string_view assignment);

/// True when the change decides which cases belong.
bool is_filter_field(std::string_view key);

}  // namespace dunlin
