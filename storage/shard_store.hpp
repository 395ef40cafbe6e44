#pragma once
// A node's store as the shared journal needs it (core/cluster/batch_store): commits of a shard owned here are staged on top
// of what is applied and become shipped rows; a batch that stands is applied here exactly as on every other store. Threads
// as BatchStore says. The database and the vault outlive it.
// A batch is written without a sync, in one piece with its position: after a crash the store is at an earlier batch and the
// journal, trimmed only behind sync(), still holds the rest. Keys of new cases are synced first: a row must never outlive
// the key it needs.
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster/batch_store.hpp"
#include "storage/commit_listeners.hpp"
#include "storage/commit_stager.hpp"

namespace dunlin {

class ShardStore final : public BatchStore {
 public:
  ShardStore(Database& database, Vault& vault);
  ~ShardStore() override;

  Result<ShardHead> applied(ShardIndex shard) override;
  Result<StagedBatch> stage(ShardIndex shard, const std::vector<const CommitRequest*>& commits) override;
  Status apply(ShardIndex shard, const ShardHead& head, const std::string& rows) override;
  void drop(ShardIndex shard) override;
  Status sync() override;

  /// A copy of the shard up to `position` is to take the place of what is here: not while a group is staged, and never by
  /// what is older. A position that cannot be read may be replaced. Errors: conflict, the disk's.
  Status check_replaceable(ShardIndex shard, const ShardHead& position);
  /// Lets `write` do it, in one step with the position, and reads everything anew afterwards.
  Status replace(ShardIndex shard, const ShardHead& position, const std::function<Status()>& write);

  /// Told by the applying thread, after each batch staged here, which shard now ends where; it must not block.
  void listen(CommitListener listener) { listeners_.add(std::move(listener)); }

 private:
  struct Shard;
  Shard& at(ShardIndex shard);
  Result<ShardHead> applied_of(ShardIndex shard, Shard& state);
  Status replaceable(ShardIndex shard, Shard& state, const ShardHead& position);
  Status write(ShardIndex shard, const ShardHead& head, const std::string& rows);

  Database& database_;
  Vault& vault_;
  std::mutex mutex_;                       ///< Of the table of shards.
  std::array<std::unique_ptr<Shard>, shard_count> shards_;
  CommitListeners listeners_;
  std::atomic<bool> is_refused_{false};    ///< The disk refused a write: it is asked to recover before the next claim.
};

}  // namespace dunlin
