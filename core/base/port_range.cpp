#include "core/base/port_range.hpp"

#include <charconv>

namespace dunlin {
namespace {

constexpr int lowest_port = 1024;
constexpr int least_distance = 3;  // Two pairs, wherever the first even port falls.

int port_in(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= lowest_port && port <= 65535 ? port : 0;
}

}  // namespace

Result<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return invalid_input("must be two ports like \"30000-30999\"");
  const int first = port_in(text.substr(0, dash));
  const int last = port_in(text.substr(dash + 1));
  if (first == 0 || last == 0) return invalid_input("must be two ports from 1024 to 65535, like \"30000-30999\"");
  if (last - first < least_distance) return invalid_input("the last port must exceed the first by at least 3");
  return PortRange{static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
}

}  // namespace dunlin
