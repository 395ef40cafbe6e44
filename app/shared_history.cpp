#include "app/shared_history.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include "actors/contracts/region.hpp"
#include "app/cluster_belonging.hpp"
#include "app/cluster_place.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"
#include "storage/embedded_journal.hpp"

namespace dunlin {
namespace {

/// What the other nodes need to know of this one: "LIFE ADDRESS", which life of it sits there and where its link listens.
struct SeatWords {
  std::uint64_t life = 0;
  std::string address;
};
std::optional<SeatWords> decode_words(const std::string& text) {
  SeatWords words;
  std::istringstream in(text);
  if (in >> words.life >> words.address) return words;
  return std::nullopt;
}

/// After an etcd that did not tell a shard's tail.
constexpr Duration pause_before_owning_again = milliseconds(500);
constexpr Duration owning_patience = seconds(60);
constexpr Duration pause_between_looks = seconds(10);

/// The document that keeps how far the journal was seen; of this store alone.
constexpr const char* sight_kind = "journal_sight";

Error no_seat() { return {Errc::unavailable, "this node has no seat in its cluster now: nothing is committed"}; }

}  // namespace

Result<std::unique_ptr<SharedHistory>> SharedHistory::open(const NodeSettings& settings, Store& store) {
  auto secret = read_cluster_secret(settings.cluster.secret_file);
  if (!secret) return secret.error();
  auto access = etcd_access_of(settings.cluster);
  const auto checked = check_access(access);
  if (!checked) return checked.error();
  const auto belongs = check_belongs({settings.cluster.name, settings.node_name, access, *secret}, store);
  if (!belongs) return belongs.error();
  return std::unique_ptr<SharedHistory>(new SharedHistory(settings, store, std::move(access), *secret));
}

SharedHistory::~SharedHistory() { stop(); }

StorePlace SharedHistory::own_place() const {
  return store_place(settings_, store_);
}

Status SharedHistory::start(const NodeContext& context, caf::actor link, caf::actor taker) {
  context_ = &context;
  link_ = std::move(link);
  taker_ = std::move(taker);
  view_.name = settings_.cluster.name;
  const Status replicas = start_replicas();
  if (!replicas) return replicas;
  const Status seated = take_seat();
  if (!seated) return seated;
  thread_ = std::thread([this] { run(); });
  return Done{};
}

Result<std::optional<JournalSight>> SharedHistory::sight_of_former_life() const {
  const auto document = store_.documents().get(sight_kind, settings_.cluster.name);
  if (!document) return document.error();
  if (!document->has_value()) return std::optional<JournalSight>();
  JournalSight sight;
  std::istringstream words((*document)->bytes);
  if (words >> sight.cluster_id >> sight.revision) return std::optional(sight);
  return Error{Errc::corrupt, "how far the journal was seen cannot be read"};
}

/// Every shard is followed until it is ours.
Status SharedHistory::start_replicas() {
  const auto seen = sight_of_former_life();
  if (!seen) return seen.error();
  auto for_follower = client();
  if (!for_follower) return for_follower.error();
  auto for_trimmer = client();
  if (!for_trimmer) return for_trimmer.error();
  const std::string& cluster = settings_.cluster.name;
  follower_ = ReplicaFollower::start({std::move(*for_follower), store_.shards(), store_.store_id(), cluster, secret_, *this, *seen, {}});
  TrimmerOptions options;
  options.rules.copies = static_cast<std::size_t>(settings_.cluster.copies);
  options.rules.can_seed = true;
  auto trimmer = JournalTrimmer::start({std::move(*for_trimmer), store_.shards(), own_place(), cluster, secret_, *this, *seen, options});
  if (!trimmer) return trimmer.error();
  trimmer_ = std::move(*trimmer);
  for (ShardIndex shard = 0; shard < shard_count; ++shard) follower_->follow(shard);
  return Done{};
}

Status SharedHistory::take_seat() {
  SeatSettings seat;
  seat.cluster = settings_.cluster.name;
  seat.node_id = settings_.node_name;
  seat.store_id = store_.store_id();
  seat.host = own_place().host;
  seat.life = context_->incarnation;
  seat.addresses = std::to_string(context_->incarnation) + " " + settings_.cluster.link_address();
  seat.rules.lease_ttl = seconds(settings_.cluster.lease_ttl_s);
  seat.rules.renew_every = milliseconds(settings_.cluster.lease_ttl_s * 325);
  auto taken = NodeSeat::start(access_, std::move(seat), *this);
  if (!taken) return taken.error();
  seat_ = std::move(*taken);
  return Done{};
}

/// The journal ends before the seat is given back: who takes over finds nothing under way.
void SharedHistory::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  trimmer_.reset();
  end_journal();
  seat_.reset();
  follower_.reset();
}

