#include "cluster/journal_trimmer.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "cluster/etcd_sight.hpp"
#include "cluster/node_seat.hpp"
#include "cluster/replica_positions.hpp"
#include "cluster/shard_tail.hpp"
#include "config/log.hpp"
#include "core/cluster/newcomer_watch.hpp"

namespace dunlin {
namespace {

/// Newcomers whose chain is checked in one round, each by one read.
constexpr int chain_checks_per_round = 16;
/// Shards in one request of lists or trims.
constexpr std::size_t shards_per_change = 64;

/// How a listed store gets on.
struct StoreWatch {
  std::optional<std::uint64_t> applied;
  MonoTime fine_at;
  bool is_checked = false;
};

/// A shard this node owns. The trimmer's thread's own.
struct KeptShard {
  ShardOwner owner;
  ShardHead own_applied;                       ///< In the own store, read before the look.
  std::uint64_t trimmed = 0;
  std::map<std::string, StoreWatch> watches;
};

/// A replica list as it stands in etcd.
struct ListSeen {
  ReplicaSet set;
  std::string value;
};

/// What a change of a list or a trim comes from.
struct ShardChange {
  ShardIndex shard = 0;
  EtcdTxn txn;
  std::optional<ReplicaSet> list = std::nullopt;
  std::uint64_t trim_to = 0;
};

}  // namespace

/// `mutex_` guards the owners, the end and the stats; all else is the thread's own.
class JournalTrimmer::Worker {
 public:
  explicit Worker(Parts parts)
      : client_(std::move(parts.client), parts.seen), store_(parts.store), own_(std::move(parts.own)), keys_(parts.cluster),
        seal_(parts.secret), listener_(parts.listener), options_(parts.options), clock_(parts.threads.clock()),
        rng_(std::hash<std::string>()(own_.store)),
        newcomer_watch_({options_.rules.patience, milliseconds(16 * options_.rules.patience.ms)}), compacted_at_(clock_.now_mono()),
        wake_(parts.threads.make_signal()), thread_(parts.threads.start("trimmer", [this] { run(); })) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_->notify();
    thread_->join();
  }
  void own(ShardIndex shard, ShardOwner owner) {
    const std::lock_guard lock(mutex_);
    owners_[shard] = std::move(owner);
  }
  void disown(ShardIndex shard) {
    const std::lock_guard lock(mutex_);
    owners_.erase(shard);
  }
  TrimmerStats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  void run();
  bool pause(Duration duration);
  Status round();
  Status obey();
  Status look();
  void note_seats(const std::vector<EtcdRow>& rows);
  void note_store(const std::string& node, const std::string& store);
  void note_heads(const std::vector<EtcdRow>& rows);
  void note_lists(const std::vector<EtcdRow>& rows);
  void take_list(ShardIndex shard, ListSeen seen);
  void note_positions(const std::vector<EtcdRow>& rows);
  Status compare_heads();
  Status tell_positions();
  Status change_lists_and_trim();
  std::optional<ShardChange> change_of(ShardIndex index, KeptShard& shard);
  std::optional<ShardChange> list_change(ShardIndex index, const KeptShard& shard, ReplicaSet next) const;
  std::optional<ShardChange> trim_change(ShardIndex index, const KeptShard& shard, std::uint64_t to) const;
  EtcdTxn guarded_txn(ShardIndex index, const KeptShard& shard) const;
  ReplicaView view_of(ShardIndex index, KeptShard& shard);
  void count_newcomers();
  std::set<std::string> full_stores() const;
  void forget_unlisted(ShardIndex index, KeptShard& shard, const ReplicaSet& set);
  void watch(ShardIndex index, StoreWatch& watch, const std::string& store, const ShardHead& head);
  bool is_on_chain(ShardIndex index, const ShardHead& applied, const ShardHead& head);
  bool is_seated(const std::string& store) const;
  Status send(const std::vector<ShardChange>& changes);
  void note_change(const ShardChange& change);
  Status measure();
  Status compact();
  void note_stats();
  void count(std::uint64_t TrimmerStats::* counter, std::uint64_t by = 1);
  ShardHead head_of(ShardIndex shard) const;

