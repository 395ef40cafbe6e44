#pragma once
// Whether a node's secret and installation key are its cluster's (docs/cluster.md, identity). The first node writes keyed hashes
// of both, every other one compares before it takes a seat: with another secret it would seal what nobody can open, with
// another key it could read no history it is given. Blocking; the thread of the client.
#include <string>

#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"

namespace dunlin {

/// What stands in etcd: says nothing to who does not have the secret.
std::string identity_of(const ClusterSecret& secret, const std::string& cluster, const std::string& key_fingerprint);

/// Writes it, or compares; what a cluster that holds nothing yet was begun with is written over. Errors: denied (another secret
/// or key: a sentence with the repair), corrupt (what stands there is none), unavailable (etcd).
Status confirm_identity(EtcdClient& client, const std::string& cluster, const ClusterSecret& secret, const std::string& key_fingerprint);

}  // namespace dunlin
