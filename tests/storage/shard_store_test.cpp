#include "storage/shard_store.hpp"

#include <fstream>

#include "storage/shipped_rows.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

constexpr ShardIndex shard = 7;

dunlin::ShardHead batch_at(std::uint64_t sequence, std::uint64_t id) { return {sequence, {0, id}, {static_cast<unsigned char>(id)}}; }

/// Two stores of one cluster: one installation key.
class ShardStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    first_ = open_store(settings_for(first_folder_.path()));
    std::filesystem::create_directories(second_folder_.path());
    std::filesystem::copy_file(first_folder_.path() / "installation.key", second_folder_.path() / "installation.key");
    second_ = open_store(settings_for(second_folder_.path()));
    ASSERT_TRUE(first_ && second_);
  }
  StagedBatch must_stage(Store& store, const std::vector<CommitRequest>& commits) {
    std::vector<const CommitRequest*> pointers;
    for (const auto& commit : commits) pointers.push_back(&commit);
    auto staged = store.shards().stage(shard, pointers);
    if (staged) return std::move(*staged);
    ADD_FAILURE() << staged.error().detail;
    return {};
  }
  /// Everything the history says of a case, as text.
  static std::string story(Store& store, CaseId case_id) {
    std::string text;
    const auto events = store.history().case_events(case_id);
    if (!events) return events.error().detail;
    for (const auto& event : *events) text += std::to_string(event.sequence) + "/" + std::to_string(event.version) + " " + event.body + "; ";
    const auto view = store.history().case_view(case_id);
    return text + (view ? view->bytes : "no view");
  }
  TemporaryFolder first_folder_;
  TemporaryFolder second_folder_;
  std::unique_ptr<Store> first_;
  std::unique_ptr<Store> second_;
};

TEST_F(ShardStoreTest, AppliesOneBatchAlikeOnTwoStores) {
  const CaseId anna = case_in(shard, 1);
  const CaseId boris = case_in(shard, 2);
  auto with_lookup = commit_of(boris, 0, {"c"});
  with_lookup.lookups_added = {{LookupKind::phone, "+79990000001"}};
  with_lookup.due = std::vector<DueRow>{{CampaignId(3), UtcTime{5}, 1}};
  const auto batch = must_stage(*first_, {commit_of(anna, 0, {"a", "b"}), with_lookup});
  ASSERT_EQ(batch.receipts.size(), 2u);
  EXPECT_EQ(batch.receipts[1]->first_sequence, 3u);
  EXPECT_EQ(story(*first_, anna), "no view") << "nothing is written before the batch stands";
  ASSERT_TRUE(first_->shards().apply(shard, batch_at(1, 10), batch.rows).ok());
  ASSERT_TRUE(second_->shards().apply(shard, batch_at(1, 10), batch.rows).ok());
  EXPECT_EQ(story(*first_, anna), "1/1 a; 2/2 b; view of 2");
  for (const CaseId each : {anna, boris}) EXPECT_EQ(story(*first_, each), story(*second_, each));
  EXPECT_EQ(second_->history().find({LookupKind::phone, "+79990000001"}).value(), std::vector<CaseId>{boris});
  EXPECT_EQ(second_->history().due_rows(boris).value(), *with_lookup.due);
  EXPECT_EQ(first_->history().head(shard)->chain, second_->history().head(shard)->chain);
  EXPECT_TRUE(second_->history().verify_chain(shard).ok());
}

TEST_F(ShardStoreTest, GoesOnWhereAnotherOwnerEnded) {
  const CaseId anna = case_in(shard, 1);
  const auto by_first = must_stage(*first_, {commit_of(anna, 0, {"a"})});
  for (Store* each : {first_.get(), second_.get()}) ASSERT_TRUE(each->shards().apply(shard, batch_at(1, 10), by_first.rows).ok());
  const auto by_second = must_stage(*second_, {commit_of(anna, 1, {"b"})});
  ASSERT_TRUE(by_second.receipts.at(0).ok());
  EXPECT_EQ(by_second.receipts[0]->first_sequence, 2u);
  for (Store* each : {second_.get(), first_.get()}) ASSERT_TRUE(each->shards().apply(shard, batch_at(2, 11), by_second.rows).ok());
  const auto again = must_stage(*first_, {commit_of(anna, 1, {"too late"}), commit_of(anna, 2, {"c"})});
  ASSERT_FALSE(again.receipts.at(0).ok());
  EXPECT_EQ(again.receipts[0].error().code, Errc::conflict);
  EXPECT_TRUE(again.receipts.at(1).ok());
  EXPECT_EQ(story(*first_, anna), story(*second_, anna));
}

