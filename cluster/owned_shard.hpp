#pragma once
// What the commit journal keeps of each shard it owns. Used by cluster/etcd_journal alone, on its writer thread.
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/shard_txn.hpp"
#include "core/cluster/batch_store.hpp"
#include "core/cluster/journal_watch.hpp"
#include "core/cluster/shard_commit.hpp"

namespace dunlin {

/// A commit and who waits for it.
struct QueuedCommit {
  CommitRequest request;
  CommitCompletion done;
  int fenced = 0;                          ///< How often a fence took its place.
};

/// A word of membership: owner_created_at 0 means the shard is given up.
struct OwnershipOrder {
  ShardIndex shard = 0;
  std::int64_t owner_created_at = 0;
  std::function<void(Status)> done;
};

/// A group of commits under way.
struct Flight {
  BatchDraft batch;
  StagedBatch staged;
  std::vector<QueuedCommit> commits;
  std::optional<BatchDraft> fence = std::nullopt;   ///< The last one tried in the batch's place.

  const BatchDraft& sent() const { return fence ? *fence : batch; }
};

/// One shard of this node: its owner key, the machine of its commits, what waits and what is under way.
struct OwnedShard {
  ShardOwner owner;
  ShardCommit commit;
  std::deque<QueuedCommit> queue;
  std::optional<Flight> flight;
  std::size_t most_commits = 0;          ///< Of the next batch: halved when a group is refused, doubled when one stands.
  std::optional<MonoTime> doubtful_since;
  std::optional<Error> store_failure = std::nullopt;   ///< The own store did not take what stands.

  bool is_ready() const { return commit.state() == ShardCommitState::idle && !queue.empty(); }
  /// A store that cannot follow cannot own.
  void cannot_follow(const Error& why) {
    store_failure = why;
    commit.on_ownership_lost();
  }
  bool is_doubtful() const { return commit.state() == ShardCommitState::doubtful; }
};

/// The numbers a batch takes and frees, ascending.
std::vector<std::string> lines_of(const BatchDraft& draft);

/// Why the journal's size forbids this commit; empty: it does not.
std::string why_no_room(const CommitRequest& request, JournalRoom room);

}  // namespace dunlin
