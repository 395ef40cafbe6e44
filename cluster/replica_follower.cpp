#include "cluster/replica_follower.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "cluster/etcd_sight.hpp"
#include "cluster/replica_positions.hpp"
#include "cluster/shard_tail.hpp"
#include "config/log.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {
namespace {

/// Batches of one shard in one read: with all shards of a read they must fit an answer; one shard's always do.
constexpr std::int64_t follower_page = 4;
constexpr Duration sight_pause = seconds(1);

/// The follower's thread's own.
struct FollowedShard {
  std::uint64_t order = 0;              ///< The follow() it answers to.
  ShardHead applied;
  std::optional<ShardHead> reported;
  bool needs_seed = false;
};

/// The order in which the follow() of a shard came, to tell one from the next.
using FollowOrders = std::map<ShardIndex, std::uint64_t>;

}  // namespace

/// `mutex_` guards orders, `applying_`, the end and the stats; all else is the thread's own.
class ReplicaFollower::Worker {
 public:
  explicit Worker(Parts parts)
      : client_(std::move(parts.client), parts.seen), store_(parts.store), store_id_(std::move(parts.store_id)), keys_(parts.cluster),
        seal_(parts.secret), listener_(parts.listener), options_(parts.options), clock_(parts.threads.clock()),
        rng_(std::hash<std::string>()(store_id_)), shards_per_read_(options_.shards_per_read), wake_(parts.threads.make_signal()),
        thread_(parts.threads.start("replica", [this] { run(); })) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_->notify();
    thread_->join();
  }
  void follow(ShardIndex shard);
  void unfollow(ShardIndex shard);
  FollowerStats stats() const;

 private:
  using Shards = std::vector<ShardIndex>;
  void run();
  bool pause(Duration duration);
  bool is_stopping() const;
  Status round();
  Status obey();
  Status look();
  void note_lists(const std::vector<EtcdRow>& rows);
  void note_heads(const std::vector<EtcdRow>& rows);
  Status compare_heads();
  bool is_held(ShardIndex shard) const;
  ShardHead head_of(ShardIndex shard) const;
  Shards shards_behind() const;
  Status catch_up_all();
  Status read_tails(const Shards& shards);
  Status apply_rows(ShardIndex index, const std::vector<EtcdRow>& rows);
  Result<bool> apply(ShardIndex index, FollowedShard& shard, const NextBatch& next);
  bool begin_apply(ShardIndex index, std::uint64_t order);
  void end_apply(bool is_applied);
  void ask_for_seed(ShardIndex index, FollowedShard& shard, const Error& why);
  Status report();
  void tell_sight();
  void note_stats();

  SightedClient client_;
  BatchStore& store_;
  const std::string store_id_;
  const JournalKeys keys_;
  const BatchSeal seal_;
  ReplicaListener& listener_;
  const FollowerOptions options_;
  const Clock& clock_;
  Rng rng_;
  std::map<ShardIndex, FollowedShard> shards_;
  std::map<ShardIndex, ShardHead> heads_;           ///< As last seen.
  std::set<ShardIndex> listed_;                     ///< Whose replica list names the store.
  std::int64_t look_since_ = 0;                     ///< Rows put earlier were seen.
  std::size_t shards_per_read_;
  std::optional<MonoTime> reported_at_;
  std::optional<MonoTime> told_sight_at_;
  JournalSight told_sight_;

  mutable std::mutex mutex_;
  const std::unique_ptr<ThreadSignal> wake_;        ///< The end, and the end of an apply.
  FollowOrders orders_;
  std::uint64_t last_order_ = 0;
  std::optional<ShardIndex> applying_;
  bool is_stopping_ = false;
  FollowerStats stats_;
  const std::unique_ptr<HostedThread> thread_;      ///< Last: it uses all of the above.
};

void ReplicaFollower::Worker::follow(ShardIndex shard) {
  const std::lock_guard lock(mutex_);
  orders_[shard] = ++last_order_;
}

