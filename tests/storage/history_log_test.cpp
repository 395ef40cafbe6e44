#include "storage/history_log.hpp"

#include <algorithm>
#include <set>

#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

using HistoryLogTest = StoreTest;

TEST_F(HistoryLogTest, CaseEventsStartAfterTheGivenVersionAndStopAtTheLimit) {
  const auto case_id = case_in(4, 1);
  must_commit(*store_, commit_of(case_id, 0, {"1", "2", "3", "4"}));
  must_commit(*store_, commit_of(case_in(4, 2), 0, {"other"}));
  const auto events = store_->history().case_events(case_id, 1, 2);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[0].body, "2");
  EXPECT_EQ((*events)[1].body, "3");
  EXPECT_TRUE(store_->history().case_events(case_in(4, 3))->empty());
}

/// Phone N belongs to one case, every third one to another case too.
std::vector<std::vector<CaseId>> commit_phones(Store& store, std::uint64_t from, std::uint64_t to) {
  std::vector<std::vector<CaseId>> owners;
  for (std::uint64_t i = from; i < to; ++i) {
    owners.emplace_back();
    for (std::uint64_t owner = 0; owner < (i % 3 == 0 ? 2u : 1u); ++owner) {
      auto request = commit_of(case_in(static_cast<ShardIndex>(i % 7), 1'000 * owner + i), 0, {"x"});
      request.lookups_added = {{LookupKind::phone, "+7916" + std::to_string(i)}};
      owners.back().push_back(request.case_id);
      must_commit(store, std::move(request));
    }
    std::sort(owners.back().begin(), owners.back().end());
  }
  return owners;
}

TEST_F(HistoryLogTest, ManyLookupsAtOnceFindWhatEachWouldFind) {
  auto owners = commit_phones(*store_, 1, 60);
  reopen();  // What was in memory is in a table file now.
  const auto later = commit_phones(*store_, 60, 120);
  owners.insert(owners.end(), later.begin(), later.end());
  auto removal = commit_of(case_in(2, 2), 1, {"wrong number"});
  removal.lookups_removed = {{LookupKind::phone, "+79162"}};
  must_commit(*store_, removal);
  owners[1].clear();
  std::vector<LookupKey> keys;
  for (std::uint64_t i = 1; i < 120; ++i) {
    keys.push_back({LookupKind::phone, "+7916" + std::to_string(i)});
    keys.push_back({LookupKind::person_key, "+7916" + std::to_string(i)});  // Nobody has it.
  }
  const auto found = store_->history().find_all(keys);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), keys.size());
  for (std::size_t i = 0; i < owners.size(); ++i) {
    EXPECT_EQ((*found)[2 * i], owners[i]) << keys[2 * i].text;
    EXPECT_EQ(*store_->history().find(keys[2 * i]), owners[i]) << keys[2 * i].text;
    EXPECT_TRUE((*found)[2 * i + 1].empty());
    EXPECT_TRUE(store_->history().find(keys[2 * i + 1])->empty());
  }
}

/// Thousands of namesakes must not fill the answers, and no case of one person may be left out of one.
TEST_F(HistoryLogTest, ManyNamesakesAreCutShortAndThePeopleOfAKeyAreNot) {
  const LookupKey name{LookupKind::person_key, "name|ivanov ivan"};
  const LookupKey name_birth{LookupKind::person_key, "name_birth|ivanov ivan|1980-01-02"};
  std::vector<CaseId> all;
  for (std::uint64_t i = 0; i < 40; ++i) {
    auto request = commit_of(case_in(static_cast<ShardIndex>(i % 7), 1 + i), 0, {"x"});
    request.lookups_added = {name, name_birth};
    all.push_back(request.case_id);
    must_commit(*store_, std::move(request));
  }
  std::sort(all.begin(), all.end());
  const auto found = store_->history().find_all({name, name_birth});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->front(), std::vector<CaseId>(all.begin(), all.begin() + 16));
  EXPECT_EQ(found->back(), all);
}

TEST_F(HistoryLogTest, TailGoesOnWhereItStopped) {
  for (std::uint64_t i = 0; i < 5; ++i) must_commit(*store_, commit_of(case_in(4, 1 + i), 0, {"x"}));
  const auto first = store_->history().tail(4, 0, 3);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->events.size(), 3u);
  EXPECT_FALSE(first->is_at_head);
  const auto second = store_->history().tail(4, first->next_after, 3);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->events.size(), 2u);
  EXPECT_EQ(second->events[0].sequence, 4u);
  EXPECT_TRUE(second->is_at_head);
  EXPECT_EQ(second->next_after, 5u);
  EXPECT_TRUE(store_->history().tail(4, 5, 3)->events.empty());
}

