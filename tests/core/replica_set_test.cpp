// Replica lists: their text, each decision by table, and long random plays of stores that stop, lag, come back and die, in
// which no batch that a listed store lacks is ever trimmed.
#include "core/cluster/replica_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

constexpr auto is_copy = ReplicaState::in_sync;
constexpr auto is_newcomer = ReplicaState::catching_up;

StorePlace place_named(const std::string& name) { return {name, "host-" + name}; }
Replica listed_store(const std::string& name, ReplicaState state) { return {place_named(name), state}; }

/// Shard 3 owned by store a at batch 1000; who is seated, and what the listed stores are known to have.
ReplicaView owners_view(const std::string& seated, std::map<std::string, StoreStanding> standings) {
  ReplicaView view{3, place_named("a"), 1000, {}, std::move(standings)};
  for (const char name : seated) view.seated.push_back(place_named(std::string(1, name)));
  view.standings.insert({"a", {1000, true, {}}});
  return view;
}

const StoreStanding standing_fresh{1000, true, {}};
const StoreStanding standing_near{1000 - 256, true, {}};
const StoreStanding standing_behind{1000 - 257, true, {}};
const StoreStanding standing_unchecked{1000, false, {}};
const StoreStanding standing_away{400, true, minutes(11)};
const StoreStanding standing_away_briefly{400, true, minutes(10)};

std::string listed_names(const std::optional<ReplicaSet>& set) {
  if (!set) return "as it is";
  std::string text;
  for (const auto& replica : set->stores) text += (text.empty() ? "" : " ") + replica.place.store + (replica.state == is_copy ? "" : "?");
  return text;
}

TEST(ReplicaSet, ReadsWhatItWrote) {
  const ReplicaSet set{18'446'744'073'709'551'615ull, {listed_store("a", is_copy), {{"5f.2_c-Z", "[fe80::1]:7"}, is_newcomer}}};
  EXPECT_EQ(encode(set), "1 18446744073709551615\nin_sync a host-a\ncatching_up 5f.2_c-Z [fe80::1]:7");
  const auto read = decode_replica_set(encode(set));
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_EQ(*read, set);
}

TEST(ReplicaSet, NamesWhatIsDamaged) {
  std::string too_many = "1 1";
  for (std::size_t i = 0; i <= max_listed_stores; ++i) too_many += "\nin_sync s" + std::to_string(i) + " h";
  const struct { std::string text; std::string says; } rows[] = {
      {"", "format number"}, {"2 1\nin_sync a h", "format number"}, {"1", "bad number"}, {"1 0\nin_sync a h", "bad number"}, {"1 01\nin_sync a h", "bad number"},
      {"1 x\nin_sync a h", "bad number"}, {"1 1 \nin_sync a h", "bad number"}, {"1 1", "state"}, {"1 1\nsync a h", "state"}, {"1 1\n\nin_sync a h", "state"},
      {"1 1\nin_sync  h", "store name"}, {"1 1\nin_sync a/b h", "store name"}, {"1 1\nin_sync " + std::string(65, 'a') + " h", "store name"},
      {"1 1\nin_sync a", "host name"}, {"1 1\nin_sync a ", "host name"}, {"1 1\nin_sync a h h", "host name"}, {"1 1\nin_sync a h\n", "empty line"},
      {"1 1\nin_sync a h\ncatching_up a h", "twice"}, {too_many, "too many"}};
  for (const auto& row : rows) {
    const auto read = decode_replica_set(row.text);
    ASSERT_FALSE(read.ok()) << row.text;
    EXPECT_EQ(read.error().code, Errc::corrupt);
    EXPECT_NE(read.error().detail.find(row.says), std::string::npos) << row.text << ": " << read.error().detail;
  }
}

TEST(ReplicaSet, BeginsWithTheOwnerAndPlacementsOrder) {
  for (ShardIndex shard = 0; shard < 32; ++shard) {
    auto view = owners_view("abcd", {});
    view.shard = shard;
    ReplicaRules rules;
    rules.copies = 3;
    const auto set = first_replicas(view, rules);
    EXPECT_EQ(set.number, 1u);
    ASSERT_EQ(set.stores.size(), 3u);
    EXPECT_EQ(set.stores[0], listed_store("a", is_copy));
    auto order = stores_for(shard, view.seated, 4);
    order.erase(std::find(order.begin(), order.end(), place_named("a")));
    EXPECT_EQ(set.stores[1], (Replica{order[0], is_newcomer}));
    EXPECT_EQ(set.stores[2], (Replica{order[1], is_newcomer}));
  }
}