void SharedHistory::run() {
  pthread_setname_np(pthread_self(), "history");
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      const auto longest = to_own_again_.empty() ? pause_between_looks : pause_before_owning_again;
      wake_.wait_for(lock, std::chrono::milliseconds(longest.ms), [this] { return is_stopping_ || !works_.empty(); });
      if (is_stopping_) return;
      if (!works_.empty()) {
        work = std::move(works_.front());
        works_.pop_front();
      }
    }
    if (work) work();
    else sweep_lines();
    own_again();
  }
}

/// Now and then, when there is nothing else to do.
void SharedHistory::sweep_lines() {
  const MonoTime now = context_->clock->now_mono();
  if (now < next_sweep_) return;
  next_sweep_ = now + minutes(5);
  const auto etcd = client();
  const auto freed = etcd ? sweeper_.sweep(**etcd, now) : Result<std::size_t>(etcd.error());
  if (!freed) log_warn("cluster", "lines_not_swept", "{}", freed.error().detail);
  else if (*freed > 0) log_info("cluster", "lines_freed", "count={} of attempts whose end nobody knows", *freed);
}

/// What membership says about one shard comes at most once a look, so the queue is bounded by the shards.
void SharedHistory::enqueue(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(work));
  }
  wake_.notify_one();
}

/// A disk that cannot be measured counts as full.
bool SharedHistory::is_disk_low() const {
  const auto free = free_space_of(settings_.data_folder);
  return !free || *free < static_cast<std::uint64_t>(settings_.min_free_mb) << 20;
}

/// Commits look at the disk once a second.
CommitBounds SharedHistory::bounds_now() {
  const MonoTime now = context_->clock->now_mono();
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    is_due = now >= measure_at_;
    if (is_due) measure_at_ = now + seconds(1);
  }
  // A disk that hangs may hold up this commit, not everybody who asks for an owner.
  const bool is_low = is_due && is_disk_low();
  const std::lock_guard lock(mutex_);
  if (is_due) view_.is_low_on_space = is_low;
  return {view_.is_low_on_space, view_.has_gone_back};
}

void SharedHistory::commit(CommitRequest request, CommitCompletion done) {
  if (auto refusal = refusal_by(bounds_now(), request)) return done(std::move(*refusal));
  {
    const std::shared_lock lock(journal_mutex_);
    if (journal_) return journal_->commit(std::move(request), std::move(done));
  }
  done(no_seat());
}

std::optional<ShardHolder> SharedHistory::holder_of(ShardIndex shard) const {
  const std::lock_guard lock(mutex_);
  const auto owner = view_.seats.owners.find(shard);
  if (owner == view_.seats.owners.end() || owner->second.node_id == settings_.node_name) return std::nullopt;
  return ShardHolder{owner->second.node_id, owner->second.epoch};
}

std::optional<std::int64_t> SharedHistory::served_epoch(ShardIndex shard) const {
  const std::lock_guard lock(mutex_);
  return served_[shard];
}

