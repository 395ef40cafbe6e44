#include "config/numeric_host.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dunlin {
namespace {

bool is_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() && value <= 65'535;
}

using AddressBytes = std::array<unsigned char, 16>;

/// The bytes of an address and how many of them count; 0 = it is none.
std::size_t read_address(std::string_view text, AddressBytes& bytes) {
  if (text.find('\0') != std::string_view::npos) return 0;
  const std::string copy(text);
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return 4;
  return inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1 ? 16 : 0;
}

bool is_address(int family, const std::string& text) {
  AddressBytes bytes{};
  return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

}  // namespace

std::string numeric_host(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return "";
  const bool is_v6 = text.starts_with('[');
  const std::size_t end = text.find(is_v6 ? ']' : ':');
  if (is_v6 && end == std::string_view::npos) return "";
  const std::string host(is_v6 ? text.substr(1, end - 1) : text.substr(0, end));
  const std::string_view rest = end == std::string_view::npos ? "" : text.substr(end + (is_v6 ? 1 : 0));
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return "";
  return is_address(is_v6 ? AF_INET6 : AF_INET, host) ? host : "";
}

bool is_numeric_address(std::string_view text) {
  AddressBytes bytes{};
  return read_address(text, bytes) != 0;
}

std::string canonical_address(std::string_view text) {
  constexpr AddressBytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::size_t prefix = 12;
  AddressBytes bytes{};
  const std::size_t size = read_address(text, bytes);
  if (size == 0) return "";
  const bool is_mapped = size == bytes.size() && std::equal(bytes.begin(), bytes.begin() + prefix, mapped.begin());
  std::array<char, INET6_ADDRSTRLEN> written{};
  inet_ntop(size == 4 || is_mapped ? AF_INET : AF_INET6, bytes.data() + (is_mapped ? prefix : 0), written.data(), written.size());
  return written.data();
}

bool is_any_address(std::string_view address) {
  AddressBytes bytes{};
  const std::size_t size = read_address(address, bytes);
  return size != 0 && std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), [](unsigned char byte) { return byte == 0; });
}

bool is_network(std::string_view text) {
  AddressBytes bytes{};
  const std::size_t slash = text.find('/');
  const std::size_t size = read_address(text.substr(0, slash), bytes);
  if (size == 0 || slash == std::string_view::npos) return size != 0;
  const std::string_view written = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, problem] = std::from_chars(written.data(), written.data() + written.size(), prefix);
  if (problem != std::errc() || end != written.data() + written.size() || prefix > size * 8) return false;
  for (std::size_t bit = prefix; bit < size * 8; ++bit) {
    if (((bytes[bit / 8] >> (7 - bit % 8)) & 1) != 0) return false;
  }
  return true;
}

}  // namespace dunlin