  SightedClient client_;
  BatchStore& store_;
  const StorePlace own_;
  const JournalKeys keys_;
  const BatchSeal seal_;
  TrimmerListener& listener_;
  const TrimmerOptions options_;
  const Clock& clock_;
  Rng rng_;
  std::map<ShardIndex, KeptShard> shards_;
  std::vector<StorePlace> seats_;
  std::map<std::string, std::string> store_of_node_;   ///< As last seen, also of nodes that do not sit now.
  std::map<std::string, std::size_t> newcomers_;       ///< By store, in the present round.
  std::set<std::string> gone_;                         ///< Stores whose node has another one now.
  std::map<ShardIndex, ShardHead> heads_;
  std::map<ShardIndex, ListSeen> lists_;
  NewcomerWatch newcomer_watch_;
  std::map<ShardIndex, std::map<std::string, ShardHead>> positions_;   ///< applied/<shard>/<store>, as last put.
  std::int64_t look_since_ = 0;
  int chain_checks_left_ = 0;
  std::uint64_t used_bytes_ = 0;
  std::uint64_t used_at_compaction_ = 0;
  JournalRoom room_ = JournalRoom::enough;
  std::optional<MonoTime> measured_at_;
  MonoTime compacted_at_;

  mutable std::mutex mutex_;
  const std::unique_ptr<ThreadSignal> wake_;
  std::map<ShardIndex, ShardOwner> owners_;
  bool is_stopping_ = false;
  TrimmerStats stats_;
  const std::unique_ptr<HostedThread> thread_; ///< Last: it uses all of the above.
};

void JournalTrimmer::Worker::count(std::uint64_t TrimmerStats::* counter, std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  stats_.*counter += by;
}

bool JournalTrimmer::Worker::pause(Duration duration) {
  std::unique_lock lock(mutex_);
  return !wait_until(*wake_, lock, clock_, duration, [this] { return is_stopping_; });
}

void JournalTrimmer::Worker::run() {
  unsigned failures = 0;
  do {
    const auto done = round();
    note_stats();
    if (client_.gone_back()) return listener_.on_went_back(*client_.gone_back());
    if (!done && failures == 0) log_warn("cluster", "trimming_stalled", "{}", done.error().detail);
    failures = done ? 0 : failures + 1;
    count(&TrimmerStats::rounds);
    if (!done) count(&TrimmerStats::failures);
  } while (pause(failures == 0 ? options_.look_every : options_.back_off.after(failures, rng_)));
}

Status JournalTrimmer::Worker::round() {
  // The store's positions before the heads: what the look shows is never older than them.
  for (const auto step : {&Worker::obey, &Worker::look, &Worker::compare_heads, &Worker::tell_positions, &Worker::change_lists_and_trim,
                          &Worker::measure, &Worker::compact}) {
    if (const auto done = (this->*step)(); !done) return done;
  }
  return Done{};
}

/// A shard won anew begins anew: what was known of its stores is another owner's time ago.
Status JournalTrimmer::Worker::obey() {
  std::map<ShardIndex, ShardOwner> owners;
  {
    const std::lock_guard lock(mutex_);
    owners = owners_;
  }
  for (auto at = shards_.begin(); at != shards_.end();) {
    const auto owner = owners.find(at->first);
    const bool is_over = owner == owners.end() || owner->second.owner_created_at != at->second.owner.owner_created_at;
    at = is_over ? shards_.erase(at) : std::next(at);
  }
  for (const auto& [index, owner] : owners) {
    auto& shard = shards_[index];
    shard.owner = owner;
    const auto applied = store_.applied(index);
    if (!applied) return applied.error();
    shard.own_applied = *applied;
  }
  return Done{};
}

