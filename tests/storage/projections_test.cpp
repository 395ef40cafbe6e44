#include "storage/projections.hpp"

#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

/// The fixture's own fold: the view counts the events; a body "phone=..." is a lookup; "due" makes a due row.
Result<FoldedCase> fold(CaseId, const std::vector<StoredEvent>& events) {
  FoldedCase folded;
  folded.case_view = "view of " + std::to_string(events.back().version);
  folded.due = std::vector<DueRow>();
  for (const auto& event : events) {
    if (event.body.rfind("phone=", 0) == 0) folded.lookups.push_back({LookupKind::phone, event.body.substr(6)});
    if (event.body == "due") folded.due = {{CampaignId(1), event.at, 0}};
  }
  return folded;
}

CommitRequest whole_commit(CaseId case_id, const std::string& phone) {
  auto request = commit_of(case_id, 0, {"phone=" + phone, "due"});
  request.lookups_added = {{LookupKind::phone, phone}};
  request.due = {{CampaignId(1), request.events.back().at, 0}};
  return request;
}

class ProjectionsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    for (std::uint64_t i = 1; i <= 5; ++i) must_commit(*store_, whole_commit(CaseId(i), "+7912000000" + std::to_string(i)));
  }
  void damage(const std::vector<std::string>& keys) {
    store_.reset();
    {
      DatabaseOptions options;
      options.path = folder_.path() / "history";
      const auto database = Database::open(options);
      WriteBatch batch;
      for (const auto& key : keys) batch.erase(key);
      ASSERT_TRUE((*database)->write(batch, Durability::synced).ok());
    }
    store_ = open_store(settings_for(folder_.path()));
  }
};

TEST_F(ProjectionsTest, WholeStoreHasNoDifferences) {
  const auto report = store_->projections().run(ProjectionMode::verify, fold);
  ASSERT_TRUE(report.ok()) << report.error().detail;
  EXPECT_EQ(report->cases, 5u);
  EXPECT_EQ(report->events, 10u);
  EXPECT_EQ(report->differing_cases, 0u);
}

TEST_F(ProjectionsTest, VerifyNamesWhatDiffersAndRebuildRepairsIt) {
  const auto hash = store_->vault().lookup_hash({LookupKind::phone, "+79120000003"});
  damage({key_space::view(CaseId(2)), key_space::case_lookups(CaseId(3)),
          key_space::lookup(LookupKind::phone, hash, CaseId(3)), key_space::due(CaseId(4))});
  const auto before = store_->projections().run(ProjectionMode::verify, fold);
  ASSERT_TRUE(before.ok());
  ASSERT_EQ(before->differences.size(), 3u);
  EXPECT_EQ(before->differences[0].case_id, CaseId(2));
  EXPECT_EQ(before->differences[0].what, "view missing or unreadable");
  EXPECT_EQ(before->differences[1].what, "lookups differ: 1 missing, 0 extra");
  EXPECT_EQ(before->differences[2].what, "due rows differ");
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, fold)->differing_cases, 3u) << "verify must not write";
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, fold).ok());
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, fold)->differing_cases, 0u);
  EXPECT_EQ(store_->history().case_view(CaseId(2))->bytes, "view of 2");
  EXPECT_EQ(store_->history().find({LookupKind::phone, "+79120000003"})->size(), 1u);
}

TEST_F(ProjectionsTest, OneChangedByteOfAViewIsFound) {
  auto request = commit_of(CaseId(1), 2, {"x"});
  request.case_view = "view of 3!";
  must_commit(*store_, request);
  const auto report = store_->projections().run(ProjectionMode::verify, fold);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->differences.size(), 1u);
  EXPECT_EQ(report->differences[0].what, "view differs at byte 9 of 10");
}

TEST_F(ProjectionsTest, ErasedCaseIsNotADifference) {
  ASSERT_TRUE(store_->journal().erase_case_and_wait(CaseId(5)).ok());
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, fold)->differing_cases, 0u);
}

}  // namespace
}  // namespace dunlin::storage_test
