#include "config/port_ranges.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace dunlin {
namespace {

/// One range and the option that gives it.
struct NamedRange {
  std::string option;
  PortRange range;
  int channels = 0;
};

std::vector<NamedRange> trunk_ranges(const NodeSettings& settings) {
  std::vector<NamedRange> ranges;
  for (std::size_t i = 0; i < settings.trunks.size(); ++i) {
    const TrunkOptions& trunk = settings.trunks[i];
    if (trunk.rtp_ports.is_set()) ranges.push_back({fmt::format("trunk[{}].rtp_ports", i), trunk.rtp_ports, trunk.channels});
  }
  return ranges;
}

/// "node.toml:12", or the variable that overrides the file; the file's name for a default.
std::string place_of(const std::string& option, const std::vector<SettingView>& effective, const std::string& file_name) {
  for (const SettingView& view : effective) {
    if (view.path == option && view.origin != "default") return view.origin;
  }
  return file_name;
}

}  // namespace

std::vector<std::string> port_range_problems(const NodeSettings& settings, const std::vector<SettingView>& effective, const std::string& file_name) {
  std::vector<std::string> problems;
  std::vector<NamedRange> before{{"media.port_min", settings.media.ports(), 0}};
  for (const NamedRange& one : trunk_ranges(settings)) {
    for (const NamedRange& other : before) {
      if (one.range == other.range || !one.range.overlaps(other.range)) continue;
      problems.push_back(fmt::format("{}: {}: {} overlaps {} of {} ({}); two ranges must be the same or have no port in common",
                                     place_of(one.option, effective, file_name), one.option, one.range.str(), other.range.str(), other.option,
                                     place_of(other.option, effective, file_name)));
    }
    before.push_back(one);
  }
  return problems;
}

std::vector<std::string> port_range_warnings(const NodeSettings& settings, const std::vector<SettingView>& effective, const std::string& file_name) {
  std::vector<std::string> warnings;
  std::vector<NamedRange> sums;
  for (const NamedRange& one : trunk_ranges(settings)) {
    auto same = std::find_if(sums.begin(), sums.end(), [&](const NamedRange& sum) { return sum.range == one.range; });
    if (same == sums.end()) sums.push_back(one);
    else same->channels += one.channels;
  }
  for (const NamedRange& sum : sums) {
    if (sum.range.pairs() >= sum.channels) continue;
    warnings.push_back(fmt::format("{}: {}: {} holds {} legs, and its trunks have {} channels: {} ports are needed ({}-{})",
                                   place_of(sum.option, effective, file_name), sum.option, sum.range.str(), sum.range.pairs(), sum.channels,
                                   2 * sum.channels, sum.range.first_even(), sum.range.first_even() + 2 * sum.channels - 1));
  }
  return warnings;
}

}  // namespace dunlin
