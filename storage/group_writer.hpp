#pragma once
// Writes the commits and documents of one group as one synced batch (storage/commit_stager makes the rows). Nothing is
// visible and no position is used up until write() succeeds; after a failed write or discard() the state is that of the
// disk. Lives on the journal's writer thread.
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/commit_stager.hpp"
#include "storage/embedded_journal.hpp"

namespace dunlin {

class GroupWriter {
 public:
  GroupWriter(Database& database, Vault& vault, std::size_t max_cached_versions);

  /// Reads the shard heads; forgets everything staged or cached.
  Status load();

  /// Stages one commit; an error stages nothing.
  Result<CommitReceipt> add(const CommitRequest& request) { return stager_.add(request); }
  Result<std::uint64_t> add(const DocumentWrite& write);
  /// Puts what is staged on the disk: new case keys first, then the history in one batch.
  Status write();
  void discard();
  /// Destroys the case's key and its projections at once; nothing may be staged.
  Status erase_case(CaseId case_id);

  /// Events the case has, staged ones included.
  Result<std::uint64_t> version_of(CaseId case_id) { return stager_.version_of(case_id); }
  /// The shards the last write() moved, with their last sequences.
  const std::vector<std::pair<ShardIndex, std::uint64_t>>& moved_heads() const { return moved_; }

 private:
  Status write_rows();
  Result<std::uint64_t> revision_of(const std::string& key);

  Database& database_;
  Vault& vault_;
  StagedRows rows_;
  CommitStager stager_;
  WriteBatch batch_;  ///< Kept for its memory.
  std::unordered_map<std::string, std::uint64_t> staged_revisions_;
  std::vector<std::pair<ShardIndex, std::uint64_t>> moved_;
};

}  // namespace dunlin
