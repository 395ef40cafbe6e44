#pragma once
// A range of UDP ports for media, written "30000-30999". Pure, any thread. RTP takes an even port and RTCP the odd one
// after it (RFC 3550 §11), so the range is counted in such pairs.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

struct PortRange {
  std::uint16_t first = 0;  ///< 0 = no range of its own.
  std::uint16_t last = 0;   ///< Belongs to the range.

  bool is_set() const { return first != 0; }
  bool contains(std::uint16_t port) const { return port >= first && port <= last; }
  bool overlaps(const PortRange& other) const { return first <= other.last && other.first <= last; }
  std::uint16_t first_even() const { return static_cast<std::uint16_t>(first + (first & 1u)); }
  /// Legs that fit in at once.
  int pairs() const { return last > first_even() ? (last - first_even() + 1) / 2 : 0; }
  std::string str() const { return std::to_string(first) + "-" + std::to_string(last); }
  bool operator==(const PortRange&) const = default;
};

/// "30000-30999": both from 1024 to 65535, the last at least 3 above the first. Errors (invalid_input) say what is wrong.
Result<PortRange> parse_port_range(std::string_view text);

}  // namespace dunlin
