#pragma once
// A way to find a case as it may leave the process: the kind of the key and its keyed hash (storage/vault), never the text. The same
// text has the same hash on every node with the same installation key.
#include <array>
#include <string_view>

#include "core/case/journal.hpp"

namespace dunlin {

/// Begins the text of a key of kind person_key that is a name alone.
inline constexpr std::string_view name_lookup_prefix = "name|";

inline bool is_name_lookup(const LookupKey& key) { return key.kind == LookupKind::person_key && key.text.starts_with(name_lookup_prefix); }

struct HashedKey {
  LookupKind kind = LookupKind::phone;
  std::array<unsigned char, 16> hash{};
  bool is_name = false;             ///< Of a name alone, which identifies nobody and which thousands may share.
  auto operator<=>(const HashedKey&) const = default;
};

}  // namespace dunlin