/// Nodes come and go, so all of them are read; of the rest, what was put since the last look.
Status JournalTrimmer::Worker::look() {
  EtcdTxn txn;
  txn.then.push_back(EtcdRead{keys_.node(""), range_end_of(keys_.node("")), 0});
  for (const auto& prefix : {keys_.heads(), keys_.replica_lists(), keys_.positions()}) {
    txn.then.push_back(EtcdRead{prefix, range_end_of(prefix), 0, look_since_});
  }
  const auto answers = client_.run({txn});
  if (!answers) return answers.error();
  const auto& reads = answers->each.front().reads;
  if (reads.size() != txn.then.size()) return Error{Errc::corrupt, "etcd's answer to a look has other parts than were asked"};
  look_since_ = answers->revision + 1;
  note_seats(reads[0]);
  note_heads(reads[1]);
  note_lists(reads[2]);
  note_positions(reads[3]);
  return Done{};
}

void JournalTrimmer::Worker::note_seats(const std::vector<EtcdRow>& rows) {
  seats_.clear();
  for (const auto& row : rows) {
    auto place = decode_seat(row.value);
    if (!place) continue;
    note_store(row.key, place->store);
    seats_.push_back(std::move(*place));
  }
}

/// A node that comes back with another store was wiped: nobody need wait for the former one.
void JournalTrimmer::Worker::note_store(const std::string& node, const std::string& store) {
  auto& known = store_of_node_[node];
  if (!known.empty() && known != store) gone_.insert(known);
  known = store;
  gone_.erase(store);
}

void JournalTrimmer::Worker::note_heads(const std::vector<EtcdRow>& rows) {
  for (const auto& row : rows) {
    const auto shard = shard_in(row.key.substr(keys_.heads().size()));
    const auto head = decode_shard_head(row.value);
    if (shard && head) heads_[*shard] = *head;
  }
}

/// A damaged list stays as it is: neither trimmed by nor written over, because what it named is not known.
void JournalTrimmer::Worker::note_lists(const std::vector<EtcdRow>& rows) {
  for (const auto& row : rows) {
    const auto shard = shard_in(row.key.substr(keys_.replica_lists().size()));
    auto set = decode_replica_set(row.value);
    if (!set) log_warn("cluster", "replicas_damaged", "{}: {}", row.key, set.error().detail);
    if (shard) take_list(*shard, {set ? std::move(*set) : ReplicaSet{}, row.value});
  }
}

void JournalTrimmer::Worker::take_list(ShardIndex shard, ListSeen seen) {
  auto& list = lists_[shard];
  const bool are_readable = list.set.number != 0 && seen.set.number != 0;
  if (are_readable) newcomer_watch_.on_list(shard, list.set, seen.set, gone_, clock_.now_mono());
  list = std::move(seen);
}

void JournalTrimmer::Worker::note_positions(const std::vector<EtcdRow>& rows) {
  for (const auto& row : rows) {
    const auto words = row.key.substr(keys_.positions().size());
    const auto slash = words.find('/');
    const auto shard = shard_in(words.substr(0, slash));
    const auto position = decode_shard_head(row.value);
    if (!shard || slash == std::string::npos) continue;
    if (position) positions_[*shard][words.substr(slash + 1)] = *position;
    else positions_[*shard].erase(words.substr(slash + 1));
  }
}

ShardHead JournalTrimmer::Worker::head_of(ShardIndex shard) const {
  const auto head = heads_.find(shard);
  return head == heads_.end() ? ShardHead{} : head->second;
}

Status JournalTrimmer::Worker::compare_heads() {
  for (const auto& [index, shard] : shards_) {
    if (shard.own_applied.sequence <= head_of(index).sequence) continue;
    return client_.close(why_behind_store(index, head_of(index), shard.own_applied));
  }
  return Done{};
}

/// The own store's positions, once its disk has them. They count for this node's own trims when etcd has taken them, so that
/// the next owner knows as much.
Status JournalTrimmer::Worker::tell_positions() {
  std::vector<StorePosition> moved;
  for (const auto& [index, shard] : shards_) {
    const auto& positions = positions_[index];
    const auto known = positions.find(own_.store);
    if (known == positions.end() || known->second != shard.own_applied) moved.push_back({index, shard.own_applied});
  }
  return dunlin::tell_positions({client_, store_, keys_, own_.store}, moved, [this](const std::vector<StorePosition>& told) {
    for (const auto& position : told) positions_[position.shard][own_.store] = position.applied;
  });
}