std::int64_t SharedHistory::epoch_of(ShardIndex shard) const {
  const std::lock_guard lock(mutex_);
  const auto owner = view_.seats.owners.find(shard);
  return owner == view_.seats.owners.end() ? 0 : owner->second.epoch;
}

std::optional<std::uint64_t> SharedHistory::life_of(const std::string& node_id) const {
  const std::lock_guard lock(mutex_);
  const auto life = lives_.find(node_id);
  return life == lives_.end() ? std::nullopt : std::optional(life->second);
}

ClusterView SharedHistory::view() const {
  ClusterView view;
  {
    const std::lock_guard lock(mutex_);
    view = view_;
    view.shards_served = static_cast<std::size_t>(std::count_if(served_.begin(), served_.end(), [](const auto& epoch) { return epoch.has_value(); }));
  }
  view.is_low_on_space = is_disk_low();
  if (follower_) view.follower = follower_->stats();
  if (trimmer_) view.trimmer = trimmer_->stats();
  const std::shared_lock lock(journal_mutex_);
  if (journal_) view.journal = journal_->stats();
  return view;
}

void SharedHistory::on_seated(const SeatedNode& node) {
  enqueue([this, node] { begin_journal(node); });
}

void SharedHistory::on_unseated() {
  enqueue([this] { end_journal(); });
}

void SharedHistory::on_may_originate(bool may) {
  {
    const std::lock_guard lock(mutex_);
    view_.may_originate = may;
  }
  if (may) log_info("cluster", "may_originate", "node={}", settings_.node_name);
  else log_warn("cluster", "suspended", "node={} no new attempts until the cluster's journal answers; talks go on", settings_.node_name);
  tell_may_originate();
}

void SharedHistory::tell_may_originate() {
  const std::lock_guard lock(mutex_);
  post(context_->edge, msg::MayOriginate{view_.may_originate && room_ == JournalRoom::enough && !view_.has_gone_back && !is_forbidden_to_originate_});
}

void SharedHistory::on_needs_seed(ShardIndex shard, const Error& why) {
  log_info("cluster", "copy_wanted", "shard={} {}", shard, why.detail);
  post(taker_, msg::SeedShard{shard});
}

void SharedHistory::on_went_back(const Error& why) {
  note_trouble("the journal went back, nobody dials here until an operator has looked: " + why.detail);
  {
    const std::lock_guard lock(mutex_);
    view_.has_gone_back = true;
  }
  tell_may_originate();
}

void SharedHistory::on_seen(const JournalSight& sight) {
  const auto text = std::to_string(sight.cluster_id) + " " + std::to_string(sight.revision);
  store_.documents().put({sight_kind, settings_.cluster.name, text, std::nullopt}, [](const Result<std::uint64_t>& written) {
    if (!written) log_warn("cluster", "sight_not_kept", "{}", written.error().detail);
  });
}

void SharedHistory::on_room(JournalRoom room, std::uint64_t used_bytes) {
  if (room == JournalRoom::enough) log_info("cluster", "journal_room", "used_mb={}", used_bytes >> 20);
  else note_trouble("etcd holds " + std::to_string(used_bytes >> 20) + " MiB: " + std::string(to_string(room)) + " until it is trimmed");
  {
    const std::lock_guard lock(mutex_);
    room_ = room;
  }
  {
    const std::shared_lock lock(journal_mutex_);
    if (journal_) journal_->set_room(room);
  }
  tell_may_originate();
}

void SharedHistory::on_shard_won(ShardIndex shard, std::int64_t owner_created_at) {
  enqueue([this, shard, owner_created_at] { serve(shard, owner_created_at); });
}

void SharedHistory::on_shard_lost(ShardIndex shard) {
  enqueue([this, shard] { let_go(shard); });
}

void SharedHistory::on_shard_unwanted(ShardIndex shard) {
  enqueue([this, shard] { hand_back(shard); });
}

