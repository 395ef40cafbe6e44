// An allowed decision takes from the heap what its proof holds and nothing else, however long the history is.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/compliance/policy_support.hpp"

namespace {
std::size_t allocations = 0;
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

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
      const std::size_t before = allocations;
      const Decision decision = policy.decide(query, history);
      const std::size_t decided = allocations - before;
      const Decision proof = decision;
      const std::size_t kept = allocations - before - decided;
      ASSERT_TRUE(proof.is_allowed());
      EXPECT_LE(decided, kept) << events << " events, " << zones.size() << " zones";
    }
  }
}

}  // namespace
}  // namespace dunlin
