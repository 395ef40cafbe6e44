#include "storage/attempt_index.hpp"

#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

constexpr UtcTime start{1'790'000'000'000};

AttemptMark reserved(std::uint64_t attempt, std::uint64_t campaign, UtcTime at) {
  AttemptMark mark;
  mark.attempt = AttemptId(attempt);
  mark.campaign = CampaignId(campaign);
  mark.reserved_at = at;
  return mark;
}

AttemptMark marked(AttemptMark::Kind kind, std::uint64_t attempt, Outcome outcome) {
  AttemptMark mark;
  mark.attempt = AttemptId(attempt);
  mark.kind = kind;
  mark.outcome = outcome;
  return mark;
}

/// What the fixture's events come to: the body "reserve N C S" reserves attempt N of campaign C at second S; "settle N" settles it busy.
Result<FoldedCase> folded_case(CaseId, const std::vector<StoredEvent>& events) {
  FoldedCase folded;
  folded.case_view = "view of " + std::to_string(events.back().version);
  for (const auto& event : events) {
    unsigned long long attempt = 0, campaign = 0, second = 0;
    if (std::sscanf(event.body.c_str(), "reserve %llu %llu %llu", &attempt, &campaign, &second) == 3) {
      folded.attempts.push_back(reserved(attempt, campaign, start + seconds(static_cast<std::int64_t>(second))));
    } else if (std::sscanf(event.body.c_str(), "settle %llu", &attempt) == 1) {
      folded.attempts.push_back(marked(AttemptMark::Kind::outcome, attempt, Outcome::busy));
    }
  }
  return folded;
}

class AttemptIndexTest : public StoreTest {
 protected:
  void reserve(CaseId case_id, std::uint64_t version, std::uint64_t attempt, std::uint64_t campaign, int second) {
    auto request = commit_of(case_id, version, {"reserve " + std::to_string(attempt) + " " + std::to_string(campaign) + " " + std::to_string(second)});
    request.attempts = {reserved(attempt, campaign, start + seconds(second))};
    must_commit(*store_, std::move(request));
  }
  void settle(CaseId case_id, std::uint64_t version, std::uint64_t attempt) {
    auto request = commit_of(case_id, version, {"settle " + std::to_string(attempt)});
    request.attempts = {marked(AttemptMark::Kind::outcome, attempt, Outcome::busy)};
    must_commit(*store_, std::move(request));
  }
  std::vector<std::uint64_t> listed(const AttemptRange& range, std::size_t limit = 100) {
    std::vector<std::uint64_t> attempts;
    const auto walked = store_->attempts().each(range, [&](const AttemptEntry& entry) {
      attempts.push_back(entry.attempt.value());
      return attempts.size() < limit;
    });
    EXPECT_TRUE(walked.ok()) << walked.error().detail;
    return attempts;
  }
  void change_database(const std::function<void(WriteBatch&)>& change) {
    store_.reset();
    {
      DatabaseOptions options;
      options.path = folder_.path() / "history";
      const auto database = Database::open(options);
      WriteBatch batch;
      change(batch);
      ASSERT_TRUE((*database)->write(batch, Durability::synced).ok());
    }
    store_ = open_store(settings_for(folder_.path()));
  }
};

TEST_F(AttemptIndexTest, FindsAnAttemptAndWhatCameOfIt) {
  reserve(CaseId(5), 0, 71, 3, 10);
  EXPECT_EQ(store_->attempts().find(AttemptId(71))->value().outcome, std::nullopt);
  settle(CaseId(5), 1, 71);
  const auto entry = store_->attempts().find(AttemptId(71));
  ASSERT_TRUE(entry.ok() && entry->has_value());
  EXPECT_EQ((*entry)->case_id, CaseId(5));
  EXPECT_EQ((*entry)->campaign, CampaignId(3));
  EXPECT_EQ((*entry)->reserved_at, start + seconds(10));
  EXPECT_EQ((*entry)->outcome, Outcome::busy);
  EXPECT_FALSE(store_->attempts().find(AttemptId(72))->has_value());
}

TEST_F(AttemptIndexTest, ALaterOutcomeReplacesTheFirst) {
  reserve(CaseId(5), 0, 71, 3, 10);
  settle(CaseId(5), 1, 71);
  auto request = commit_of(CaseId(5), 2, {"reconciled"});
  request.attempts = {marked(AttemptMark::Kind::outcome, 71, Outcome::no_answer), marked(AttemptMark::Kind::disposition, 71, Outcome::rpc_refusal)};
  must_commit(*store_, std::move(request));
  const auto entry = store_->attempts().find(AttemptId(71)).value();
  EXPECT_EQ(entry->outcome, Outcome::no_answer);
  EXPECT_EQ(entry->disposition, Outcome::rpc_refusal);
}

