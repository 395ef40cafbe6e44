#include "core/dialing/campaign_trunks.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace dunlin {

Result<TrunkShare> parse_trunk_share(std::string_view text) {
  const std::size_t mark = std::min(text.find(':'), text.size());
  TrunkShare share{std::string(text.substr(0, mark)), 1};
  bool is_read = !share.trunk.empty();
  if (mark < text.size()) {
    const std::string_view weight = text.substr(mark + 1);
    const auto [end, fault] = std::from_chars(weight.data(), weight.data() + weight.size(), share.weight);
    is_read = is_read && fault == std::errc() && end == weight.data() + weight.size() && share.weight <= most_trunk_weight;
  }
  if (is_read) return share;
  return invalid_input("must be NAME or NAME:WEIGHT, weight 0 to 1000; 0 is a reserve for when the others cannot");
}

std::string to_text(const std::vector<TrunkShare>& trunks) {
  std::string text;
  for (const TrunkShare& share : trunks) text += (text.empty() ? "" : ",") + share.trunk + ":" + std::to_string(share.weight);
  return text;
}

Status check_trunks(const std::vector<TrunkShare>& trunks) {
  if (trunks.empty() || trunks.size() > most_trunks) return invalid_input("1 to 16");
  const bool is_any_regular = std::any_of(trunks.begin(), trunks.end(), [](const TrunkShare& share) { return share.weight > 0; });
  if (!is_any_regular) return invalid_input("one weight at least above 0; a trunk of weight 0 is a reserve");
  std::set<std::string> names;
  for (const TrunkShare& share : trunks) {
    if (share.trunk.empty()) return invalid_input("a name each");
    if (!names.insert(share.trunk).second) return invalid_input("\"" + share.trunk + "\" is named twice");
  }
  return Done{};
}

}  // namespace dunlin
