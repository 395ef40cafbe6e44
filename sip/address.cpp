#include "sip/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace dunlin {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Result<int> parse_number(std::string_view text, int largest) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > largest) {
    return invalid_input("not a number up to " + std::to_string(largest) + ": " + std::string(text));
  }
  return value;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_zero_below(const IpBytes& address, int prefix) {
  for (int bit = prefix; bit < 128; ++bit) {
    if ((address[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1) return false;
  }
  return true;
}

}  // namespace

std::string HostPort::uri_host() const { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

std::string HostPort::str() const { return port == 0 ? uri_host() : uri_host() + ":" + std::to_string(port); }

Result<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return invalid_input("missing ] in address: " + std::string(text));
    result.host = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return invalid_input("bad address: " + std::string(text));
    port = rest.empty() ? rest : rest.substr(1);
    if (result.host.find(':') == std::string::npos) return invalid_input("not an IPv6 address: " + std::string(text));
  } else {
    const auto colon = text.find(':');
    result.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
    if (!std::all_of(result.host.begin(), result.host.end(), is_host_character)) {
      return invalid_input("bad host name: " + std::string(text));
    }
  }
  if (result.host.empty() || result.host.size() > 253) return invalid_input("no host in address: " + std::string(text));
  if (!port.empty()) {
    const auto number = parse_number(port, 65535);
    if (!number) return number.error();
    result.port = static_cast<std::uint16_t>(*number);
  }
  result.is_numeric = parse_ip(result.host).ok();
  if (!result.is_numeric && result.host.find(':') != std::string::npos) {
    return invalid_input("not an IPv6 address: " + std::string(text));
  }
  return result;
}

Result<IpBytes> parse_ip(std::string_view text) {
  const std::string copy(text.substr(0, 64));
  IpBytes bytes{};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  std::copy(v4_mapped.begin(), v4_mapped.end(), bytes.begin());
  if (inet_pton(AF_INET, copy.c_str(), bytes.data() + 12) == 1) return bytes;
  return invalid_input("not an IP address: " + copy);
}

std::string format_ip(const IpBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_v4 = is_ipv4(address);
  const void* bytes = is_v4 ? address.data() + v4_mapped.size() : address.data();
  return inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size()) != nullptr ? std::string(text.data()) : std::string("?");
}

bool is_ipv4(const IpBytes& address) { return std::equal(v4_mapped.begin(), v4_mapped.end(), address.begin()); }

bool Cidr::contains(const IpBytes& address) const {
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (std::memcmp(network.data(), address.data(), whole) != 0) return false;
  if (prefix % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00 >> (prefix % 8));
  return (network[whole] & mask) == (address[whole] & mask);
}

Result<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return address.error();
  Cidr cidr{*address, 128};
  if (slash != std::string_view::npos) {
    const int offset = is_ipv4(*address) ? 96 : 0;
    const auto prefix = parse_number(text.substr(slash + 1), 128 - offset);
    if (!prefix) return prefix.error();
    cidr.prefix = *prefix + offset;
  }
  if (!is_zero_below(cidr.network, cidr.prefix)) {
    return invalid_input("bits below the prefix are set: " + std::string(text));
  }
  return cidr;
}

Result<std::vector<Cidr>> parse_cidrs(const std::vector<std::string>& texts) {
  std::vector<Cidr> result;
  for (const auto& text : texts) {
    auto cidr = parse_cidr(text);
    if (!cidr) return cidr.error();
    result.push_back(*cidr);
  }
  return result;
}

bool contains(const std::vector<Cidr>& list, const IpBytes& address) {
  return std::any_of(list.begin(), list.end(), [&address](const Cidr& cidr) { return cidr.contains(address); });
}

}  // namespace dunlin
