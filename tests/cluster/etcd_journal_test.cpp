// The commit journal over a real etcd: its contract, and what becomes of commits whose answers or requests are lost, whose
// owner dies between commit and store, or whose shard changes hands (docs/cluster.md, R1, R2, claim).
#include "cluster/etcd_journal.hpp"

#include <atomic>
#include <thread>

#include "config/clock.hpp"
#include "tests/cluster/etcd_journal_rig.hpp"

namespace dunlin::test {
namespace {

using Fate = FaultyWire::Fate;
const std::string txn_path = "POST /v3/kv/txn ";

TEST(EtcdJournal, CommitsInOrderAndRefusesStaleVersions) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(3).ok());
  const auto first = rig.commit(commit_of(case_in(3, 1), 0, {"one", "two"}));
  ASSERT_TRUE(first.ok()) << first.error().detail;
  EXPECT_EQ(first->first_sequence, 1u);
  EXPECT_EQ(first->last_sequence, 2u);
  for (const std::uint64_t stale : {0u, 1u, 3u}) EXPECT_EQ(rig.commit(commit_of(case_in(3, 1), stale, {"late"})).error().code, Errc::conflict);
  const auto second = rig.commit(commit_of(case_in(3, 1), 2, {"three"}));
  ASSERT_TRUE(second.ok()) << second.error().detail;
  EXPECT_EQ(second->first_sequence, 3u) << "a refused commit uses up no position";
  EXPECT_EQ(rig.store->history[3], (std::vector<std::string>{"1 one", "2 two", "3 three"}));
}

TEST(EtcdJournal, RefusesWhatItDoesNotOwn) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(3).ok());
  EXPECT_EQ(rig.commit(commit_of(case_in(4, 1), 0, {"x"})).error().code, Errc::unavailable);
  rig.journal->disown(3);
  const auto refused = rig.commit(commit_of(case_in(3, 1), 0, {"x"}));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("does not own shard 3"), std::string::npos);
}

TEST(EtcdJournal, APermitLiesOnTheDeskBeforeTheCompletionRuns) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(1).ok());
  std::atomic<int> permits{-1};
  rig.journal->commit(reservation_of(case_in(1, 1), 0, AttemptId(77), "n"), [&](Result<CommitReceipt> receipt) {
    permits = receipt.ok() && rig.has_permit(AttemptId(77)) ? 1 : 0;
  });
  ASSERT_TRUE(rig.commit(commit_of(case_in(1, 2), 0, {"after"})).ok());
  EXPECT_EQ(permits, 1);
}

TEST(EtcdJournal, AClosedGateStopsReservationsOnly) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(1).ok());
  rig.set_gate("closed 1");
  const auto refused = rig.commit(reservation_of(case_in(1, 1), 0, AttemptId(1), "n"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(refused.error().detail, "the cluster's gate is closed");
  EXPECT_FALSE(rig.has_permit(AttemptId(1)));
  EXPECT_TRUE(rig.commit(commit_of(case_in(1, 1), 0, {"a fact"})).ok());
  rig.set_gate("open 1");
  EXPECT_TRUE(rig.commit(reservation_of(case_in(1, 1), 1, AttemptId(2), "n")).ok());
  EXPECT_TRUE(rig.has_permit(AttemptId(2)));
}

TEST(EtcdJournal, ANumberIsHeldByOneAttemptWhateverTheShard) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  for (const ShardIndex shard : {ShardIndex{1}, ShardIndex{2}}) ASSERT_TRUE(rig.own(shard).ok());
  std::atomic<int> granted{0};
  std::atomic<int> conflicts{0};
  for (std::uint64_t i = 0; i < 8; ++i) {
    rig.journal->commit(reservation_of(case_in(static_cast<ShardIndex>(1 + i % 2), i + 1), 0, AttemptId(i + 1), "same"), [&](Result<CommitReceipt> receipt) {
      if (receipt) ++granted;
      if (!receipt && receipt.error().code == Errc::conflict) ++conflicts;
    });
  }
  ASSERT_TRUE(rig.commit(commit_of(case_in(1, 99), 0, {"last"})).ok());
  ASSERT_TRUE(rig.commit(commit_of(case_in(2, 99), 0, {"last"})).ok());
  EXPECT_EQ(granted, 1);
  EXPECT_EQ(conflicts, 7);
  int permits = 0;
  for (std::uint64_t i = 0; i < 8; ++i) permits += rig.has_permit(AttemptId(i + 1)) ? 1 : 0;
  EXPECT_EQ(permits, 1);
  const auto holder = rig.keeper->read({rig.keys.line("same"), {}, 1})->rows.at(0).value;
  const auto number = std::to_string(AttemptId::parse(holder)->value());
  ASSERT_TRUE(rig.commit(commit_of(case_in(1, 99), 1, {"frees same " + number})).ok());
  EXPECT_TRUE(rig.commit(reservation_of(case_in(2, 50), 0, AttemptId(50), "same")).ok());
  ASSERT_TRUE(rig.commit(commit_of(case_in(1, 99), 2, {"frees same " + number})).ok()) << "a late fact is taken";
  EXPECT_EQ(rig.keeper->read({rig.keys.line("same"), {}, 1})->rows.at(0).value, AttemptId(50).str()) << "and frees nobody else's line";
}

