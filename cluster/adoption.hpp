#pragma once
// A single node's store becomes the first store of an empty cluster (docs/cluster.md, adopting): the heads of its shards are put
// into etcd as those of batches that are trimmed already, and its store as the only copy in sync. The key `adoption` says which
// store is being taken over, so that a stop in between is gone on from, and no node takes its first seat meanwhile.
// Blocking; the thread of the client. Errors of all: unavailable (etcd: do it again), corrupt (what stands there is not ours).
#include <string>
#include <utility>
#include <vector>

#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"
#include "core/cluster/placement.hpp"
#include "core/cluster/shard_head.hpp"

namespace dunlin {

/// Where a shard's journal begins in its cluster: "batch 1" holds all there was before, or, of a store that went on after an
/// adoption that was broken off, the batch behind the last one it was given.
ShardHead adopted_head(const ClusterSecret& secret, const std::string& store, ShardIndex shard, const ShardHead& applied, std::string_view history_chain);

class Adoption {
 public:
  using Heads = std::vector<std::pair<ShardIndex, ShardHead>>;
  enum class Stage : std::uint8_t { empty, half_done, done };

  /// `own`: the store and its disk's host. The client outlives it.
  Adoption(EtcdClient& client, const std::string& cluster, const ClusterSecret& secret, std::string key_fingerprint, StorePlace own);

  /// Writes nothing. Errors: conflict (the cluster is not empty, or another store is or was adopted), denied (half done with
  /// another secret or key).
  Result<Stage> look();
  /// The mark and the cluster's identity. Errors: as look().
  Status begin();
  /// May be repeated. Errors: conflict (somebody else wrote meanwhile).
  Status put_heads(const Heads& heads);
  /// After the store has its positions on the disk. From here on nodes may come.
  Status end();

 private:
  Result<EtcdTxn> txn_of(const Heads& heads, std::size_t from, std::size_t to);
  std::string mark(std::string_view stage) const;

  EtcdClient& client_;
  const std::string cluster_;
  const JournalKeys keys_;
  const ClusterSecret secret_;
  const std::string key_fingerprint_;
  const StorePlace own_;
};

/// Before a node's first seat. Errors: denied (an adoption is half done), unavailable.
Status check_not_adopting(EtcdClient& client, const std::string& cluster);

}  // namespace dunlin
