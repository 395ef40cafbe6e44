#pragma once
// Whether a data folder and what the settings name belong together and to the cluster: checked before a node takes its seat
// (docs/cluster.md, identity). Blocks on disk and etcd; for the start.
#include <string>

#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// Where a node wants to sit.
struct ClusterPlace {
  const std::string& cluster;
  const std::string& node;
  const EtcdAccess& access;
  const ClusterSecret& secret;
};

/// The first start in a cluster waits for its etcd, half a minute at most; later ones ask only when something has changed.
/// Errors: denied (a folder of a node without a cluster, of another cluster or node; another secret or installation key: a
/// sentence with the repair), unavailable (etcd at the first start, the disk), corrupt.
Status check_belongs(const ClusterPlace& place, Store& store);

/// Of a node without a cluster: what it wrote into a cluster's folder no other store would have. Errors: denied, the disk's.
Status check_is_no_clusters(Store& store);

}  // namespace dunlin
