#pragma once
// Numbers as sixteen lower-case hex digits: text order is number order. Pure, any thread.
#include <cstdint>
#include <string>

namespace dunlin {

inline std::string hex_digits(std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(value >> shift) & 0xF];
  return text;
}

}  // namespace dunlin
