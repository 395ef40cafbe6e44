#pragma once
// IPv4 socket addresses as text and back. Pure, any thread.
#include <string>
#include <string_view>

#include <netinet/in.h>

#include "tools/peer/result.hpp"

namespace dunlin::peer {

/// "127.0.0.1:5060"; without a port `default_port` is taken. No names are resolved.
Result<sockaddr_in> parse_address(std::string_view text, std::uint16_t default_port = 0);
std::string to_string(const sockaddr_in& address);
std::string ip_of(const sockaddr_in& address);
inline std::uint16_t port_of(const sockaddr_in& address) {
  return ntohs(address.sin_port);
}
/// A bound UDP socket, not blocking, or why not.
Result<int> open_udp(const sockaddr_in& address);

}  // namespace dunlin::peer
