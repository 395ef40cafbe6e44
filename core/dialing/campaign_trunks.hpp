#pragma once
// The trunks of a campaign as people write them, the same in a campaign's file, on the command line and on the screen:
// "one:3" is the trunk "one" with the weight 3, "one" alone has the weight 1, weight 0 is a reserve. Pure, any thread.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

inline constexpr std::size_t most_trunks = 16;
inline constexpr std::uint32_t most_trunk_weight = 1000;

/// invalid_input says what is allowed, without the text.
Result<TrunkShare> parse_trunk_share(std::string_view text);
/// "one:3,spare:0"; each part is what parse_trunk_share() reads.
std::string to_text(const std::vector<TrunkShare>& trunks);
/// 1 to 16 different names, not all of them reserves. invalid_input otherwise.
Status check_trunks(const std::vector<TrunkShare>& trunks);

}  // namespace dunlin
