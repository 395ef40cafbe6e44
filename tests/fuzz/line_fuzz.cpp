// A line file of any bytes: refused with a finding, or a model whose shares are shares. As a campaign file: trunks that can be dialed over.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/line_loader.hpp"
#include "core/dialing/campaign_trunks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto model = dunlin::parse_line_model("fuzz.toml", text);
  if (!model.ok() && model.error().detail.empty()) __builtin_trap();
  if (model.ok()) {
    for (const auto& numbers : model->numbers) {
      if (!(numbers.answers >= 0 && numbers.answers <= 1 && numbers.machines + numbers.busy <= 1)) __builtin_trap();
    }
  }
  const auto campaign = dunlin::parse_campaign_file("fuzz.toml", text, dunlin::CampaignSettings());
  if (!campaign.ok() && campaign.error().detail.empty()) __builtin_trap();
  if (campaign.ok() && !campaign->settings.trunks.empty() && !dunlin::check_trunks(campaign->settings.trunks)) __builtin_trap();
  return 0;
}
