#pragma once
// Turns the commits of one group into one synced batch: checks versions, assigns gap-free sequences, seals bodies and
// views, extends each shard's chain. Nothing is visible and no position is used up until write() succeeds; after a
// failed write or discard() the state is that of the disk. Lives on the journal's writer thread.
#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/bounded_cache.hpp"
#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "storage/embedded_journal.hpp"
#include "storage/record_codec.hpp"
#include "storage/staged_rows.hpp"
#include "storage/vault.hpp"

namespace dunlin {

class GroupWriter {
 public:
  GroupWriter(Database& database, Vault& vault, std::size_t max_cached_versions);

  /// Reads the shard heads; forgets everything staged or cached.
  Status load();

  /// Stages one commit; an error stages nothing.
  Result<CommitReceipt> add(const CommitRequest& request);
  Result<std::uint64_t> add(const DocumentWrite& write);
  /// Puts what is staged on the disk: new case keys first, then the history in one batch.
  Status write();
  void discard();
  /// Destroys the case's key and its projections at once; nothing may be staged.
  Status erase_case(CaseId case_id);

  /// Events the case has, staged ones included.
  Result<std::uint64_t> version_of(CaseId case_id);
  /// The shards the last write() moved, with their last sequences.
  const std::vector<std::pair<ShardIndex, std::uint64_t>>& moved_heads() const { return moved_; }

 private:
  struct Head {
    std::uint64_t sequence = 0;
    std::uint64_t case_count = 0;
    Digest chain{};
  };
  Status check(const CommitRequest& request);
  Status write_rows();
  Head& staged_head(ShardIndex shard);
  void stage_events(const CommitRequest& request, const Vault::CaseKey& key, Head& head, std::uint64_t version);
  void stage_view(const CommitRequest& request, const Vault::CaseKey& key, std::uint64_t version);
  Status stage_lookups(const CommitRequest& request);
  /// The case's lookups, staged ones included.
  Result<CaseLookupsRow> lookups_before(const CommitRequest& request) const;
  void stage_due(const CommitRequest& request);
  void stage_attempts(const CommitRequest& request);
  Result<std::uint64_t> revision_of(const std::string& key);

  Database& database_;
  Vault& vault_;
  Hasher hasher_;
  std::array<Head, shard_count> heads_{};
  BoundedCache<CaseId, std::uint64_t> versions_;
  StagedRows rows_;
  WriteBatch batch_;  ///< Kept for its memory.
  std::map<ShardIndex, Head> staged_heads_;
  std::unordered_map<CaseId, std::uint64_t> staged_versions_;
  std::unordered_map<CaseId, CaseLookupsRow> staged_lookups_;
  std::unordered_map<std::string, std::uint64_t> staged_revisions_;
  Vault::NewKeys fresh_keys_;
  std::vector<std::pair<ShardIndex, std::uint64_t>> moved_;
};

}  // namespace dunlin