Status JournalTrimmer::Worker::change_lists_and_trim() {
  chain_checks_left_ = chain_checks_per_round;
  count_newcomers();
  std::vector<ShardChange> changes;
  for (auto& [index, shard] : shards_) {
    auto change = change_of(index, shard);
    if (client_.gone_back()) return *client_.gone_back();
    if (change) changes.push_back(std::move(*change));
    if (changes.size() < shards_per_change) continue;
    if (const auto sent = send(changes); !sent) return sent;
    changes.clear();
  }
  return changes.empty() ? Status(Done{}) : send(changes);
}

/// One thing a shard a round: a list that changes is trimmed by in the next.
std::optional<ShardChange> JournalTrimmer::Worker::change_of(ShardIndex index, KeptShard& shard) {
  const auto view = view_of(index, shard);
  const auto list = lists_.find(index);
  if (list == lists_.end()) return list_change(index, shard, first_replicas(view, options_.rules));
  if (list->second.set.number == 0) return std::nullopt;
  if (auto next = next_replicas(list->second.set, view, options_.rules)) {
    const bool has_newcomer = next->stores.size() > list->second.set.stores.size() && view.head > 0;
    if (has_newcomer) ++newcomers_[next->stores.back().place.store];
    return list_change(index, shard, std::move(*next));
  }
  const auto point = trim_point(list->second.set, view, options_.rules);
  return point > shard.trimmed ? trim_change(index, shard, point) : std::nullopt;
}

EtcdTxn JournalTrimmer::Worker::guarded_txn(ShardIndex index, const KeptShard& shard) const {
  EtcdTxn txn;
  const auto list = lists_.find(index);
  const auto list_key = keys_.replicas(index);
  txn.compares = {EtcdCompare::created(keys_.owner(index), shard.owner.owner_created_at),
                  EtcdCompare::holds(keys_.owner(index), shard.owner.incarnation),
                  list == lists_.end() ? EtcdCompare::absent(list_key) : EtcdCompare::holds(list_key, list->second.value)};
  return txn;
}

/// The position of a store that is taken off goes with it: what it says later of itself counts when it is listed again.
std::optional<ShardChange> JournalTrimmer::Worker::list_change(ShardIndex index, const KeptShard& shard, ReplicaSet next) const {
  ShardChange change{index, guarded_txn(index, shard)};
  change.txn.then.push_back(EtcdPut{keys_.replicas(index), encode(next)});
  if (const auto list = lists_.find(index); list != lists_.end()) {
    for (const auto& replica : list->second.set.stores) {
      if (next.find(replica.place.store) == nullptr) change.txn.then.push_back(EtcdErase{keys_.applied(index, replica.place.store), {}});
    }
  }
  change.list = std::move(next);
  return change;
}

std::optional<ShardChange> JournalTrimmer::Worker::trim_change(ShardIndex index, const KeptShard& shard, std::uint64_t to) const {
  ShardChange change{index, guarded_txn(index, shard)};
  change.txn.then.push_back(EtcdErase{keys_.batch(index, 0), keys_.batch(index, to + 1)});
  change.trim_to = to;
  return change;
}

/// A store that was taken off and is listed again is checked anew: meanwhile the journal may have been trimmed past it.
void JournalTrimmer::Worker::forget_unlisted(ShardIndex index, KeptShard& shard, const ReplicaSet& set) {
  for (auto at = shard.watches.begin(); at != shard.watches.end();) {
    if (set.find(at->first) != nullptr) {
      ++at;
      continue;
    }
    positions_[index].erase(at->first);
    at = shard.watches.erase(at);
  }
}

