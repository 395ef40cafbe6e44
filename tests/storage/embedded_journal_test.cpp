// The contract of the commit journal, on the embedded one: versions, order, sequences, permits, bounds.
#include "storage/embedded_journal.hpp"

#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "core/case/case_event.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

using EmbeddedJournalTest = StoreTest;

/// Lets the first completion block the writer thread, so that what is queued meanwhile becomes one group.
class Gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

/// Commits that become one group: results in the order given.
std::vector<Result<CommitReceipt>> commit_as_one_group(Store& store, std::vector<CommitRequest> requests) {
  Gate gate;
  Gate is_blocked;
  store.journal().commit(commit_of(case_in(255, 999), 0, {"opens the group"}), [&](Result<CommitReceipt>) {
    is_blocked.open();
    gate.wait();
  });
  is_blocked.wait();
  std::vector<Result<CommitReceipt>> results;
  for (std::size_t i = 0; i + 1 < requests.size(); ++i) {
    store.journal().commit(std::move(requests[i]),
                           [&results](Result<CommitReceipt> result) { results.push_back(std::move(result)); });
  }
  Gate finished;
  store.journal().commit(std::move(requests.back()), [&](Result<CommitReceipt> result) {
    results.push_back(std::move(result));
    finished.open();
  });
  gate.open();
  finished.wait();
  return results;
}

CommitRequest imported_row(CaseId case_id) {
  auto request = commit_of(case_id, 0, {"row"});
  request.events.front().type = static_cast<std::uint16_t>(EventType::row_imported);
  return request;
}

TEST_F(EmbeddedJournalTest, AReservationOvertakesTheRowsOfAnImport) {
  constexpr std::uint64_t rows = 2'000;
  Gate gate;
  Gate is_blocked;
  store_->journal().commit(commit_of(case_in(255, 999), 0, {"opens the group"}), [&](Result<CommitReceipt>) {
    is_blocked.open();
    gate.wait();
  });
  is_blocked.wait();
  std::uint64_t rows_done = 0;
  std::uint64_t rows_before_the_call = rows;
  Gate finished;
  for (std::uint64_t i = 0; i < rows; ++i) {
    store_->journal().commit(imported_row(case_in(static_cast<ShardIndex>(i % 200), 1 + i)), [&](const Result<CommitReceipt>& receipt) {
      EXPECT_TRUE(receipt.ok());
      if (++rows_done == rows) finished.open();
    });
  }
  auto call = commit_of(case_in(201, 1), 0, {"reserved"});
  call.reservation = CommitRequest::Reservation{AttemptId(77), 1, MonoTime{1'000'000}};
  store_->journal().commit(std::move(call), [&](const Result<CommitReceipt>& receipt) {
    EXPECT_TRUE(receipt.ok());
    rows_before_the_call = rows_done;
  });
  gate.open();
  finished.wait();
  EXPECT_EQ(rows_before_the_call, 0u);
  // Its group took only some of the rows along, so that the call does not wait for all of them to be written.
  EXPECT_EQ(store_->journal().stats().groups, 3u);
}

TEST_F(EmbeddedJournalTest, NothingOvertakesAnErasure) {
  const auto case_id = case_in(7, 1);
  Gate gate;
  Gate is_blocked;
  store_->journal().commit(commit_of(case_in(255, 999), 0, {"opens the group"}), [&](Result<CommitReceipt>) {
    is_blocked.open();
    gate.wait();
  });
  is_blocked.wait();
  Gate finished;
  store_->journal().commit(imported_row(case_id), [](const Result<CommitReceipt>& receipt) { EXPECT_TRUE(receipt.ok()); });
  store_->journal().erase_case(case_id, [](const Status& erased) { EXPECT_TRUE(erased.ok()); });
  store_->journal().commit(commit_of(case_id, 1, {"came back"}), [&](const Result<CommitReceipt>& receipt) {
    EXPECT_TRUE(receipt.ok());
    finished.open();
  });
  gate.open();
  finished.wait();
  const auto events = store_->history().case_events(case_id);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ(events->front().body, "came back");
}

TEST_F(EmbeddedJournalTest, CommitsReadBackInOrder) {
  const auto case_id = case_in(3, 1);
  const auto first = must_commit(*store_, commit_of(case_id, 0, {"one", "two"}));
  const auto second = must_commit(*store_, commit_of(case_id, 2, {"three", ""}));
  EXPECT_EQ(first.first_sequence, 1u);
  EXPECT_EQ(first.last_sequence, 2u);
  EXPECT_EQ(first.version, 2u);
  EXPECT_EQ(second.first_sequence, 3u);
  EXPECT_EQ(second.version, 4u);
  const auto events = store_->history().case_events(case_id);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 4u);
  EXPECT_EQ((*events)[0].body, "one");
  EXPECT_EQ((*events)[2].body, "three");
  EXPECT_EQ((*events)[3].body, "");
  EXPECT_EQ((*events)[3].version, 4u);
  EXPECT_EQ((*events)[3].sequence, 4u);
  EXPECT_EQ((*events)[3].type, 7u);
}

