#include "storage/case_rows.hpp"

#include <functional>
#include <map>

#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "storage/record_codec.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

const CaseId first_case = case_in(4, 1);
const CaseId second_case = case_in(4, 2);
const LookupKey own_phone{LookupKind::phone, "+79120001122"};
const LookupKey shared_phone{LookupKind::phone, "+79120001133"};
const LookupKey contract{LookupKind::external_id, "contract-1"};

/// What the commits of this file come to: "phone=…" and "contract=…" are lookups.
Result<FoldedCase> folded_lookups(CaseId, const std::vector<StoredEvent>& events) {
  FoldedCase folded;
  folded.case_view = "view of " + std::to_string(events.back().version);
  for (const auto& event : events) {
    if (event.body.rfind("phone=", 0) == 0) folded.lookups.push_back({LookupKind::phone, event.body.substr(6)});
    if (event.body.rfind("contract=", 0) == 0) folded.lookups.push_back({LookupKind::external_id, event.body.substr(9)});
  }
  return folded;
}

class CaseRowsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    auto first = commit_of(first_case, 0, {"phone=" + own_phone.text, "phone=" + shared_phone.text, "contract=" + contract.text});
    first.lookups_added = {own_phone, shared_phone, contract};
    must_commit(*store_, first);
    auto second = commit_of(second_case, 0, {"phone=" + shared_phone.text});
    second.lookups_added = {shared_phone};
    must_commit(*store_, second);
    must_commit(*store_, commit_of(first_case, 3, {"four", "five"}));
  }
  void with_database(const std::function<void(Database&)>& work) {
    store_.reset();
    {
      DatabaseOptions options;
      options.path = folder_.path() / "history";
      const auto database = Database::open(options);
      ASSERT_TRUE(database.ok());
      work(**database);
    }
    store_ = open_store(settings_for(folder_.path()));
  }
  std::size_t count_rows(const std::string& prefix) {
    std::size_t count = 0;
    with_database([&](Database& database) {
      ASSERT_TRUE(database.scan_prefix(prefix, [&count](std::string_view, std::string_view) { return ++count > 0; }).ok());
    });
    return count;
  }
  /// Every event a row of its own and chained by itself, as up to data format 4.
  std::map<std::string, std::string> former_event_rows() {
    std::map<std::string, std::string> rows;
    const auto tail = store_->history().tail(shard_of(first_case), 0, 1'000);
    EXPECT_TRUE(tail.ok());
    Vault::NewKeys fresh;
    Hasher hasher;
    Digest chain{};
    for (const StoredEvent& event : tail->events) {
      const auto key = store_->vault().key_for_writing(event.case_id, fresh);
      auto sealed = store_->vault().seal_event(*key, {event.shard, event.sequence, event.case_id, event.type}, event.body);
      const auto place = key_space::event(event.shard, event.sequence);
      const auto bytes = encode(EventRow{event.type, event.at, event.case_id, event.version, key->generation, std::move(*sealed)});
      chain = hasher.of(view_of(chain), place, bytes);
      rows[place] = bytes;
    }
    const auto head = store_->history().head(shard_of(first_case));
    rows[key_space::head(shard_of(first_case))] = encode(HeadRow{head->sequence, head->case_count, std::string(view_of(chain))});
    return rows;
  }
  void make_fourth() {
    const auto rows = former_event_rows();
    with_database([&rows](Database& database) {
      WriteBatch batch;
      for (const auto& [key, value] : rows) batch.put(key, value);
      batch.put(key_space::meta("format"), encode(MetaRow{"4"}));
      ASSERT_TRUE(database.write(batch, Durability::synced).ok());
    });
  }
  /// Rows as data format 2 wrote them: an index row an event, a row a lookup of the case.
  void make_former() {
    make_fourth();
    with_database([](Database& database) {
      WriteBatch batch;
      for (const CaseId case_id : {first_case, second_case}) {
        const auto runs = stored_runs(database, case_id, 0, 100);
        const auto lookups = stored_lookups(database, case_id);
        ASSERT_TRUE(runs.ok() && lookups.ok());
        for (const StoredRun& run : *runs) {
          for (std::uint64_t i = 0; i < run.place.count; ++i) {
            batch.put(key_space::case_index(case_id, run.first_version + i), encode(EventRun{run.place.first_sequence + i, 1}).substr(0, 8));
          }
        }
        batch.erase(key_space::case_lookups(case_id));
        for (const auto& each : lookups->set) batch.put(key_space::former_case_lookup(case_id, each.kind, each.hash), {});
      }
      batch.put(key_space::meta("format"), encode(MetaRow{"2"}));
      ASSERT_TRUE(database.write(batch, Durability::synced).ok());
    });
  }
  std::vector<std::string> bodies(std::uint64_t after, std::size_t limit = 100) {
    const auto events = store_->history().case_events(first_case, after, limit);
    EXPECT_TRUE(events.ok());
    std::vector<std::string> found;
    for (const auto& event : *events) found.push_back(event.body.substr(0, event.body.find('=')));
    return found;
  }
};