ReplicaView JournalTrimmer::Worker::view_of(ShardIndex index, KeptShard& shard) {
  const auto head = head_of(index);
  const auto now = clock_.now_mono();
  ReplicaView view{index, own_, head.sequence, seats_, {}, gone_, full_stores(), newcomer_watch_.resting(index, now)};
  const auto list = lists_.find(index);
  if (list == lists_.end()) return view;
  forget_unlisted(index, shard, list->second.set);
  for (const auto& replica : list->second.set.stores) {
    const auto& store = replica.place.store;
    const StoreWatch first_look{std::nullopt, now, replica.state == ReplicaState::in_sync};
    auto& watched = shard.watches.try_emplace(store, first_look).first->second;
    watch(index, watched, store, head);
    // A newcomer may wait for its turn: it gets on as long as its store is given one shard after the other.
    const bool has_turn_to_come = replica.state == ReplicaState::catching_up && is_seated(store);
    const auto fine_at = has_turn_to_come ? std::max(watched.fine_at, newcomer_watch_.last_finished(store)) : watched.fine_at;
    view.standings[store] = {watched.applied.value_or(0), watched.is_checked, clock_.now_mono() - fine_at};
  }
  return view;
}

/// As the lists stand, over the shards of all owners: what a newcomer lacks stays in the journal until it is copied.
void JournalTrimmer::Worker::count_newcomers() {
  newcomers_.clear();
  for (const auto& [index, list] : lists_) {
    if (head_of(index).sequence == 0) continue;
    for (const auto& replica : list.set.stores) newcomers_[replica.place.store] += replica.state == ReplicaState::catching_up ? 1u : 0u;
  }
}

std::set<std::string> JournalTrimmer::Worker::full_stores() const {
  std::set<std::string> full;
  for (const auto& [store, count] : newcomers_) {
    if (count >= options_.rules.newcomers_per_store) full.insert(store);
  }
  return full;
}

/// Fine is who sits and is near the head or moves towards it.
void JournalTrimmer::Worker::watch(ShardIndex index, StoreWatch& watched, const std::string& store, const ShardHead& head) {
  const auto& positions = positions_[index];
  const auto position = positions.find(store);
  const bool has_moved = position != positions.end() && watched.applied != position->second.sequence;
  if (position != positions.end()) watched.applied = position->second.sequence;
  const bool is_near = watched.applied && *watched.applied + options_.rules.near_head >= head.sequence;
  if (is_seated(store) && (has_moved || is_near)) watched.fine_at = clock_.now_mono();
  // Position 0 is what a copy tells that stepped back; where there are batches it proves nothing.
  const bool has_spoken = position != positions.end() && (position->second.sequence > 0 || head.sequence == 0);
  if (!watched.is_checked && has_spoken && is_near && is_seated(store)) watched.is_checked = is_on_chain(index, position->second, head);
}

bool JournalTrimmer::Worker::is_seated(const std::string& store) const {
  return std::any_of(seats_.begin(), seats_.end(), [&store](const StorePlace& seat) { return seat.store == store; });
}

/// The batch behind the position opens only with the chain the store claims to have reached.
bool JournalTrimmer::Worker::is_on_chain(ShardIndex index, const ShardHead& applied, const ShardHead& head) {
  if (applied.sequence >= head.sequence) return applied == head;
  if (chain_checks_left_ == 0) return false;
  --chain_checks_left_;
  EtcdTxn txn;
  txn.then.push_back(EtcdRead{keys_.batch(index, applied.sequence + 1), {}, 1});
  const auto answers = client_.run({txn});
  if (!answers || answers->each.front().reads.size() != 1 || answers->each.front().reads[0].empty()) return false;
  return check_next(keys_, seal_, index, applied, answers->each.front().reads[0].front()).ok();
}

/// A lost answer costs one round: the next look shows what was done. A compare that failed means another owner or another
/// list, and the look or disown() tells of both.
Status JournalTrimmer::Worker::send(const std::vector<ShardChange>& changes) {
  std::vector<EtcdTxn> txns;
  for (const auto& change : changes) txns.push_back(change.txn);
  const auto answers = client_.run(txns);
  if (!answers) return answers.error();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (answers->each[i].is_done) note_change(changes[i]);
  }
  return Done{};
}

