#pragma once
// What the journal says about where a shard's copy can come from (docs/cluster.md, seeding). Blocking; the thread of the
// client. Errors: unavailable (etcd), corrupt (the list cannot be read).
#include <string>
#include <vector>

#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"
#include "core/cluster/seed_plan.hpp"

namespace dunlin {

/// The nodes that sit and whose stores are in sync, the own one apart.
Result<SeedSources> seed_sources(EtcdClient& client, const JournalKeys& keys, ShardIndex shard, const std::string& own_store);

/// Does the journal hold everything behind this position, on the same chain? Errors: corrupt: it does not.
Status check_joins(EtcdClient& client, const JournalKeys& keys, const BatchSeal& seal, ShardIndex shard, const ShardHead& position);

}  // namespace dunlin
