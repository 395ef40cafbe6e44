// The owner's care for the journal at a real etcd: lists, trims, former owners, lost answers, and how much room is left.
#include "cluster/journal_trimmer.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"
#include "tests/cluster/replica_rig.hpp"

namespace dunlin::test {
namespace {

/// Long enough for many rounds of a trimmer that looks every 20 ms: what it does not do by then it does not do.
void let_it_trim(const JournalTrimmer& trimmer) {
  const auto rounds = trimmer.stats().rounds;
  ASSERT_TRUE(replica_comes_to([&] { return trimmer.stats().rounds >= rounds + 10; }));
}

TEST(JournalTrimmer, ListsTheCopiesAndTrimsWhatAllHave) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.sit("b");
  owner.write(12);
  owner.start_trimmer();
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b?"; }));
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.kept(), 12u) << "a newcomer still needs it";
  b.start();
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b"; }));
  owner.write(12);
  ASSERT_TRUE(replica_comes_to([&] { return owner.kept() == 0; }));
  EXPECT_TRUE(owner.has_images(b));
  for (const auto shard : OwnerRig::shards) EXPECT_EQ(owner.value(owner.keys.head(shard)), encode(owner.head(shard))) << "heads stay";
  ASSERT_TRUE(replica_comes_to([&] { return owner.trimmer->stats().batches_kept == 0; }));
  EXPECT_EQ(owner.trimmer->stats().shards_short, 0u);
}

TEST(JournalTrimmer, NeverPassesAStoppedFollower) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.sit("b");
  owner.start_trimmer();
  b.start();
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b" && owner.kept() == 0; }));
  b.stop();
  owner.write(30);
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.kept(), 30u);
  b.start();
  ASSERT_TRUE(replica_comes_to([&] { return owner.kept() == 0; }));
  EXPECT_TRUE(owner.has_images(b));
  EXPECT_TRUE(b.notes.seeds().empty());
}

TEST(JournalTrimmer, AWipedNodesStoreIsReplacedAtOnceAndSeeded) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  FollowerRig wiped(etcd, "w");
  owner.sit("b");
  owner.start_trimmer();
  b.start();
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b" && owner.kept() == 0; }));
  b.stop();
  owner.write(9);
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.listed(), "a b");
  SeatSettings seat;
  seat.store_id = wiped.place().store;
  seat.host = "host-b";
  owner.put(owner.keys.node("b"), encode_seat(seat));
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b w?"; })) << owner.listed();
  wiped.start();
  ASSERT_TRUE(replica_comes_to([&] { return wiped.notes.seeds() == std::set<ShardIndex>{1, 2, 3}; }));
  EXPECT_EQ(owner.kept(), 9u) << "what the newcomer lacks stays";
  for (const auto shard : OwnerRig::shards) {
    wiped.store->copy_from(*owner.journal.store, shard);
    wiped.follower->follow(shard);
  }
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a w"; })) << owner.listed();
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return owner.kept() == 0; }));
  EXPECT_TRUE(owner.has_images(wiped));
}

TEST(JournalTrimmer, OneThatStaysAwayIsReplacedAndComesBackInNeedOfASeed) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  FollowerRig c(etcd, "c");
  TrimmerOptions options;
  options.rules.patience = milliseconds(1500);
  owner.sit("b");
  owner.start_trimmer(options);
  b.start();
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b" && owner.kept() == 0; }));
  b.stop();
  owner.leave("b");
  owner.write(9);
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.kept(), 9u) << "the only other copy";
  owner.sit("c");
  // What c needs first is trimmed: it is seeded, as any newcomer to a journal that has been trimmed.
  c.start();
  ASSERT_TRUE(replica_comes_to([&] { return c.notes.seeds() == std::set<ShardIndex>{1, 2, 3}; }));
  for (const auto shard : OwnerRig::shards) {
    c.store->copy_from(*owner.journal.store, shard);
    c.follower->follow(shard);
  }
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a c" && owner.kept() == 0; })) << owner.listed() << owner.kept();
  EXPECT_EQ(owner.value(owner.keys.applied(1, "store-b")), "") << "its position went with it";
  c.stop();
  owner.leave("c");
  owner.sit("b");
  b.start(b.notes.sight());
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a c b?" || owner.listed() == "a c"; }));
  EXPECT_TRUE(replica_comes_to([&] { return b.notes.seeds() == std::set<ShardIndex>{1, 2, 3}; })) << "it is listed again and lacks what was trimmed";
  EXPECT_NE(owner.listed().find("a c"), std::string::npos) << "copies never fall below two";
}

