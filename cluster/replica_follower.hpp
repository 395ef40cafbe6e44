#pragma once
// Brings this node's store along with the shards it holds a copy of and does not own: sees by the heads which shards moved,
// reads their batches, checks each against the chain, applies them in order, and tells in etcd how far the store is once its
// disk has it (docs/cluster.md, replicas). A shard is applied while follow() asks for it and its replica list names the store.
// Threads: one of its own; follow, unfollow and stats from any thread. The listener is called on the follower's thread and
// must not block. Store and listener outlive the follower.
// At the bounds: reads are paged; an etcd or a disk that does not answer is asked again after a growing pause.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cluster/back_off.hpp"
#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/thread_host.hpp"
#include "core/cluster/batch_store.hpp"
#include "core/cluster/journal_watch.hpp"

namespace dunlin {

class ReplicaListener {
 public:
  virtual ~ReplicaListener() = default;
  /// The journal no longer holds what the store lacks, or the store is not on its chain: nothing is applied to the shard
  /// until it was seeded from another replica and follow() is said again.
  virtual void on_needs_seed(ShardIndex shard, const Error& why) = 0;
  /// R11: nothing is applied any more, in any shard, and the follower has ended. The gate must be closed.
  virtual void on_went_back(const Error& why) = 0;
  /// To be kept beside the store and given to the next follower. Called at most once a second.
  virtual void on_seen(const JournalSight& sight) = 0;
};

struct FollowerOptions {
  Duration poll_every = milliseconds(100);
  Duration report_every = milliseconds(200);   ///< Between two reports of applied positions.
  std::size_t shards_per_read = 16;
  BackOff back_off{milliseconds(200), seconds(5)};
};

struct FollowerStats {
  std::uint64_t polls = 0;
  std::uint64_t failures = 0;         ///< Rounds that etcd or the disk broke off.
  std::uint64_t batches = 0;          ///< Applied.
  std::uint64_t reports = 0;          ///< Requests that told positions.
  std::uint64_t shards_held = 0;      ///< Followed and listed.
  std::uint64_t shards_to_seed = 0;
  std::uint64_t batches_behind = 0;   ///< Between the store and the heads last seen, over all shards held.
};

class ReplicaFollower {
 public:
  struct Parts {
    std::unique_ptr<EtcdClient> client;
    BatchStore& store;
    std::string store_id;
    std::string cluster;
    ClusterSecret secret;
    ReplicaListener& listener;
    std::optional<JournalSight> seen;      ///< What on_seen said last in an earlier life.
    FollowerOptions options;
    ThreadHost& threads = system_threads();
  };
  static std::unique_ptr<ReplicaFollower> start(Parts parts);
  /// Lets a request or an apply under way end.
  ~ReplicaFollower();

  /// This node does not own the shard (any more), or the store was seeded: applies what the journal brings.
  void follow(ShardIndex shard);
  /// Before this node owns the shard. No apply of it is under way when this returns, and none begins.
  void unfollow(ShardIndex shard);
  FollowerStats stats() const;

 private:
  class Worker;
  explicit ReplicaFollower(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace dunlin
