#pragma once
// The RTP port pairs that are free: one pool for the node, one for each range a trunk has of its own. The engine keeps
// them behind its mutex; one thread at a time. Errors: exhausted (no free pair), invalid_input (ranges that overlap).
#include <deque>
#include <string>

#include "core/base/port_range.hpp"
#include "media/udp_socket.hpp"

namespace dunlin {

/// Hands out even ports, oldest released first, so that late packets of a closed leg hit nobody.
class PortPool {
 public:
  explicit PortPool(PortRange range);
  /// Binds a free pair; tries at most 32 candidates, then Errc::exhausted.
  Result<UdpPair> open(const std::string& bind_address);
  void release(std::uint16_t rtp_port) { free_.push_back(rtp_port); }
  std::size_t free_pairs() const { return free_.size(); }
  const PortRange& range() const { return range_; }

 private:
  PortRange range_;
  std::deque<std::uint16_t> free_;
};

/// The pools by range. A port belongs to one pool only, because ranges are equal or have nothing in common.
class PortPools {
 public:
  explicit PortPools(PortRange of_node) { pools_.emplace_back(of_node); }
  /// From the node's pool when `wanted` is not set. A range seen for the first time gets its pool.
  Result<UdpPair> open(const PortRange& wanted, const std::string& bind_address);
  void release(std::uint16_t rtp_port);

 private:
  Result<PortPool*> pool_of(const PortRange& wanted);
  std::deque<PortPool> pools_;  ///< The node's first.
};

}  // namespace dunlin