TEST_F(HistoryLogTest, TailBeginsAndEndsInsideACommit) {
  must_commit(*store_, commit_of(case_in(4, 1), 0, {"1", "2", "3"}));
  must_commit(*store_, commit_of(case_in(4, 2), 0, {"4"}));
  must_commit(*store_, commit_of(case_in(4, 1), 3, {"5", "6"}));
  for (std::uint64_t after = 0; after <= 6; ++after) {
    for (std::size_t limit = 1; limit <= 7; ++limit) {
      const auto page = store_->history().tail(4, after, limit);
      ASSERT_TRUE(page.ok());
      const auto wanted = std::min<std::uint64_t>(limit, 6 - after);
      ASSERT_EQ(page->events.size(), wanted) << after << " " << limit;
      for (std::uint64_t i = 0; i < wanted; ++i) {
        EXPECT_EQ(page->events[i].sequence, after + i + 1);
        EXPECT_EQ(page->events[i].body, std::to_string(after + i + 1));
      }
      EXPECT_EQ(page->next_after, after + wanted);
      EXPECT_EQ(page->is_at_head, after + wanted == 6) << after << " " << limit;
    }
  }
}

TEST_F(HistoryLogTest, ViewIsTheLastOneWrittenWithItsVersion) {
  const auto case_id = case_in(4, 1);
  EXPECT_EQ(store_->history().case_view(case_id).error().code, Errc::not_found);
  must_commit(*store_, commit_of(case_id, 0, {"1", "2"}));
  auto without_view = commit_of(case_id, 2, {"3"});
  without_view.case_view.clear();
  must_commit(*store_, without_view);
  EXPECT_EQ(store_->history().case_view(case_id)->version, 2u);
  EXPECT_EQ(store_->history().case_view(case_id)->bytes, "view of 2");
  EXPECT_EQ(*store_->history().case_version(case_id), 3u);
}

TEST_F(HistoryLogTest, LookupsFindEveryCaseWithTheKeyUntilRemoved) {
  const LookupKey shared{LookupKind::phone, "+79120001122"};
  const LookupKey own{LookupKind::external_id, "contract-1"};
  auto first = commit_of(case_in(1, 1), 0, {"a"});
  first.lookups_added = {shared, own};
  auto second = commit_of(case_in(200, 2), 0, {"b"});
  second.lookups_added = {shared};
  must_commit(*store_, first);
  must_commit(*store_, second);
  EXPECT_EQ(*store_->history().find(shared), (std::vector<CaseId>{case_in(1, 1), case_in(200, 2)}));
  EXPECT_EQ(*store_->history().find(own), (std::vector<CaseId>{case_in(1, 1)}));
  EXPECT_TRUE(store_->history().find({LookupKind::person_key, "contract-1"})->empty());
  auto removal = commit_of(case_in(1, 1), 1, {"c"});
  removal.lookups_removed = {shared};
  must_commit(*store_, removal);
  EXPECT_EQ(*store_->history().find(shared), (std::vector<CaseId>{case_in(200, 2)}));
}

TEST_F(HistoryLogTest, DueRowsAreReplacedAsASet) {
  const auto case_id = case_in(6, 1);
  const std::vector<DueRow> two = {{CampaignId(), UtcTime{9}, 0}, {CampaignId(3), UtcTime{5}, -2}};
  auto request = commit_of(case_id, 0, {"a"});
  request.due = two;
  must_commit(*store_, request);
  must_commit(*store_, commit_of(case_id, 1, {"unchanged"}));
  EXPECT_EQ(*store_->history().due_rows(case_id), two);
  std::vector<std::pair<CaseId, std::vector<DueRow>>> seen;
  ASSERT_TRUE(store_->history().each_due(6, [&seen](CaseId id, const std::vector<DueRow>& rows) {
    seen.emplace_back(id, rows);
    return true;
  }).ok());
  EXPECT_EQ(seen, (std::vector<std::pair<CaseId, std::vector<DueRow>>>{{case_id, two}}));
  CommitRequest clear;
  clear.case_id = case_id;
  clear.expected_version = 2;
  clear.due = std::vector<DueRow>();
  EXPECT_EQ(must_commit(*store_, clear).version, 2u);
  EXPECT_TRUE(store_->history().due_rows(case_id)->empty());
}

