#pragma once
// Checks between the node's range of RTP ports and the ranges of its trunks. Pure; at start and in `config check`.
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace dunlin {

/// Two ranges must be the same one or have no port in common: else a leg of one could take a port of the other.
/// Each problem names where both were written (`effective` knows). Empty = good.
std::vector<std::string> port_range_problems(const NodeSettings& settings, const std::vector<SettingView>& effective, const std::string& file_name);

/// Ranges with fewer pairs of ports than the trunks on them have channels: good settings, but calls will be refused.
std::vector<std::string> port_range_warnings(const NodeSettings& settings, const std::vector<SettingView>& effective, const std::string& file_name);

}  // namespace dunlin
