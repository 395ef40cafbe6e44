#pragma once
// A kernel packet filter (classic BPF) that lets only listed sources reach a socket: datagrams and connection attempts
// of others vanish before anybody reads them. Linux; no privilege needed.
#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "sip/address.hpp"

namespace dunlin {

/// One instruction of the kernel's filter machine, as struct sock_filter lays it out.
struct FilterStep {
  std::uint16_t code;
  std::uint8_t jump_true;
  std::uint8_t jump_false;
  std::uint32_t k;
};
/// The program for an IPv4 or an IPv6 socket. Errors: more than 500 networks.
Result<std::vector<FilterStep>> make_source_filter(const std::vector<Cidr>& allowed, bool is_ipv6_socket);

/// Open descriptors of this process bound to exactly this address.
std::vector<int> sockets_bound_to(const HostPort& bound);
/// The address as 16 bytes; IPv4 in its mapped form; zeros for other families.
IpBytes ip_of(const sockaddr_storage& address);

/// Attaches the filter to every socket of this process bound to this address. Errors: no such socket, kernel refusal.
Status guard_sockets(const HostPort& bound, const std::vector<Cidr>& allowed);

}  // namespace dunlin
