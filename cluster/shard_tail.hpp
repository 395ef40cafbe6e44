#pragma once
// Brings a store to the end of a shard's journal: what stands beyond its last batch is read, checked against the chain and
// applied in order (docs/cluster.md, claim and R19). Used by a new owner before its first commit and by a replica after a
// gap. Blocking; the thread of the client.
#include "cluster/batch_seal.hpp"
#include "core/cluster/batch_store.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"

namespace dunlin {

/// A batch that was found to follow another.
struct NextBatch {
  ShardHead head;
  std::string rows;
};

/// Opens the row of the batch that follows `applied` and checks it against the chain. Errors: corrupt (it is another batch
/// than the next, or does not follow).
Result<NextBatch> check_next(const JournalKeys& keys, const BatchSeal& seal, ShardIndex shard, const ShardHead& applied, const EtcdRow& row);

/// What is wrong with a store that the journal cannot bring to its end.
Error does_not_join(ShardIndex shard, const ShardHead& applied, const std::string& why);

struct TailReader {
  EtcdClient& client;
  const JournalKeys& keys;
  const BatchSeal& seal;
  BatchStore& store;
};

/// The head the store has reached. Errors: conflict (the owner key is not this owner's), unavailable or denied (etcd, which
/// says nothing about the store), corrupt (this store cannot serve: the tail does not join it, is trimmed past it, the journal
/// went back, or the disk refuses it).
Result<ShardHead> catch_up(TailReader reader, const ShardOwner& owner, ShardIndex shard);

}  // namespace dunlin