TEST(EtcdJournal, ALostAnswerLeavesACommitWithoutAPermit) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(1).ok());
  rig.wire.plan(txn_path, {Fate::lose_answer});
  const auto receipt = rig.commit(reservation_of(case_in(1, 1), 0, AttemptId(7), "n"));
  ASSERT_TRUE(receipt.ok()) << receipt.error().detail;
  EXPECT_FALSE(rig.has_permit(AttemptId(7))) << "in doubt there is no dial";
  EXPECT_EQ(rig.store->history[1].size(), 1u);
  EXPECT_EQ(rig.journal->stats().late, 1u);
  EXPECT_TRUE(rig.commit(commit_of(case_in(1, 1), 1, {"not sent"})).ok());
}

TEST(EtcdJournal, ALostRequestIsFencedAndNeverComesBack) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(1).ok());
  rig.wire.plan(txn_path, {Fate::hold_request});
  const auto refused = rig.commit(reservation_of(case_in(1, 1), 0, AttemptId(7), "n"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_EQ(rig.wire.release(), 1u) << "now it arrives";
  EXPECT_FALSE(rig.has_permit(AttemptId(7)));
  EXPECT_TRUE(rig.commit(commit_of(case_in(1, 1), 0, {"one"})).ok()) << "the case is where it was";
  EXPECT_EQ(rig.store->history[1], (std::vector<std::string>{"1 one"}));
  EXPECT_EQ(rig.journal->stats().fences, 1u);
  EXPECT_TRUE(rig.keeper->read({rig.keys.line("n"), {}, 1})->rows.empty());
}

TEST(EtcdJournal, BehindAFenceWhatReservesNothingIsWrittenAnew) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(1).ok());
  rig.wire.plan(txn_path, {Fate::hold_request});
  const auto receipt = rig.commit(commit_of(case_in(1, 1), 0, {"row"}));
  ASSERT_TRUE(receipt.ok()) << receipt.error().detail;
  EXPECT_EQ(rig.wire.release(), 1u) << "the first request arrives behind the fence";
  EXPECT_EQ(rig.journal->stats().fences, 1u);
  EXPECT_TRUE(rig.commit(commit_of(case_in(1, 1), 1, {"next"})).ok());
  EXPECT_EQ(rig.store->history[1], (std::vector<std::string>{"1 row", "2 next"})) << "written once";
}

