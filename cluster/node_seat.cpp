#include "cluster/node_seat.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

/// A shard this node could not serve is left to others for so long.
constexpr Duration rest_after_giving_back = seconds(10);

constexpr Duration seat_tick = milliseconds(50);

/// Where an owner key stands: who holds it, since when.
struct OwnerSeen {
  std::string incarnation;
  std::int64_t created_at = 0;
};

/// "node-1#5f2c.3" is an incarnation of node-1.
std::string node_of(const std::string& incarnation) { return incarnation.substr(0, incarnation.find('#')); }

/// The lines of a node key.
struct SeatLines {
  StorePlace place;
  std::string addresses;
};

Result<SeatLines> read_seat(std::string_view value) {
  const auto store_end = value.find('\n');
  const auto host_end = store_end == std::string_view::npos ? store_end : value.find('\n', store_end + 1);
  if (host_end == std::string_view::npos || store_end == 0) return Error{Errc::corrupt, "a node key that does not name store and host"};
  return SeatLines{{std::string(value.substr(0, store_end)), std::string(value.substr(store_end + 1, host_end - store_end - 1))},
                   std::string(value.substr(host_end + 1))};
}

}  // namespace

std::string encode_seat(const SeatSettings& settings) { return settings.store_id + "\n" + settings.host + "\n" + settings.addresses; }

Result<StorePlace> decode_seat(std::string_view value) {
  auto seat = read_seat(value);
  if (!seat) return seat.error();
  return std::move(seat->place);
}

class NodeSeat::Sitter {
 public:
  Sitter(std::unique_ptr<EtcdClient> client, SeatSettings settings, SeatListener& listener, ThreadHost& threads)
      : client_(std::move(client)), settings_(std::move(settings)), listener_(listener), keys_(settings_.cluster),
        clock_(threads.clock()), membership_(settings_.node_id, settings_.life, settings_.rules), wake_(threads.make_signal()),
        thread_(threads.start("seat", [this] { run(); })) {}
  ~Sitter() { stop(true); }

  void give_back(ShardIndex shard) {
    const std::lock_guard lock(mutex_);
    to_give_back_.insert(shard);
  }

  void stop(bool gives_back) {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_->notify();
    if (thread_ == nullptr) return;
    thread_->join();
    thread_.reset();
    if (gives_back && membership_.lease() != 0) static_cast<void>(client_->revoke_lease(membership_.lease()));
  }

 private:
  void run();
  void keep_membership();
  void grant();
  void put_node_key();
  void renew();
  void tell_may_originate();
  void look_around();
  bool look_at_lists();
  std::vector<ShardIndex> wanted_shards(const std::vector<EtcdRow>& nodes) const;
  void note_owners(const std::vector<EtcdRow>& owners);
  void claim(const std::vector<ShardIndex>& wanted);
  EtcdTxn claim_txn(ShardIndex shard) const;
  void win(ShardIndex shard, std::int64_t created_at);
  void lose_all();
  void give_back_asked();
  void tell_unwanted(const std::vector<EtcdRow>& nodes, const std::vector<ShardIndex>& wanted, MonoTime now);
  void tell_view(const std::vector<EtcdRow>& nodes) const;

  std::unique_ptr<EtcdClient> client_;
  const SeatSettings settings_;
  SeatListener& listener_;
  const JournalKeys keys_;
  const Clock& clock_;
  Membership membership_;
  bool has_told_may_ = false;
  std::optional<MonoTime> looked_at_;
  std::map<ShardIndex, ReplicaSet> lists_;
  std::int64_t lists_since_ = 0;                     ///< Lists put earlier were seen.
  std::map<ShardIndex, OwnerSeen> owners_;           ///< As of the last look.
  std::map<ShardIndex, std::int64_t> won_;           ///< Ours, with the owner key's create_revision.

  std::map<std::string, std::int64_t> seats_seen_;   ///< Node keys and since when they stand.
  MonoTime seats_since_;
  std::map<ShardIndex, MonoTime> resting_;           ///< Given back: not claimed before.

  std::mutex mutex_;                                 ///< Of the next three.
  const std::unique_ptr<ThreadSignal> wake_;
  bool is_stopping_ = false;
  std::set<ShardIndex> to_give_back_;
  std::unique_ptr<HostedThread> thread_;             ///< Null: it has ended. Last: it uses all of the above.
};

void NodeSeat::Sitter::run() {
  for (;;) {
    keep_membership();
    tell_may_originate();
    const auto now = clock_.now_mono();
    if (membership_.state() == MembershipState::member && (!looked_at_ || now - *looked_at_ >= settings_.look_every)) {
      looked_at_ = now;
      give_back_asked();
      look_around();
    }
    std::unique_lock lock(mutex_);
    if (wait_until(*wake_, lock, clock_, seat_tick, [this] { return is_stopping_; })) return;
  }
}

void NodeSeat::Sitter::keep_membership() {
  switch (membership_.on_tick(clock_.now_mono())) {
    case MembershipAsk::nothing:
      return;
    case MembershipAsk::grant_lease:
      return grant();
    case MembershipAsk::put_node_key:
      return put_node_key();
    case MembershipAsk::renew_lease:
      return renew();
  }
}