TEST_F(CaseRowsTest, ACommitHasOneIndexRowHoweverManyEvents) {
  EXPECT_EQ(count_rows(key_space::case_index_prefix(first_case)), 2u);
  EXPECT_EQ(*store_->history().case_version(first_case), 5u);
  EXPECT_EQ(store_->history().counts()->cases, 2u);
}

TEST_F(CaseRowsTest, ReadingStartsAndStopsInsideARunOfEvents) {
  EXPECT_EQ(bodies(0), (std::vector<std::string>{"phone", "phone", "contract", "four", "five"}));
  EXPECT_EQ(bodies(1), (std::vector<std::string>{"phone", "contract", "four", "five"}));
  EXPECT_EQ(bodies(4), (std::vector<std::string>{"five"}));
  EXPECT_EQ(bodies(2, 2), (std::vector<std::string>{"contract", "four"}));
  EXPECT_TRUE(bodies(5).empty());
  EXPECT_TRUE(bodies(0, 0).empty());
}

TEST_F(CaseRowsTest, ReadingDoesNotBeginAtTheFirstEvent) {
  with_database([](Database& database) {
    const auto runs = stored_runs(database, first_case, 3, 100);
    ASSERT_TRUE(runs.ok());
    ASSERT_EQ(runs->size(), 1u);
    EXPECT_EQ(runs->front().first_version, 4u);
    EXPECT_EQ(stored_runs(database, first_case, 1, 2)->size(), 1u) << "two events are left of the first run";
    EXPECT_EQ(stored_runs(database, first_case, 1, 3)->size(), 2u);
    EXPECT_TRUE(stored_runs(database, first_case, 5, 100)->empty());
  });
}

TEST_F(CaseRowsTest, AStoreOfTheFourthFormatGoesOnWithCommitsInOneRow) {
  make_fourth();
  ASSERT_TRUE(store_->needs_upgrade());
  EXPECT_EQ(bodies(1), (std::vector<std::string>{"phone", "contract", "four", "five"}));
  EXPECT_TRUE(store_->history().verify_chain(shard_of(first_case)).ok());
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, folded_lookups).ok());
  reopen();
  must_commit(*store_, commit_of(first_case, 5, {"six", "seven"}));
  EXPECT_EQ(bodies(3), (std::vector<std::string>{"four", "five", "six", "seven"}));
  EXPECT_EQ(store_->history().tail(shard_of(first_case), 2, 100)->events.size(), 6u);
  EXPECT_TRUE(store_->history().verify_chain(shard_of(first_case)).ok());
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, folded_lookups)->differing_cases, 0u);
}

