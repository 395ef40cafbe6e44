#pragma once
// Files people write: the line model of a what-if day (who picks up when, how long it takes, what it costs) and a campaign,
// which a what-if day plays and `campaign create --file` makes. Every field is optional and checked; errors name file, line, field and what is allowed, all tables at
// once (docs/simulate.md has every field). Reads no clock; any thread.
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/dialing/campaign.hpp"
#include "core/simulate/line_model.hpp"

namespace dunlin {

/// A longer text is refused.
inline constexpr std::size_t most_line_bytes = 64 * 1024;

/// `file` is only a name for the findings.
Result<LineModel> parse_line_model(const std::string& file, std::string_view text);

struct CampaignFile {
  CampaignSettings settings;
  std::string strategy_file{};   ///< As written; empty = none.
  std::string flow_file{};       ///< What an agentless campaign says and asks; as written, empty = none.
};
Result<CampaignFile> parse_campaign_file(const std::string& file, std::string_view text, CampaignSettings defaults);

}  // namespace dunlin
