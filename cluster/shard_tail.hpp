#pragma once
// Brings a store to the end of a shard's journal: what stands beyond its last batch is read, checked against the chain and
// applied in order (docs/cluster.md, claim and R19). Used by a new owner before its first commit and by a replica after a
// gap. Blocking; the thread of the client.
#include "cluster/batch_seal.hpp"
#include "core/cluster/batch_store.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"

namespace dunlin {

struct TailReader {
  EtcdClient& client;
  const JournalKeys& keys;
  const BatchSeal& seal;
  BatchStore& store;
};

/// The head the store has reached. Errors: conflict (the owner key is not this owner's), unavailable (etcd or the store's
/// disk), corrupt (the tail does not join the store, is trimmed past it, or the journal went back: the store must be
/// seeded again).
Result<ShardHead> catch_up(TailReader reader, const ShardOwner& owner, ShardIndex shard);

}  // namespace dunlin
