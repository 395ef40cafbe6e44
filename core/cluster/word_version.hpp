#pragma once
// The version in front of what nodes say to each other inside an envelope. Pure, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/archive.hpp"

namespace dunlin {

/// Reads it. Errors: corrupt without one, invalid_input for another one than `spoken`; both name what the words are `about`.
inline Status check_word_version(Decoder& decoder, std::uint16_t spoken, std::string_view about) {
  std::uint16_t version = 0;
  decoder(version);
  if (version == spoken) return Done{};
  if (version == 0) return Error{Errc::corrupt, "a word about " + std::string(about) + " has no version"};
  return invalid_input("a word about " + std::string(about) + " has version " + std::to_string(version) + "; this node speaks " +
                       std::to_string(spoken) + ": run the same version on all nodes");
}

}  // namespace dunlin
