#pragma once
// What one batch of the shared journal writes into every store that keeps the shard, as bytes: the new cases' wrapped keys,
// then the changes of the history in key order. Nothing in it is readable without the installation key, which all nodes of
// a cluster share. Versioned; damaged bytes give corrupt, a newer version denied, so that no store applies what it does not
// understand. Pure, any thread; fuzzed.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "storage/staged_rows.hpp"
#include "storage/vault.hpp"

namespace dunlin {

/// One change; the views live as long as the bytes they were read from.
struct ShippedRow {
  std::string_view key;
  std::string_view value;
  bool is_erased = false;
  bool operator==(const ShippedRow&) const = default;
};

struct ShippedRows {
  std::vector<Vault::WrappedKey> keys;
  std::vector<ShippedRow> rows;
};

std::string encode_shipped(const std::vector<Vault::WrappedKey>& keys, StagedRows& rows);
/// Refuses keys and rows that are not an owner's of this shard to write. Errors: corrupt, denied.
Result<ShippedRows> decode_shipped(ShardIndex shard, std::string_view bytes);

}  // namespace dunlin
