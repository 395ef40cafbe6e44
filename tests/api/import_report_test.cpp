// What an operator is told to do about a review item.
#include "api/import_report.hpp"

#include <gtest/gtest.h>

#include <set>

namespace dunlin {
namespace {

TEST(ImportReport, EveryKindOfReviewItemHasItsAdviceInBothLanguages) {
  std::set<std::string> told;
  for (const std::string code : {"namesake", "shared_phone", "contract_elsewhere", "known_otherwise", "key_conflict", "no_person_key"}) {
    for (const bool is_english : {false, true}) {
      const std::string advice = review_advice(code, is_english);
      EXPECT_FALSE(advice.empty()) << code;
      EXPECT_TRUE(told.insert(advice).second) << code;
    }
  }
  EXPECT_EQ(review_advice("of_a_later_version", false), "");
}

}  // namespace
}  // namespace dunlin