TEST_F(HistoryLogTest, CountsAndListsEveryCaseOnce) {
  std::set<CaseId> made;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto case_id = case_in(static_cast<ShardIndex>(i % 2), 1 + i);
    must_commit(*store_, commit_of(case_id, 0, {"a", "b"}));
    must_commit(*store_, commit_of(case_id, 2, {"c"}));
    made.insert(case_id);
  }
  reopen();
  EXPECT_EQ(store_->history().counts()->cases, 20u);
  EXPECT_EQ(store_->history().counts()->events, 60u);
  std::vector<CaseId> listed;
  std::size_t views = 0;
  for (ShardIndex shard = 0; shard < 2; ++shard) {
    ASSERT_TRUE(store_->history().each_case(shard, [&listed](CaseId id) {
      listed.push_back(id);
      return true;
    }).ok());
    ASSERT_TRUE(store_->history().each_view(shard, [&views](CaseId, const StoredView& view) {
      views += view.version == 3 && view.bytes == "view of 3" ? 1u : 0u;
      return true;
    }).ok());
  }
  EXPECT_EQ(std::set<CaseId>(listed.begin(), listed.end()), made);
  EXPECT_EQ(listed.size(), 20u);
  EXPECT_EQ(views, 20u);
}

TEST_F(HistoryLogTest, ErasedCaseIsGoneEverywhereAndTheChainHolds) {
  const auto erased = case_in(8, 1);
  const auto other = case_in(8, 2);
  const LookupKey phone{LookupKind::phone, "+79120001123"};
  auto request = commit_of(erased, 0, {"secret", "secret too"});
  request.lookups_added = {phone};
  request.due = {{CampaignId(1), UtcTime{5}, 0}};
  must_commit(*store_, request);
  must_commit(*store_, commit_of(other, 0, {"kept"}));
  ASSERT_TRUE(store_->journal().erase_case_and_wait(erased).ok());
  const auto& history = store_->history();
  EXPECT_EQ(history.case_view(erased).error().code, Errc::not_found);
  EXPECT_TRUE(history.case_events(erased)->empty());
  EXPECT_TRUE(history.find(phone)->empty());
  EXPECT_TRUE(history.due_rows(erased)->empty());
  const auto tail = history.tail(8, 0, 10);
  ASSERT_TRUE(tail.ok());
  ASSERT_EQ(tail->events.size(), 1u);
  EXPECT_EQ(tail->events[0].body, "kept");
  EXPECT_EQ(tail->next_after, 3u);
  EXPECT_TRUE(history.verify_chain(8).ok());
  // The same person may come back later: a new key, and the version goes on.
  must_commit(*store_, commit_of(erased, 2, {"new life"}));
  reopen();
  ASSERT_EQ(store_->history().case_events(erased)->size(), 1u);
  EXPECT_EQ(store_->history().case_events(erased)->at(0).version, 3u);
}

/// Changes the stored rows of a closed store behind its back.
class TamperedHistory : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::uint64_t version = 0;
    for (const char* body : {"one", "two", "three"}) must_commit(*store_, commit_of(case_in(2, 1), version++, {body}));
  }
  void tamper(const std::function<void(Database&, WriteBatch&)>& change) {
    store_.reset();
    {
      DatabaseOptions options;
      options.path = folder_.path() / "history";
      const auto database = Database::open(options);
      ASSERT_TRUE(database.ok());
      WriteBatch batch;
      change(**database, batch);
      ASSERT_TRUE((*database)->write(batch, Durability::synced).ok());
    }
    store_ = open_store(settings_for(folder_.path()));
  }
};

TEST_F(TamperedHistory, ChangedEventBreaksTheChain) {
  tamper([](Database& database, WriteBatch& batch) {
    auto row = *decode_event_row(**database.get(key_space::event(2, 2)));
    row.at.ms += 1;  // With a correct checksum: only the chain can tell.
    batch.put(key_space::event(2, 2), encode(row));
  });
  const auto verified = store_->history().verify_chain(2);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().code, Errc::corrupt);
}

TEST_F(TamperedHistory, RemovedEventIsNamed) {
  tamper([](Database&, WriteBatch& batch) { batch.erase(key_space::event(2, 2)); });
  EXPECT_NE(store_->history().verify_chain(2).error().detail.find("event 2"), std::string::npos);
  EXPECT_NE(store_->history().tail(2, 0, 10).error().detail.find("event 2"), std::string::npos);
  EXPECT_NE(store_->history().case_events(case_in(2, 1)).error().detail.find("event 2"), std::string::npos);
}

TEST_F(TamperedHistory, CutTailIsNoticed) {
  tamper([](Database&, WriteBatch& batch) { batch.erase(key_space::event(2, 3)); });
  EXPECT_EQ(store_->history().verify_chain(2).error().code, Errc::corrupt);
}