TEST(JournalTrimmer, ANewcomerThatIsNeverCopiedRestsMeanwhileTheJournalIsTrimmed) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  TrimmerOptions options;
  options.rules.copies = 3;
  options.rules.patience = milliseconds(1500);
  owner.sit("b");
  owner.start_trimmer(options);
  b.start();
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b" && owner.kept() == 0; })) << owner.listed();
  owner.sit("c");
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b c?"; })) << owner.listed();
  owner.write(9);
  std::uint64_t most_resting = 0;
  ASSERT_TRUE(replica_comes_to([&] {
    most_resting = std::max<std::uint64_t>(most_resting, owner.trimmer->stats().newcomers_resting);
    return owner.kept() == 0 && most_resting > 0;
  })) << "c sits but is never given its copy: " << owner.listed() << ' ' << owner.kept() << ' ' << most_resting;
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b c?"; })) << "it is tried again: " << owner.listed();
}

TEST(JournalTrimmer, ANewcomerWhoseTurnComesIsNotTakenOff) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  FollowerRig c(etcd, "c");
  TrimmerOptions options;
  options.rules.copies = 3;
  options.rules.patience = seconds(5);
  owner.sit("b");
  owner.start_trimmer(options);
  b.start();
  owner.write(9);
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b" && owner.kept() == 0; }));
  owner.sit("c");
  c.start();
  ASSERT_TRUE(replica_comes_to([&] { return c.notes.seeds() == std::set<ShardIndex>{1, 2, 3}; }));
  // One shard after the other is brought, each within the patience, all of them together beyond it.
  for (const auto shard : {ShardIndex{3}, ShardIndex{2}, ShardIndex{1}}) {
    SystemClock::wait(seconds(2));
    ASSERT_EQ(owner.listed(), "a b c?") << "shard 1 waits for its turn";
    c.store->copy_from(*owner.journal.store, shard);
    c.follower->follow(shard);
  }
  EXPECT_TRUE(replica_comes_to([&] { return owner.listed() == "a b c"; })) << owner.listed();
}

TEST(JournalTrimmer, AloneItTrimsOnlyWhenOneCopyIsWanted) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  owner.write(6);
  owner.start_trimmer();
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a"; }));
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.kept(), 6u);
  EXPECT_EQ(owner.trimmer->stats().shards_short, 3u);
  TrimmerOptions alone;
  alone.rules.copies = 1;
  owner.start_trimmer(alone);
  EXPECT_TRUE(replica_comes_to([&] { return owner.kept() == 0; }));
}

TEST(JournalTrimmer, AFormerOwnerChangesNothing) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  TrimmerOptions alone;
  alone.rules.copies = 1;
  owner.write(6);
  // Each compare by itself: another life of the key, another incarnation in it.
  owner.journal.claim(1);
  owner.put(owner.keys.owner(2), "b#1");
  const auto foreign = encode(ReplicaSet{5, {{{"store-z", "host-z"}, ReplicaState::in_sync}}});
  owner.start_trimmer(alone);
  ASSERT_TRUE(replica_comes_to([&] { return owner.kept(3) == 0; }));
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.kept(1), 2u);
  EXPECT_EQ(owner.kept(2), 2u);
  EXPECT_EQ(owner.value(owner.keys.replicas(1)), "");
  EXPECT_EQ(owner.value(owner.keys.replicas(2)), "");
  owner.trimmer->disown(3);
  let_it_trim(*owner.trimmer);
  owner.put(owner.keys.replicas(3), foreign);
  owner.write_to(3);
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.value(owner.keys.replicas(3)), foreign);
  EXPECT_EQ(owner.kept(3), 1u);
  owner.trimmer->own(3, owner.owner_of(2));
  ASSERT_TRUE(replica_comes_to([&] { return owner.value(owner.keys.replicas(3)) != foreign; }));
  EXPECT_TRUE(decode_replica_set(owner.value(owner.keys.replicas(3)))->is_in_sync("store-a")) << "who joined the journal counts";
}

