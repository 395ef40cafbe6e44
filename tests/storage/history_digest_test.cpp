// Two stores that hold one shard are compared byte for byte: what is equal, what lags, and every way to differ.
#include "storage/history_digest.hpp"

#include "core/cluster/history_compare.hpp"
#include "storage/key_space.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

constexpr ShardIndex compared_shard = 9;

class HistoryDigestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    stores_[0] = open_store(settings_for(folders_[0].path()));
    std::filesystem::create_directories(folders_[1].path());
    std::filesystem::copy_file(folders_[0].path() / "installation.key", folders_[1].path() / "installation.key");
    stores_[1] = open_store(settings_for(folders_[1].path()));
    ASSERT_TRUE(stores_[0] && stores_[1]);
  }
  void batch(const CommitRequest& commit, bool is_followed = true) { batch_of({&commit}, is_followed); }
  void batch_of(const std::vector<const CommitRequest*>& commits, bool is_followed = true) {
    auto staged = stores_[0]->shards().stage(compared_shard, commits);
    ASSERT_TRUE(staged.ok());
    for (const auto& receipt : staged->receipts) ASSERT_TRUE(receipt.ok()) << receipt.error().detail;
    ++batches_;
    const dunlin::ShardHead head{batches_, {0, batches_}, {static_cast<unsigned char>(batches_)}};
    ASSERT_TRUE(stores_[0]->shards().apply(compared_shard, head, staged->rows).ok());
    if (!is_followed) return;
    ASSERT_TRUE(stores_[1]->shards().apply(compared_shard, head, staged->rows).ok());
  }
  void fill() {
    for (std::uint64_t i = 1; i <= 10; ++i) {
      batch(commit_of(case_in(compared_shard, i), 0, {"opened", "by number"}));
      batch(commit_of(case_in(compared_shard, i), 2, {"called"}));
    }
  }
  /// Behind the back of one store.
  void change(const char* folder, const std::function<void(Database&)>& change, std::size_t of = 1) {
    stores_[of].reset();
    {
      DatabaseOptions options;
      options.path = folders_[of].path() / folder;
      auto database = Database::open(options);
      ASSERT_TRUE(database.ok());
      change(**database);
    }
    stores_[of] = open_store(settings_for(folders_[of].path()));
    ASSERT_NE(stores_[of], nullptr);
  }
  static void put(Database& database, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.put(key, value);
    ASSERT_TRUE(database.write(batch, Durability::synced).ok());
  }
  static void erase(Database& database, const std::string& key) {
    WriteBatch batch;
    batch.erase(key);
    ASSERT_TRUE(database.write(batch, Durability::synced).ok());
  }
  Result<ComparedShard> compare(std::optional<CaseId> case_id = {}, bool has_second = true) {
    ComparePorts ports;
    ports.ask = [this, has_second](const CopyPlace& place, ShardIndex shard, const DigestAsk& ask) -> Result<DigestAnswer> {
      if (place.node == "b" && !has_second) return Error{Errc::unavailable, "b is down"};
      return stores_[place.node == "a" ? 0 : 1]->digests().answer(shard, ask);
    };
    ports.wait = [this](unsigned round) {
      ++waited_;
      return round < 3;
    };
    return compare_shard(compared_shard, {{"a", "store-a"}, {"b", "store-b"}}, case_id, ports);
  }
  test::TemporaryFolder folders_[2];
  std::unique_ptr<Store> stores_[2];
  std::uint64_t batches_ = 0;
  int waited_ = 0;
};

TEST_F(HistoryDigestTest, EqualCopiesAreEqualAndOneThatLagsIsComparedAsFarAsItIs) {
  fill();
  const auto equal = compare();
  ASSERT_TRUE(equal.ok()) << equal.error().detail;
  EXPECT_EQ(equal->state, CopyState::equal);
  EXPECT_EQ(equal->sequence, 30u);
  EXPECT_EQ(equal->cases, 10u);
  EXPECT_EQ(std::string(equal->digest.begin(), equal->digest.end()), stores_[0]->history().head(compared_shard)->chain);
  EXPECT_EQ(waited_, 0);
  batch(commit_of(case_in(compared_shard, 3), 3, {"only here"}), false);
  const auto behind = compare();
  ASSERT_TRUE(behind.ok());
  EXPECT_EQ(behind->state, CopyState::behind);
  EXPECT_EQ(behind->copies[1].sequence, 30u);
  EXPECT_EQ(behind->sequence, 31u);
  EXPECT_FALSE(behind->difference.has_value());
  EXPECT_GT(waited_, 0);
  const auto one = compare(case_in(compared_shard, 4));
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->state, CopyState::behind);
}