TEST_F(AttemptIndexTest, ListsFromTheNewestInPages) {
  for (int i = 1; i <= 5; ++i) reserve(CaseId(static_cast<std::uint64_t>(i)), 0, static_cast<std::uint64_t>(i), i % 2 == 0 ? 2 : 1, i);
  EXPECT_EQ(listed({}), (std::vector<std::uint64_t>{5, 4, 3, 2, 1}));
  AttemptRange of_one;
  of_one.campaign = CampaignId(1);
  EXPECT_EQ(listed(of_one), (std::vector<std::uint64_t>{5, 3, 1}));
  EXPECT_EQ(listed(of_one, 1), (std::vector<std::uint64_t>{5}));
  of_one.after = AttemptCursor{start + seconds(5), AttemptId(5)};
  EXPECT_EQ(listed(of_one), (std::vector<std::uint64_t>{3, 1}));
  AttemptRange recent;
  recent.since = start + seconds(3);
  EXPECT_EQ(listed(recent), (std::vector<std::uint64_t>{5, 4, 3}));
  recent.after = AttemptCursor{start + seconds(4), AttemptId(4)};
  EXPECT_EQ(listed(recent), (std::vector<std::uint64_t>{3}));
}

TEST_F(AttemptIndexTest, AttemptsOfOneInstantAreAllListed) {
  for (std::uint64_t i = 1; i <= 4; ++i) reserve(CaseId(i), 0, i, 1, 7);
  AttemptRange range;
  std::vector<std::uint64_t> all;
  for (auto page = listed(range, 1); !page.empty(); page = listed(range, 1)) {
    all.push_back(page.front());
    range.after = AttemptCursor{start + seconds(7), AttemptId(page.front())};
  }
  EXPECT_EQ(all, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST_F(AttemptIndexTest, AnErasedCaseLeavesNoAttempt) {
  reserve(CaseId(5), 0, 71, 3, 10);
  reserve(CaseId(6), 0, 72, 3, 11);
  ASSERT_TRUE(store_->journal().erase_case_and_wait(CaseId(5)).ok());
  EXPECT_FALSE(store_->attempts().find(AttemptId(71))->has_value());
  EXPECT_EQ(listed({}), (std::vector<std::uint64_t>{72}));
}

TEST_F(AttemptIndexTest, VerifyNamesWhatIsMissingAndRebuildRepairsIt) {
  reserve(CaseId(5), 0, 71, 3, 10);
  settle(CaseId(5), 1, 71);
  reserve(CaseId(6), 0, 72, 3, 11);
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, folded_case)->differing_cases, 0U);
  change_database([](WriteBatch& batch) {
    batch.erase(key_space::attempt_by_time(start + seconds(10), AttemptId(71)));
    batch.erase(key_space::attempt_part(CaseId(5), AttemptId(71), 1));
    batch.put(key_space::attempt_part(CaseId(6), AttemptId(72), 1), std::string(1, '\1'));
  });
  const auto report = store_->projections().run(ProjectionMode::verify, folded_case);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->differences.size(), 2U);
  EXPECT_EQ(report->differences[0].what, "attempt rows differ: 2 missing, 0 extra");
  EXPECT_EQ(report->differences[1].what, "attempt rows differ: 0 missing, 1 extra");
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, folded_case).ok());
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, folded_case)->differing_cases, 0U);
  EXPECT_EQ(listed({}), (std::vector<std::uint64_t>{72, 71}));
}

TEST_F(AttemptIndexTest, AStoreOfTheFirstFormatIsUpgradedOnce) {
  reserve(CaseId(5), 0, 71, 3, 10);
  EXPECT_FALSE(store_->needs_upgrade());
  change_database([](WriteBatch& batch) {
    for (const auto& [key, value] : attempt_rows(CaseId(5), {reserved(71, 3, start + seconds(10))})) batch.erase(key);
    batch.put(key_space::meta("format"), encode(MetaRow{"1"}));
  });
  ASSERT_TRUE(store_->needs_upgrade());
  EXPECT_TRUE(listed({}).empty());
  int shards = 0;
  const auto count = [&shards](ShardIndex done, const ProjectionReport&) {
    shards = done;
    return true;
  };
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, folded_case, count).ok());
  EXPECT_EQ(shards, shard_count);
  reopen();
  EXPECT_FALSE(store_->needs_upgrade());
  EXPECT_EQ(listed({}), (std::vector<std::uint64_t>{71}));
}

TEST_F(AttemptIndexTest, AStoppedRebuildKeepsTheOldFormat) {
  change_database([](WriteBatch& batch) { batch.put(key_space::meta("format"), encode(MetaRow{"1"})); });
  const auto stopped = store_->projections().run(ProjectionMode::rebuild, folded_case, [](ShardIndex done, const ProjectionReport&) { return done < 3; });
  EXPECT_FALSE(stopped.ok());
  reopen();
  EXPECT_TRUE(store_->needs_upgrade());
}

TEST_F(AttemptIndexTest, CaseIdsComeInPagesWithoutBeingOpened) {
  for (std::uint64_t i = 1; i <= 5; ++i) must_commit(*store_, commit_of(case_in(7, i), 0, {"x"}));
  const auto first = store_->history().case_ids(7, CaseId(), 3);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, (std::vector<CaseId>{case_in(7, 1), case_in(7, 2), case_in(7, 3)}));
  EXPECT_EQ(*store_->history().case_ids(7, first->back(), 3), (std::vector<CaseId>{case_in(7, 4), case_in(7, 5)}));
  EXPECT_TRUE(store_->history().case_ids(8, CaseId(), 3)->empty());
}

}  // namespace
}  // namespace dunlin::storage_test