void JournalTrimmer::Worker::note_change(const ShardChange& change) {
  if (!change.list) {
    shards_.at(change.shard).trimmed = change.trim_to;
    return count(&TrimmerStats::trims);
  }
  take_list(change.shard, {*change.list, encode(*change.list)});
  count(&TrimmerStats::lists_written);
}

Status JournalTrimmer::Worker::measure() {
  const auto now = clock_.now_mono();
  if (measured_at_ && now - *measured_at_ < options_.measure_every) return Done{};
  const auto size = client_.plain().measure();
  if (!size) return size.error();
  measured_at_ = now;
  used_bytes_ = size->used_bytes;
  used_at_compaction_ = std::min(used_at_compaction_, used_bytes_);
  const auto room = room_for(used_bytes_, room_, options_.bounds);
  {
    const std::lock_guard lock(mutex_);
    stats_.used_bytes = size->used_bytes;
    stats_.file_bytes = size->file_bytes;
    stats_.room = room;
  }
  if (room == room_) return Done{};
  room_ = room;
  log_warn("cluster", "journal_room", "{}: {} bytes in use", to_string(room), used_bytes_);
  listener_.on_room(room, used_bytes_);
  return Done{};
}

/// What was trimmed gives its room back only when etcd forgets the revisions that still hold it.
Status JournalTrimmer::Worker::compact() {
  const auto now = clock_.now_mono();
  const auto since = now - compacted_at_;
  const bool has_grown = used_bytes_ >= used_at_compaction_ + options_.compact_after_bytes && since >= options_.compact_pause;
  if (shards_.empty() || (since < options_.compact_every && !has_grown)) return Done{};
  if (const auto done = client_.plain().compact(client_.sight().revision); !done) return done;
  compacted_at_ = now;
  used_at_compaction_ = used_bytes_;
  count(&TrimmerStats::compactions);
  return Done{};
}

void JournalTrimmer::Worker::note_stats() {
  std::uint64_t short_of_copies = 0;
  std::uint64_t kept = 0;
  for (const auto& [index, shard] : shards_) {
    const auto list = lists_.find(index);
    std::size_t copies = 0;
    if (list != lists_.end()) {
      for (const auto& replica : list->second.set.stores) copies += replica.state == ReplicaState::in_sync ? 1u : 0u;
    }
    short_of_copies += copies < options_.rules.copies ? 1 : 0;
    kept += head_of(index).sequence - std::min(shard.trimmed, head_of(index).sequence);
  }
  const auto resting = newcomer_watch_.resting_count(clock_.now_mono());
  const std::lock_guard lock(mutex_);
  stats_.newcomers_resting = resting;
  stats_.shards_owned = shards_.size();
  stats_.shards_short = short_of_copies;
  stats_.batches_kept = kept;
}

JournalTrimmer::JournalTrimmer(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
JournalTrimmer::~JournalTrimmer() = default;

Result<std::unique_ptr<JournalTrimmer>> JournalTrimmer::start(Parts parts) {
  if (!is_store_name(parts.own.store)) {
    return invalid_input("the store's name '" + parts.own.store + "' is not 1 to 64 letters, digits, '.', '_' and '-'");
  }
  if (!is_host_name(parts.own.host)) return invalid_input("cluster.host: give the host a name without spaces");
  const auto copies = parts.options.rules.copies;
  if (copies < 1 || copies > max_copies) return invalid_input("cluster.copies: must be from 1 to " + std::to_string(max_copies));
  return std::unique_ptr<JournalTrimmer>(new JournalTrimmer(std::make_unique<Worker>(std::move(parts))));
}
void JournalTrimmer::own(ShardIndex shard, ShardOwner owner) { worker_->own(shard, std::move(owner)); }
void JournalTrimmer::disown(ShardIndex shard) { worker_->disown(shard); }
TrimmerStats JournalTrimmer::stats() const { return worker_->stats(); }

}  // namespace dunlin