TEST_F(EmbeddedJournalTest, StaleVersionIsAConflictAndWritesNothing) {
  const auto case_id = case_in(3, 1);
  must_commit(*store_, commit_of(case_id, 0, {"one"}));
  for (const std::uint64_t stale : {0u, 2u, 7u}) {
    const auto refused = store_->journal().commit_and_wait(commit_of(case_id, stale, {"late"}));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::conflict);
  }
  EXPECT_EQ(*store_->history().case_version(case_id), 1u);
  EXPECT_EQ(store_->history().head(3)->sequence, 1u);
  EXPECT_EQ(store_->history().case_view(case_id)->bytes, "view of 1");
}

TEST_F(EmbeddedJournalTest, VersionIsCheckedAfterAReopen) {
  const auto case_id = case_in(3, 1);
  must_commit(*store_, commit_of(case_id, 0, {"one"}));
  reopen();
  EXPECT_EQ(store_->journal().commit_and_wait(commit_of(case_id, 0, {"again"})).error().code, Errc::conflict);
  EXPECT_EQ(must_commit(*store_, commit_of(case_id, 1, {"two"})).first_sequence, 2u);
}

TEST_F(EmbeddedJournalTest, CommitsOfOneCaseInOneGroupSeeEachOther) {
  const auto case_id = case_in(3, 1);
  const auto results = commit_as_one_group(*store_, {commit_of(case_id, 0, {"a"}), commit_of(case_id, 0, {"rival"}),
                                                     commit_of(case_id, 1, {"b", "c"}), commit_of(case_id, 3, {"d"}),
                                                     commit_of(case_in(3, 2), 0, {"other"})});
  ASSERT_EQ(results.size(), 5u);
  EXPECT_TRUE(results[0].ok());
  ASSERT_FALSE(results[1].ok());
  EXPECT_EQ(results[1].error().code, Errc::conflict);
  ASSERT_TRUE(results[3].ok());
  EXPECT_EQ(results[3]->version, 4u);
  EXPECT_EQ(results[3]->first_sequence, 4u);
  ASSERT_TRUE(results[4].ok());
  EXPECT_EQ(results[4]->first_sequence, 5u) << "a refused commit must not use up a position";
  const auto stats = store_->journal().stats();
  EXPECT_EQ(stats.groups, 2u);
  EXPECT_EQ(stats.refused, 1u);
  EXPECT_TRUE(store_->history().verify_chain(3).ok());
}

/// Of several rows of an import at once, cases with two rows and rows that come too late among them.
std::vector<CommitRequest> rows_of_a_large_group(std::vector<bool>& are_good) {
  std::vector<CommitRequest> requests;
  for (std::uint64_t i = 0; i < 900; ++i) {
    const auto case_id = case_in(static_cast<ShardIndex>(i % 3 == 0 ? i % shard_count : 17 + i % 4), 1 + i);
    const std::string number = std::to_string(i);
    auto row = commit_of(case_id, 0, {"row " + number, "debt " + number});
    row.lookups_added = {{LookupKind::phone, "+7916" + number}};
    row.due = {{CampaignId(5), UtcTime{static_cast<std::int64_t>(i)}, 0}};
    requests.push_back(row);
    are_good.push_back(true);
    if (i % 5 == 0) {
      requests.push_back(commit_of(case_id, 1, {"too late"}));
      are_good.push_back(false);
    }
    if (i % 7 == 0) {
      requests.push_back(commit_of(case_id, 2, {"second row " + number}));
      are_good.push_back(true);
    }
  }
  return requests;
}

