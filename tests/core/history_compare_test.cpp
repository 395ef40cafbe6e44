// The machine that compares copies, against nodes that are only said to be there: damage, nodes that go away in the middle, and
// copies that truly differ.
#include "core/cluster/history_compare.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/cluster/silent_nodes.hpp"

namespace dunlin {
namespace {

constexpr ShardIndex played_shard = 4;
constexpr CaseId played_case{0x0400000000000001};

/// A copy of one shard: a digit for each row. Its chain is the rows themselves.
struct PlayedCopy {
  std::string rows;
  std::string head_rows;                     ///< What its head row says of them.
  std::map<DigestStep, Error> errors;        ///< Instead of an answer.
  std::vector<std::string> rows_at_looks{};  ///< Grows from one look at its head to the next.
};

HistoryDigest chain_of(std::string_view rows) {
  HistoryDigest chain{};
  std::copy(rows.begin(), rows.end(), chain.begin());
  return chain;
}

class HistoryCompareTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* node : {"a", "b", "c"}) copies_[node] = {"12345", "12345", {}};
  }
  Result<DigestAnswer> answer(PlayedCopy& copy, const DigestAsk& ask) {
    if (ask.step == DigestStep::head && !copy.rows_at_looks.empty()) {
      copy.rows = copy.head_rows = copy.rows_at_looks.front();
      copy.rows_at_looks.erase(copy.rows_at_looks.begin());
    }
    if (const auto error = copy.errors.find(ask.step); error != copy.errors.end()) return error->second;
    DigestAnswer answer;
    answer.sequence = copy.head_rows.size();
    answer.chain = chain_of(copy.head_rows);
    answer.is_last = true;
    if (ask.step == DigestStep::head) return answer;
    const std::string rows = copy.rows.substr(0, ask.up_to);
    answer.reached = answer.count = ask.step == DigestStep::cases ? 1 : rows.size();
    answer.digest = chain_of(rows);
    if (!ask.with_lines) return answer;
    for (std::size_t i = 0; i < rows.size(); ++i) answer.lines.push_back({i + 1, played_case, chain_of(rows.substr(i, 1))});
    return answer;
  }
  Result<ComparedShard> compare() {
    ComparePorts ports;
    ports.ask = [this](const CopyPlace& place, ShardIndex, const DigestAsk& ask) { return answer(copies_[place.node], ask); };
    ports.wait = [](unsigned round) { return round < 3; };
    return compare_shard(played_shard, {{"a", "sa"}, {"b", "sb"}, {"c", "sc"}}, {}, ports);
  }
  std::map<std::string, PlayedCopy> copies_;
};

const Error damage{Errc::corrupt, "a block of the file has a bad checksum"};
const Error absence{Errc::unavailable, "does not answer"};

TEST_F(HistoryCompareTest, CopiesThatTrulyDifferAreTold) {
  EXPECT_EQ(compare()->state, CopyState::equal);
  copies_["b"].rows = "12395";
  const auto told = compare();
  ASSERT_TRUE(told.ok() && told->difference.has_value());
  EXPECT_EQ(told->state, CopyState::different);
  EXPECT_EQ(told->copies[2].state, CopyState::equal);
  EXPECT_EQ(told->difference->what, FirstDifference::What::row_differs);
  EXPECT_EQ(told->difference->sequence, 4u);
  EXPECT_EQ(told->difference->node, "b");
  EXPECT_EQ(told->difference->from_node, "a");
}

TEST_F(HistoryCompareTest, DamageIsADifferenceWithItsTrouble) {
  for (const DigestStep step : {DigestStep::head, DigestStep::rows, DigestStep::cases}) {
    SetUp();
    copies_["b"].errors = {{step, damage}};
    const auto told = compare();
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->state, CopyState::different);
    EXPECT_EQ(told->copies[1].state, CopyState::different);
    EXPECT_EQ(told->copies[1].trouble, damage.detail);
    EXPECT_EQ(told->copies[2].state, CopyState::equal);
    HistoryComparison all;
    all.shards = {*told};
    EXPECT_EQ(all.exit(), 1);
  }
}

