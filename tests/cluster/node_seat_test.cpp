// Seats of several nodes at a real etcd: who owns which shard, and what happens when one goes, with and without a word.
#include "cluster/node_seat.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "config/clock.hpp"
#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {
namespace {

constexpr int seat_patience_ms = 60'000;

template <class Condition>
bool comes_true(Condition condition) {
  for (int waited = 0; waited < seat_patience_ms; waited += 20) {
    if (condition()) return true;
    SystemClock::wait(milliseconds(20));
  }
  return false;
}

/// What a node was told, under a lock because the seat's thread tells it.
class Notes final : public SeatListener {
 public:
  void on_seated(const SeatedNode& node) override {
    const std::lock_guard lock(mutex_);
    incarnations_.push_back(node.incarnation);
  }
  void on_unseated() override {
    const std::lock_guard lock(mutex_);
    shards_.clear();
    ++times_unseated_;
  }
  void on_may_originate(bool may) override {
    const std::lock_guard lock(mutex_);
    may_ = may;
  }
  void on_shard_won(ShardIndex shard, std::int64_t created_at) override {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(shards_.emplace(shard, created_at).second) << "won twice";
  }
  void on_shard_lost(ShardIndex shard) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(shards_.erase(shard), 1u) << "lost without having been won";
  }
  void on_looked(const SeatView& view) override {
    const std::lock_guard lock(mutex_);
    view_ = view;
  }
  void on_shard_unwanted(ShardIndex shard) override {
    NodeSeat* seat = gives_back;
    if (seat != nullptr) seat->give_back(shard);
  }
  SeatView view() const {
    const std::lock_guard lock(mutex_);
    return view_;
  }
  std::atomic<NodeSeat*> gives_back{nullptr};   ///< Where unwanted shards are given back; null: they are kept.
  std::map<ShardIndex, std::int64_t> shards() const {
    const std::lock_guard lock(mutex_);
    return shards_;
  }
  std::size_t count() const { return shards().size(); }
  bool may() const {
    const std::lock_guard lock(mutex_);
    return may_;
  }
  int times_unseated() const {
    const std::lock_guard lock(mutex_);
    return times_unseated_;
  }
  std::vector<std::string> incarnations() const {
    const std::lock_guard lock(mutex_);
    return incarnations_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<ShardIndex, std::int64_t> shards_;
  std::vector<std::string> incarnations_;
  SeatView view_;
  bool may_ = false;
  int times_unseated_ = 0;
};

SeatSettings seat_of(const std::string& name) {
  SeatSettings settings;
  settings.cluster = "test";
  settings.node_id = name;
  settings.store_id = "store-" + name;
  settings.host = "host-" + name;
  settings.addresses = "127.0.0.1:1";
  settings.life = static_cast<std::uint64_t>(SystemClock().now_utc().ms);
  settings.rules.lease_ttl = seconds(2);
  settings.rules.renew_every = milliseconds(500);
  settings.look_every = milliseconds(100);
  settings.settle_before_moves = milliseconds(500);
  settings.moves_per_look = 64;
  return settings;
}

std::unique_ptr<NodeSeat> sit(const EtcdProcess& etcd, const std::string& name, Notes& notes) {
  auto seat = NodeSeat::start(etcd.access(), seat_of(name), notes);
  if (!seat) throw std::runtime_error(seat.error().detail);
  return std::move(*seat);
}

TEST(NodeSeat, AloneItOwnsEverything) {
  const EtcdProcess etcd;
  Notes notes;
  {
    const auto seat = sit(etcd, "a", notes);
    ASSERT_TRUE(comes_true([&] { return notes.count() == shard_count; })) << notes.count();
    EXPECT_TRUE(notes.may());
    const auto keeper = std::move(*EtcdClient::make(etcd.access()));
    const auto key = keeper->read({JournalKeys("test").owner(17), {}, 1});
    ASSERT_EQ(key->rows.size(), 1u);
    EXPECT_EQ(key->rows[0].value, notes.incarnations().back());
    EXPECT_EQ(key->rows[0].created_at, notes.shards().at(17)) << "the epoch is the key's create_revision";
  }
  const auto keeper = std::move(*EtcdClient::make(etcd.access()));
  EXPECT_TRUE(keeper->read({"/dunlin/test/", range_end_of("/dunlin/test/"), 0})->rows.empty()) << "who leaves in order gives all back at once";
}

TEST(NodeSeat, ASecondNodeTakesOverWhatAKilledOneHeld) {
  const EtcdProcess etcd;
  Notes first_notes;
  Notes second_notes;
  const auto first = sit(etcd, "a", first_notes);
  ASSERT_TRUE(comes_true([&] { return first_notes.count() == shard_count; }));
  const auto second = sit(etcd, "b", second_notes);
  ASSERT_TRUE(comes_true([&] { return second_notes.may(); }));
  EXPECT_EQ(second_notes.count(), 0u) << "what has an owner is left alone";
  first->vanish();
  ASSERT_TRUE(comes_true([&] { return second_notes.count() == shard_count; })) << second_notes.count();
  for (const auto& [shard, created_at] : second_notes.shards()) EXPECT_GT(created_at, first_notes.shards().at(shard)) << "epochs never decrease";
}

TEST(NodeSeat, ANodeThatJoinsGetsItsShareFromTheLiving) {
  const EtcdProcess etcd;
  Notes first_notes;
  Notes second_notes;
  const auto first = sit(etcd, "a", first_notes);
  ASSERT_TRUE(comes_true([&] { return first_notes.count() == shard_count; }));
  first_notes.gives_back = first.get();
  const auto second = sit(etcd, "b", second_notes);
  ASSERT_TRUE(comes_true([&] { return second_notes.count() > 64 && first_notes.count() + second_notes.count() == shard_count; }))
      << first_notes.count() << " + " << second_notes.count();
  ASSERT_TRUE(comes_true([&] { return second_notes.view().owners.size() == shard_count; }));
  for (const auto& [shard, created_at] : second_notes.shards()) EXPECT_EQ(second_notes.view().owners.at(shard), (ShardPlace{"b", created_at}));
  EXPECT_EQ(second_notes.view().seats.size(), 2u);
  EXPECT_EQ(second_notes.view().seats.at(0), (SeenSeat{"a", "127.0.0.1:1"}));
  first_notes.gives_back = nullptr;
}

TEST(NodeSeat, AShardGivenBackIsLeftToOthersForAWhile) {
  const EtcdProcess etcd;
  Notes notes;
  const auto seat = sit(etcd, "a", notes);
  ASSERT_TRUE(comes_true([&] { return notes.count() == shard_count; }));
  seat->give_back(17);
  ASSERT_TRUE(comes_true([&] { return notes.count() == shard_count - 1; }));
  const auto keeper = std::move(*EtcdClient::make(etcd.access()));
  EXPECT_TRUE(keeper->read({JournalKeys("test").owner(17), {}, 1})->rows.empty());
  EXPECT_EQ(notes.shards().count(17), 0u);
}

TEST(NodeSeat, NodesThatComeTogetherShareTheShards) {
  const EtcdProcess etcd;
  Notes first_notes;
  Notes second_notes;
  const auto first = sit(etcd, "a", first_notes);
  const auto second = sit(etcd, "b", second_notes);
  ASSERT_TRUE(comes_true([&] { return first_notes.count() + second_notes.count() == shard_count; }));
  std::set<ShardIndex> all;
  for (const auto& [shard, created_at] : first_notes.shards()) all.insert(shard);
  for (const auto& [shard, created_at] : second_notes.shards()) EXPECT_TRUE(all.insert(shard).second) << "two owners of shard " << shard;
  EXPECT_EQ(all.size(), shard_count);
}

TEST(NodeSeat, ClaimsOnlyWhatItHoldsACopyOfWhenAnotherDoesToo) {
  const EtcdProcess etcd;
  const auto keeper = std::move(*EtcdClient::make(etcd.access()));
  const JournalKeys keys("test");
  const auto list = [&](ShardIndex shard, const std::vector<Replica>& stores) {
    EXPECT_TRUE(keeper->run({{}, {EtcdPut{keys.replicas(shard), encode(ReplicaSet{1, stores})}}, {}}).ok());
  };
  list(7, {{{"store-z", "host-z"}, ReplicaState::in_sync}});
  list(8, {{{"store-z", "host-z"}, ReplicaState::in_sync}, {{"store-a", "host-a"}, ReplicaState::catching_up}});
  EXPECT_TRUE(keeper->run({{}, {EtcdPut{keys.replicas(9), "nonsense"}}, {}}).ok());
  Notes notes;
  const auto seat = sit(etcd, "a", notes);
  ASSERT_TRUE(comes_true([&] { return notes.count() == shard_count - 2u; })) << notes.count();
  EXPECT_EQ(notes.shards().count(7), 0u) << "it holds nothing of the shard";
  EXPECT_EQ(notes.shards().count(8), 1u) << "nobody else sits, and the journal may hold all it lacks";
  EXPECT_EQ(notes.shards().count(9), 0u) << "who may own a shard with a damaged list is not known";
  list(7, {{{"store-z", "host-z"}, ReplicaState::in_sync}, {{"store-a", "host-a"}, ReplicaState::in_sync}});
  EXPECT_TRUE(comes_true([&] { return notes.shards().count(7) == 1; }));
}

TEST(NodeSeat, AnIncarnationWhoseLeaseEndedComesBackAsAnother) {
  const EtcdProcess etcd;
  Notes notes;
  const auto seat = sit(etcd, "a", notes);
  ASSERT_TRUE(comes_true([&] { return notes.count() == shard_count; }));
  const auto before = notes.shards().at(3);
  const auto keeper = std::move(*EtcdClient::make(etcd.access()));
  const auto lease = keeper->read({JournalKeys("test").node("a"), {}, 1})->rows.at(0).lease;
  ASSERT_TRUE(keeper->revoke_lease(lease).ok());
  ASSERT_TRUE(comes_true([&] { return notes.times_unseated() == 1 && notes.count() == shard_count; }));
  ASSERT_EQ(notes.incarnations().size(), 2u);
  EXPECT_NE(notes.incarnations()[0], notes.incarnations()[1]);
  EXPECT_GT(notes.shards().at(3), before);
}

TEST(NodeSeat, WithoutAnAnswerItStopsOriginating) {
  EtcdProcess etcd;
  Notes notes;
  auto access = etcd.access();
  access.deadline = milliseconds(300);
  auto started = NodeSeat::start(access, seat_of("a"), notes);
  ASSERT_TRUE(started.ok());
  ASSERT_TRUE(comes_true([&] { return notes.may() && notes.count() == shard_count; }));
  etcd.freeze();
  EXPECT_TRUE(comes_true([&] { return !notes.may(); }));
  etcd.thaw();
  EXPECT_TRUE(comes_true([&] { return notes.may() && notes.count() == shard_count; }));
}

TEST(NodeSeat, NamesWhatIsWrong) {
  const EtcdProcess etcd;
  Notes notes;
  auto bad_name = seat_of("a/b");
  EXPECT_EQ(NodeSeat::start(etcd.access(), bad_name, notes).error().code, Errc::invalid_input);
  auto bad_store = seat_of("a");
  bad_store.store_id.clear();
  EXPECT_EQ(NodeSeat::start(etcd.access(), bad_store, notes).error().code, Errc::invalid_input);
  EXPECT_EQ(NodeSeat::start({}, seat_of("a"), notes).error().code, Errc::invalid_input);
  for (const char* value : {"", "x", "x\ny", "\nhost\n"}) EXPECT_FALSE(decode_seat(value).ok()) << value;
  const auto place = decode_seat(encode_seat(seat_of("a")));
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(*place, (StorePlace{"store-a", "host-a"}));
}

}  // namespace
}  // namespace dunlin::test
