#pragma once
// What the shared journal needs of a node's own store, as an interface: rows staged for a group of commits become a batch,
// and a batch that stands in the journal is applied, here and on every replica alike. Implemented over RocksDB by
// storage/shard_store. Different shards may be worked on by different threads at once; calls of one shard take turns inside.
// May block on the disk.
#include <string>
#include <vector>

#include "core/case/journal.hpp"
#include "core/cluster/shard_head.hpp"

namespace dunlin {

/// A number in an attempt's call: by its keyed hash, never itself.
struct HeldLine {
  std::string line;
  AttemptId attempt;
  bool operator==(const HeldLine&) const = default;
};

/// A group of commits of one shard, decided on top of what the store has applied. Nothing is written yet.
struct StagedBatch {
  std::vector<Result<CommitReceipt>> receipts;   ///< One a commit, in order; a refused one left nothing in `rows`.
  std::string rows;                              ///< What the batch writes, in the store's own versioned encoding.
  std::vector<HeldLine> lines_taken;             ///< The numbers its reservations call, and those its settlements are done with.
  std::vector<HeldLine> lines_freed;
};

class BatchStore {
 public:
  virtual ~BatchStore() = default;
  /// The last batch applied to the shard.
  virtual Result<ShardHead> applied(ShardIndex shard) = 0;
  /// At most one group of a shard is staged at a time; apply or drop ends it.
  virtual Result<StagedBatch> stage(ShardIndex shard, const std::vector<const CommitRequest*>& commits) = 0;
  /// Writes a batch that stands, staged here or not (a replica, a restart); empty rows: a fence moves the head only. It
  /// survives the process at once, the machine after the next sync(): until then the journal still holds it. A batch that
  /// is applied already is Done. Errors: conflict (it leaves a gap), corrupt (another batch stands at its place, or the
  /// rows are not of this shard), unavailable (the disk).
  virtual Status apply(ShardIndex shard, const ShardHead& head, const std::string& rows) = 0;
  virtual void drop(ShardIndex shard) = 0;
  /// Everything applied so far is on the disk when it returns: only then may the journal be trimmed.
  virtual Status sync() = 0;
};

}  // namespace dunlin
