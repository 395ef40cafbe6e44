#include "config/numeric_host.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace dunlin {
namespace {

bool is_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() && value <= 65'535;
}

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, 16> bytes{};
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

}  // namespace dunlin
