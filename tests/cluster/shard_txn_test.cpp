// Each compare of a commit fails by itself against a real etcd, and the answer says which.
#include "cluster/shard_txn.hpp"

#include <gtest/gtest.h>

#include "cluster/batch_seal.hpp"
#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {
namespace {

struct Bench {
  Bench() : client(std::move(*EtcdClient::make(etcd.access()))) {
    put(keys.owner(5), "a#1");
    put(keys.node("a"), "addresses");
    put(keys.gate(), "open 1");
    owner = {"a", "a#1", created(keys.node("a")), created(keys.owner(5))};
  }
  void put(const std::string& key, const std::string& value) { EXPECT_TRUE(client->run({{}, {EtcdPut{key, value, 0}}, {}}).ok()); }
  void erase(const std::string& key) { EXPECT_TRUE(client->run({{}, {EtcdErase{key, {}}}, {}}).ok()); }
  std::int64_t created(const std::string& key) { return client->read({key, {}, 1})->rows.at(0).created_at; }
  BatchDraft draft_on(const ShardHead& on) const {
    BatchDraft draft;
    draft.shard = 5;
    draft.on = on;
    draft.head = {on.sequence + 1, random_batch_id(), {}};
    draft.bytes = seal.seal({5, draft.head.sequence, on.chain}, draft.head.batch, "rows");
    draft.head.chain = chain_after(on.chain, draft.bytes);
    draft.reserves = true;
    draft.gate = "open 1";
    draft.lines_taken = {{"n1", AttemptId(1)}, {"n2", AttemptId(2)}};
    return draft;
  }
  CommitAnswer send(const BatchDraft& draft) {
    const auto answer = client->run(commit_txn(keys, owner, draft));
    if (!answer) throw std::runtime_error(answer.error().detail);
    const auto said = answer_of_commit(*answer, owner, draft);
    if (!said) throw std::runtime_error(said.error().detail);
    return *said;
  }

  EtcdProcess etcd;
  std::unique_ptr<EtcdClient> client;
  JournalKeys keys{"test"};
  BatchSeal seal{ClusterSecret{3}};
  ShardOwner owner;
};

TEST(ShardTxn, WritesHeadBatchAndLinesAndFreesThem) {
  Bench bench;
  const auto first = bench.draft_on({});
  ASSERT_EQ(bench.send(first).kind, CommitAnswer::Kind::committed);
  EXPECT_EQ(bench.client->read({bench.keys.head(5), {}, 1})->rows.at(0).value, encode(first.head));
  EXPECT_EQ(bench.client->read({"/dunlin/test/journal/5/0000000000000001", {}, 1})->rows.at(0).value, first.bytes);
  EXPECT_EQ(bench.client->read({bench.keys.line("n2"), {}, 1})->rows.at(0).value, AttemptId(2).str());
  auto second = bench.draft_on(first.head);
  second.reserves = false;
  second.lines_taken.clear();
  second.lines_freed = {{"n1", AttemptId(1)}, {"n2", AttemptId(7)}};
  ASSERT_EQ(bench.send(second).kind, CommitAnswer::Kind::committed);
  const auto lines = bench.client->read({bench.keys.line(""), range_end_of(bench.keys.line("")), 0})->rows;
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines.front().key, bench.keys.line("n2")) << "only the holder frees a number";
  const auto doubt = bench.client->run(doubt_txn(bench.keys, 5, 1));
  ASSERT_TRUE(doubt.ok());
  const auto seen = answer_of_doubt(*doubt);
  ASSERT_TRUE(seen.ok()) << seen.error().detail;
  EXPECT_EQ(seen->owner, "a#1");
  EXPECT_EQ(seen->owner_created_at, bench.owner.owner_created_at);
  EXPECT_EQ(seen->head, second.head);
  EXPECT_EQ(seen->at_sequence, first.head.batch);
}

TEST(ShardTxn, EveryCompareOfAReservationFailsByItself) {
  Bench bench;
  const auto first = bench.draft_on({});
  ASSERT_EQ(bench.send(first).kind, CommitAnswer::Kind::committed);
  bench.erase(bench.keys.line("n1"));
  bench.erase(bench.keys.line("n2"));
  const struct { const char* what; std::string key; std::string wrong; std::string right; bool is_made_anew; std::string refusal; } rows[] = {
      {"owner's value", bench.keys.owner(5), "b#1", "a#1", false, ""},
      {"gate", bench.keys.gate(), "closed 1", "open 1", false, "the cluster's gate is closed"},
      {"line", bench.keys.line("n2"), "held", "", false, "another attempt holds the number"},
      {"head", bench.keys.head(5), encode(ShardHead{9, {1, 1}, {}}), encode(first.head), false, ""},
      {"node's life", bench.keys.node("a"), "addresses", "addresses", true, "this node's membership has ended"},
      {"owner's life", bench.keys.owner(5), "a#1", "a#1", true, ""}};
  for (const auto& row : rows) {
    if (row.is_made_anew) bench.erase(row.key);
    bench.put(row.key, row.wrong);
    const auto answer = bench.send(bench.draft_on(first.head));
    EXPECT_EQ(answer.kind, CommitAnswer::Kind::compare_failed) << row.what;
    EXPECT_EQ(answer.seen.refusal, row.refusal) << row.what;
    row.right.empty() ? bench.erase(row.key) : bench.put(row.key, row.right);
    if (!row.is_made_anew) continue;
    bench.owner.node_created_at = bench.created(bench.keys.node("a"));
  }
  bench.owner.owner_created_at = bench.created(bench.keys.owner(5));
  EXPECT_EQ(bench.send(bench.draft_on({})).kind, CommitAnswer::Kind::compare_failed) << "a first batch where one stands";
  EXPECT_EQ(bench.send(bench.draft_on(first.head)).kind, CommitAnswer::Kind::committed) << "with all put right it goes through";
}

TEST(ShardTxn, ABatchThatReservesNothingAsksNeitherGateNorNode) {
  Bench bench;
  bench.put(bench.keys.gate(), "closed 1");
  bench.erase(bench.keys.node("a"));
  auto draft = bench.draft_on({});
  draft.reserves = false;
  draft.lines_taken.clear();
  EXPECT_EQ(bench.send(draft).kind, CommitAnswer::Kind::committed) << "facts are never fenced by the gate";
}

TEST(ShardTxn, AKeyNamesAShardInOneSpellingOnly) {
  for (const char* text : {"0", "7", "255"}) EXPECT_EQ(shard_in(text), std::stoi(text)) << text;
  for (const char* text : {"", "256", "-1", "+1", "07", "1/", " 1", "1 ", "99999999999", "x"}) EXPECT_FALSE(shard_in(text).has_value()) << text;
}

TEST(ShardTxn, DamagedRowsAreNamed) {
  Bench bench;
  bench.put(bench.keys.head(5), "nonsense");
  const auto draft = bench.draft_on({});
  const auto answer = bench.client->run(commit_txn(bench.keys, bench.owner, draft));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer_of_commit(*answer, bench.owner, draft).error().code, Errc::corrupt);
  EXPECT_EQ(answer_of_doubt(EtcdTxnAnswer{}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace dunlin::test