TEST(JournalTrimmer, ATrimThatComesLateFindsAnotherListAndDoesNothing) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  TrimmerOptions alone;
  alone.rules.copies = 1;
  owner.write(6);
  owner.wire.plan("request_delete_range", std::vector<FaultyWire::Fate>(10'000, FaultyWire::Fate::hold_request));
  owner.start_trimmer(alone);
  ASSERT_TRUE(replica_comes_to([&] { return owner.wire.left_in_plan() < 9'999; })) << "trims are under way";
  for (const auto shard : OwnerRig::shards) {
    auto set = decode_replica_set(owner.value(owner.keys.replicas(shard)));
    ASSERT_TRUE(set.ok());
    set->stores.push_back({{"store-z", "host-z"}, ReplicaState::catching_up});
    ++set->number;
    owner.put(owner.keys.replicas(shard), encode(*set));
  }
  owner.wire.plan("", {});
  EXPECT_GT(owner.wire.release(), 0u);
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.kept(), 6u) << "the store that came onto the list needs it all";
}

TEST(JournalTrimmer, LostAnswersChangeNothingTwice) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  FollowerRig b(etcd, "b");
  owner.sit("b");
  Rng rng(11);
  std::vector<FaultyWire::Fate> fates;
  for (int i = 0; i < 150; ++i) {
    const FaultyWire::Fate kinds[] = {FaultyWire::Fate::pass, FaultyWire::Fate::lose_answer, FaultyWire::Fate::lose_request, FaultyWire::Fate::hold_request};
    fates.push_back(kinds[rng.below(4)]);
  }
  owner.wire.plan("POST /v3/kv/txn ", fates);
  owner.start_trimmer();
  b.start();
  for (int i = 0; i < 10; ++i) {
    owner.write(6);
    owner.wire.release();
  }
  ASSERT_TRUE(replica_comes_to([&] { return owner.wire.left_in_plan() == 0; }));
  owner.wire.release();
  owner.write(3);
  ASSERT_TRUE(replica_comes_to([&] { return owner.listed() == "a b" && owner.kept() == 0; })) << owner.listed() << " " << owner.kept();
  EXPECT_TRUE(owner.has_images(b));
  EXPECT_TRUE(b.notes.seeds().empty()) << "nothing was trimmed that it lacked";
}

TEST(JournalTrimmer, HasOldRevisionsForgottenAndSaysHowMuchRoomIsLeft) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  TrimmerOptions options;
  options.measure_every = options.compact_pause = milliseconds(10);
  options.compact_after_bytes = 1;
  options.bounds = {1, 2};
  owner.start_trimmer(options);
  ASSERT_TRUE(replica_comes_to([&] { return !owner.notes.rooms().empty(); }));
  EXPECT_EQ(owner.notes.rooms().front(), JournalRoom::facts_only);
  EXPECT_GT(owner.trimmer->stats().used_bytes, 0u);
  EXPECT_GE(owner.trimmer->stats().file_bytes, owner.trimmer->stats().used_bytes);
  ASSERT_TRUE(replica_comes_to([&] { return owner.trimmer->stats().compactions > 0; }));
  const auto old = owner.journal.keeper->post("/v3/kv/range", R"({"key":"eA==","revision":"2"})");
  EXPECT_NE(old.detail.find("compacted"), std::string::npos) << old.detail;
  EXPECT_TRUE(owner.journal.keeper->compact(2).ok()) << "what is forgotten already is no error";
  EXPECT_FALSE(owner.journal.keeper->compact(1'000'000'000).ok());
}

TEST(JournalTrimmer, ADamagedListOrPositionIsNeitherTrimmedByNorWrittenOver) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  TrimmerOptions alone;
  alone.rules.copies = 1;
  owner.write(6);
  owner.put(owner.keys.replicas(1), "9 nonsense");
  owner.put(owner.keys.replicas(2), encode(ReplicaSet{1, {{{"store-a", "host-a"}, ReplicaState::in_sync}, {{"store-b", "host-b"}, ReplicaState::catching_up}}}));
  owner.put(owner.keys.applied(2, "store-b"), "nonsense");
  owner.start_trimmer(alone);
  ASSERT_TRUE(replica_comes_to([&] { return owner.kept(3) == 0; }));
  let_it_trim(*owner.trimmer);
  EXPECT_EQ(owner.value(owner.keys.replicas(1)), "9 nonsense");
  EXPECT_EQ(owner.kept(1), 2u);
  EXPECT_EQ(owner.kept(2), 2u);
}

TEST(JournalTrimmer, AJournalBehindTheOwnersStoreIsTold) {
  const EtcdProcess etcd;
  OwnerRig owner(etcd);
  owner.write(6);
  owner.put(owner.keys.head(2), encode(ShardHead{1, {1, 1}, {}}));
  TrimmerOptions alone;
  alone.rules.copies = 1;
  owner.start_trimmer(alone);
  ASSERT_TRUE(replica_comes_to([&] { return !owner.notes.went_back().empty(); }));
  EXPECT_EQ(owner.kept(), 6u);
  EXPECT_EQ(owner.value(owner.keys.replicas(1)), "") << "nothing is written by it any more";
}

TEST(JournalTrimmer, NamesWhatIsWrong) {
  const EtcdProcess etcd;
  MemoryStore store;
  ReplicaNotes notes;
  const auto code_of = [&](const StorePlace& own, std::size_t copies) {
    TrimmerOptions options;
    options.rules.copies = copies;
    const auto started = JournalTrimmer::start({JournalRig::must(EtcdClient::make(etcd.access())), store, own, "test", ClusterSecret{9}, notes, {}, options});
    return started ? std::string("started") : started.error().detail;
  };
  EXPECT_NE(code_of({"a/b", "h"}, 2).find("store's name"), std::string::npos);
  EXPECT_NE(code_of({"a", "two words"}, 2).find("cluster.host"), std::string::npos);
  EXPECT_NE(code_of({"a", "h"}, 0).find("cluster.copies"), std::string::npos);
  EXPECT_NE(code_of({"a", "h"}, 6).find("cluster.copies"), std::string::npos);
  EXPECT_EQ(code_of({"a", "h"}, 5), "started");
}

}  // namespace
}  // namespace dunlin::test
