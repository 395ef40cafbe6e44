#pragma once
// How far a store is, told in etcd: what the owner and every replica say of themselves, and trimming goes by (docs/cluster.md,
// replicas). Blocking; the thread of the client.
#include <functional>
#include <string>
#include <vector>

#include "cluster/etcd_sight.hpp"
#include "cluster/shard_txn.hpp"
#include "core/cluster/batch_store.hpp"

namespace dunlin {

struct StorePosition {
  ShardIndex shard = 0;
  ShardHead applied;
};

/// Whose store, and where it is told.
struct PositionTeller {
  SightedClient& client;
  BatchStore& store;
  const JournalKeys& keys;
  const std::string& store_id;
};

/// Puts the positions once the disk has them, as many a request as etcd takes; `told` gets those of each request that etcd
/// has taken. A put whose answer is lost is repeated by the caller: it says the same or more. Errors: etcd's, the disk's.
Status tell_positions(const PositionTeller& teller, const std::vector<StorePosition>& positions,
                      const std::function<void(const std::vector<StorePosition>&)>& told);

}  // namespace dunlin