void SharedHistory::on_looked(const SeatView& view) {
  std::vector<std::string> begun_anew;
  msg::SetPeers peers;
  {
    const std::lock_guard lock(mutex_);
    view_.seats = view;
    // Who is not seen may come back in a life that was missed here: only what sits now is known.
    std::map<std::string, std::uint64_t> former;
    former.swap(lives_);
    for (const SeenSeat& seat : view.seats) {
      const auto words = decode_words(seat.addresses);
      if (!words) continue;
      if (seat.node_id != settings_.node_name) peers.peers.push_back({seat.node_id, words->address});
      lives_[seat.node_id] = words->life;
      const auto known = former.find(seat.node_id);
      if (known == former.end() || known->second != words->life) begun_anew.push_back(seat.node_id);
    }
  }
  post(link_, std::move(peers));
  for (const auto& node_id : begun_anew) {
    for (const caf::actor& shard : context_->shards) post(shard, msg::NodeBeganAnew{node_id});
  }
}

/// The first node of a new cluster opens the gate; afterwards only an operator does.
Result<std::string> SharedHistory::open_gate() {
  const auto opened = client();
  if (!opened) return opened.error();
  EtcdClient& etcd = **opened;
  const JournalKeys keys(settings_.cluster.name);
  const auto put = etcd.run({{EtcdCompare::absent(keys.gate())}, {EtcdPut{keys.gate(), "open 1", 0}}, {}});
  if (!put) return put.error();
  const auto stands = etcd.read({keys.gate(), {}, 1});
  if (!stands) return stands.error();
  return stands->rows.empty() ? std::string() : stands->rows.front().value;
}

void SharedHistory::begin_journal(const SeatedNode& node) {
  end_journal();
  auto gate = open_gate();
  while (!gate && !is_ending()) {
    note_trouble("the gate cannot be read, asking again: " + gate.error().detail);
    SystemClock::wait(milliseconds(500));
    gate = open_gate();
  }
  if (!gate) note_trouble("the gate cannot be read: " + gate.error().detail);
  const bool is_open = gate && gate->rfind("open ", 0) == 0;
  if (gate && !is_open) note_trouble("the cluster's gate is closed: nobody dials until an operator opens it");
  auto for_journal = client();
  if (!for_journal) return note_trouble(for_journal.error().detail);
  owner_ = {settings_.node_name, node.incarnation, node.node_created_at, 0};
  EtcdJournal::Parts parts{std::move(*for_journal),
                           store_.shards(),
                           store_.permit_desk(),
                           {settings_.cluster.name, settings_.node_name, node.incarnation, node.node_created_at, is_open ? *gate : "no gate of " + node.incarnation},
                           secret_,
                           {},
                           [this](const LostShard& lost) { enqueue([this, lost] { on_lost(lost); }); }};
  auto journal = EtcdJournal::start(std::move(parts));
  {
    const std::lock_guard lock(mutex_);
    journal->set_room(room_);
  }
  {
    const std::unique_lock lock(journal_mutex_);
    journal_ = std::move(journal);
  }
  const std::lock_guard lock(mutex_);
  view_.incarnation = node.incarnation;
  view_.gate = gate ? *gate : "";
  log_info("cluster", "seated", "node={} incarnation={} gate=\"{}\"", settings_.node_name, node.incarnation, view_.gate);
}

bool SharedHistory::is_ending() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

/// The incarnation is over: nothing is committed in its name any more (I9).
void SharedHistory::end_journal() {
  std::unique_ptr<EtcdJournal> ended;
  {
    const std::unique_lock lock(journal_mutex_);
    ended = std::move(journal_);
  }
  if (!ended) return;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) let_go(shard);
  ended.reset();
  const std::lock_guard lock(mutex_);
  log_warn("cluster", "unseated", "node={} incarnation={}", settings_.node_name, view_.incarnation);
  view_.incarnation.clear();
}

