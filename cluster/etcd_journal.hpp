#pragma once
// The commit journal of a cluster: a shard's commits become one sealed batch, the batch becomes durable on a majority of
// etcd's disks by one transaction that checks ownership and head, then it is applied to this node's store, the dial permits
// are laid on the desk and the completions run. Attempt protocol R1 to R4 (docs/cluster.md).
// Threads: commit, own, disown and stats from any thread; completions run on the writer thread and must not block. Store and
// desk outlive the journal. One request is under way at a time and carries many shards; a shard in doubt waits alone.
// At the bounds: a full queue or no room in etcd refuses with Errc::exhausted; a shard not owned here, or etcd not answering for longer than
// max_doubt, gives Errc::unavailable (a batch in doubt itself waits for its answer); a closed gate or a held number gives
// Errc::conflict.
#include <functional>
#include <memory>
#include <string>

#include "cluster/batch_seal.hpp"
#include "core/cluster/batch_store.hpp"
#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"
#include "cluster/thread_host.hpp"
#include "core/call/dial_permit.hpp"
#include "core/cluster/journal_watch.hpp"

namespace dunlin {

/// This node in its cluster, as membership knows it.
struct ClusterNode {
  std::string cluster;
  std::string node_id;
  std::string incarnation;
  std::int64_t node_created_at = 0;     ///< create_revision of the node key.
  std::string open_gate;                ///< What the gate key holds while this generation may dial.
};

struct EtcdJournalOptions {
  std::size_t max_queued_commits = 65'536;
  std::size_t max_batch_commits = 128;          ///< Of one shard, in one batch.
  std::size_t max_shards_per_request = 64;
  std::size_t max_lines = 48;                   ///< Taken and freed by one batch; etcd takes 128 operations, nested ones included.
  std::size_t usual_request_bytes = 192u << 10; ///< No further shard joins a request above it: a large one keeps all others waiting.
  std::size_t max_request_bytes = 1u << 20;     ///< Of batches in one request; etcd refuses requests above 1.5 MB.
  Duration group_window = milliseconds(2);
  Duration doubt_pause = milliseconds(50);      ///< Between two questions about a batch in doubt.
  Duration max_doubt = seconds(5);              ///< After so long what waits behind a batch in doubt is refused.
};

struct EtcdJournalStats {
  std::uint64_t requests = 0;
  std::uint64_t batches = 0;
  std::uint64_t commits = 0;
  std::uint64_t refused = 0;
  std::uint64_t doubts = 0;             ///< Batches whose answer was lost.
  std::uint64_t late = 0;               ///< Of them, found to stand.
  std::uint64_t fences = 0;
  std::uint64_t queued = 0;
  std::uint64_t shards_owned = 0;
  std::uint64_t shards_in_doubt = 0;
};

/// A shard the journal gave up: another owner, a damaged head, or a store that cannot follow.
struct LostShard {
  ShardIndex shard = 0;
  std::int64_t owner_created_at = 0;    ///< The ownership that is over.
  bool is_own_store = false;            ///< This node's copy is the reason: another one may serve.
  Error why;
};

class EtcdJournal final : public Journal {
 public:
  struct Parts {
    std::unique_ptr<EtcdClient> client;
    BatchStore& store;
    PermitDesk& desk;
    ClusterNode node;
    ClusterSecret secret;
    EtcdJournalOptions options;
    /// Told on the writer thread when the journal gives a shard up by itself: the owner key of that create_revision, if it
    /// is still ours, should be given back. Must not block.
    std::function<void(const LostShard&)> on_lost = nullptr;
    ThreadHost& threads = system_threads();
  };
  static std::unique_ptr<EtcdJournal> start(Parts parts);
  /// Refuses what is queued, gives a request under way its deadline, ends the thread.
  ~EtcdJournal() override;

  /// Success of a reservation whose answer was lost comes without a permit: whoever asks the desk learns it was never sent.
  void commit(CommitRequest request, CommitCompletion done) override;

  /// The owner key of the shard was won with this create_revision: reads head and tail, applies what the store lacks, and
  /// takes commits from then on. Errors: conflict (the key is another's by now), unavailable and denied (etcd: nothing is known
  /// of the copy, so it is asked again), corrupt (the own copy cannot serve: the tail does not join it, or the store refuses it).
  void own(ShardIndex shard, std::int64_t owner_created_at, std::function<void(Status)> done);
  /// The owner key is gone or given up: what is queued is refused, what is in doubt stays for the next owner.
  void disown(ShardIndex shard);

  /// R16, as the trimmer tells it: without room for reservations those are refused; with room for facts only, everything
  /// that does not tell of an attempt. What is queued already goes.
  void set_room(JournalRoom room);

  EtcdJournalStats stats() const;

  Result<CommitReceipt> commit_and_wait(CommitRequest request);
  Status own_and_wait(ShardIndex shard, std::int64_t owner_created_at);

 private:
  class Writer;
  explicit EtcdJournal(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace dunlin