TEST(ReplicaSet, PrefersAnotherHost) {
  auto view = owners_view("a", {});
  view.seated.push_back({"b", "host-a"});
  EXPECT_EQ(listed_names(first_replicas(view, {})), "a b?") << "the same host is better than none";
  for (ShardIndex shard = 0; shard < 32; ++shard) {
    view.shard = shard;
    view.seated = {place_named("a"), {"b", "host-a"}, place_named("c")};
    EXPECT_EQ(listed_names(first_replicas(view, {})), "a c?");
  }
  view.seated = {place_named("a"), {"b/", "host-b"}, {"c", ""}};
  EXPECT_EQ(listed_names(first_replicas(view, {})), "a") << "a name that cannot stand in a list is left out";
}

TEST(ReplicaSet, ChangesOneThingAtATime) {
  const struct { const char* what; std::vector<Replica> now; std::string seated; std::map<std::string, StoreStanding> standings; std::string next; } rows[] = {
      {"all is well", {listed_store("a", is_copy), listed_store("b", is_copy)}, "abc", {{"b", standing_fresh}}, "as it is"},
      {"the owner joined the journal, so it counts", {listed_store("b", is_copy)}, "ab", {{"b", standing_fresh}}, "b a"},
      {"the owner was a newcomer", {listed_store("b", is_copy), listed_store("a", is_newcomer)}, "ab", {{"b", standing_fresh}}, "b a"},
      {"too few are listed", {listed_store("a", is_copy)}, "ab", {}, "a b?"},
      {"too few sit", {listed_store("a", is_copy)}, "a", {}, "as it is"},
      {"a newcomer reached the head", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, "ab", {{"b", standing_fresh}}, "a b"},
      {"a newcomer is near the head", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, "ab", {{"b", standing_near}}, "a b"},
      {"a newcomer is behind", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, "ab", {{"b", standing_behind}}, "as it is"},
      {"a newcomer's chain is not checked", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, "ab", {{"b", standing_unchecked}}, "as it is"},
      {"a newcomer has left", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, "a", {{"b", standing_fresh}}, "as it is"},
      {"a copy is away for a moment", {listed_store("a", is_copy), listed_store("b", is_copy)}, "ac", {{"b", standing_away_briefly}}, "as it is"},
      {"a copy stays away", {listed_store("a", is_copy), listed_store("b", is_copy)}, "ac", {{"b", standing_away}}, "a b c?"},
      {"a copy stays away and nobody can replace it", {listed_store("a", is_copy), listed_store("b", is_copy)}, "a", {{"b", standing_away}}, "as it is"},
      {"its replacement is no copy yet", {listed_store("a", is_copy), listed_store("b", is_copy), listed_store("c", is_newcomer)}, "ac", {{"b", standing_away}, {"c", standing_behind}}, "as it is"},
      {"its replacement counts", {listed_store("a", is_copy), listed_store("b", is_copy), listed_store("c", is_copy)}, "ac", {{"b", standing_away}, {"c", standing_fresh}}, "a c"},
      {"a newcomer stays away", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, "ac", {{"b", standing_away}}, "a"},
      {"the owner never leaves", {listed_store("a", is_copy), listed_store("b", is_copy)}, "b", {{"a", standing_away}, {"b", standing_fresh}}, "as it is"},
      {"the replaced one came back", {listed_store("a", is_copy), listed_store("b", is_copy), listed_store("c", is_newcomer)}, "abc", {{"b", standing_fresh}, {"c", standing_behind}}, "as it is"}};
  for (const auto& row : rows) {
    const ReplicaSet now{7, row.now};
    const auto next = next_replicas(now, owners_view(row.seated, row.standings), {});
    EXPECT_EQ(listed_names(next), row.next) << row.what;
    if (next) {
      EXPECT_EQ(next->number, 8u) << row.what;
    }
  }
}

TEST(ReplicaSet, MovesACopyToAnotherHostWhenThereIsOne) {
  auto view = owners_view("ac", {{"b", standing_fresh}, {"c", standing_fresh}});
  view.seated.push_back({"b", "host-a"});
  ReplicaSet now{1, {listed_store("a", is_copy), {{"b", "host-a"}, is_copy}}};
  std::string story;
  while (const auto next = next_replicas(now, view, {})) {
    now = *next;
    story += listed_names(now) + ", ";
  }
  EXPECT_EQ(story, "a b c?, a b c, a c, ");
}