TEST_F(CaseRowsTest, ACaseHasOneRowOfLookupsThatFollowsEveryChange) {
  EXPECT_EQ(count_rows(key_space::case_lookups(first_case)), 1u);
  auto change = commit_of(first_case, 5, {"x"});
  change.lookups_removed = {own_phone, contract};
  auto again = commit_of(first_case, 6, {"y"});
  again.lookups_added = {contract};
  must_commit(*store_, change);
  must_commit(*store_, again);
  with_database([this](Database& database) {
    const auto lookups = stored_lookups(database, first_case);
    ASSERT_TRUE(lookups.ok());
    EXPECT_EQ(lookups->set.size(), 2u);
  });
  EXPECT_TRUE(store_->history().find(own_phone)->empty());
  EXPECT_EQ(store_->history().find(contract)->size(), 1u);
  auto last = commit_of(first_case, 7, {"z"});
  last.lookups_removed = {contract, shared_phone};
  must_commit(*store_, last);
  EXPECT_EQ(count_rows(key_space::case_lookups(first_case)), 0u);
}

TEST_F(CaseRowsTest, CommitsOfOneGroupSeeEachOthersLookups) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    auto request = commit_of(second_case, 1 + i, {"n"});
    request.lookups_added = {{LookupKind::phone, "+7912555000" + std::to_string(i)}};
    store_->journal().commit(std::move(request), [](const Result<CommitReceipt>& receipt) { EXPECT_TRUE(receipt.ok()); });
  }
  must_commit(*store_, commit_of(second_case, 21, {"end"}));
  with_database([](Database& database) { EXPECT_EQ(stored_lookups(database, second_case)->set.size(), 21u); });
}

TEST_F(CaseRowsTest, AStoreOfTheSecondFormatIsReadAndUpgraded) {
  make_former();
  ASSERT_TRUE(store_->needs_upgrade());
  EXPECT_EQ(bodies(1), (std::vector<std::string>{"phone", "contract", "four", "five"}));
  EXPECT_EQ(*store_->history().case_version(first_case), 5u);
  EXPECT_EQ(store_->history().find(shared_phone)->size(), 2u);
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, folded_lookups)->differing_cases, 2u);
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, folded_lookups).ok());
  EXPECT_EQ(count_rows(key_space::case_lookups(first_case)), 1u) << "the former rows are gone, the new one is there";
  EXPECT_FALSE(store_->needs_upgrade());
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, folded_lookups)->differing_cases, 0u);
  EXPECT_EQ(store_->history().find(shared_phone)->size(), 2u);
}

TEST_F(CaseRowsTest, AnUpgradedCaseGoesOnAndIsErasedWhole) {
  make_former();
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, folded_lookups).ok());
  reopen();
  auto change = commit_of(first_case, 5, {"six", "seven"});
  change.lookups_removed = {own_phone};
  must_commit(*store_, change);
  EXPECT_EQ(bodies(4), (std::vector<std::string>{"five", "six", "seven"}));
  ASSERT_TRUE(store_->journal().erase_case_and_wait(first_case).ok());
  EXPECT_TRUE(store_->history().find(contract)->empty());
  EXPECT_EQ(*store_->history().find(shared_phone), (std::vector<CaseId>{second_case}));
  EXPECT_EQ(count_rows(key_space::case_lookups(first_case)), 0u);
}

TEST_F(CaseRowsTest, ADamagedListOfLookupsIsNamedAndMadeAnew) {
  with_database([](Database& database) {
    WriteBatch batch;
    batch.put(key_space::case_lookups(first_case), "damaged");
    ASSERT_TRUE(database.write(batch, Durability::synced).ok());
  });
  const auto report = store_->projections().run(ProjectionMode::verify, folded_lookups);
  ASSERT_TRUE(report.ok());
  ASSERT_FALSE(report->differences.empty());
  EXPECT_EQ(report->differences[0].what, "the list of lookups is damaged");
  auto change = commit_of(first_case, 5, {"x"});
  change.lookups_removed = {own_phone};
  EXPECT_EQ(store_->journal().commit_and_wait(change).error().code, Errc::corrupt);
  ASSERT_TRUE(store_->projections().run(ProjectionMode::rebuild, folded_lookups).ok());
  EXPECT_EQ(store_->projections().run(ProjectionMode::verify, folded_lookups)->differing_cases, 0u);
}

}  // namespace
}  // namespace dunlin::storage_test
