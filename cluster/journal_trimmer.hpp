#pragma once
// The owner's care for the journal of its shards (docs/cluster.md, replicas and room): writes the replica lists, tells how far
// the own store is, trims what every listed store has on its disk, has etcd forget old revisions, and measures how much room
// the journal has left. Each write compares the owner key and the list, so a former owner changes nothing.
// Threads: one of its own; own, disown and stats from any thread. The listener is called on the trimmer's thread and must not
// block. Store and listener outlive the trimmer.
// At the bounds: an etcd that does not answer is asked again after a growing pause; nothing is trimmed meanwhile.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cluster/back_off.hpp"
#include "cluster/batch_seal.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"
#include "cluster/thread_host.hpp"
#include "core/cluster/batch_store.hpp"
#include "core/cluster/journal_watch.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {

class TrimmerListener {
 public:
  virtual ~TrimmerListener() = default;
  /// R16: told when it changes; until the first word there is room enough.
  virtual void on_room(JournalRoom room, std::uint64_t used_bytes) = 0;
  /// R11: nothing is trimmed or listed any more, and the trimmer has ended. The gate must be closed.
  virtual void on_went_back(const Error& why) = 0;
};

struct TrimmerOptions {
  ReplicaRules rules;
  RoomBounds bounds;
  Duration look_every = milliseconds(500);
  Duration measure_every = seconds(5);
  Duration compact_every = minutes(5);
  std::uint64_t compact_after_bytes = 64u << 20;   ///< Grown by so much since the last compaction: once more,
  Duration compact_pause = seconds(10);            ///< but not sooner than this.
  BackOff back_off{milliseconds(200), seconds(5)};
};

struct TrimmerStats {
  std::uint64_t rounds = 0;
  std::uint64_t failures = 0;        ///< Rounds that etcd or the disk broke off.
  std::uint64_t lists_written = 0;
  std::uint64_t trims = 0;
  std::uint64_t compactions = 0;
  std::uint64_t used_bytes = 0;      ///< Of etcd's database, as last measured.
  std::uint64_t file_bytes = 0;
  JournalRoom room = JournalRoom::enough;
  std::uint64_t shards_owned = 0;
  std::uint64_t shards_short = 0;    ///< With fewer copies in sync than there should be.
  std::uint64_t newcomers_resting = 0;   ///< Taken off because they got nowhere, over all shards; listed again after a rest.
  std::uint64_t batches_kept = 0;    ///< In the journal for stores that lack them, over all shards owned.
};

class JournalTrimmer {
 public:
  struct Parts {
    std::unique_ptr<EtcdClient> client;
    BatchStore& store;
    StorePlace own;
    std::string cluster;
    ClusterSecret secret;
    TrimmerListener& listener;
    std::optional<JournalSight> seen;
    TrimmerOptions options;
    ThreadHost& threads = system_threads();
  };
  /// Errors: invalid_input (store or host cannot stand in a list, copies out of range).
  static Result<std::unique_ptr<JournalTrimmer>> start(Parts parts);
  /// Lets a request under way end.
  ~JournalTrimmer();

  /// The journal owns the shard: its store reached the head under this owner key.
  void own(ShardIndex shard, ShardOwner owner);
  void disown(ShardIndex shard);
  TrimmerStats stats() const;

 private:
  class Worker;
  explicit JournalTrimmer(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace dunlin