TEST(ReplicaSet, AWipedStoreIsReplacedWithoutPatience) {
  auto view = owners_view("ac", {{"b", standing_away_briefly}});
  ReplicaSet now{1, {listed_store("a", is_copy), listed_store("b", is_copy)}};
  EXPECT_EQ(listed_names(next_replicas(now, view, {})), "as it is");
  view.gone = {"b"};
  EXPECT_EQ(listed_names(next_replicas(now, view, {})), "a b c?");
  now.stores.push_back(listed_store("c", is_copy));
  view.standings["c"] = standing_fresh;
  EXPECT_EQ(listed_names(next_replicas(now, view, {})), "a c");
}

TEST(ReplicaSet, AStoreThatCatchesUpWithEnoughShardsIsNotGivenMore) {
  auto view = owners_view("abc", {});
  const ReplicaSet alone{1, {listed_store("a", is_copy)}};
  const auto first = listed_names(next_replicas(alone, view, {}));
  const std::string best = first.substr(2, 1);
  view.full = {best};
  EXPECT_EQ(listed_names(next_replicas(alone, view, {})), best == "b" ? "a c?" : "a b?");
  view.full = {"b", "c"};
  EXPECT_EQ(listed_names(next_replicas(alone, view, {})), "as it is");
}

TEST(ReplicaSet, ANewcomerThatRestsIsNotListed) {
  auto view = owners_view("abc", {{"b", standing_fresh}});
  ReplicaRules rules;
  rules.copies = 3;
  const ReplicaSet pair{1, {listed_store("a", is_copy), listed_store("b", is_copy)}};
  EXPECT_EQ(listed_names(next_replicas(pair, view, rules)), "a b c?");
  view.resting = {"c"};
  EXPECT_EQ(listed_names(next_replicas(pair, view, rules)), "as it is");
  // Where a copy is lacking nothing is trimmed, so there is nothing to rest for.
  auto few = owners_view("ab", {});
  few.resting = {"b"};
  EXPECT_EQ(listed_names(next_replicas({1, {listed_store("a", is_copy)}}, few, {})), "a b?");
  EXPECT_EQ(listed_names(first_replicas(few, {})), "a b?");
}

TEST(ReplicaSet, AnOwnerThatCannotServeStepsBackForAnotherCopy) {
  const std::vector<StorePlace> both{place_named("a"), place_named("b")};
  const ReplicaSet now{4, {listed_store("a", is_copy), listed_store("b", is_copy)}};
  const auto stepped_back = without_own_copy(now, "a", both);
  ASSERT_TRUE(stepped_back);
  EXPECT_EQ(listed_names(stepped_back), "a? b");
  EXPECT_EQ(stepped_back->number, 5u);
  EXPECT_EQ(owner_for(3, both, &*stepped_back), place_named("b")) << "it is offered to the other one now";
  EXPECT_FALSE(without_own_copy(now, "a", {place_named("a")})) << "nobody else sits";
  EXPECT_FALSE(without_own_copy(now, "c", both)) << "it is not listed";
  EXPECT_FALSE(without_own_copy({4, {listed_store("a", is_copy), listed_store("b", is_newcomer)}}, "a", both)) << "nobody else has a copy";
  EXPECT_FALSE(without_own_copy({4, {listed_store("a", is_newcomer), listed_store("b", is_copy)}}, "a", both)) << "it has stepped back already";
}

TEST(ReplicaSet, FollowsThePlacementToNodesThatCameLater) {
  int moved = 0;
  for (ShardIndex shard = 0; shard < 32; ++shard) {
    auto view = owners_view("abc", {{"b", standing_fresh}, {"c", standing_fresh}});
    view.shard = shard;
    const ReplicaSet pair{1, {listed_store("a", is_copy), listed_store("b", is_copy)}};
    const auto wanted = stores_for(shard, view.seated, 2);
    const bool wants_c = wanted[0] == place_named("c") || wanted[1] == place_named("c");
    moved += wants_c ? 1 : 0;
    EXPECT_EQ(listed_names(next_replicas(pair, view, {})), "as it is") << "its past cannot be given to it";
    ReplicaRules rules;
    rules.can_seed = true;
    EXPECT_EQ(listed_names(next_replicas(pair, view, rules)), wants_c ? "a b c?" : "as it is");
    auto empty = view;
    empty.head = 0;
    EXPECT_EQ(listed_names(next_replicas(pair, empty, {})), wants_c ? "a b c?" : "as it is") << "there is no past yet";
    empty.standings["b"].stuck_for = minutes(11);
    EXPECT_NE(listed_names(next_replicas(pair, empty, {})), "a c") << "never two things at once";
  }
  EXPECT_GT(moved, 10);
}

