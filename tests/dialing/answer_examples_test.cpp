// What a case asks the answer model and what it teaches it.
#include "core/dialing/answer_examples.hpp"

#include <gtest/gtest.h>

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

/// Tuesday 2026-11-24 15:00 in Moscow.
constexpr UtcTime asked_at = test::noon;

ZoneTable moscow() { return {"Europe/Moscow", 3 * 3600, {}}; }

void add_attempt(CaseRecord& record, UtcTime at, Outcome outcome, int number = 1) {
  AttemptRow row;
  row.attempt = AttemptId(record.attempts.size() + 1);
  row.number = test::number(number);
  row.reserved_at = at;
  row.outcome = outcome;
  record.attempts.push_back(row);
}

std::vector<AnswerExample> taught_by(const CaseRecord& record) {
  const ZoneTable zone = moscow();
  std::vector<AnswerExample> examples;
  each_example(record, &zone, [&examples](const AnswerExample& example) { examples.push_back(example); });
  return examples;
}

TEST(AnswerQuestion, KnowsThePastOfTheNumberAndNothingElse) {
  CaseRecord record;
  add_attempt(record, asked_at - days(4), Outcome::answered);
  add_attempt(record, asked_at - days(2), Outcome::no_answer);
  add_attempt(record, asked_at - hours(6), Outcome::busy);
  add_attempt(record, asked_at - hours(1), Outcome::answered, 2);
  add_attempt(record, asked_at + hours(1), Outcome::answered);
  const ZoneTable zone = moscow();
  const AnswerQuestion question = question_of(record, test::phone(1), &zone, asked_at);
  EXPECT_EQ(question.attempts, 3U);
  EXPECT_EQ(question.live_answers, 1U);
  EXPECT_EQ(question.silent_attempts, 2U);
  EXPECT_EQ(question.pause, hours(6));
  EXPECT_EQ(question.hour_of_week, 24 + 15);
  EXPECT_TRUE(question.was_answered_in_part) << "on Friday at the same hour";
}

TEST(AnswerQuestion, KnowsNoHourWithoutAZone) {
  CaseRecord record;
  add_attempt(record, asked_at - days(1), Outcome::answered);
  const AnswerQuestion question = question_of(record, test::phone(1), nullptr, asked_at);
  EXPECT_EQ(question.hour_of_week, -1);
  EXPECT_FALSE(question.was_answered_in_part);
  EXPECT_EQ(question.live_answers, 1U);
}

TEST(AnswerExamples, CountLivePeopleAndTheRightOnes) {
  struct Case {
    Outcome outcome;
    bool is_live;
    bool is_right_party;
  };
  for (const Case& each : {Case{Outcome::no_answer, false, false}, {Outcome::busy, false, false}, {Outcome::machine, false, false},
                           {Outcome::abandoned, true, false}, {Outcome::rpc_promise, true, true}, {Outcome::wrong_number, true, false},
                           {Outcome::third_party_message_left, true, false}, {Outcome::agent_machine, false, false}}) {
    CaseRecord record;
    add_attempt(record, asked_at, each.outcome);
    const auto examples = taught_by(record);
    ASSERT_EQ(examples.size(), 1U) << to_string(each.outcome);
    EXPECT_EQ(examples[0].result.is_live, each.is_live) << to_string(each.outcome);
    EXPECT_EQ(examples[0].result.is_right_party, each.is_right_party) << to_string(each.outcome);
  }
}

TEST(AnswerExamples, LearnNothingFromCallsThatReachedNobody) {
  CaseRecord record;
  for (const Outcome outcome : {Outcome::failed, Outcome::not_sent, Outcome::invalid_number, Outcome::network_announcement,
                                Outcome::blocked_by_law, Outcome::unknown_after_failure}) {
    add_attempt(record, asked_at, outcome);
  }
  AttemptRow open;
  open.number = test::number(1);
  open.reserved_at = asked_at;
  record.attempts.push_back(open);
  EXPECT_TRUE(taught_by(record).empty());
}

TEST(AnswerExamples, PreferTheAgentsWord) {
  CaseRecord record;
  add_attempt(record, asked_at, Outcome::answered);
  record.attempts.back().disposition = Outcome::rpc_refusal;
  const auto examples = taught_by(record);
  ASSERT_EQ(examples.size(), 1U);
  EXPECT_TRUE(examples[0].result.is_right_party);
}

}  // namespace
}  // namespace dunlin