TEST_F(HistoryDigestTest, ARowThatDiffersIsNamed) {
  fill();
  change("history", [](Database& history) {
    const auto key = key_space::event(compared_shard, 12);
    auto row = **history.get(key);
    row.back() = static_cast<char>(row.back() ^ 1);
    put(history, key, row);
  });
  const auto changed = compare();
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->state, CopyState::different);
  ASSERT_TRUE(changed->difference.has_value());
  EXPECT_EQ(changed->difference->what, FirstDifference::What::row_differs);
  EXPECT_EQ(changed->difference->sequence, 12u);
  EXPECT_EQ(changed->difference->case_id, case_in(compared_shard, 4));
  EXPECT_EQ(changed->difference->node, "b");
  EXPECT_EQ(compare(case_in(compared_shard, 5))->state, CopyState::equal);
  const auto one = compare(case_in(compared_shard, 4));
  ASSERT_TRUE(one.ok() && one->difference.has_value());
  EXPECT_EQ(one->difference->version, 3u);
}

TEST_F(HistoryDigestTest, AMissingRowAndOneTooManyAreNamed) {
  fill();
  change("history", [](Database& history) { erase(history, key_space::event(compared_shard, 13)); });
  const auto missing = compare();
  ASSERT_TRUE(missing.ok() && missing->difference.has_value());
  EXPECT_EQ(missing->difference->what, FirstDifference::What::row_missing);
  EXPECT_EQ(missing->difference->sequence, 13u);
  change("history", [](Database& history) {
    const auto row = [](std::uint64_t sequence) { return key_space::event(compared_shard, sequence); };
    put(history, row(13), **history.get(row(10)));
    put(history, row(11), **history.get(row(10)));
  });
  const auto extra = compare();
  ASSERT_TRUE(extra.ok() && extra->difference.has_value());
  EXPECT_EQ(extra->difference->what, FirstDifference::What::row_extra);
  EXPECT_EQ(extra->difference->sequence, 11u);
}

TEST_F(HistoryDigestTest, WhatLeadsToTheRowsIsComparedToo) {
  fill();
  const CaseId id = case_in(compared_shard, 6);
  change("history", [id](Database& history) { erase(history, key_space::case_index(id, 3)); });
  const auto index = compare();
  ASSERT_TRUE(index.ok() && index->difference.has_value());
  EXPECT_EQ(index->difference->what, FirstDifference::What::row_missing);
  EXPECT_EQ(index->difference->case_id, id);
  EXPECT_EQ(index->difference->version, 3u);
  change("keys", [](Database& keys) { erase(keys, key_space::case_key(case_in(compared_shard, 2))); });
  const auto key = compare();
  ASSERT_TRUE(key.ok() && key->difference.has_value());
  EXPECT_EQ(key->difference->what, FirstDifference::What::key_differs);
  EXPECT_EQ(key->difference->case_id, case_in(compared_shard, 2));
}

TEST_F(HistoryDigestTest, ACopyThatStandsAloneIsHeldAgainstItsChain) {
  fill();
  const auto alone = compare({}, false);
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->state, CopyState::not_there);
  EXPECT_EQ(alone->copies[0].state, CopyState::equal);
  EXPECT_EQ(alone->copies[1].trouble, "b is down");
  EXPECT_EQ(compare(CaseId(case_in(compared_shard, 77)), false).error().code, Errc::not_found);
  const auto swap_rows = [](Database& history) { put(history, key_space::event(compared_shard, 1), **history.get(key_space::event(compared_shard, 4))); };
  change("history", swap_rows, 0);
  const auto broken = compare({}, false);
  ASSERT_TRUE(broken.ok() && broken->difference.has_value());
  EXPECT_EQ(broken->difference->what, FirstDifference::What::chain_broken);
  EXPECT_EQ(broken->difference->node, "a");
}

TEST_F(HistoryDigestTest, ShardsOfMorePiecesThanOneAreReadToTheEnd) {
  std::vector<CommitRequest> commits;
  for (std::uint64_t i = 1; i <= digest_piece_cases + 11; ++i) commits.push_back(commit_of(case_in(compared_shard, i), 0, {"x"}));
  std::vector<const CommitRequest*> all;
  for (const auto& commit : commits) all.push_back(&commit);
  batch_of(all);
  const auto equal = compare();
  ASSERT_TRUE(equal.ok());
  EXPECT_EQ(equal->state, CopyState::equal);
  EXPECT_EQ(equal->cases, digest_piece_cases + 11);
  const CaseId last = case_in(compared_shard, digest_piece_cases + 11);
  change("keys", [last](Database& keys) { erase(keys, key_space::case_key(last)); });
  const auto differs = compare();
  ASSERT_TRUE(differs.ok() && differs->difference.has_value());
  EXPECT_EQ(differs->difference->case_id, last);
}

TEST(HistoryDigestMessage, WhatIsSaidIsReadAgain) {
  DigestAsk ask{DigestStep::cases, 5, 9, {1, 2}, true};
  EXPECT_EQ(*decode_digest_ask(encode(ask)), ask);
  DigestAnswer answer{7, {3}, 8, 2, true, {4}, {{1, CaseId(5), {6}}}};
  EXPECT_EQ(*decode_digest_answer(encode(answer)), answer);
  EXPECT_EQ(decode_digest_ask("").error().code, Errc::corrupt);
  EXPECT_EQ(decode_digest_answer(encode(ask)).error().code, Errc::corrupt);
  std::string newer = encode(ask);
  newer[0] = 9;
  EXPECT_EQ(decode_digest_ask(newer).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace dunlin::storage_test
