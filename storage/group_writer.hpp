#pragma once
// Writes the commits and documents of one group as one synced batch (storage/commit_stager makes the rows). Nothing is
// visible and no position is used up until write() succeeds; after a failed write or discard() the state is that of the
// disk. Lives on the journal's writer thread. Of a large group, which only imports bring, a second thread makes the rows of
// every other shard: sealing and looking up take longer than the write itself.
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/commit_stager.hpp"
#include "storage/embedded_journal.hpp"
#include "storage/second_hand.hpp"

namespace dunlin {

class GroupWriter {
 public:
  GroupWriter(Database& database, Vault& vault, std::size_t max_cached_versions);

  /// Reads the shard heads; forgets everything staged or cached.
  Status load();

  /// Stages commits; one that is refused stages nothing. Those of a case are staged in the order given.
  std::vector<Result<CommitReceipt>> add(const std::vector<const CommitRequest*>& requests);
  Result<std::uint64_t> add(const DocumentWrite& write);
  /// Puts what is staged on the disk: new case keys first, then the history in one batch.
  Status write();
  void discard();
  /// Destroys the case's key and its projections at once; nothing may be staged.
  Status erase_case(CaseId case_id);

  /// Events the case has, staged ones included.
  Result<std::uint64_t> version_of(CaseId case_id) { return half_of(case_id).stager.version_of(case_id); }
  /// The shards the last write() moved, with their last sequences.
  const std::vector<std::pair<ShardIndex, std::uint64_t>>& moved_heads() const { return moved_; }

 private:
  /// What every other shard brings to the group. Halves share nothing, so that two threads can work on them.
  struct Half {
    Half(Database& database, Vault& vault, std::size_t max_cached_versions) : stager(database, vault, rows, max_cached_versions) {}
    StagedRows rows;
    CommitStager stager;
    std::vector<Vault::WrappedKey> keys;
  };
  static constexpr std::size_t half_count = 2;
  static std::size_t half_index(CaseId case_id) { return shard_of(case_id) % half_count; }
  Half& half_of(CaseId case_id) { return halves_[half_index(case_id)]; }
  bool is_empty() const { return halves_[0].rows.is_empty() && halves_[1].rows.is_empty(); }
  /// The same on both halves; by two threads when the group is large.
  void on_halves(std::size_t commits, const std::function<void(std::size_t half)>& work);
  Status store_keys();
  Status write_rows();
  Result<std::uint64_t> revision_of(const std::string& key);

  Database& database_;
  Vault& vault_;
  std::array<Half, half_count> halves_;
  SecondHand second_hand_{"journal-2"};
  std::size_t staged_commits_ = 0;
  WriteBatch batch_;  ///< Kept for its memory.
  std::unordered_map<std::string, std::uint64_t> staged_revisions_;
  std::vector<std::pair<ShardIndex, std::uint64_t>> moved_;
};

}  // namespace dunlin