TEST_F(TamperedHistory, DamagedRowsOfOneCaseCostNoOther) {
  for (std::uint64_t n = 2; n < 5; ++n) {
    auto request = commit_of(case_in(2, n), 0, {"whole"});
    request.due = {{CampaignId(1), UtcTime{5}, 0}};
    must_commit(*store_, request);
  }
  tamper([](Database& database, WriteBatch& batch) {
    for (const auto& key : {key_space::due(case_in(2, 3)), key_space::view(case_in(2, 3)), key_space::event(2, 5)}) {
      auto bytes = **database.get(key);
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      batch.put(key, bytes);
    }
  });
  const auto& history = store_->history();
  EXPECT_EQ(history.damage().count, 0u);
  std::set<CaseId> due;
  const auto due_read = history.each_due(2, [&due](CaseId id, const std::vector<DueRow>&) { return due.insert(id).second; });
  std::set<CaseId> views;
  const auto views_read = history.each_view(2, [&views](CaseId id, const StoredView&) { return views.insert(id).second; });
  EXPECT_EQ(due, (std::set<CaseId>{case_in(2, 2), case_in(2, 4)}));
  EXPECT_EQ(views, (std::set<CaseId>{case_in(2, 1), case_in(2, 2), case_in(2, 4)}));
  ASSERT_FALSE(due_read.ok());
  ASSERT_FALSE(views_read.ok());
  EXPECT_NE(due_read.error().detail.find(case_in(2, 3).str()), std::string::npos);
  EXPECT_EQ(history.damage().count, 2u);
  EXPECT_EQ(history.damage().first, due_read.error().detail);
  EXPECT_EQ(history.case_events(case_in(2, 3)).error().code, Errc::corrupt);
  EXPECT_EQ(history.case_events(case_in(2, 4))->size(), 1u);
  const auto report = store_->projections().run(ProjectionMode::verify, [](CaseId, const std::vector<StoredEvent>& events) {
    return Result<FoldedCase>(FoldedCase{"view of " + std::to_string(events.size()), {}, std::nullopt, {}});
  });
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->cases, 4u);
  ASSERT_EQ(report->differences.size(), 1u);
  EXPECT_EQ(report->differences[0].case_id, case_in(2, 3));
}

TEST_F(TamperedHistory, EventMovedToAnotherPlaceDoesNotOpen) {
  tamper([](Database& database, WriteBatch& batch) {
    batch.put(key_space::event(2, 1), **database.get(key_space::event(2, 2)));
  });
  EXPECT_EQ(store_->history().case_events(case_in(2, 1)).error().code, Errc::corrupt);
}

/// The same with a commit of three events, which is one row.
class TamperedCommit : public TamperedHistory {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    must_commit(*store_, commit_of(case_in(2, 1), 0, {"one", "two", "three"}));
    must_commit(*store_, commit_of(case_in(2, 1), 3, {"four"}));
  }
  /// The chain, the tail and the case's own reading, by their errors.
  void expect_corrupt() {
    EXPECT_EQ(store_->history().verify_chain(2).error().code, Errc::corrupt);
    EXPECT_EQ(store_->history().tail(2, 0, 10).error().code, Errc::corrupt);
    EXPECT_EQ(store_->history().case_events(case_in(2, 1)).error().code, Errc::corrupt);
  }
};

TEST_F(TamperedCommit, IsOneRow) {
  tamper([](Database& database, WriteBatch&) {
    EXPECT_TRUE((*database.get(key_space::event(2, 1))).has_value());
    EXPECT_FALSE((*database.get(key_space::event(2, 2))).has_value());
    EXPECT_TRUE((*database.get(key_space::event(2, 4))).has_value());
  });
  EXPECT_TRUE(store_->history().verify_chain(2).ok());
  EXPECT_EQ(store_->history().case_events(case_in(2, 1))->size(), 4u);
}

TEST_F(TamperedCommit, RemovedRowIsNoticed) {
  tamper([](Database&, WriteBatch& batch) { batch.erase(key_space::event(2, 1)); });
  expect_corrupt();
}

TEST_F(TamperedCommit, RowWithAnotherCountIsNoticed) {
  for (const std::uint32_t count : {1u, 2u, 4u}) {
    tamper([count](Database& database, WriteBatch& batch) {
      auto row = *decode_commit_row(**database.get(key_space::event(2, 1)));
      row.count = count;  // With a correct checksum.
      batch.put(key_space::event(2, 1), encode(row));
    });
    expect_corrupt();
  }
}

TEST_F(TamperedCommit, RowMovedToAnotherPlaceDoesNotOpen) {
  tamper([](Database& database, WriteBatch& batch) {
    batch.put(key_space::event(2, 2), **database.get(key_space::event(2, 1)));
    batch.put(key_space::case_index(case_in(2, 1), 1), encode(EventRun{2, 3}));
  });
  EXPECT_EQ(store_->history().case_events(case_in(2, 1)).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace dunlin::storage_test
