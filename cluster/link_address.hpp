#pragma once
// An address of the link between nodes, and a look whether anybody listens there. CAF connects with a blocking call in one
// actor for all peers: a host that swallows packets would hold up the others for minutes, so it is looked at first,
// without blocking. One thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

/// Numeric on purpose: a name server that does not answer must not hold up the cluster.
struct LinkAddress {
  std::string host;                 ///< IPv4 or IPv6 (without brackets).
  std::uint16_t port = 0;
  bool operator==(const LinkAddress&) const = default;
};

/// "10.0.0.1:7400", "[::1]:7400"; port 0 only means "any" when binding.
Result<LinkAddress> parse_link_address(std::string_view text);

/// One attempt to connect, closed as soon as it succeeded.
class TcpProbe {
 public:
  enum class State : std::uint8_t { waiting, reachable, failed };

  explicit TcpProbe(const LinkAddress& address);
  TcpProbe(const TcpProbe&) = delete;
  TcpProbe& operator=(const TcpProbe&) = delete;
  ~TcpProbe();

  /// Never blocks.
  State look();
  /// Why it failed.
  const std::string& cause() const { return cause_; }

 private:
  void fail(int error);

  int socket_ = -1;
  State state_ = State::waiting;
  std::string cause_;
};

}  // namespace dunlin
