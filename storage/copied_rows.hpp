#pragma once
// One piece of a shard's copy on its way to another store, as bytes: some of its wrapped case keys, or some of its rows, in
// key order. The rows that are found by other keys than the shard's (lookups, attempts) do not travel: the receiver makes
// them from the shard's own. Nothing in it is readable without the installation key, which all nodes of a cluster share.
// Versioned; damaged bytes give corrupt, a newer version denied. Pure, any thread; fuzzed.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace dunlin {

enum class CopyPart : std::uint8_t {
  keys = 1,   ///< Of the key database.
  rows = 2,   ///< Of the history.
};

/// The views live as long as the bytes they were read from.
struct CopiedRow {
  std::string_view key;
  std::string_view value;
};

struct CopiedRows {
  CopyPart part = CopyPart::keys;
  std::vector<CopiedRow> rows;   ///< Ascending, each key once.
};

/// The bytes of a piece without rows; add_copied() appends one.
std::string begin_copied(CopyPart part);
void add_copied(std::string& bytes, std::string_view key, std::string_view value);
/// Refuses rows that are not this shard's, and the position row, which says that a copy is whole. Errors: corrupt, denied.
Result<CopiedRows> decode_copied(ShardIndex shard, std::string_view bytes);

}  // namespace dunlin