TEST(EtcdJournal, AShardInDoubtWaitsAlone) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  for (const ShardIndex shard : {ShardIndex{1}, ShardIndex{2}}) ASSERT_TRUE(rig.own(shard).ok());
  // Whatever speaks of shard 1 is lost: the commit, then the questions about it.
  rig.wire.plan(to_base64(rig.keys.owner(1)), std::vector<Fate>(100'000, Fate::lose_request));
  std::atomic<bool> is_first_answered{false};
  rig.journal->commit(commit_of(case_in(1, 1), 0, {"slow"}), [&](Result<CommitReceipt>) { is_first_answered = true; });
  while (rig.journal->stats().shards_in_doubt == 0) SystemClock::wait(milliseconds(1));
  const auto other = rig.commit(commit_of(case_in(2, 1), 0, {"quick"}));
  EXPECT_TRUE(other.ok()) << other.error().detail;
  EXPECT_FALSE(is_first_answered);
  rig.wire.plan({}, {});
  while (!is_first_answered) SystemClock::wait(milliseconds(5));
  EXPECT_TRUE(rig.commit(commit_of(case_in(1, 2), 0, {"goes on"})).ok());
}

TEST(EtcdJournal, ManyLostAnswersLoseAndDoubleNothing) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  for (ShardIndex shard = 0; shard < 4; ++shard) ASSERT_TRUE(rig.own(shard).ok());
  std::vector<Fate> fates;
  for (int i = 0; i < 60; ++i) fates.push_back(std::vector<Fate>{Fate::pass, Fate::lose_answer, Fate::pass, Fate::lose_request, Fate::hold_request}[static_cast<std::size_t>(i % 5)]);
  rig.wire.plan(txn_path, fates);
  std::vector<std::thread> writers;
  for (ShardIndex shard = 0; shard < 4; ++shard) {
    writers.emplace_back([&rig, shard] {
      std::uint64_t version = 0;
      for (int tries = 0; version < 12 && tries < 200; ++tries) {
        const auto receipt = rig.commit(commit_of(case_in(shard, 1), version, {"e" + std::to_string(version + 1)}));
        if (receipt) ++version;
        rig.wire.release();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  for (ShardIndex shard = 0; shard < 4; ++shard) {
    ASSERT_EQ(rig.store->history[shard].size(), 12u) << shard;
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(rig.store->history[shard][i], std::to_string(i + 1) + " e" + std::to_string(i + 1));
  }
  EXPECT_LT(rig.wire.left_in_plan(), 60u);
  EXPECT_GT(rig.journal->stats().doubts, 5u);
}

TEST(EtcdJournal, ANewOwnerFindsWhatTheDeadOneCommitted) {
  const EtcdProcess etcd;
  {
    JournalRig first(etcd, "a");
    ASSERT_TRUE(first.own(3).ok());
    for (std::uint64_t version = 0; version < 40; ++version) ASSERT_TRUE(first.commit(commit_of(case_in(3, 1), version, {"e"})).ok());
    // Dies between commit and store: the batch stands in the journal only.
    first.store->is_broken = true;
    const auto told = first.commit(commit_of(case_in(3, 1), 40, {"last"}));
    ASSERT_FALSE(told.ok());
    EXPECT_EQ(told.error().code, Errc::unavailable);
    EXPECT_EQ(first.commit(commit_of(case_in(3, 2), 0, {"x"})).error().code, Errc::unavailable) << "a store that cannot follow cannot own";
    EXPECT_EQ(first.lost, 3) << "membership hears of it";
  }
  JournalRig second(etcd, "b");
  const auto owned = second.own(3);
  ASSERT_TRUE(owned.ok()) << owned.error().detail;
  EXPECT_EQ(second.store->history[3].size(), 41u) << "read page by page";
  EXPECT_EQ(second.store->history[3].back(), "41 last");
  EXPECT_EQ(second.commit(commit_of(case_in(3, 1), 41, {"on"}))->first_sequence, 42u);
}

TEST(EtcdJournal, AFormerOwnerCommitsNothing) {
  const EtcdProcess etcd;
  JournalRig first(etcd, "a");
  ASSERT_TRUE(first.own(3).ok());
  ASSERT_TRUE(first.commit(commit_of(case_in(3, 1), 0, {"e"})).ok());
  JournalRig second(etcd, "b");
  ASSERT_TRUE(second.own(3).ok());
  ASSERT_TRUE(second.commit(commit_of(case_in(3, 1), 1, {"by the new one"})).ok());
  const auto late = first.commit(reservation_of(case_in(3, 1), 1, AttemptId(5), "n"));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Errc::unavailable);
  EXPECT_FALSE(first.has_permit(AttemptId(5)));
  const auto later = first.commit(commit_of(case_in(3, 1), 2, {"x"}));
  ASSERT_FALSE(later.ok());
  EXPECT_NE(later.error().detail.find("does not own shard 3"), std::string::npos) << "it knows now: " << later.error().detail;
  EXPECT_EQ(second.store->history[3].size(), 2u);
}

TEST(EtcdJournal, AHeldRequestOfAFormerOwnerChangesNothing) {
  const EtcdProcess etcd;
  JournalRig first(etcd, "a");
  ASSERT_TRUE(first.own(3).ok());
  std::vector<Fate> fates(100'000, Fate::lose_request);
  fates.front() = Fate::hold_request;
  first.wire.plan(txn_path, fates);
  std::atomic<bool> is_answered{false};
  first.journal->commit(reservation_of(case_in(3, 1), 0, AttemptId(5), "n"), [&](Result<CommitReceipt> receipt) {
    EXPECT_FALSE(receipt.ok());
    is_answered = true;
  });
  while (first.wire.left_in_plan() == fates.size()) SystemClock::wait(milliseconds(5));
  JournalRig second(etcd, "b");
  ASSERT_TRUE(second.own(3).ok());
  EXPECT_EQ(first.wire.release(), 1u);
  ASSERT_TRUE(second.commit(commit_of(case_in(3, 1), 0, {"by the new one"})).ok());
  first.wire.plan({}, {});
  while (!is_answered) SystemClock::wait(milliseconds(5));
  EXPECT_FALSE(first.has_permit(AttemptId(5)));
  EXPECT_EQ(second.store->history[3].size(), 1u);
}

TEST(EtcdJournal, AStoreThatDoesNotJoinMayNotOwn) {
  const EtcdProcess etcd;
  JournalRig first(etcd, "a");
  ASSERT_TRUE(first.own(3).ok());
  for (std::uint64_t version = 0; version < 3; ++version) ASSERT_TRUE(first.commit(commit_of(case_in(3, 1), version, {"e"})).ok());
  ASSERT_TRUE(first.keeper->run({{}, {EtcdErase{first.keys.batch(3, 1), {}}}, {}}).ok());
  JournalRig fresh(etcd, "b");
  const auto trimmed = fresh.own(3);
  ASSERT_FALSE(trimmed.ok());
  EXPECT_EQ(trimmed.error().code, Errc::corrupt);
  EXPECT_NE(trimmed.error().detail.find("seeded again"), std::string::npos) << trimmed.error().detail;
  // etcd restored from an older copy: the head went back below what the store has (R11).
  ASSERT_TRUE(first.keeper->run({{}, {EtcdErase{first.keys.head(3), {}}}, {}}).ok());
  EXPECT_EQ(first.own(3).error().code, Errc::corrupt);
  EXPECT_EQ(fresh.journal->own_and_wait(3, 1).error().code, Errc::conflict) << "not this owner's key";
}

/// An owner steps back only for what is wrong with its own copy.
TEST(EtcdJournal, ASilentEtcdIsNoFaultOfTheCopy) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(3).ok());
  ASSERT_TRUE(rig.commit(commit_of(case_in(3, 1), 0, {"e"})).ok());
  JournalRig other(etcd, "b");
  const auto epoch = other.claim(3);
  for (const auto& fates : {std::vector{Fate::lose_answer}, std::vector{Fate::pass, Fate::lose_answer, Fate::lose_answer}}) {
    other.wire.plan("/v3/kv/", fates);
    EXPECT_EQ(other.journal->own_and_wait(3, epoch).error().code, Errc::unavailable) << fates.size();
  }
  other.store->is_broken = true;
  const auto broken = other.journal->own_and_wait(3, epoch);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code, Errc::corrupt) << "another copy has to serve";
  EXPECT_NE(broken.error().detail.find("broken on purpose"), std::string::npos) << broken.error().detail;
  other.store->is_broken = false;
  other.wire.plan("/v3/kv/", {Fate::pass, Fate::lose_answer});
  EXPECT_TRUE(other.journal->own_and_wait(3, epoch).ok()) << "a page that does not come is asked for in a smaller part";
}

TEST(EtcdJournal, BoundsRefuseWithTheirReason) {
  const EtcdProcess etcd;
  EtcdJournalOptions options;
  options.max_request_bytes = 20'000;
  options.max_queued_commits = 8;
  JournalRig rig(etcd, "a", std::make_shared<MemoryStore>(), options);
  ASSERT_TRUE(rig.own(1).ok());
  const auto oversized = rig.commit(commit_of(case_in(1, 1), 0, {std::string(30'000, 'x')}));
  ASSERT_FALSE(oversized.ok());
  EXPECT_EQ(oversized.error().code, Errc::exhausted);
  EXPECT_NE(oversized.error().detail.find("20000 bytes"), std::string::npos) << oversized.error().detail;
  std::atomic<int> answered{0};
  std::atomic<int> exhausted{0};
  rig.wire.plan(txn_path, {Fate::lose_answer});
  for (std::uint64_t i = 0; i < 40; ++i) {
    rig.journal->commit(commit_of(case_in(1, i + 2), 0, {std::string(8'000, 'y')}), [&](Result<CommitReceipt> receipt) {
      ++answered;
      if (!receipt && receipt.error().code == Errc::exhausted) ++exhausted;
    });
  }
  while (answered < 40) SystemClock::wait(milliseconds(5));
  EXPECT_GT(exhausted, 0);
  EXPECT_EQ(rig.store->history[1].size(), static_cast<std::size_t>(40 - exhausted)) << "too much for one batch goes in several";
}

TEST(EtcdJournal, WhoWaitsBehindADoubtIsRefusedInTheEnd) {
  const EtcdProcess etcd;
  EtcdJournalOptions options;
  options.max_doubt = milliseconds(200);
  JournalRig rig(etcd, "a", std::make_shared<MemoryStore>(), options);
  ASSERT_TRUE(rig.own(1).ok());
  rig.wire.plan(txn_path, std::vector<Fate>(100'000, Fate::lose_request));
  std::atomic<bool> is_first_answered{false};
  rig.journal->commit(commit_of(case_in(1, 1), 0, {"in doubt"}), [&](Result<CommitReceipt>) { is_first_answered = true; });
  while (rig.journal->stats().shards_in_doubt == 0) SystemClock::wait(milliseconds(1));
  const auto waited = rig.commit(commit_of(case_in(1, 2), 0, {"behind it"}));
  ASSERT_FALSE(waited.ok());
  EXPECT_EQ(waited.error().code, Errc::unavailable);
  EXPECT_FALSE(is_first_answered) << "nobody knows yet";
}

TEST(EtcdJournal, WithoutRoomItTakesFactsOnly) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  ASSERT_TRUE(rig.own(1).ok());
  std::uint64_t number = 0;
  const auto takes = [&](CommitRequest request) {
    request.case_id = case_in(1, ++number);
    const auto receipt = rig.commit(std::move(request));
    EXPECT_TRUE(receipt.ok() || receipt.error().code == Errc::exhausted);
    return receipt.ok();
  };
  auto fact = commit_of(case_in(1, 1), 0, {"answered"});
  fact.attempts.push_back({AttemptId(5), AttemptMark::Kind::outcome, {}, {}, Outcome::failed});
  const auto note = commit_of(case_in(1, 1), 0, {"a note"});
  const auto reservation = [&number] { return reservation_of(case_in(1, 1), 0, AttemptId(number + 10), "n" + std::to_string(number)); };
  const struct { JournalRoom room; bool takes_reservations; bool takes_notes; } rows[] = {
      {JournalRoom::enough, true, true}, {JournalRoom::no_reservations, false, true}, {JournalRoom::facts_only, false, false}, {JournalRoom::enough, true, true}};
  for (const auto& row : rows) {
    rig.journal->set_room(row.room);
    EXPECT_EQ(takes(reservation()), row.takes_reservations) << to_string(row.room);
    EXPECT_EQ(takes(note), row.takes_notes) << to_string(row.room);
    EXPECT_TRUE(takes(fact)) << to_string(row.room);
  }
}

TEST(EtcdJournal, ADamagedHeadCostsTheShardOnly) {
  const EtcdProcess etcd;
  JournalRig rig(etcd);
  for (const ShardIndex shard : {ShardIndex{1}, ShardIndex{2}}) ASSERT_TRUE(rig.own(shard).ok());
  ASSERT_TRUE(rig.keeper->run({{}, {EtcdPut{rig.keys.head(1), "nonsense", 0}}, {}}).ok());
  EXPECT_FALSE(rig.commit(commit_of(case_in(1, 1), 0, {"x"})).ok());
  EXPECT_EQ(rig.lost, 1);
  EXPECT_TRUE(rig.commit(commit_of(case_in(2, 1), 0, {"x"})).ok());
}

TEST(EtcdJournal, StopsWithEveryCallerAnswered) {
  const EtcdProcess etcd;
  std::atomic<int> answered{0};
  {
    JournalRig rig(etcd);
    ASSERT_TRUE(rig.own(1).ok());
    rig.wire.plan(txn_path, std::vector<Fate>(100'000, Fate::lose_request));
    for (std::uint64_t i = 0; i < 20; ++i) {
      rig.journal->commit(commit_of(case_in(1, i + 1), 0, {"x"}), [&answered, journal = rig.journal.get(), i](Result<CommitReceipt>) {
        ++answered;
        journal->commit(commit_of(case_in(1, i + 100), 0, {"once more"}), [&answered](Result<CommitReceipt>) { ++answered; });
      });
    }
  }
  EXPECT_EQ(answered, 40) << "those that came while it stopped as well";
}

}  // namespace
}  // namespace dunlin::test
