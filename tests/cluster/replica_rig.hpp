#pragma once
// Nodes that hold copies: an owner with its journal and trimmer, followers with stores of their own, over a real etcd.
// Membership's part (seats and owner keys) is played by the test.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cluster/journal_trimmer.hpp"
#include "cluster/node_seat.hpp"
#include "cluster/replica_follower.hpp"
#include "config/clock.hpp"
#include "tests/cluster/etcd_journal_rig.hpp"

namespace dunlin::test {

template <class Condition>
bool replica_comes_to(Condition condition) {
  constexpr int patience_ms = 60'000;
  for (int waited_ms = 0; waited_ms < patience_ms; waited_ms += 10) {
    if (condition()) return true;
    SystemClock::wait(milliseconds(10));
  }
  return false;
}

/// What a node's replica threads said; they say it on threads of their own.
class ReplicaNotes final : public ReplicaListener, public TrimmerListener {
 public:
  void on_needs_seed(ShardIndex shard, const Error&) override {
    const std::lock_guard lock(mutex_);
    seeds_.insert(shard);
  }
  void on_went_back(const Error& why) override {
    const std::lock_guard lock(mutex_);
    went_back_ = why.detail;
  }
  void on_seen(const JournalSight& sight) override {
    const std::lock_guard lock(mutex_);
    sight_ = sight;
  }
  void on_room(JournalRoom room, std::uint64_t) override {
    const std::lock_guard lock(mutex_);
    rooms_.push_back(room);
  }
  std::set<ShardIndex> seeds() const {
    const std::lock_guard lock(mutex_);
    return seeds_;
  }
  std::string went_back() const {
    const std::lock_guard lock(mutex_);
    return went_back_;
  }
  std::optional<JournalSight> sight() const {
    const std::lock_guard lock(mutex_);
    return sight_;
  }
  std::vector<JournalRoom> rooms() const {
    const std::lock_guard lock(mutex_);
    return rooms_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<ShardIndex> seeds_;
  std::string went_back_;
  std::optional<JournalSight> sight_;
  std::vector<JournalRoom> rooms_;
};

inline std::unique_ptr<EtcdClient> client_over(const FaultyWire& wire, const EtcdProcess& etcd) {
  auto access = etcd.access();
  access.members = {"http://127.0.0.1:" + std::to_string(wire.port())};
  return JournalRig::must(EtcdClient::make(access));
}

/// A node that holds copies and owns nothing.
struct FollowerRig {
  FollowerRig(const EtcdProcess& etcd_process, std::string node_name) : etcd(etcd_process), name(std::move(node_name)), wire(etcd.port()) {}
  void start(std::optional<JournalSight> seen = std::nullopt) {
    FollowerOptions options;
    options.poll_every = milliseconds(10);
    options.report_every = milliseconds(20);
    options.back_off = {milliseconds(10), milliseconds(50)};
    follower = ReplicaFollower::start({client_over(wire, etcd), *store, "store-" + name, "test", ClusterSecret{9}, notes, seen, options});
    for (const auto shard : {ShardIndex{1}, ShardIndex{2}, ShardIndex{3}}) follower->follow(shard);
  }
  void stop() { follower.reset(); }
  StorePlace place() const { return {"store-" + name, "host-" + name}; }
  bool has_image(ShardIndex shard, const MemoryStore& owner) const { return store->image(shard) == owner.image(shard); }

  const EtcdProcess& etcd;
  const std::string name;
  FaultyWire wire;
  ReplicaNotes notes;
  std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();
  std::unique_ptr<ReplicaFollower> follower;
};

/// Node a: owns shards 1 to 3, writes, lists and trims.
struct OwnerRig {
  explicit OwnerRig(const EtcdProcess& etcd_process) : etcd(etcd_process), wire(etcd.port()), journal(etcd) {
    for (const auto shard : shards) created_at.push_back(journal.claim(shard));
    for (std::size_t i = 0; i < shards.size(); ++i) EXPECT_TRUE(journal.journal->own_and_wait(shards[i], created_at[i]).ok());
    sit("a");
  }
  void sit(const std::string& name) {
    SeatSettings seat;
    seat.store_id = "store-" + name;
    seat.host = "host-" + name;
    put(keys.node(name), encode_seat(seat));
  }
  void leave(const std::string& name) { EXPECT_TRUE(journal.keeper->run({{}, {EtcdErase{keys.node(name), {}}}, {}}).ok()); }
  void put(const std::string& key, const std::string& value) { EXPECT_TRUE(journal.keeper->run({{}, {EtcdPut{key, value}}, {}}).ok()); }
  void list(const std::vector<StorePlace>& places) {
    ReplicaSet set{1, {}};
    for (const auto& place : places) set.stores.push_back({place, ReplicaState::in_sync});
    for (const auto shard : shards) put(keys.replicas(shard), encode(set));
  }
  /// Commits so many batches, round the shards.
  void write(int batches) {
    for (int i = 0; i < batches; ++i) write_to(shards[static_cast<std::size_t>(i) % shards.size()]);
  }
  void write_to(ShardIndex shard) {
    const auto body = "row " + std::to_string(++written);
    EXPECT_TRUE(journal.commit(commit_of(case_in(shard, static_cast<std::uint64_t>(written)), 0, {body})).ok());
  }
  void start_trimmer(TrimmerOptions options = {}) {
    options.look_every = milliseconds(20);
    options.back_off = {milliseconds(10), milliseconds(50)};
    trimmer = JournalRig::must(JournalTrimmer::start({client_over(wire, etcd), *journal.store, {"store-a", "host-a"}, "test", ClusterSecret{9}, notes, {}, options}));
    for (std::size_t i = 0; i < shards.size(); ++i) trimmer->own(shards[i], owner_of(i));
  }
  ShardOwner owner_of(std::size_t i) const { return {"a", journal.node.incarnation, journal.node.node_created_at, created_at[i]}; }
  ShardHead head(ShardIndex shard) const { return JournalRig::must(journal.store->applied(shard)); }
  std::string value(const std::string& key) const {
    const auto rows = JournalRig::must(journal.keeper->read({key, {}, 1})).rows;
    return rows.empty() ? "" : rows.front().value;
  }
  /// The batches that stand in etcd for a shard.
  std::size_t kept(ShardIndex shard) const {
    return JournalRig::must(journal.keeper->read({keys.batch(shard, 0), keys.batch(shard, UINT64_MAX), 0})).rows.size();
  }
  std::size_t kept() const { return kept(1) + kept(2) + kept(3); }
  /// "a b?": the stores of shard 1 in their order, those catching up with a question mark.
  std::string listed() const {
    const auto set = decode_replica_set(value(keys.replicas(1)));
    std::string names;
    if (!set) return names;
    for (const auto& replica : set->stores) {
      names += (names.empty() ? "" : " ") + replica.place.store.substr(6) + (replica.state == ReplicaState::in_sync ? "" : "?");
    }
    return names;
  }
  bool has_images(const FollowerRig& follower) const {
    return follower.has_image(1, *journal.store) && follower.has_image(2, *journal.store) && follower.has_image(3, *journal.store);
  }

  static inline const std::vector<ShardIndex> shards{1, 2, 3};
  const EtcdProcess& etcd;
  FaultyWire wire;                     ///< The trimmer's.
  JournalRig journal;
  ReplicaNotes notes;
  JournalKeys keys{"test"};
  std::vector<std::int64_t> created_at;
  int written = 0;
  std::unique_ptr<JournalTrimmer> trimmer;
};

}  // namespace dunlin::test