void ReplicaFollower::Worker::unfollow(ShardIndex shard) {
  std::unique_lock lock(mutex_);
  orders_.erase(shard);
  wait_until(*wake_, lock, [this, shard] { return applying_ != shard; });
}

FollowerStats ReplicaFollower::Worker::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

bool ReplicaFollower::Worker::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

/// False: the end.
bool ReplicaFollower::Worker::pause(Duration duration) {
  std::unique_lock lock(mutex_);
  return !wait_until(*wake_, lock, clock_, duration, [this] { return is_stopping_; });
}

void ReplicaFollower::Worker::run() {
  unsigned failures = 0;
  do {
    const auto done = round();
    note_stats();
    if (client_.gone_back()) return listener_.on_went_back(*client_.gone_back());
    if (!done && failures == 0) log_warn("cluster", "replica_stalled", "{}", done.error().detail);
    failures = done ? 0 : failures + 1;
    const std::lock_guard lock(mutex_);
    ++stats_.polls;
    stats_.failures += done ? 0 : 1;
  } while (pause(failures == 0 ? options_.poll_every : options_.back_off.after(failures, rng_)));
}

Status ReplicaFollower::Worker::round() {
  // The store's positions before the heads: what the look shows is never older than them, whoever else applies.
  for (const auto step : {&Worker::obey, &Worker::look, &Worker::compare_heads, &Worker::catch_up_all, &Worker::report}) {
    if (const auto done = (this->*step)(); !done) return done;
  }
  tell_sight();
  return Done{};
}

Status ReplicaFollower::Worker::obey() {
  FollowOrders orders;
  {
    const std::lock_guard lock(mutex_);
    orders = orders_;
  }
  for (auto at = shards_.begin(); at != shards_.end();) {
    const auto order = orders.find(at->first);
    at = order == orders.end() || order->second != at->second.order ? shards_.erase(at) : std::next(at);
  }
  for (const auto& [index, order] : orders) {
    if (shards_.count(index) != 0) continue;
    const auto applied = store_.applied(index);
    if (!applied && applied.error().code == Errc::unavailable) return applied.error();
    FollowedShard& shard = shards_[index];
    shard.order = order;
    if (applied) shard.applied = *applied;
    else ask_for_seed(index, shard, applied.error());
  }
  return Done{};
}

/// Heads are few, small and never erased, so a look costs etcd the same however much the journal holds.
Status ReplicaFollower::Worker::look() {
  EtcdTxn txn;
  for (const auto& prefix : {keys_.heads(), keys_.replica_lists()}) {
    txn.then.push_back(EtcdRead{prefix, range_end_of(prefix), 0, look_since_});
  }
  const auto answers = client_.run({txn});
  if (!answers) return answers.error();
  const auto& reads = answers->each.front().reads;
  if (reads.size() != txn.then.size()) return Error{Errc::corrupt, "etcd's answer to a look has other parts than were asked"};
  look_since_ = answers->revision + 1;
  note_heads(reads[0]);
  note_lists(reads[1]);
  return Done{};
}

void ReplicaFollower::Worker::note_heads(const std::vector<EtcdRow>& rows) {
  for (const auto& row : rows) {
    const auto shard = shard_in(row.key.substr(keys_.heads().size()));
    const auto head = decode_shard_head(row.value);
    if (shard && head) heads_[*shard] = *head;
    else log_warn("cluster", "head_damaged", "{}: {}", row.key, head ? "no such shard" : head.error().detail);
  }
}

