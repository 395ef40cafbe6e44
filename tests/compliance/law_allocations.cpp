// An allowed decision takes from the heap what its proof holds and nothing else, however long the history is.
#include <gtest/gtest.h>

#include "tests/compliance/policy_support.hpp"
#include "tests/support/counted_heap.hpp"

namespace dunlin {
namespace {

TEST(LawAllocations, AnAllowedDecisionTakesNoMoreThanItsProof) {
  const ContactPolicy policy(test_rules());
  for (const std::vector<std::string>& zones : {std::vector<std::string>{"Asia/Yekaterinburg"}, std::vector<std::string>{}}) {
    for (const int events : {0, 500}) {
      const ContactQuery query = query_at("2026-03-04T12:00:00+03:00", "RU", zones);
      ContactHistory history;
      for (int i = events; i > 0; --i) {
        ContactFact fact;
        fact.at = query.at - hours(30 * i);
        fact.result = i % 10 == 0 ? ContactResult::talked : ContactResult::no_answer;
        history.append(fact);
      }
      const std::size_t before = test::allocations;
      const Decision decision = policy.decide(query, history);
      const std::size_t decided = test::allocations - before;
      const Decision proof = decision;
      const std::size_t kept = test::allocations - before - decided;
      ASSERT_TRUE(proof.is_allowed());
      EXPECT_LE(decided, kept) << events << " events, " << zones.size() << " zones";
    }
  }
}

}  // namespace
}  // namespace dunlin