TEST_F(ShardStoreTest, KeepsNothingOfADroppedBatch) {
  const CaseId anna = case_in(shard, 1);
  EXPECT_TRUE(must_stage(*first_, {commit_of(anna, 0, {"lost"})}).receipts.at(0).ok());
  first_->shards().drop(shard);
  const auto batch = must_stage(*first_, {commit_of(anna, 0, {"kept"})});
  ASSERT_TRUE(batch.receipts.at(0).ok());
  ASSERT_TRUE(first_->shards().apply(shard, batch_at(1, 10), batch.rows).ok());
  EXPECT_EQ(story(*first_, anna), "1/1 kept; view of 1");
}

TEST_F(ShardStoreTest, ForgetsWhatItStagedWhenAFenceTookThePlace) {
  const CaseId anna = case_in(shard, 1);
  const auto lost = must_stage(*first_, {commit_of(anna, 0, {"lost"})});
  ASSERT_TRUE(first_->shards().apply(shard, batch_at(1, 11), {}).ok());
  const auto batch = must_stage(*first_, {commit_of(anna, 0, {"kept"})});
  ASSERT_TRUE(batch.receipts.at(0).ok());
  EXPECT_EQ(batch.receipts[0]->first_sequence, 1u) << "a fence has no event";
  EXPECT_TRUE(first_->shards().apply(shard, batch_at(2, 12), batch.rows).ok());
}

TEST_F(ShardStoreTest, TakesEachBatchOnceAndInOrder) {
  const CaseId anna = case_in(shard, 1);
  const auto batch = must_stage(*first_, {commit_of(anna, 0, {"a"})});
  auto& store = second_->shards();
  EXPECT_EQ(store.apply(shard, batch_at(2, 10), batch.rows).error().code, Errc::conflict);
  ASSERT_TRUE(store.apply(shard, batch_at(1, 10), batch.rows).ok());
  EXPECT_TRUE(store.apply(shard, batch_at(1, 10), batch.rows).ok()) << "it is there already";
  EXPECT_EQ(store.apply(shard, batch_at(1, 99), batch.rows).error().code, Errc::corrupt);
  EXPECT_EQ(store.applied(shard).value(), batch_at(1, 10));
  EXPECT_EQ(story(*second_, anna), "1/1 a; view of 1");
}

TEST_F(ShardStoreTest, FindsItsPositionAgainAfterARestart) {
  const CaseId anna = case_in(shard, 1);
  const auto batch = must_stage(*first_, {commit_of(anna, 0, {"a"})});
  ASSERT_TRUE(first_->shards().apply(shard, batch_at(1, 10), batch.rows).ok());
  ASSERT_TRUE(first_->shards().sync().ok());
  first_.reset();
  first_ = open_store(settings_for(first_folder_.path()));
  ASSERT_TRUE(first_);
  EXPECT_EQ(first_->shards().applied(shard).value(), batch_at(1, 10));
  EXPECT_EQ(first_->shards().applied(shard + 1).value(), dunlin::ShardHead{});
  EXPECT_TRUE(must_stage(*first_, {commit_of(anna, 1, {"b"})}).receipts.at(0).ok());
}