/// A damaged list names nobody: better to stand still than to apply what others do not count on.
void ReplicaFollower::Worker::note_lists(const std::vector<EtcdRow>& rows) {
  for (const auto& row : rows) {
    const auto shard = shard_in(row.key.substr(keys_.replica_lists().size()));
    const auto set = decode_replica_set(row.value);
    if (!set) log_warn("cluster", "replicas_damaged", "{}: {}", row.key, set.error().detail);
    if (!shard) continue;
    // Whoever changed the list may have erased the position of a store it took off.
    if (const auto followed = shards_.find(*shard); followed != shards_.end()) followed->second.reported.reset();
    if (set && set->find(store_id_) != nullptr) listed_.insert(*shard);
    else listed_.erase(*shard);
  }
}

/// A store ahead of the journal has seen what the journal has lost (R11); one beside it is to be seeded.
Status ReplicaFollower::Worker::compare_heads() {
  for (auto& [index, shard] : shards_) {
    const auto head = head_of(index);
    if (shard.needs_seed || shard.applied.sequence < head.sequence) continue;
    if (shard.applied.sequence > head.sequence) return client_.close(why_behind_store(index, head, shard.applied));
    if (!is_held(index) || shard.applied == head) continue;
    ask_for_seed(index, shard, does_not_join(index, shard.applied, "and the journal has another batch there"));
  }
  return Done{};
}

bool ReplicaFollower::Worker::is_held(ShardIndex index) const {
  const auto shard = shards_.find(index);
  return shard != shards_.end() && !shard->second.needs_seed && listed_.count(index) != 0;
}

ShardHead ReplicaFollower::Worker::head_of(ShardIndex shard) const {
  const auto head = heads_.find(shard);
  return head == heads_.end() ? ShardHead{} : head->second;
}

ReplicaFollower::Worker::Shards ReplicaFollower::Worker::shards_behind() const {
  Shards behind;
  for (const auto& [index, shard] : shards_) {
    if (is_held(index) && shard.applied.sequence < head_of(index).sequence) behind.push_back(index);
  }
  return behind;
}

/// Every read brings each of its shards on, drops it or ends the round, so this ends at the heads of the look.
Status ReplicaFollower::Worker::catch_up_all() {
  for (auto behind = shards_behind(); !behind.empty() && !is_stopping(); behind = shards_behind()) {
    if (behind.size() > shards_per_read_) behind.resize(shards_per_read_);
    const auto read = read_tails(behind);
    // An answer that is too large to come in time is asked for in smaller parts.
    shards_per_read_ = read ? std::min(options_.shards_per_read, shards_per_read_ * 2) : 1;
    if (!read) return read;
    if (const auto reported = report(); !reported) return reported;
  }
  return Done{};
}

Status ReplicaFollower::Worker::read_tails(const Shards& shards) {
  EtcdTxn txn;
  for (const auto index : shards) {
    const auto from = keys_.batch(index, shards_.at(index).applied.sequence + 1);
    txn.then.push_back(EtcdRead{from, keys_.batch(index, head_of(index).sequence + 1), follower_page});
  }
  const auto answers = client_.run({txn});
  if (!answers) return answers.error();
  const auto& reads = answers->each.front().reads;
  if (reads.size() != shards.size()) return Error{Errc::corrupt, "etcd's answer to a read of batches has other parts than were asked"};
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (const auto applied = apply_rows(shards[i], reads[i]); !applied) return applied;
  }
  return Done{};
}

Status ReplicaFollower::Worker::apply_rows(ShardIndex index, const std::vector<EtcdRow>& rows) {
  FollowedShard& shard = shards_.at(index);
  if (rows.empty()) ask_for_seed(index, shard, does_not_join(index, shard.applied, "but the journal beyond it is trimmed"));
  for (const auto& row : rows) {
    const auto next = check_next(keys_, seal_, index, shard.applied, row);
    if (!next) {
      ask_for_seed(index, shard, next.error());
      return Done{};
    }
    const auto goes_on = apply(index, shard, *next);
    if (!goes_on) return goes_on.error();
    if (!*goes_on) return Done{};
  }
  return Done{};
}

