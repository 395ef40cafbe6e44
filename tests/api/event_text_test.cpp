#include "api/event_text.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(AttemptFields, SayWhatTheAnswerModelExpected) {
  AttemptStory story;
  story.reserved.answer_score_permille = 312;
  story.reserved.answer_model_at = UtcTime{1'795'521'600'000};
  const auto fields = attempt_fields(story);
  EXPECT_EQ(fields["answer_score"], "31.2 %");
  EXPECT_EQ(fields["answer_model"], format_utc(*story.reserved.answer_model_at));
}

TEST(AttemptFields, SayNothingOfAModelNobodyAsked) {
  EXPECT_FALSE(attempt_fields(AttemptStory()).contains("answer_score"));
}

}  // namespace
}  // namespace dunlin