TEST_F(EmbeddedJournalTest, ALargeGroupIsWhatItsCommitsWouldBeOneByOne) {
  std::vector<bool> are_good;
  const auto requests = rows_of_a_large_group(are_good);
  const auto results = commit_as_one_group(*store_, requests);
  ASSERT_EQ(results.size(), requests.size());
  EXPECT_EQ(store_->journal().stats().groups, 2u);
  std::map<ShardIndex, std::uint64_t> heads{{255, 1}};  // What opened the group.
  for (std::size_t i = 0; i < requests.size(); ++i) {
    ASSERT_EQ(results[i].ok(), are_good[i]) << i;
    if (!are_good[i]) {
      EXPECT_EQ(results[i].error().code, Errc::conflict);
      continue;
    }
    auto& head = heads[shard_of(requests[i].case_id)];
    EXPECT_EQ(results[i]->first_sequence, head + 1) << i;
    head += requests[i].events.size();
    EXPECT_EQ(results[i]->last_sequence, head);
  }
  reopen();
  for (const auto& [shard, last] : heads) {
    EXPECT_EQ(store_->history().head(shard)->sequence, last);
    EXPECT_TRUE(store_->history().verify_chain(shard).ok()) << shard;
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!are_good[i]) continue;
    const CommitRequest& request = requests[i];
    const auto events = store_->history().case_events(request.case_id, request.expected_version, request.events.size());
    ASSERT_TRUE(events.ok()) << events.error().detail;
    ASSERT_EQ(events->size(), request.events.size());
    for (std::size_t at = 0; at < events->size(); ++at) EXPECT_EQ((*events)[at].body, request.events[at].body);
    for (const LookupKey& key : request.lookups_added) {
      EXPECT_EQ(*store_->history().find(key), std::vector<CaseId>{request.case_id});
    }
    if (request.due) {
      EXPECT_EQ(*store_->history().due_rows(request.case_id), *request.due);
    }
  }
}

