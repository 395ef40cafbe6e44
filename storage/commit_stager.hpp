#pragma once
// Turns commits into rows: checks versions, assigns gap-free sequences, seals bodies and views, extends each shard's chain.
// Nothing is visible and no position is used up until the rows are written and accepted; until then a commit is judged on
// top of what is staged, and discard() goes back to what the database holds. One thread at a time: its owner's.
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/bounded_cache.hpp"
#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "storage/record_codec.hpp"
#include "storage/staged_rows.hpp"
#include "storage/vault.hpp"

namespace dunlin {

class CommitStager {
 public:
  /// Rows are put into `rows`, which its owner writes and clears.
  CommitStager(Database& database, Vault& vault, StagedRows& rows, std::size_t max_cached_versions);

  /// Reads the head of a shard that is to be committed to. Errors: corrupt, the disk's.
  Status load(ShardIndex shard);
  /// Forgets heads and everything staged or cached.
  void forget();

  /// Stages one commit; an error stages nothing.
  Result<CommitReceipt> add(const CommitRequest& request);
  /// Keys of new cases: they must be on the disk before the rows.
  const Vault::NewKeys& fresh_keys() const { return fresh_keys_; }
  /// Adds the moved shards' heads to the rows: the last thing before they are written.
  void stage_heads();
  /// The rows are written: the shards this moved, with their last sequences.
  std::vector<std::pair<ShardIndex, std::uint64_t>> accept();
  void discard();

  /// Events the case has, staged ones included.
  Result<std::uint64_t> version_of(CaseId case_id);

 private:
  struct Head {
    std::uint64_t sequence = 0;
    std::uint64_t case_count = 0;
    Digest chain{};
  };
  Status check(const CommitRequest& request);
  Head& staged_head(ShardIndex shard);
  void stage_events(const CommitRequest& request, const Vault::CaseKey& key, Head& head);
  void stage_view(const CommitRequest& request, const Vault::CaseKey& key, std::uint64_t version);
  Status stage_lookups(const CommitRequest& request);
  /// The case's lookups, staged ones included.
  Result<CaseLookupsRow> lookups_before(const CommitRequest& request) const;
  void stage_due(const CommitRequest& request);
  void stage_attempts(const CommitRequest& request);

  Database& database_;
  Vault& vault_;
  StagedRows& rows_;
  Hasher hasher_;
  std::unordered_map<ShardIndex, Head> heads_;
  BoundedCache<CaseId, std::uint64_t> versions_;
  std::map<ShardIndex, Head> staged_heads_;
  std::unordered_map<CaseId, std::uint64_t> staged_versions_;
  std::unordered_map<CaseId, CaseLookupsRow> staged_lookups_;
  Vault::NewKeys fresh_keys_;
};

}  // namespace dunlin
