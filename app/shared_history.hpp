#pragma once
// The history of a node that is one of a cluster: takes its seat, wins and loses shards, and is the journal the cases commit
// to (docs/cluster.md). Each shard is in one of two hands here: the commit journal's while this node owns it, the replica
// follower's while another does.
// Threads: commit, holder_of, life_of and view from any; what membership says is worked through in order by one thread of
// its own. Store and actors outlive it.
// At the bounds: without a seat, or with a shard that is not ours, a commit is answered by Errc::unavailable at once.
#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/node_context.hpp"
#include "app/cluster_view.hpp"
#include "cluster/commit_bounds.hpp"
#include "cluster/line_sweeper.hpp"
#include "config/limits.hpp"
#include "config/settings.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// A number is kept from others for so long at most after an attempt of unknown end: the longest call, the time to settle
/// it, and a margin.
inline constexpr Duration longest_line = limits::longest_call + minutes(15);

class SharedHistory final : public Journal, private SeatListener, private ReplicaListener, private TrimmerListener {
 public:
  /// Checks what the node brings along. Errors: invalid_input (settings), denied (a store that was a single node's, files
  /// that others may read), what the settings' files say.
  static Result<std::unique_ptr<SharedHistory>> open(const NodeSettings& settings, Store& store);
  ~SharedHistory() override;

  /// Takes the seat. The context's shards and edge hear of what is won and lost from now on.
  /// The link hears who else is there (msg::SetPeers), the taker which shards need a copy (msg::SeedShard).
  Status start(const NodeContext& context, caf::actor link, caf::actor taker);
  /// What a taker needs to know of this history; it calls back until the history is gone.
  Result<SeedTakerParts> taker_parts(const Clock* clock, caf::actor link);
  /// Gives the seat back, so that others take over at once.
  void stop();

  void commit(CommitRequest request, CommitCompletion done) override;
  std::optional<ShardHolder> holder_of(ShardIndex shard) const;
  /// Ours, caught up, taking commits.
  bool serves(ShardIndex shard) const { return served_epoch(shard).has_value(); }
  /// The epoch in which it is ours in this way; unset: it is not.
  std::optional<std::int64_t> served_epoch(ShardIndex shard) const;
  /// The newest epoch of the shard that was seen; 0: none.
  std::int64_t epoch_of(ShardIndex shard) const;
  std::optional<std::uint64_t> life_of(const std::string& node_id) const;
  ClusterView view() const;
  /// A connection to the cluster's etcd, of whoever asks.
  Result<std::unique_ptr<EtcdClient>> client() const { return EtcdClient::make(access_); }
  const ClusterSecret& secret() const { return secret_; }
  /// Before the start: whatever the cluster allows, no call begins on this node.
  void forbid_originating() { is_forbidden_to_originate_ = true; }

 private:
  SharedHistory(const NodeSettings& settings, Store& store, EtcdAccess access, ClusterSecret secret)
      : settings_(settings), store_(store), access_(std::move(access)), secret_(secret),
        sweeper_(settings.cluster.name, longest_line) {}

  void on_seated(const SeatedNode& node) override;
  void on_unseated() override;
  void on_may_originate(bool may) override;
  void on_shard_won(ShardIndex shard, std::int64_t owner_created_at) override;
  void on_shard_lost(ShardIndex shard) override;
  void on_shard_unwanted(ShardIndex shard) override;
  void on_looked(const SeatView& view) override;
  void on_needs_seed(ShardIndex shard, const Error& why) override;
  void on_went_back(const Error& why) override;
  void on_seen(const JournalSight& sight) override;
  void on_room(JournalRoom room, std::uint64_t used_bytes) override;

  StorePlace own_place() const;
  void on_seeded(ShardIndex shard);
  void on_lost(const LostShard& lost);
  void step_back(ShardIndex shard, std::int64_t owner_created_at);
  bool is_disk_low() const;
  CommitBounds bounds_now();
  Result<std::optional<JournalSight>> sight_of_former_life() const;
  Status start_replicas();
  Status take_seat();
  void tell_may_originate();
  void run();
  void enqueue(std::function<void()> work);
  void sweep_lines();
  void begin_journal(const SeatedNode& node);
  void end_journal();
  bool is_ending() const;
  Result<std::string> open_gate();
  void serve(ShardIndex shard, std::int64_t owner_created_at);
  void own(ShardIndex shard, std::int64_t owner_created_at);
  void on_owned(ShardIndex shard, std::int64_t owner_created_at, const Status& owned);
  void on_not_owned(ShardIndex shard, std::int64_t owner_created_at, const Error& why);
  void own_again();
  void let_go(ShardIndex shard);
  void hand_back(ShardIndex shard);
  void note_trouble(const std::string& what);

  const NodeSettings& settings_;
  Store& store_;
  const EtcdAccess access_;
  const ClusterSecret secret_;
  const NodeContext* context_ = nullptr;
  caf::actor link_;
  caf::actor taker_;

  LineSweeper sweeper_;                        ///< Of the working thread, as the next two.
  MonoTime next_sweep_;
  std::array<std::int64_t, shard_count> won_{};  ///< Epochs of what is ours; of the working thread, as the next two.
  std::map<ShardIndex, std::int64_t> to_own_again_;   ///< Ours, but etcd did not tell the tail.
  std::map<ShardIndex, MonoTime> silent_since_;       ///< Of shards won whose tail was not told yet.
  MonoTime own_again_at_;
  mutable std::shared_mutex journal_mutex_;    ///< Of journal_: commits share it, a change of incarnation takes it alone.
  std::unique_ptr<EtcdJournal> journal_;

  mutable std::mutex mutex_;                   ///< Of all below but the thread and the seat.
  std::condition_variable wake_;
  std::deque<std::function<void()>> works_;
  bool is_stopping_ = false;
  ClusterView view_;
  bool is_forbidden_to_originate_ = false;  ///< Set before the start.
  std::array<std::optional<std::int64_t>, shard_count> served_;  ///< Epochs of the shards that take commits.
  JournalRoom room_ = JournalRoom::enough;     ///< In etcd (R16).
  MonoTime measure_at_;                        ///< When the disk is looked at again.
  std::map<std::string, std::uint64_t> lives_; ///< By node.
  ShardOwner owner_;                           ///< Of this incarnation, without a shard's epoch; of the working thread.
  std::unique_ptr<ReplicaFollower> follower_;
  std::unique_ptr<JournalTrimmer> trimmer_;
  std::thread thread_;
  std::unique_ptr<NodeSeat> seat_;
};

}  // namespace dunlin