TEST_F(EmbeddedJournalTest, SequencesAreGapFreePerShardUnderManyWriters) {
  constexpr int writers = 4;
  constexpr int commits_each = 60;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([this, writer, &failures] {
      for (int i = 0; i < commits_each; ++i) {
        const auto case_id = case_in(static_cast<ShardIndex>(i % 3), static_cast<std::uint64_t>(1 + writer));
        const auto version = static_cast<std::uint64_t>(i / 3 * 2);
        if (!store_->journal().commit_and_wait(commit_of(case_id, version, {"x", "y"}))) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  for (ShardIndex shard = 0; shard < 3; ++shard) {
    const auto tail = store_->history().tail(shard, 0, 10'000);
    ASSERT_TRUE(tail.ok()) << tail.error().detail;
    EXPECT_EQ(tail->events.size(), static_cast<std::size_t>(writers * commits_each * 2 / 3));
    EXPECT_EQ(tail->next_after, store_->history().head(shard)->sequence);
    EXPECT_TRUE(store_->history().verify_chain(shard).ok());
  }
}

CommitRequest reservation_of(CaseId case_id, std::uint64_t version, AttemptId attempt) {
  auto request = commit_of(case_id, version, {"reserved"});
  request.reservation = CommitRequest::Reservation{attempt, 1, MonoTime{5'000}};
  return request;
}

TEST_F(EmbeddedJournalTest, PermitIsOnTheDeskBeforeTheCompletionAndCanBeTakenOnce) {
  const AttemptId attempt(77);
  Gate finished;
  std::optional<DialPermit> taken;
  store_->journal().commit(reservation_of(case_in(1, 1), 0, attempt), [&](Result<CommitReceipt> receipt) {
    if (receipt) taken = store_->permit_desk().take(attempt, 1);
    finished.open();
  });
  finished.wait();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->attempt(), attempt);
  EXPECT_EQ(taken->expires_at(), MonoTime{5'000});
  EXPECT_FALSE(store_->permit_desk().take(attempt, 1).has_value());
}

TEST_F(EmbeddedJournalTest, RefusedReservationYieldsNoPermit) {
  const AttemptId attempt(78);
  must_commit(*store_, commit_of(case_in(1, 1), 0, {"one"}));
  EXPECT_FALSE(store_->journal().commit_and_wait(reservation_of(case_in(1, 1), 0, attempt)).ok());
  EXPECT_FALSE(store_->permit_desk().take(attempt, 1).has_value());
}

TEST_F(EmbeddedJournalTest, MalformedCommitsAreRefused) {
  CommitRequest no_case = commit_of(CaseId(), 0, {"x"});
  CommitRequest empty_reservation = reservation_of(case_in(1, 1), 0, AttemptId(5));
  empty_reservation.events.clear();
  CommitRequest double_due = commit_of(case_in(1, 1), 0, {"x"});
  double_due.due = {{CampaignId(4), UtcTime{1}, 0}, {CampaignId(5), UtcTime{1}, 0}, {CampaignId(4), UtcTime{2}, 0}};
  CommitRequest view_of_nothing = commit_of(case_in(1, 1), 0, {});
  for (auto& request : {no_case, empty_reservation, double_due, view_of_nothing}) {
    const auto refused = store_->journal().commit_and_wait(request);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::invalid_input);
  }
  EXPECT_FALSE(store_->permit_desk().take(AttemptId(5), 1).has_value());
}

TEST_F(EmbeddedJournalTest, ListenerHearsTheShardAndItsHead) {
  Gate heard;
  std::pair<ShardIndex, std::uint64_t> told;
  store_->journal().listen([&](ShardIndex shard, std::uint64_t sequence) {
    told = {shard, sequence};
    heard.open();
  });
  must_commit(*store_, commit_of(case_in(9, 1), 0, {"a", "b", "c"}));
  heard.wait();
  EXPECT_EQ(told, (std::pair<ShardIndex, std::uint64_t>{9, 3}));
}

TEST(EmbeddedJournalBounds, FullQueueRefusesAtOnce) {
  const TemporaryFolder folder;
  auto settings = settings_for(folder.path());
  settings.journal.max_queued_commits = 4;
  const auto store = open_store(settings);
  Gate gate;
  Gate is_blocked;
  store->journal().commit(commit_of(case_in(1, 1), 0, {"x"}), [&](Result<CommitReceipt>) {
    is_blocked.open();
    gate.wait();
  });
  is_blocked.wait();
  std::vector<Errc> refusals;
  for (std::uint64_t i = 0; i < 6; ++i) {
    store->journal().commit(commit_of(case_in(2, 1 + i), 0, {"x"}), [&refusals](Result<CommitReceipt> result) {
      if (!result) refusals.push_back(result.error().code);
    });
  }
  EXPECT_EQ(refusals, (std::vector<Errc>{Errc::exhausted, Errc::exhausted}));
  gate.open();
}

TEST(EmbeddedJournalBounds, BelowTheReserveFactsAreKeptAndNewAttemptsRefused) {
  const TemporaryFolder folder;
  std::atomic<std::uint64_t> free_bytes{1'000'000};
  auto settings = settings_for(folder.path());
  settings.min_free_bytes = 500'000;
  settings.journal.free_space = [&free_bytes](const std::filesystem::path&) {
    return Result<std::uint64_t>(free_bytes.load());
  };
  const auto store = open_store(settings);
  const auto case_id = case_in(1, 1);
  must_commit(*store, commit_of(case_id, 0, {"known"}));
  free_bytes = 499'999;
  const auto attempt = store->journal().commit_and_wait(reservation_of(case_id, 1, AttemptId(9)));
  ASSERT_FALSE(attempt.ok());
  EXPECT_EQ(attempt.error().code, Errc::exhausted);
  EXPECT_EQ(store->journal().commit_and_wait(commit_of(case_in(1, 2), 0, {"new"})).error().code, Errc::exhausted);
  must_commit(*store, commit_of(case_id, 1, {"outcome"}));
  EXPECT_TRUE(store->journal().stats().is_low_on_space);
  free_bytes = 1'000'000;
  must_commit(*store, reservation_of(case_id, 2, AttemptId(10)));
  EXPECT_TRUE(store->permit_desk().take(AttemptId(10), 1).has_value());
}

TEST(EmbeddedJournalBounds, RefusingDiskLosesNothingAcknowledgedAndGivesNoPermit) {
  const TemporaryFolder folder;
  const auto case_id = case_in(1, 1);
  {
    const auto store = open_store(settings_for(folder.path()));
    must_commit(*store, commit_of(case_id, 0, {"safe"}));
    // The kernel refuses every byte past the limit, as a full disk would.
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit none{4096, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    const auto refused = store->journal().commit_and_wait(commit_of(case_id, 1, {std::string(100'000, 'x')}));
    auto reservation = reservation_of(case_id, 1, AttemptId(11));
    const auto no_attempt = store->journal().commit_and_wait(reservation);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    std::signal(SIGXFSZ, old_handler);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    ASSERT_FALSE(no_attempt.ok());
    EXPECT_EQ(no_attempt.error().code, Errc::unavailable);
    EXPECT_FALSE(store->permit_desk().take(AttemptId(11), 1).has_value());
    EXPECT_TRUE(store->journal().stats().is_refusing);
    EXPECT_EQ(store->history().case_events(case_id)->size(), 1u);
  }
  const auto store = open_store(settings_for(folder.path()));
  EXPECT_EQ(*store->history().case_version(case_id), 1u);
  EXPECT_EQ(must_commit(*store, commit_of(case_id, 1, {"after"})).first_sequence, 2u);
  EXPECT_TRUE(store->history().verify_chain(1).ok());
}

}  // namespace
}  // namespace dunlin::storage_test
