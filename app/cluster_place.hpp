#pragma once
// What the settings and the data folder say of a node's place in its cluster, for the node and for commands that need none.
// Reads files; any thread.
#include <optional>
#include <string>

#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "config/settings.hpp"
#include "core/cluster/placement.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// The document that says whose data this is: cluster, node, and the identity that was confirmed.
inline constexpr const char* seat_kind = "cluster_seat";
inline constexpr const char* seat_id = "own";
struct FormerSeat {
  std::string cluster;
  std::string node;
  bool is_confirmed = false;   ///< A node sat with it; else it is only adopted.
};
/// Nothing: no node has taken a seat with this folder. Errors: the disk's.
Result<std::optional<FormerSeat>> former_seat(Store& store);
/// After an adoption: whose the folder is, before its first seat confirms the identity. Errors: the disk's.
Status keep_adopted_seat(Store& store, const std::string& cluster, const std::string& node);

/// Errors: invalid_input or denied, naming cluster.secret_file.
Result<ClusterSecret> read_cluster_secret(const std::string& file);
EtcdAccess etcd_access_of(const ClusterOptions& options);
/// The store, and where its disk stands.
StorePlace store_place(const NodeSettings& settings, const Store& store);

}  // namespace dunlin
