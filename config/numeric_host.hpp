#pragma once
// Addresses as settings write them: the one in "203.0.113.7", "203.0.113.7:5060", "[2001:db8::7]" or "[2001:db8::7]:5060", one alone, a
// network. Pure, any thread.
#include <string>
#include <string_view>

namespace dunlin {

/// Without port and brackets; empty when the text is none of these: names are not resolved.
std::string numeric_host(std::string_view text);

/// "203.0.113.7", "2001:db8::7": an address alone, as a socket and SDP (RFC 8866) want it.
bool is_numeric_address(std::string_view text);

/// One text for one address: "2001:DB8:0::7" becomes "2001:db8::7", an IPv4 address in IPv6 (RFC 4291 §2.5.5.2) the former. Empty when the
/// text is no address alone.
std::string canonical_address(std::string_view text);

/// "0.0.0.0", "::": all addresses of this machine. One may listen there and tell nobody: in SDP it means hold (RFC 3264 §8.4).
bool is_any_address(std::string_view address);

/// "10.0.0.0/8", "192.0.2.7", "2001:db8::/32" (RFC 4632), without bits below the prefix: what sip/address parses.
bool is_network(std::string_view text);

}  // namespace dunlin