TEST_F(ShardStoreTest, SaysWhichNumbersAreTakenAndFreedWithoutNamingThem) {
  auto reservation = commit_of(case_in(shard, 1), 0, {"reserved"});
  reservation.lines = {{AttemptId(5), "+79990000001", true}};
  auto settlement = commit_of(case_in(shard, 2), 0, {"settled"});
  settlement.lines = {{AttemptId(4), "+79990000001", false}, {AttemptId(4), "+79990000002", false}};
  const auto batch = must_stage(*first_, {reservation, settlement});
  ASSERT_EQ(batch.lines_taken.size(), 1u);
  ASSERT_EQ(batch.lines_freed.size(), 2u);
  EXPECT_EQ(batch.lines_taken[0].attempt, AttemptId(5));
  EXPECT_EQ(batch.lines_taken[0].line, batch.lines_freed[0].line);
  EXPECT_NE(batch.lines_freed[0].line, batch.lines_freed[1].line);
  EXPECT_EQ(batch.lines_taken[0].line.find("7999"), std::string::npos);
}

TEST_F(ShardStoreTest, RefusesACommitOfAnotherShard) {
  const auto batch = must_stage(*first_, {commit_of(case_in(shard + 1, 1), 0, {"a"})});
  EXPECT_EQ(batch.receipts.at(0).error().code, Errc::invalid_input);
  EXPECT_TRUE(batch.rows.empty());
}

TEST_F(ShardStoreTest, TellsOnlyOfItsOwnBatches) {
  std::vector<std::uint64_t> ends;
  for (Store* each : {first_.get(), second_.get()}) each->listen([&ends](ShardIndex, std::uint64_t sequence) { ends.push_back(sequence); });
  const auto batch = must_stage(*first_, {commit_of(case_in(shard, 1), 0, {"a", "b"})});
  ASSERT_TRUE(first_->shards().apply(shard, batch_at(1, 10), batch.rows).ok());
  ASSERT_TRUE(second_->shards().apply(shard, batch_at(1, 10), batch.rows).ok());
  EXPECT_EQ(ends, std::vector<std::uint64_t>{2});
}

TEST_F(ShardStoreTest, RefusesRowsThatAreNotItsShards) {
  const auto batch = must_stage(*first_, {commit_of(case_in(shard, 1), 0, {"a"})});
  const auto misled = second_->shards().apply(shard + 1, batch_at(1, 10), batch.rows);
  EXPECT_EQ(misled.error().code, Errc::corrupt);
  StagedRows rows;
  rows.put(key_space::meta("format"), "evil");
  EXPECT_EQ(second_->shards().apply(shard, batch_at(1, 10), encode_shipped({}, rows)).error().code, Errc::corrupt);
  EXPECT_EQ(second_->shards().applied(shard).value(), dunlin::ShardHead{});
}

TEST(ShippedRows, RefusesWhatIsDamagedOrNewer) {
  StagedRows rows;
  rows.put(key_space::head(shard), "value");
  rows.erase(key_space::view(case_in(shard, 1)));
  const auto bytes = encode_shipped({{case_in(shard, 1), 1, "wrapped"}}, rows);
  const auto whole = decode_shipped(shard, bytes);
  ASSERT_TRUE(whole.ok()) << whole.error().detail;
  EXPECT_EQ(whole->keys.size(), 1u);
  ASSERT_EQ(whole->rows.size(), 2u);
  EXPECT_TRUE(whole->rows[1].is_erased);
  std::size_t whole_ones = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) whole_ones += decode_shipped(shard, std::string_view(bytes).substr(0, size)).ok() ? 1 : 0;
  EXPECT_LE(whole_ones, 2u) << "only a cut between two rows can look whole; the journal's seal finds that one";
  auto newer = bytes;
  newer[0] = 2;
  EXPECT_EQ(decode_shipped(shard, newer).error().code, Errc::denied);
}

TEST(EmbeddedJournalOfAClusterNode, TakesDocumentsOnly) {
  TemporaryFolder folder;
  auto settings = settings_for(folder.path());
  settings.journal.takes_documents_only = true;
  const auto store = open_store(settings);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->journal().commit_and_wait(commit_of(case_in(shard, 1), 0, {"a"})).error().code, Errc::denied);
  EXPECT_EQ(store->journal().erase_case_and_wait(case_in(shard, 1)).error().code, Errc::denied);
  EXPECT_TRUE(store->documents().put_and_wait({"settings", "one", "bytes", std::nullopt}).ok());
}

}  // namespace
}  // namespace dunlin::storage_test
