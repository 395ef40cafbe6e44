#pragma once
// A way to find a case as it may leave the process: the kind of the key and its keyed hash (storage/vault), never the text. The same
// text has the same hash on every node with the same installation key.
#include <array>

#include "core/case/journal.hpp"

namespace dunlin {

struct HashedKey {
  LookupKind kind = LookupKind::phone;
  std::array<unsigned char, 16> hash{};
  auto operator<=>(const HashedKey&) const = default;
};

}  // namespace dunlin