void SharedHistory::serve(ShardIndex shard, std::int64_t owner_created_at) {
  const std::shared_lock lock(journal_mutex_);
  if (!journal_) return;
  won_[shard] = owner_created_at;
  follower_->unfollow(shard);
  own(shard, owner_created_at);
}

/// With the journal's lock held.
void SharedHistory::own(ShardIndex shard, std::int64_t owner_created_at) {
  journal_->own(shard, owner_created_at, [this, shard, owner_created_at](const Status& owned) {
    enqueue([this, shard, owner_created_at, owned] { on_owned(shard, owner_created_at, owned); });
  });
}

/// The shard may have been lost while its tail was read.
void SharedHistory::on_owned(ShardIndex shard, std::int64_t owner_created_at, const Status& owned) {
  if (won_[shard] != owner_created_at) return;
  if (!owned) return on_not_owned(shard, owner_created_at, owned.error());
  silent_since_.erase(shard);
  {
    const std::lock_guard lock(mutex_);
    served_[shard] = owner_created_at;
  }
  owner_.owner_created_at = owner_created_at;
  trimmer_->own(shard, owner_);
  post(context_->shards[shard], msg::ShardOwned{owner_created_at});
}

/// An etcd that did not answer says nothing about the copy: the shard stays ours and is asked about again. When the lease lives
/// on and the answer still does not come, another copy may be nearer to it.
void SharedHistory::on_not_owned(ShardIndex shard, std::int64_t owner_created_at, const Error& why) {
  const bool is_etcd = why.code == Errc::unavailable || why.code == Errc::denied;
  const MonoTime now = context_->clock->now_mono();
  const MonoTime since = silent_since_.try_emplace(shard, now).first->second;
  if (is_etcd && now - since < owning_patience) {
    note_trouble("etcd does not tell where the journal of won shards ends, asking again: " + why.detail);
    if (to_own_again_.empty()) own_again_at_ = now + pause_before_owning_again;
    to_own_again_[shard] = owner_created_at;
    return;
  }
  note_trouble("shard " + std::to_string(shard) + " cannot be served: " + why.detail);
  let_go(shard);
  if (why.code != Errc::conflict) step_back(shard, owner_created_at);
  seat_->give_back(shard);
}

void SharedHistory::own_again() {
  if (to_own_again_.empty() || context_->clock->now_mono() < own_again_at_) return;
  const std::shared_lock lock(journal_mutex_);
  const auto again = std::exchange(to_own_again_, {});
  if (!journal_) return;
  for (const auto& [shard, owner_created_at] : again) {
    if (won_[shard] == owner_created_at) own(shard, owner_created_at);
  }
}

void SharedHistory::let_go(ShardIndex shard) {
  won_[shard] = 0;
  silent_since_.erase(shard);
  {
    const std::lock_guard lock(mutex_);
    served_[shard].reset();
  }
  post(context_->shards[shard], msg::ShardLost{});
  if (trimmer_) trimmer_->disown(shard);
  {
    const std::shared_lock lock(journal_mutex_);
    if (journal_) journal_->disown(shard);
  }
  follower_->follow(shard);
}

/// Ours by its key still: for another node to claim.
void SharedHistory::hand_back(ShardIndex shard) {
  let_go(shard);
  seat_->give_back(shard);
}

/// News of a former ownership say nothing about the present one.
void SharedHistory::on_lost(const LostShard& lost) {
  if (won_[lost.shard] != lost.owner_created_at) return;
  note_trouble("shard " + std::to_string(lost.shard) + ": " + lost.why.detail);
  let_go(lost.shard);
  if (lost.is_own_store) step_back(lost.shard, lost.owner_created_at);
  seat_->give_back(lost.shard);
}

/// What is tried again and fails again is told once.
void SharedHistory::note_trouble(const std::string& what) {
  {
    const std::lock_guard lock(mutex_);
    if (view_.trouble == what) return;
    view_.trouble = what;
  }
  log_error("cluster", "trouble", "{}", what);
}

}  // namespace dunlin