TEST(ReplicaSet, IsOwnedByACopyAsPlacementLikes) {
  const auto name_of = [](const std::optional<StorePlace>& place) { return place ? place->store : std::string("nobody"); };
  for (ShardIndex shard = 0; shard < 32; ++shard) {
    const auto seated = owners_view("abc", {}).seated;
    const auto order = stores_for(shard, seated, 3);
    EXPECT_EQ(owner_for(shard, seated, nullptr), order[0]) << "a shard without a list is anybody's";
    const ReplicaSet late_first{1, {{order[0], is_newcomer}, {order[1], is_copy}, {order[2], is_copy}}};
    EXPECT_EQ(owner_for(shard, seated, &late_first), order[1]);
    EXPECT_EQ(name_of(owner_for(shard, {order[0]}, &late_first)), order[0].store) << "the journal may hold all it lacks";
    EXPECT_EQ(name_of(owner_for(shard, {place_named("d")}, &late_first)), "nobody");
    EXPECT_EQ(name_of(owner_for(shard, {}, nullptr)), "nobody");
  }
}

TEST(ReplicaSet, TakesOffACopyThatFellTooFarBehind) {
  auto view = owners_view("abc", {{"b", {999, true, {}}}, {"c", standing_fresh}});
  view.head = view.standings["a"].applied = view.standings["c"].applied = 200'999;
  const ReplicaSet three{1, {listed_store("a", is_copy), listed_store("b", is_copy), listed_store("c", is_copy)}};
  ReplicaRules rules;
  rules.copies = 3;
  EXPECT_EQ(listed_names(next_replicas(three, view, rules)), "as it is");
  ++view.head;
  EXPECT_EQ(listed_names(next_replicas(three, view, rules)), "a c");
  EXPECT_EQ(listed_names(next_replicas({1, {listed_store("a", is_copy), listed_store("b", is_newcomer), listed_store("c", is_copy)}}, view, rules)), "as it is")
      << "a newcomer starts from far behind";
}

TEST(ReplicaSet, TakesOffTheCopyPlacementLikesLeastWhenThereAreTooMany) {
  for (ShardIndex shard = 0; shard < 32; ++shard) {
    auto view = owners_view("abcd", {{"b", standing_fresh}, {"c", standing_fresh}, {"d", standing_fresh}});
    view.shard = shard;
    ReplicaSet now{1, {listed_store("b", is_copy), listed_store("a", is_copy), listed_store("d", is_copy), listed_store("c", is_copy)}};
    while (const auto next = next_replicas(now, view, {})) now = *next;
    std::set<std::string> wanted{"a"};
    for (const auto& place : stores_for(shard, view.seated, 2)) wanted.insert(place.store);
    std::set<std::string> kept;
    for (const auto& replica : now.stores) kept.insert(replica.place.store);
    EXPECT_EQ(kept, wanted) << "shard " << shard << ": the owner goes when another owns the shard";
  }
}

TEST(ReplicaSet, TrimsOnlyWhatEveryListedStoreHasAndTwoHostsHold) {
  ReplicaRules alone;
  alone.copies = 1;
  const Replica same_host{{"b", "host-a"}, is_copy};
  const struct { const char* what; std::vector<Replica> now; std::map<std::string, StoreStanding> standings; ReplicaRules rules; std::uint64_t point; } rows[] = {
      {"two copies", {listed_store("a", is_copy), listed_store("b", is_copy)}, {{"b", standing_away}}, {}, 400},
      {"a newcomer still needs the rest", {listed_store("a", is_copy), listed_store("b", is_copy), listed_store("c", is_newcomer)}, {{"b", standing_fresh}, {"c", {7, false, {}}}}, {}, 7},
      {"a newcomer has said nothing", {listed_store("a", is_copy), listed_store("b", is_copy), listed_store("c", is_newcomer)}, {{"b", standing_fresh}}, {}, 0},
      {"a newcomer is no copy", {listed_store("a", is_copy), listed_store("b", is_newcomer)}, {{"b", standing_fresh}}, {}, 0},
      {"one copy where two are wanted", {listed_store("a", is_copy)}, {}, {}, 0},
      {"two copies on one host", {listed_store("a", is_copy), same_host}, {{"b", standing_fresh}}, {}, 0},
      {"one copy where one is wanted", {listed_store("a", is_copy)}, {}, alone, 1000},
      {"the owner is not listed", {listed_store("b", is_copy), listed_store("c", is_copy)}, {{"b", standing_fresh}, {"c", standing_fresh}}, {}, 0},
      {"a store claims more than there is", {listed_store("a", is_copy), listed_store("b", is_copy)}, {{"b", {5000, true, {}}}}, {}, 1000}};
  for (const auto& row : rows) EXPECT_EQ(trim_point({1, row.now}, owners_view("abc", row.standings), row.rules), row.point) << row.what;
}

