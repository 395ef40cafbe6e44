#include "api/compare_text.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

ComparedShard shard_of_two(ShardIndex shard, CopyState second, const std::string& trouble = {}) {
  ComparedShard compared;
  compared.shard = shard;
  compared.state = second;
  compared.sequence = 100;
  compared.cases = 10;
  compared.copies = {{{"a", "store-a"}, CopyState::equal, 100, {}}, {{"b", "store-b"}, second, 90, trouble}};
  return compared;
}

TEST(CompareText, EqualShardsAreOneLineAndOthersAreTold) {
  HistoryComparison comparison;
  for (ShardIndex shard = 0; shard < 5; ++shard) comparison.shards.push_back(shard_of_two(shard, CopyState::equal));
  EXPECT_EQ(comparison.exit(), 0);
  const auto well = comparison_text(comparison, TextLanguage::english);
  EXPECT_NE(well.find("5 shards, 50 cases, 500 events: all copies are equal"), std::string::npos) << well;
  EXPECT_NE(comparison_text(comparison, TextLanguage::russian).find("все копии одинаковы"), std::string::npos);
  comparison.shards.push_back(shard_of_two(5, CopyState::behind));
  comparison.shards.push_back(shard_of_two(6, CopyState::not_there, "b does not answer"));
  EXPECT_EQ(comparison.exit(), 7);
  const auto partly = comparison_text(comparison, TextLanguage::english);
  EXPECT_NE(partly.find("b: behind (90)"), std::string::npos) << partly;
  EXPECT_NE(partly.find("b: not there (b does not answer)"), std::string::npos) << partly;
  EXPECT_NE(partly.find("5 equal, 0 different, 1 behind, 1 not there"), std::string::npos) << partly;
}

TEST(CompareText, TheFirstDifferenceIsNamed) {
  HistoryComparison comparison;
  comparison.shards.push_back(shard_of_two(6, CopyState::different));
  comparison.shards[0].difference = FirstDifference{6, "b", "a", CaseId(6), 12, 0, FirstDifference::What::row_missing};
  EXPECT_EQ(comparison.exit(), 1);
  const auto text = comparison_text(comparison, TextLanguage::english);
  EXPECT_NE(text.find("First difference: shard 6, case_0000000000000006, event of the shard 12, on node b: the row is missing (not as on a)"), std::string::npos) << text;
  EXPECT_NE(comparison_text(comparison, TextLanguage::russian).find("Первое различие: шард 6"), std::string::npos);
  const auto fields = comparison_fields(comparison);
  EXPECT_EQ(fields["first_difference"]["what"], "the row is missing");
  EXPECT_EQ(fields["shards"][0]["copies"][1]["result"], "different");
  EXPECT_EQ(fields["different"], 1);
}

TEST(CompareText, OneCopyHasNothingToBeComparedWith) {
  HistoryComparison comparison;
  comparison.shards.push_back(shard_of_two(1, CopyState::equal));
  comparison.shards[0].copies.pop_back();
  EXPECT_NE(comparison_text(comparison, TextLanguage::english).find("there is one copy, its chain is whole"), std::string::npos);
  comparison.case_id = CaseId(1);
  EXPECT_NE(comparison_text(comparison, TextLanguage::russian).find("копия одна, сравнивать не с чем"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
