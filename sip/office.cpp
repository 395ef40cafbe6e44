#include "sip/office.hpp"

#include <openssl/rand.h>

#include <vector>

#include "core/base/check.hpp"

namespace dunlin {

std::string random_token(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  DUNLIN_CHECK(RAND_bytes(raw.data(), static_cast<int>(bytes)) == 1);
  static constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : raw) {
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text;
}

std::uint32_t random_below(std::uint32_t bound) {
  std::uint32_t value = 0;
  DUNLIN_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) == 1);
  return value % bound;
}

}  // namespace dunlin
