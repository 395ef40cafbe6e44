#pragma once
// Follows a shard's event rows and its head row in key order and says whether they are one whole chain: no gap, every row as
// it was written, ending where the head says. Used on a running store and on a copy that comes over the link.
// Pure, one thread. Errors: corrupt, with the place.
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "storage/cipher.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {

class ChainCheck {
 public:
  explicit ChainCheck(ShardIndex shard);

  /// Event rows from the first one on, then the head; rows of other kinds are passed over.
  Status take(std::string_view key, std::string_view value);
  /// Every row was taken.
  Status finish() const;

 private:
  Status take_event(std::uint64_t first, std::string_view key, std::string_view value);

  ShardIndex shard_;
  std::string head_key_;
  Hasher hasher_;
  Digest chain_{};
  std::uint64_t sequence_ = 0;
  std::optional<HeadRow> head_;
};

}  // namespace dunlin
