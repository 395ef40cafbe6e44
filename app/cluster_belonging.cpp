#include "app/cluster_belonging.hpp"

#include "app/cluster_place.hpp"
#include "cluster/adoption.hpp"
#include "cluster/cluster_identity.hpp"
#include "config/clock.hpp"

namespace dunlin {
namespace {

/// Data that no batch of the journal brought would be missing on every other store, without a word.
Status check_no_foreign_history(Store& store) {
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto head = store.history().head(shard);
    if (!head) return head.error();
    const auto applied = store.shards().applied(shard);
    if (!applied) return applied.error();
    if (head->sequence > 0 && applied->sequence == 0) {
      return Error{Errc::denied, "this data folder was written by a node without a cluster: its cases would be missing on the other nodes. "
                                 "`dunlin cluster adopt` makes it the first one of an empty cluster"};
    }
  }
  return Done{};
}

constexpr Duration first_answer_patience = seconds(30);

/// The first start in a cluster needs its etcd.
Status confirm_at_etcd(const ClusterPlace& place, const std::string& key_fingerprint) {
  auto client = EtcdClient::make(place.access);
  if (!client) return client.error();
  const SystemClock clock;
  const MonoTime until = clock.now_mono() + first_answer_patience;
  for (;;) {
    Status confirmed = check_not_adopting(**client, place.cluster);
    if (confirmed) confirmed = confirm_identity(**client, place.cluster, place.secret, key_fingerprint);
    if (confirmed || confirmed.error().code != Errc::unavailable || clock.now_mono() >= until) return confirmed;
    SystemClock::wait(milliseconds(500));
  }
}

/// A folder that was another node's or another cluster's, and a node with another secret or key, may not take a seat.
Status check_place(const ClusterPlace& place, Store& store) {
  const std::string& cluster = place.cluster;
  const auto known = store.documents().get(seat_kind, seat_id);
  if (!known) return known.error();
  const std::string own = cluster + "\n" + place.node + "\n" + identity_of(place.secret, cluster, store.key_fingerprint());
  if (known->has_value()) {
    if ((*known)->bytes == own) return Done{};
    const auto seat = former_seat(store);
    if (!seat) return seat.error();
    const std::string& its_cluster = (*seat)->cluster;
    const std::string& its_node = (*seat)->node;
    if (its_cluster != cluster) {
      return Error{Errc::denied, "this data folder belongs to cluster '" + its_cluster + "' and cannot join '" + cluster + "': start this node with an empty data folder"};
    }
    if (its_node != place.node) {
      return Error{Errc::denied, "this data folder is that of node '" + its_node + "', and node.name is '" + place.node +
                                     "': give each node its own folder and name; an empty folder is seeded from the other nodes"};
    }
  }
  const Status confirmed = confirm_at_etcd(place, store.key_fingerprint());
  if (!confirmed) return confirmed;
  const auto kept = store.documents().put_and_wait({seat_kind, seat_id, own, std::nullopt});
  return kept ? Status(Done{}) : Status(kept.error());
}

}  // namespace

Status check_belongs(const ClusterPlace& place, Store& store) {
  const Status is_clean = check_no_foreign_history(store);
  return is_clean ? check_place(place, store) : is_clean;
}

Status check_is_no_clusters(Store& store) {
  const auto seat = former_seat(store);
  if (!seat) return seat.error();
  if (!seat->has_value()) return Done{};
  return Error{Errc::denied, "this data folder is that of node '" + (*seat)->node + "' of cluster '" + (*seat)->cluster +
                                 "': what a node without [cluster] writes into it would be missing on the other nodes. Start it with that cluster's settings"};
}

}  // namespace dunlin