/// A shard in a cluster where everything happens: the journal as a list of batches, stores that apply it at their own pace.
class ShardPlay {
 public:
  explicit ShardPlay(std::uint64_t seed) : rng_(seed) {
    rules_.copies = 1 + rng_.below(3);
    rules_.patience = seconds(20);
    rules_.near_head = 5;
    rules_.most_behind = 60;
    rules_.can_seed = happens(2);
    const auto hosts = 1 + rng_.below(5);
    for (std::size_t i = 0; i < 5; ++i) {
      const auto name = std::to_string(i);
      places_.push_back({"s" + name, "h" + std::to_string(i % hosts)});
    }
    applied_.assign(places_.size(), 0);
    sits_.assign(places_.size(), true);
    stuck_.assign(places_.size(), {});
  }
  void play(int steps, bool has_faults) {
    for (int step = 0; step < steps; ++step) {
      if (has_faults) disturb();
      work(has_faults);
      manage();
    }
  }
  /// As it must be when everything has been quiet for long.
  void expect_settled() const {
    std::size_t wanted = std::min(rules_.copies, places_.size());
    EXPECT_EQ(set_->stores.size(), wanted);
    for (const auto& replica : set_->stores) EXPECT_EQ(replica.state, is_copy);
    if (rules_.copies == 1 || hosts_of(*set_).size() > 1) {
      EXPECT_EQ(trimmed_, head_);
    }
  }

