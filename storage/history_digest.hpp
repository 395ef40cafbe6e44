#pragma once
// Digests of what a store holds of a shard, for comparing copies (docs/cluster.md, comparing). Read from one moment of the
// store, as bytes: nothing is opened. What a store does not have simply is not in the digest; that it differs is found by
// who compares. Any thread; one answer reads for up to a second. Errors: corrupt (the head row), unavailable (the disk).
#include "core/base/result.hpp"
#include "core/cluster/digest_message.hpp"
#include "storage/database.hpp"

namespace dunlin {

class HistoryDigests {
 public:
  /// The databases outlive it.
  HistoryDigests(const Database& history, const Database& keys) : history_(history), keys_(keys) {}

  Result<DigestAnswer> answer(ShardIndex shard, const DigestAsk& ask) const;

 private:
  Status read_head(ShardIndex shard, DigestAnswer& answer) const;
  Status read_rows(ShardIndex shard, const DigestAsk& ask, DigestAnswer& answer) const;
  Status read_cases(ShardIndex shard, const DigestAsk& ask, DigestAnswer& answer) const;
  Status read_case(ShardIndex shard, const DigestAsk& ask, DigestAnswer& answer) const;
  Result<HistoryDigest> digest_of_key(CaseId case_id) const;

  const Database& history_;
  const Database& keys_;
};

}  // namespace dunlin