void NodeSeat::Sitter::grant() {
  const auto asked_at = clock_.now_mono();
  const auto lease = client_->grant_lease((settings_.rules.lease_ttl.ms + 999) / 1000);
  membership_.on_granted(lease ? std::optional(lease->id) : std::nullopt, asked_at);
}

/// The key of a former life stays until its lease ends; a node waits for that rather than take it over.
void NodeSeat::Sitter::put_node_key() {
  const auto asked_at = clock_.now_mono();
  const auto key = keys_.node(settings_.node_id);
  const auto put = client_->run({{EtcdCompare::absent(key)}, {EtcdPut{key, encode_seat(settings_), membership_.lease()}}, {}});
  std::optional<std::int64_t> created_at;
  // Our own put may have been executed without an answer: whose key stands there, its lease tells.
  const auto stands = put ? client_->read({key, {}, 1}) : Result<EtcdReadAnswer>(put.error());
  if (stands && !stands->rows.empty() && stands->rows.front().lease == membership_.lease()) created_at = stands->rows.front().created_at;
  membership_.on_node_key(created_at, asked_at);
  if (membership_.state() != MembershipState::member) return;
  looked_at_.reset();
  listener_.on_seated({membership_.incarnation(), membership_.node_created_at()});
}

void NodeSeat::Sitter::renew() {
  const auto asked_at = clock_.now_mono();
  const auto lease = client_->keep_alive(membership_.lease());
  if (membership_.on_renewed(lease ? std::optional(lease->ttl_s) : std::nullopt, asked_at)) lose_all();
}

void NodeSeat::Sitter::lose_all() {
  won_.clear();
  owners_.clear();
  listener_.on_unseated();
}

void NodeSeat::Sitter::tell_may_originate() {
  const bool may = membership_.may_originate(clock_.now_mono());
  if (may == has_told_may_) return;
  has_told_may_ = may;
  listener_.on_may_originate(may);
}

/// One look at nodes and owners; then what is ours to have and has no owner is claimed.
void NodeSeat::Sitter::look_around() {
  const auto nodes = client_->read({keys_.node(""), range_end_of(keys_.node("")), 0});
  if (!nodes) return;
  if (!look_at_lists()) return;
  const auto owners = client_->read({keys_.owners(), range_end_of(keys_.owners()), 0});
  if (!owners) return;
  note_owners(owners->rows);
  tell_view(nodes->rows);
  std::vector<ShardIndex> free;
  const auto now = clock_.now_mono();
  const auto wanted = wanted_shards(nodes->rows);
  tell_unwanted(nodes->rows, wanted, now);
  for (const ShardIndex shard : wanted) {
    const auto resting = resting_.find(shard);
    const bool may_claim = resting == resting_.end() || resting->second <= now;
    if (owners_.count(shard) == 0 && may_claim) free.push_back(shard);
  }
  for (std::size_t at = 0; at < free.size(); at += max_txns_per_request) {
    const auto end = std::min(free.size(), at + max_txns_per_request);
    claim({free.begin() + static_cast<std::ptrdiff_t>(at), free.begin() + static_cast<std::ptrdiff_t>(end)});
  }
}

/// What was put since the last look. A list that cannot be read names nobody.
bool NodeSeat::Sitter::look_at_lists() {
  const auto lists = client_->read({keys_.replica_lists(), range_end_of(keys_.replica_lists()), 0, lists_since_});
  if (!lists) return false;
  lists_since_ = lists->revision + 1;
  for (const auto& row : lists->rows) {
    auto set = decode_replica_set(row.value);
    if (const auto shard = shard_in(row.key.substr(keys_.replica_lists().size()))) lists_[*shard] = set ? std::move(*set) : ReplicaSet{};
  }
  return true;
}

std::vector<ShardIndex> NodeSeat::Sitter::wanted_shards(const std::vector<EtcdRow>& nodes) const {
  std::vector<StorePlace> stores;
  for (const auto& node : nodes) {
    if (auto place = decode_seat(node.value)) stores.push_back(std::move(*place));
  }
  std::vector<ShardIndex> wanted;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto list = lists_.find(shard);
    const auto owner = owner_for(shard, stores, list == lists_.end() ? nullptr : &list->second);
    if (owner && owner->store == settings_.store_id) wanted.push_back(shard);
  }
  return wanted;
}

/// What etcd says wins over what we remember: a shard whose key is gone or another's is lost, one of ours we had not heard
/// of (a claim whose answer was lost) is won.
void NodeSeat::Sitter::note_owners(const std::vector<EtcdRow>& rows) {
  owners_.clear();
  const auto prefix_size = keys_.owners().size();
  for (const auto& row : rows) {
    if (const auto shard = shard_in(row.key.substr(prefix_size))) owners_[*shard] = {row.value, row.created_at};
  }
  for (auto at = won_.begin(); at != won_.end();) {
    const auto seen = owners_.find(at->first);
    const bool is_still_ours = seen != owners_.end() && seen->second.incarnation == membership_.incarnation() && seen->second.created_at == at->second;
    if (!is_still_ours) listener_.on_shard_lost(at->first);
    at = is_still_ours ? std::next(at) : won_.erase(at);
  }
  for (const auto& [shard, owner] : owners_) {
    if (owner.incarnation == membership_.incarnation() && won_.count(shard) == 0) win(shard, owner.created_at);
  }
}