/// False: nothing more of this shard now. The shard may be gone from the follower's books then.
Result<bool> ReplicaFollower::Worker::apply(ShardIndex index, FollowedShard& shard, const NextBatch& next) {
  if (!begin_apply(index, shard.order)) {
    shards_.erase(index);
    return false;
  }
  const auto written = store_.apply(index, next.head, next.rows);
  end_apply(written.ok());
  if (written) {
    shard.applied = next.head;
    return true;
  }
  if (written.error().code == Errc::unavailable) return written.error();
  if (written.error().code == Errc::conflict) {
    // Somebody else moved the store; if not, trying the same again would be for ever.
    const auto applied = store_.applied(index);
    if (!applied || *applied == shard.applied) return written.error();
    shard.applied = *applied;
    return false;
  }
  ask_for_seed(index, shard, written.error());
  return false;
}

bool ReplicaFollower::Worker::begin_apply(ShardIndex index, std::uint64_t order) {
  const std::lock_guard lock(mutex_);
  const auto wanted = orders_.find(index);
  if (wanted == orders_.end() || wanted->second != order) return false;
  applying_ = index;
  return true;
}

void ReplicaFollower::Worker::end_apply(bool is_applied) {
  {
    const std::lock_guard lock(mutex_);
    applying_.reset();
    stats_.batches += is_applied ? 1 : 0;
  }
  wake_->notify();
}

void ReplicaFollower::Worker::ask_for_seed(ShardIndex index, FollowedShard& shard, const Error& why) {
  shard.needs_seed = true;
  log_warn("cluster", "replica_needs_seed", "{}", why.detail);
  listener_.on_needs_seed(index, why);
}

/// Not with every batch: a disk that syncs does nothing else.
Status ReplicaFollower::Worker::report() {
  const auto now = clock_.now_mono();
  if (reported_at_ && now - *reported_at_ < options_.report_every) return Done{};
  std::vector<StorePosition> moved;
  for (const auto& [index, shard] : shards_) {
    if (is_held(index) && shard.reported != shard.applied) moved.push_back({index, shard.applied});
  }
  if (moved.empty()) return Done{};
  reported_at_ = now;
  return tell_positions({client_, store_, keys_, store_id_}, moved, [this](const std::vector<StorePosition>& told) {
    for (const auto& position : told) shards_.at(position.shard).reported = position.applied;
    const std::lock_guard lock(mutex_);
    ++stats_.reports;
  });
}

void ReplicaFollower::Worker::tell_sight() {
  const auto now = clock_.now_mono();
  if (client_.sight() == told_sight_ || (told_sight_at_ && now - *told_sight_at_ < sight_pause)) return;
  told_sight_ = client_.sight();
  told_sight_at_ = now;
  listener_.on_seen(told_sight_);
}

void ReplicaFollower::Worker::note_stats() {
  std::uint64_t held = 0;
  std::uint64_t to_seed = 0;
  std::uint64_t behind = 0;
  for (const auto& [index, shard] : shards_) {
    to_seed += shard.needs_seed && listed_.count(index) != 0 ? 1 : 0;
    if (!is_held(index)) continue;
    ++held;
    behind += head_of(index).sequence - std::min(shard.applied.sequence, head_of(index).sequence);
  }
  const std::lock_guard lock(mutex_);
  stats_.shards_held = held;
  stats_.shards_to_seed = to_seed;
  stats_.batches_behind = behind;
}

ReplicaFollower::ReplicaFollower(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
ReplicaFollower::~ReplicaFollower() = default;
std::unique_ptr<ReplicaFollower> ReplicaFollower::start(Parts parts) {
  return std::unique_ptr<ReplicaFollower>(new ReplicaFollower(std::make_unique<Worker>(std::move(parts))));
}
void ReplicaFollower::follow(ShardIndex shard) { worker_->follow(shard); }
void ReplicaFollower::unfollow(ShardIndex shard) { worker_->unfollow(shard); }
FollowerStats ReplicaFollower::stats() const { return worker_->stats(); }

}  // namespace dunlin
