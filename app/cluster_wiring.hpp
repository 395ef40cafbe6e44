#pragma once
// A node's membership of a cluster, put together: the link's credentials and actors, the shared history, the map of who owns
// which shard (docs/cluster.md). Main thread, in the order of the calls below; status from any thread. Without a [cluster]
// in the settings there is none of it.
#include <memory>

#include <nlohmann/json.hpp>

#include "actors/node_context.hpp"
#include "app/cluster_documents.hpp"
#include "app/health_of_cluster.hpp"
#include "app/shared_history.hpp"
#include "cluster/link_credentials.hpp"
#include "core/cluster/history_compare.hpp"
#include "storage/storage_actor_persons.hpp"

namespace dunlin {

class ClusterWiring {
 public:
  /// Checks settings, files and store. Null without a cluster. Errors: what stands in the way, with the repair.
  static Result<std::unique_ptr<ClusterWiring>> open(const NodeSettings& settings, Store& store, UtcTime now);
  ~ClusterWiring();

  /// Before the actor system is made.
  void load(caf::actor_system_config& config) const;
  /// Before the first actor: cases commit to the shared history, documents are shared, shards know that they are not ours
  /// yet.
  void introduce(NodeContext& context);
  /// Before start(): whatever the cluster allows, no call begins here in this life.
  void forbid_originating() { history_->forbid_originating(); }
  /// Listens for the other nodes, then takes the seat. All actors of the context exist.
  Status start(caf::actor_system& system, const NodeContext& context);
  void stop();

  /// This node's part in the cluster, and everybody it sees there.
  nlohmann::ordered_json status() const;
  /// Its lines of `health`, and its metrics.
  std::vector<ClusterCheck> checks() const { return cluster_checks(history_->view(), documents_.stats()); }
  std::string metrics() const { return cluster_metrics(history_->view(), documents_.stats()); }
  /// One row a shard: who owns it, since which epoch.
  nlohmann::json shard_owners() const;
  /// Asks all nodes for what they hold. Blocks; any thread, until stop(). Errors: unavailable (etcd), those of compare_history.
  Result<HistoryComparison> compare_history(const CompareScope& scope, const std::function<bool(double)>& progress) const;

 private:
  ClusterWiring(const NodeSettings& settings, Store& store, SealedCredentials credentials, std::unique_ptr<SharedHistory> history)
      : settings_(settings), store_(store), credentials_(std::move(credentials)), history_(std::move(history)),
        documents_(store, settings.cluster.name), persons_(store) {}
  Status start_documents(const NodeContext& context);
  nlohmann::json nodes(const ClusterView& view) const;

  const NodeSettings& settings_;
  Store& store_;
  SealedCredentials credentials_;
  std::unique_ptr<SharedHistory> history_;
  ClusterDocuments documents_;
  StorePersonIndex persons_;
  RegionMap region_;
  caf::actor_system* system_ = nullptr;
  caf::actor link_;
};

}  // namespace dunlin
