#pragma once
// An owner whose own copy cannot serve says so in the shard's replica list, so that another copy is offered the shard
// (docs/cluster.md, membership and claims). Blocking; the thread of the client.
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"

namespace dunlin {

/// True: the list says now that this store is catching up. False: it stays as it is, because no other copy is in sync on a
/// node that sits, or the shard or its list has changed hands meanwhile. Errors: unavailable (etcd), corrupt (the list).
Result<bool> step_back(EtcdClient& client, const JournalKeys& keys, ShardIndex shard, const ShardOwner& owner, const std::string& own_store);

}  // namespace dunlin
