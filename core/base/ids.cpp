#include "core/base/ids.hpp"

#include <charconv>

#include "core/base/hex.hpp"

namespace dunlin {

std::string format_id(std::string_view prefix, std::uint64_t value) {
  return std::string(prefix) + '_' + hex_digits(value);
}

Result<std::uint64_t> parse_id(std::string_view prefix, std::string_view text) {
  const bool has_prefix = text.size() == prefix.size() + 17 && text.substr(0, prefix.size()) == prefix && text[prefix.size()] == '_';
  if (!has_prefix) {
    return invalid_input("an id looks like " + std::string(prefix) + "_0123456789abcdef, got \"" + std::string(text.substr(0, 40)) + "\"");
  }
  const std::string_view hex = text.substr(prefix.size() + 1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  if (error != std::errc() || end != hex.data() + hex.size()) return invalid_input("not a hexadecimal id: " + std::string(text));
  return value;
}

}  // namespace dunlin