EtcdTxn NodeSeat::Sitter::claim_txn(ShardIndex shard) const {
  EtcdTxn txn;
  txn.compares = {EtcdCompare::absent(keys_.owner(shard)), EtcdCompare::created(keys_.node(settings_.node_id), membership_.node_created_at())};
  txn.then = {EtcdPut{keys_.owner(shard), membership_.incarnation(), membership_.lease()}};
  return txn;
}

/// A lost answer costs one look: the next one finds what was claimed.
void NodeSeat::Sitter::claim(const std::vector<ShardIndex>& wanted) {
  std::vector<EtcdTxn> txns;
  for (const ShardIndex shard : wanted) txns.push_back(claim_txn(shard));
  const auto reply = client_->post("/v3/kv/txn", encode_txns(txns));
  if (reply.fate != EtcdFate::answered) return;
  const auto answers = parse_txns(reply.body, wanted.size());
  if (!answers) return;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (answers->each[i].is_done) win(wanted[i], answers->revision);
  }
}

/// Moves wait until the set of nodes is the same for a while: one that restarts gets its shards back without two moves.
void NodeSeat::Sitter::tell_unwanted(const std::vector<EtcdRow>& nodes, const std::vector<ShardIndex>& wanted, MonoTime now) {
  std::map<std::string, std::int64_t> seats;
  for (const auto& node : nodes) seats[node.key] = node.created_at;
  if (seats != seats_seen_) {
    seats_seen_ = std::move(seats);
    seats_since_ = now;
  }
  if (now - seats_since_ < settings_.settle_before_moves) return;
  std::size_t told = 0;
  for (const auto& [shard, created_at] : won_) {
    if (std::binary_search(wanted.begin(), wanted.end(), shard)) continue;
    if (++told > settings_.moves_per_look) return;
    listener_.on_shard_unwanted(shard);
  }
}

/// The key goes only if it is the one that was won: a lost answer is found by the next look, which wins the shard anew.
void NodeSeat::Sitter::give_back_asked() {
  std::set<ShardIndex> asked;
  {
    const std::lock_guard lock(mutex_);
    asked.swap(to_give_back_);
  }
  for (const ShardIndex shard : asked) {
    const auto own = won_.find(shard);
    if (own == won_.end()) continue;
    resting_[shard] = clock_.now_mono() + rest_after_giving_back;
    const auto key = keys_.owner(shard);
    if (!client_->run({{EtcdCompare::created(key, own->second)}, {EtcdErase{key, {}}}, {}})) {
      // Not known whether it is gone: asked again, or the shard would be ours and nobody's.
      give_back(shard);
      continue;
    }
    won_.erase(own);
    listener_.on_shard_lost(shard);
  }
}

void NodeSeat::Sitter::tell_view(const std::vector<EtcdRow>& nodes) const {
  SeatView view;
  const auto prefix_size = keys_.node("").size();
  for (const auto& node : nodes) {
    const auto seat = read_seat(node.value);
    view.seats.push_back({node.key.substr(prefix_size), seat ? seat->addresses : std::string()});
  }
  for (const auto& [shard, owner] : owners_) view.owners[shard] = {node_of(owner.incarnation), owner.created_at};
  listener_.on_looked(view);
}

void NodeSeat::Sitter::win(ShardIndex shard, std::int64_t created_at) {
  won_[shard] = created_at;
  listener_.on_shard_won(shard, created_at);
}

NodeSeat::NodeSeat(std::unique_ptr<Sitter> sitter) : sitter_(std::move(sitter)) {}
NodeSeat::~NodeSeat() = default;
void NodeSeat::give_back(ShardIndex shard) { sitter_->give_back(shard); }
void NodeSeat::vanish() { sitter_->stop(false); }

Result<std::unique_ptr<NodeSeat>> NodeSeat::start(EtcdAccess access, SeatSettings settings, SeatListener& listener) {
  auto client = EtcdClient::make(std::move(access));
  if (!client) return client.error();
  return start(std::move(*client), std::move(settings), listener, system_threads());
}

Result<std::unique_ptr<NodeSeat>> NodeSeat::start(std::unique_ptr<EtcdClient> client, SeatSettings settings, SeatListener& listener, ThreadHost& threads) {
  if (settings.node_id.empty() || settings.node_id.find_first_of("/#\n") != std::string::npos) return invalid_input("cluster.node_id: give this node a name without '/' and '#'");
  if (!is_store_name(settings.store_id) || !is_host_name(settings.host)) {
    return invalid_input("a store's id has letters, digits, '.', '_' and '-' only, and cluster.host is one word");
  }
  return std::unique_ptr<NodeSeat>(new NodeSeat(std::make_unique<Sitter>(std::move(client), std::move(settings), listener, threads)));
}

}  // namespace dunlin