 private:
  bool happens(std::uint64_t one_in) { return rng_.below(one_in) == 0; }
  void disturb() {
    const auto i = rng_.below(places_.size());
    if (happens(8)) sits_[i] = !sits_[i];
    if (happens(200)) {
      // A wiped disk is a new store.
      if (is_listed(i)) dead_.push_back({places_[i].store, {applied_[i], true, {}}});
      places_[i].store += "x";
      applied_[i] = 0;
      stuck_[i] = {};
      if (owner_ == i) owner_.reset();
    }
    if (happens(20)) owner_.reset();
  }
  /// Does this store find all it lacks in the journal?
  bool joins(std::size_t i) const { return applied_[i] >= trimmed_; }
  void work(bool has_faults) {
    if (owner_ && !sits_[*owner_]) owner_.reset();
    if (!has_faults && owner_ && places_[*owner_] != placed_owner()) owner_.reset();
    if (!owner_) claim(has_faults);
    if (owner_ && has_faults) applied_[*owner_] = head_ += rng_.below(8);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto before = applied_[i];
      if (sits_[i] && is_listed(i) && joins(i)) applied_[i] = std::min(head_, applied_[i] + rng_.below(30));
      if (sits_[i] && is_listed(i) && !joins(i) && happens(30)) seed(i);
      const bool is_fine = sits_[i] && (applied_[i] > before || applied_[i] + rules_.near_head >= head_);
      stuck_[i] = is_fine || !is_listed(i) ? Duration{} : stuck_[i] + seconds(1);
    }
    for (auto& [store, standing] : dead_) standing.stuck_for = standing.stuck_for + seconds(1);
  }
  /// A checkpoint of the owner's store, cut after the store was listed.
  void seed(std::size_t i) {
    if (owner_) applied_[i] = applied_[*owner_];
  }
  std::optional<StorePlace> placed_owner() const {
    std::vector<StorePlace> seated;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (sits_[i]) seated.push_back(places_[i]);
    }
    return owner_for(9, seated, set_ ? &*set_ : nullptr);
  }
  void claim(bool has_faults) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const bool may_own = !set_ || set_->is_in_sync(places_[i].store);
      const bool is_picked = has_faults ? !happens(3) : places_[i] == placed_owner();
      if (!sits_[i] || !may_own || !is_picked) continue;
      ASSERT_TRUE(joins(i)) << "a copy that counts lacks what was trimmed";
      applied_[i] = head_;
      owner_ = i;
      return;
    }
  }
  void manage() {
    if (!owner_) return;
    const auto view = view_now();
    if (!set_) {
      set_ = first_replicas(view, rules_);
    } else if (const auto next = next_replicas(*set_, view, rules_)) {
      expect_one_change(*set_, *next, view);
      set_ = next;
    }
    const auto point = trim_point(*set_, view, rules_);
    if (point <= trimmed_) return;
    trimmed_ = point;
    expect_nothing_missed();
  }
  ReplicaView view_now() const {
    ReplicaView view{9, places_[*owner_], head_, {}, {}};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (sits_[i]) view.seated.push_back(places_[i]);
      // The batch behind its position tells whether the chain is right: trimmed, it tells nothing.
      view.standings[places_[i].store] = {applied_[i], joins(i), stuck_[i]};
    }
    for (const auto& [store, standing] : dead_) view.standings[store] = standing;
    return view;
  }
  void expect_one_change(const ReplicaSet& before, const ReplicaSet& after, const ReplicaView& view) const {
    EXPECT_EQ(after.number, before.number + 1);
    EXPECT_LE(after.stores.size(), max_listed_stores);
    EXPECT_TRUE(decode_replica_set(encode(after)).ok());
    const auto copies = [](const ReplicaSet& set) { return std::count_if(set.stores.begin(), set.stores.end(), [](const Replica& r) { return r.state == is_copy; }); };
    if (copies(after) >= copies(before)) return;
    const auto wanted = std::min<std::size_t>(2, rules_.copies);
    EXPECT_GE(static_cast<std::size_t>(copies(after)), wanted) << "a copy too many was taken off";
    EXPECT_GE(hosts_of(after).size(), std::min(wanted, hosts_of(before).size()));
    EXPECT_TRUE(after.is_in_sync(view.own.store));
  }
  static std::set<std::string> hosts_of(const ReplicaSet& set) {
    std::set<std::string> hosts;
    for (const auto& replica : set.stores) {
      if (replica.state == is_copy) hosts.insert(replica.place.host);
    }
    return hosts;
  }
  /// Just trimmed: each listed store has it all, and the copies stand on two hosts unless one copy is wanted. That a disk
  /// has died since is nothing the owner can know.
  void expect_nothing_missed() const {
    for (std::size_t i = 0; i < places_.size(); ++i) EXPECT_TRUE(!is_listed(i) || joins(i)) << "trimmed past " << places_[i].store;
    for (const auto& [store, standing] : dead_) EXPECT_TRUE(set_->find(store) == nullptr || standing.applied >= trimmed_) << "trimmed past " << store;
    EXPECT_GE(hosts_of(*set_).size(), std::min<std::size_t>(2, rules_.copies));
  }
  bool is_listed(std::size_t i) const { return set_ && set_->find(places_[i].store) != nullptr; }

  Rng rng_;
  ReplicaRules rules_;
  std::vector<StorePlace> places_;
  std::vector<std::uint64_t> applied_;
  std::vector<bool> sits_;
  std::vector<Duration> stuck_;
  std::vector<std::pair<std::string, StoreStanding>> dead_;   ///< Listed stores whose disk is gone for good.
  std::optional<std::size_t> owner_;
  std::optional<ReplicaSet> set_;
  std::uint64_t head_ = 0;
  std::uint64_t trimmed_ = 0;

 public:
  /// All come back for good. A play in which every copy died with its disk has nothing to settle.
  bool rest() {
    sits_.assign(places_.size(), true);
    const bool has_copy = !set_ || std::any_of(places_.begin(), places_.end(), [this](const StorePlace& place) { return set_->is_in_sync(place.store); });
    if (has_copy) play(250, false);
    return has_copy;
  }
};

TEST(ReplicaSet, NeverTrimsWhatAListedStoreLacksInAnyPlay) {
  int settled = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    ShardPlay play(seed);
    play.play(200, true);
    if (play.rest()) {
      play.expect_settled();
      ++settled;
    }
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(settled, 100) << "too few plays end with a copy alive";
}

}  // namespace
}  // namespace dunlin
