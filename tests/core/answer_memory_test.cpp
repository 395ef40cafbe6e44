#include "core/cluster/answer_memory.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

using Seen = AnswerMemory::Seen;

TEST(AnswerMemory, ARepeatedCommandIsAnsweredAndNotDoneAgain) {
  AnswerMemory memory;
  EXPECT_EQ(memory.begin({1, 1}).seen, Seen::fresh);
  EXPECT_EQ(memory.begin({1, 1}).seen, Seen::under_way);
  memory.finish({1, 1}, "done");
  const auto again = memory.begin({1, 1});
  EXPECT_EQ(again.seen, Seen::answered);
  EXPECT_EQ(again.answer, "done");
  EXPECT_EQ(memory.begin({2, 1}).seen, Seen::fresh) << "another sender's number";
}

TEST(AnswerMemory, TheFirstAnswerStays) {
  AnswerMemory memory;
  memory.begin({1, 1});
  memory.finish({1, 1}, "first");
  memory.finish({1, 1}, "second");
  EXPECT_EQ(memory.begin({1, 1}).answer, "first");
}

TEST(AnswerMemory, WhatIsForgottenIsRefusedAndNotDoneAgain) {
  AnswerMemory memory({3, 1000, 10});
  for (std::uint64_t number = 1; number <= 5; ++number) {
    memory.begin({1, number});
    memory.finish({1, number}, "x");
  }
  EXPECT_EQ(memory.size(), 3U);
  EXPECT_EQ(memory.begin({1, 2}).seen, Seen::forgotten);
  EXPECT_EQ(memory.begin({1, 3}).seen, Seen::answered);
  EXPECT_EQ(memory.begin({1, 6}).seen, Seen::fresh);
}

TEST(AnswerMemory, LargeAnswersAreBoundedByTheirBytes) {
  AnswerMemory memory({100, 10, 10});
  for (std::uint64_t number = 1; number <= 3; ++number) {
    memory.begin({1, number});
    memory.finish({1, number}, "12345");
  }
  EXPECT_EQ(memory.size(), 2U);
  EXPECT_EQ(memory.begin({1, 1}).seen, Seen::forgotten);
}

TEST(AnswerMemory, WhatIsUnderWayIsNeverForgotten) {
  AnswerMemory memory({1, 1000, 10});
  memory.begin({1, 1});
  for (std::uint64_t number = 2; number <= 4; ++number) {
    memory.begin({1, number});
    memory.finish({1, number}, "x");
  }
  EXPECT_EQ(memory.begin({1, 1}).seen, Seen::under_way);
  memory.finish({1, 1}, "late");
  EXPECT_EQ(memory.begin({1, 1}).answer, "late");
}

TEST(AnswerMemory, TheLongestKnownSenderGoesWithItsAnswers) {
  AnswerMemory memory({100, 1000, 2});
  for (std::uint64_t sender = 1; sender <= 3; ++sender) {
    memory.begin({sender, 1});
    memory.finish({sender, 1}, "x");
  }
  EXPECT_EQ(memory.size(), 2U);
  EXPECT_EQ(memory.begin({2, 1}).seen, Seen::answered);
  EXPECT_EQ(memory.begin({3, 1}).seen, Seen::answered);
}

}  // namespace
}  // namespace dunlin
