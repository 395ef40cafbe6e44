// History and the budget that is counted from it.
#include "core/compliance/contact_history.hpp"

#include <gtest/gtest.h>

#include "core/compliance/outcome_mapping.hpp"
#include "tests/compliance/policy_support.hpp"

namespace dunlin {
namespace {

ContactFact open_call(std::uint64_t attempt, const char* at) {
  ContactFact fact = fact_at(at, Channel::call, ContactResult::in_flight);
  fact.attempt = attempt;
  return fact;
}

const BudgetLine* line_of(const ContactBudget& budget, const std::string& rule_id) {
  for (const BudgetLine& line : budget.lines) {
    if (line.rule_id == rule_id) return &line;
  }
  return nullptr;
}

TEST(ContactHistory, PutsLateFactsInTheirPlace) {
  const auto history = history_of({fact_at("2026-03-04T12:00:00Z", Channel::call, ContactResult::talked),
                                   fact_at("2026-03-01T12:00:00Z", Channel::call, ContactResult::talked),
                                   fact_at("2026-03-02T12:00:00Z", Channel::call, ContactResult::talked)});
  ASSERT_EQ(history.buckets().size(), 1u);
  const auto& facts = history.buckets()[0].facts;
  EXPECT_TRUE(facts[0].at < facts[1].at && facts[1].at < facts[2].at);
  EXPECT_EQ(history.newest(), utc("2026-03-04T12:00:00Z"));
  EXPECT_EQ(history.size(), 3u);
}

TEST(ContactHistory, SettlesAReservationOnce) {
  ContactHistory history;
  history.append(open_call(7, "2026-03-04T09:00:00+03:00"));
  EXPECT_FALSE(history.settle(8, ContactResult::talked));
  EXPECT_TRUE(history.settle(7, ContactResult::no_answer));
  EXPECT_FALSE(history.settle(7, ContactResult::talked));
  EXPECT_TRUE(history.in_flight().empty());
  EXPECT_EQ(history.size(), 1u);
}

TEST(ContactHistory, ReservationBlocksItsPoolUntilItIsSettled) {
  ContactHistory history;
  history.append(open_call(7, "2026-03-04T11:59:40+03:00"));
  ContactQuery query = moscow_call("12:00:00");
  EXPECT_EQ(rules_of(law_only().decide(query, history)), "RU-CNT-06");
  query.channel = Channel::sms;
  EXPECT_TRUE(law_only().decide(query, history).is_allowed());
  query.channel = Channel::robot_call;
  EXPECT_FALSE(law_only().decide(query, history).is_allowed());
  history.settle(7, ContactResult::no_answer);
  EXPECT_TRUE(law_only().decide(query, history).is_allowed());
}

TEST(ContactBudget, CountsTalksAndReservationsAgainstEveryPeriod) {
  ContactHistory history = history_of({fact_at("2026-03-03T10:00:00+03:00", Channel::call, ContactResult::talked)});
  const ContactBudget before = law_only().budget(moscow_call("12:00:00"), history);
  ASSERT_NE(line_of(before, "RU-FRQ-C2"), nullptr);
  EXPECT_EQ(line_of(before, "RU-FRQ-C1")->used, 0);
  EXPECT_EQ(line_of(before, "RU-FRQ-C2")->used, 1);
  EXPECT_EQ(line_of(before, "RU-FRQ-C3")->remaining(), 7);
  EXPECT_EQ(before.remaining, 1);
  history.append(open_call(1, "2026-03-04T11:00:00+03:00"));
  const ContactBudget during = law_only().budget(moscow_call("12:00:00"), history);
  EXPECT_EQ(line_of(during, "RU-FRQ-C1")->used, 1);
  EXPECT_EQ(during.remaining, 0);
}

TEST(ContactBudget, VoiceAgentSharesTheCallsAndOneWayVoiceTheMessages) {
  const auto history = history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::robot_call, ContactResult::talked),
                                   fact_at("2026-03-04T10:00:00+03:00", Channel::voice_message, ContactResult::played_oneway)});
  ContactQuery query = moscow_call("12:00:00");
  EXPECT_EQ(law_only().budget(query, history).remaining, 0);
  query.channel = Channel::sms;
  EXPECT_EQ(line_of(law_only().budget(query, history), "RU-FRQ-M1")->remaining(), 1);
}

TEST(ContactBudget, TellsWhenThePeriodEnds) {
  const auto history = history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::call, ContactResult::talked)});
  const ContactBudget budget = law_only().budget(moscow_call("12:00:00"), history);
  EXPECT_EQ(format_utc(line_of(budget, "RU-FRQ-C1")->resets_at), "2026-03-04T21:00:00.000Z");
}

TEST(ContactBudget, ShowsTheStrictestOfSeveralZones) {
  ContactQuery query = query_at("2026-03-17T12:00:00+03:00", "RU", {"Europe/Moscow", "Asia/Kamchatka"});
  const auto history = history_of({fact_at("2026-03-16T23:30:00+03:00", Channel::call, ContactResult::talked)});
  EXPECT_EQ(line_of(law_only().budget(query, history), "RU-FRQ-C1")->used, 1);
}

TEST(ContactBudget, IsEmptyWithoutAZoneAndUnlimitedForPost) {
  EXPECT_EQ(law_only().budget(query_at("2026-03-04T12:00:00Z", "RU", {"Mars/Olympus"}), {}).remaining, 0);
  ContactQuery query = moscow_call("12:00:00");
  query.channel = Channel::post;
  EXPECT_FALSE(law_only().budget(query, {}).is_limited);
}

TEST(OutcomeMapping, HumanAnswersCountAndNetworkFailuresDoNot) {
  EXPECT_EQ(contact_result_of(Outcome::rpc_promise), ContactResult::talked);
  EXPECT_EQ(contact_result_of(Outcome::abandoned), ContactResult::abandoned);
  EXPECT_EQ(contact_result_of(Outcome::unknown_after_failure), ContactResult::unknown);
  EXPECT_EQ(contact_result_of(Outcome::failed), ContactResult::network_failure);
  EXPECT_EQ(contact_result_of(Outcome::not_sent), ContactResult::not_sent);
}

}  // namespace
}  // namespace dunlin