TEST_F(HistoryCompareTest, DamageOfTheFirstCopyHidesNoOther) {
  for (const DigestStep step : {DigestStep::head, DigestStep::rows, DigestStep::cases}) {
    SetUp();
    copies_["a"].errors = {{step, damage}};
    copies_["c"].rows = "12395";
    const auto told = compare();
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->copies[0].trouble, damage.detail);
    EXPECT_EQ(told->copies[1].state, CopyState::equal);
    EXPECT_EQ(told->copies[2].state, CopyState::different);
    ASSERT_TRUE(told->difference.has_value());
    EXPECT_EQ(told->difference->from_node, "b");
  }
}

TEST_F(HistoryCompareTest, ACopyThatGoesAwayIsLaidAsideAndTheOthersAreCompared) {
  copies_["a"].errors = {{DigestStep::cases, absence}};
  const auto told = compare();
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->state, CopyState::not_there);
  EXPECT_EQ(told->copies[0].trouble, absence.detail);
  EXPECT_EQ(told->copies[1].state, CopyState::equal);
  EXPECT_EQ(told->cases, 1u);
  for (auto& [node, copy] : copies_) copy.errors = {{DigestStep::head, absence}};
  EXPECT_EQ(compare().error().code, Errc::unavailable);
  copies_["c"].errors = {{DigestStep::head, damage}};
  const auto damaged = compare();
  ASSERT_TRUE(damaged.ok());
  EXPECT_EQ(damaged->state, CopyState::different);
}

TEST_F(HistoryCompareTest, CopiesThatLagBehindADamagedOneAreComparedAsFarAsTheyAre) {
  copies_["a"] = {"123456", "123456", {{DigestStep::rows, damage}}};
  copies_["c"] = {"1294", "1294", {}};
  const auto told = compare();
  ASSERT_TRUE(told.ok() && told->difference.has_value());
  EXPECT_EQ(told->sequence, 5u);
  EXPECT_EQ(told->copies[1].state, CopyState::behind);
  EXPECT_EQ(told->difference->node, "c");
  EXPECT_EQ(told->difference->from_node, "b");
  EXPECT_EQ(told->difference->sequence, 3u);
}

TEST_F(HistoryCompareTest, ACopyIsHeldAgainstItsOwnChainOnly) {
  // The follower is further at the first look and its chain is bad; the owner is past it at the second.
  copies_["a"].rows_at_looks = {"12345", "1234567"};
  copies_["b"] = {"123456", "123496", {}};
  copies_["c"] = {"123456", "123456", {}};
  const auto told = compare();
  ASSERT_TRUE(told.ok() && told->difference.has_value());
  EXPECT_EQ(told->copies[0].state, CopyState::equal);
  EXPECT_EQ(told->copies[1].state, CopyState::different);
  EXPECT_EQ(told->copies[2].state, CopyState::equal);
  EXPECT_EQ(told->difference->what, FirstDifference::What::chain_broken);
  EXPECT_EQ(told->difference->node, "b");
  EXPECT_EQ(told->difference->from_node, "");
}

TEST(SilentNodesTest, OneThatFailsTwiceInARowIsNotAskedAgain) {
  SilentNodes silent;
  silent.answered("a", absence);
  EXPECT_EQ(silent.of("a"), nullptr);
  silent.answered("a", std::nullopt);
  silent.answered("a", absence);
  EXPECT_EQ(silent.of("a"), nullptr);
  silent.answered("b", absence);
  silent.answered("a", damage);
  silent.answered("a", absence);
  EXPECT_EQ(silent.of("a"), nullptr);
  silent.answered("a", absence);
  ASSERT_NE(silent.of("a"), nullptr);
  EXPECT_EQ(silent.of("a")->detail, absence.detail);
  EXPECT_EQ(silent.of("b"), nullptr);
}

}  // namespace
}  // namespace dunlin
