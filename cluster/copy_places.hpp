#pragma once
// Which nodes hold which shard, as the journal's lists and seats say now. Blocking; the thread of the client.
// Errors: unavailable (etcd), corrupt (a list cannot be read).
#include <vector>

#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"
#include "core/cluster/history_compare.hpp"

namespace dunlin {

/// By shard, its owner's copy first. A listed store whose node does not sit has no node's name. A shard without a list has the
/// stores of all that sit.
Result<std::vector<std::vector<CopyPlace>>> copy_places(EtcdClient& client, const JournalKeys& keys);

}  // namespace dunlin
