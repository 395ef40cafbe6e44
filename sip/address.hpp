#pragma once
// "host:port" and CIDR as values. Pure, any thread. IPv4 and IPv6 (RFC 4632, 5952 on input only).
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

/// "sip.carrier.example:5061", "192.0.2.1", "[2001:db8::1]:5060". port 0 = not written.
struct HostPort {
  std::string host;  ///< Without brackets.
  std::uint16_t port = 0;
  bool is_numeric = false;
  /// The host as a URI wants it: IPv6 in brackets.
  std::string uri_host() const;
  std::string str() const;
  bool operator==(const HostPort&) const = default;
};
Result<HostPort> parse_host_port(std::string_view text);

/// An address as 16 bytes; IPv4 as ::ffff:a.b.c.d, so that one comparison serves both.
using IpBytes = std::array<std::uint8_t, 16>;
Result<IpBytes> parse_ip(std::string_view text);
bool is_ipv4(const IpBytes& address);
/// "192.0.2.1" or the sixteen bytes in hex groups.
std::string format_ip(const IpBytes& address);

struct Cidr {
  IpBytes network{};
  int prefix = 128;  ///< In bits of the 128 (an IPv4 /24 is 120).
  bool contains(const IpBytes& address) const;
  bool operator==(const Cidr&) const = default;
};
/// "10.0.0.0/8", "192.0.2.7", "2001:db8::/32". Bits below the prefix must be zero.
Result<Cidr> parse_cidr(std::string_view text);
Result<std::vector<Cidr>> parse_cidrs(const std::vector<std::string>& texts);
bool contains(const std::vector<Cidr>& list, const IpBytes& address);

}  // namespace dunlin
