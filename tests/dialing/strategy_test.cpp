#include "core/dialing/strategy.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "core/dialing/strategy_check.hpp"
#include "core/dialing/text_revision.hpp"
#include "tests/dialing/strategy_fixture.hpp"

namespace dunlin {
namespace {

using test::noon;
using test::strategy_of;
using test::strategy_rule;

AttemptRow settled_attempt(std::uint64_t id, UtcTime at, Outcome outcome) {
  AttemptRow row;
  row.attempt = AttemptId(id);
  row.number = test::number(1);
  row.reserved_at = at;
  row.outcome = outcome;
  return row;
}

/// A person with one debt in "soft", two numbers, and nothing else.
CaseRecord plain_record() {
  test::Desk desk;
  desk.import();
  return desk.record();
}

std::optional<StrategyTest> failed_with(const StrategyCondition& when, const CaseRecord& record, UtcTime at = noon) {
  static const test::FixedClock moscow({hours(3)});
  const auto strategy = strategy_of({strategy_rule("r", when, test::stop_order())});
  return first_failed(when, strategy_facts(*strategy, CaseFilter{}, record, at, &moscow));
}

/// One condition, a change that makes it hold, and which test names it when it does not.
struct ConditionRow {
  const char* name;
  StrategyTest test;
  std::function<void(StrategyCondition&)> condition;
  std::function<void(CaseRecord&)> fitting;
};

std::vector<ConditionRow> condition_rows() {
  using C = StrategyCondition;
  using R = CaseRecord;
  using T = StrategyTest;
  return {
      {"stage", T::stage, [](C& c) { c.stages = {"hard", "late"}; }, [](R& r) { r.debts[0].stage = "late"; }},
      {"portfolio", T::portfolio, [](C& c) { c.portfolios = {"south"}; }, [](R& r) { r.debts[0].portfolio = "south"; }},
      {"product", T::product, [](C& c) { c.products = {"card"}; }, [](R& r) { r.debts[0].product = "card"; }},
      {"dpd above", T::dpd, [](C& c) { c.dpd.from = 13; }, [](R& r) { r.debts[0].days_past_due = 13; }},
      {"dpd below", T::dpd, [](C& c) { c.dpd.to = 11; }, [](R& r) { r.debts[0].days_past_due = 11; }},
      {"overdue", T::overdue, [](C& c) { c.overdue.from = 5'000'00; }, [](R& r) { r.debts[0].overdue.minor = 5'000'00; }},
      {"language", T::language, [](C& c) { c.languages = {"it"}; }, [](R& r) { r.language = "it"; }},
      {"last outcome", T::last_outcome, [](C& c) { c.last_outcomes = {Outcome::busy, Outcome::machine}; },
       [](R& r) { r.attempts = {settled_attempt(1, noon - hours(1), Outcome::busy)}; }},
      {"attempts today", T::attempts_today, [](C& c) { c.attempts_today.from = 1; },
       [](R& r) { r.attempts = {settled_attempt(1, noon - hours(1), Outcome::no_answer)}; }},
      {"attempts in all", T::attempts_total, [](C& c) { c.attempts_total.from = 7; }, [](R& r) { r.totals.attempts = 7; }},
      {"silent attempts", T::silent_attempts, [](C& c) { c.silent_attempts_from = 2; },
       [](R& r) {
         r.attempts = {settled_attempt(1, noon - days(3), Outcome::rpc_refusal), settled_attempt(2, noon - days(2), Outcome::no_answer),
                       settled_attempt(3, noon - days(1), Outcome::machine)};
       }},
      {"promise", T::promise, [](C& c) { c.promise = PromiseFact::broken; },
       [](R& r) {
         r.promises.resize(2);
         r.promises[0].made_at = noon - days(20);
         r.promises[0].state = PromiseState::kept;
         r.promises[1].made_at = noon - days(9);
         r.promises[1].state = PromiseState::broken;
       }},
      {"paid", T::paid_within_days, [](C& c) { c.paid_within_days = 3; },
       [](R& r) { r.payments = {PaymentFact{"p", "C-1", Money{1, Currency::rub}, noon - days(3)}}; }},
      {"number", T::has_number, [](C& c) { c.has_number = NumberPattern{PartyRole::guarantor, PhoneType::mobile}; },
       [](R& r) { r.phones.push_back(test::phone(5, PhoneType::mobile, PartyRole::guarantor)); }},
  };
}

TEST(Strategy, EachConditionHoldsOrIsNamed) {
  for (const ConditionRow& row : condition_rows()) {
    StrategyCondition when;
    row.condition(when);
    CaseRecord record = plain_record();
    EXPECT_EQ(failed_with(when, record), row.test) << row.name;
    row.fitting(record);
    EXPECT_EQ(failed_with(when, record), std::nullopt) << row.name;
  }
}

TEST(Strategy, AllConditionsOfARuleMustHold) {
  StrategyCondition when;
  when.stages = {"soft"};
  when.dpd.from = 30;
  EXPECT_EQ(failed_with(when, plain_record()), StrategyTest::dpd);
}

TEST(Strategy, OneDebtMustSatisfyAllConditionsOnDebts) {
  CaseRecord record = plain_record();
  record.debts.push_back(test::debt("C-2"));
  record.debts[1].stage = "late";
  record.debts[1].days_past_due = 80;
  StrategyCondition when;
  when.stages = {"soft"};
  when.dpd.from = 60;
  EXPECT_EQ(failed_with(when, record), StrategyTest::dpd);
  record.debts[0].days_past_due = 60;
  EXPECT_EQ(failed_with(when, record), std::nullopt);
}

TEST(Strategy, ClosedDebtsAndThoseOfOtherCampaignsDoNotCount) {
  StrategyCondition when;
  when.stages = {"soft"};
  CaseRecord record = plain_record();
  record.debts[0].is_closed = true;
  EXPECT_EQ(failed_with(when, record), StrategyTest::stage);
  record.debts[0].is_closed = false;
  const auto strategy = strategy_of({strategy_rule("r", when, test::stop_order())});
  CaseFilter other;
  other.portfolios = {"south"};
  EXPECT_EQ(first_failed(when, strategy_facts(*strategy, other, record, noon, nullptr)), StrategyTest::stage);
}

TEST(Strategy, ARightPartyContactEndsTheSilence) {
  StrategyCondition when;
  when.silent_attempts_from = 1;
  CaseRecord record = plain_record();
  record.attempts = {settled_attempt(1, noon - days(2), Outcome::no_answer), settled_attempt(2, noon - days(1), Outcome::answered)};
  record.attempts[1].disposition = Outcome::rpc_refusal;
  EXPECT_EQ(failed_with(when, record), StrategyTest::silent_attempts);
}

TEST(Strategy, AttemptsThatReachedNoNumberDoNotCount) {
  StrategyCondition when;
  when.silent_attempts_from = 1;
  CaseRecord record = plain_record();
  record.attempts = {settled_attempt(1, noon - hours(1), Outcome::failed), settled_attempt(2, noon - hours(1), Outcome::not_sent)};
  EXPECT_EQ(failed_with(when, record), StrategyTest::silent_attempts);
  when = {};
  when.attempts_today.to = 0;
  EXPECT_EQ(failed_with(when, record), std::nullopt);
}

// Noon UTC of Tuesday is 15:00 in Moscow.
TEST(Strategy, HoursAndWeekdaysAreThoseOfTheDebtor) {
  struct Row {
    std::vector<int> weekdays;
    std::optional<int> from;
    std::optional<int> to;
    Duration later;
    bool fits;
  };
  const Row rows[] = {
      {{}, 15, 16, {}, true},        {{}, 12, 15, {}, false},  {{}, 16, std::nullopt, {}, false}, {{1}, std::nullopt, std::nullopt, {}, true},
      {{0, 2}, std::nullopt, std::nullopt, {}, false},         {{2}, 0, 1, hours(9), true},       {{1}, 23, 24, hours(8), true},
  };
  for (const Row& row : rows) {
    StrategyCondition when;
    when.weekdays = row.weekdays;
    when.hour_from = row.from;
    when.hour_to = row.to;
    EXPECT_EQ(!failed_with(when, plain_record(), noon + row.later), row.fits) << row.from.value_or(-1) << " " << row.to.value_or(-1);
  }
}

TEST(Strategy, WhereTheZoneIsNotCertainAnHourMustFitEverywhere) {
  const test::FixedClock wide({hours(2), hours(12)});
  StrategyCondition when;
  when.hour_from = 14;
  when.hour_to = 18;
  const auto strategy = strategy_of({strategy_rule("r", when, test::stop_order())});
  EXPECT_EQ(first_failed(when, strategy_facts(*strategy, CaseFilter{}, plain_record(), noon, &wide)), StrategyTest::clock);
}

TEST(Strategy, TheFirstFittingRuleWins) {
  StrategyCondition soft;
  soft.stages = {"soft"};
  StrategyCondition early;
  early.dpd.to = 30;
  const auto strategy = strategy_of({strategy_rule("hard", {{"hard"}}, test::stop_order()), strategy_rule("soft", soft, test::stop_order()),
                                     strategy_rule("early", early, test::stop_order())});
  const CaseRecord record = plain_record();
  EXPECT_EQ(decide(*strategy, strategy_facts(*strategy, CaseFilter{}, record, noon, nullptr)).rule, 1U);
}

TEST(Strategy, WithoutAFittingRuleNothingIsOrdered) {
  const auto strategy = strategy_of({strategy_rule("hard", {{"hard"}}, test::stop_order())});
  const CaseRecord record = plain_record();
  const StrategyDecision decision = decide(*strategy, strategy_facts(*strategy, CaseFilter{}, record, noon, nullptr));
  EXPECT_FALSE(decision.rule);
  EXPECT_FALSE(decision.is_stopped);
}

TEST(Strategy, RestsCountFromTheLastAttemptAndTheLastPayment) {
  StrategyOrders then;
  then.rest_days = 4;
  then.quiet_after_payment_days = 10;
  const auto strategy = strategy_of({strategy_rule("rest", {}, then)});
  CaseRecord record = plain_record();
  const auto rest = [&] { return decide(*strategy, strategy_facts(*strategy, CaseFilter{}, record, noon, nullptr)).rest_until; };
  EXPECT_EQ(rest(), std::nullopt);
  record.totals.last_attempt_at = noon - days(1);
  EXPECT_EQ(rest(), noon + days(3));
  record.payments = {PaymentFact{"p", "C-1", Money{1, Currency::rub}, noon - days(2)}};
  EXPECT_EQ(rest(), noon + days(8));
  record.payments[0].paid_at = noon - days(11);
  record.totals.last_attempt_at = noon - days(5);
  EXPECT_EQ(rest(), std::nullopt);
}

TEST(Strategy, AnOverlayChangesOnlyWhatItNames) {
  const CampaignSettings base = test::campaign().settings;
  StrategyOrders then;
  then.max_attempts_per_case_day = 5;
  then.retry = {*find_retry_rule(base, Outcome::busy)};
  then.retry[0].first_delay = minutes(3);
  CampaignSettings expected = base;
  expected.max_attempts_per_case_day = 5;
  for (RetryRule& rule : expected.retry) {
    if (rule.outcome == Outcome::busy) rule.first_delay = minutes(3);
  }
  EXPECT_TRUE(overlaid(base, strategy_rule("r", {}, then)) == expected);
}

TEST(Strategy, GroupsAreStableAndKeepTheirShares) {
  Strategy strategy = *strategy_of({strategy_rule("r", {}, test::stop_order())});
  strategy.groups = {{"A", 90}, {"B", 10}};
  std::map<std::string, int> counts;
  for (std::uint64_t id = 1; id <= 10'000; ++id) {
    const std::string group(group_of(strategy, CaseId(id)));
    ++counts[group];
    Strategy edited = strategy;
    edited.revision = 9;
    edited.rules.clear();
    EXPECT_EQ(group_of(edited, CaseId(id)), group);
  }
  EXPECT_NEAR(counts["A"], 9'000, 200);
  EXPECT_NEAR(counts["B"], 1'000, 200);
}

TEST(Strategy, AnotherNameDrawsOtherGroups) {
  Strategy one = *strategy_of({}, "one");
  Strategy two = *strategy_of({}, "two");
  one.groups = two.groups = {{"A", 1}, {"B", 1}};
  int same = 0;
  for (std::uint64_t id = 1; id <= 1'000; ++id) same += group_of(one, CaseId(id)) == group_of(two, CaseId(id)) ? 1 : 0;
  EXPECT_NEAR(same, 500, 100);
}

TEST(StrategyCheck, ARuleHidesThoseItContains) {
  StrategyCondition any;
  for (const ConditionRow& row : condition_rows()) {
    StrategyCondition narrow;
    row.condition(narrow);
    EXPECT_TRUE(covers(any, narrow)) << row.name;
    EXPECT_FALSE(covers(narrow, any)) << row.name;
    EXPECT_TRUE(covers(narrow, narrow)) << row.name;
  }
  StrategyCondition wide;
  wide.dpd = {1, 30};
  StrategyCondition inside;
  inside.dpd = {5, 30};
  EXPECT_TRUE(covers(wide, inside));
  EXPECT_FALSE(covers(inside, wide));
}

TEST(TextRevision, ItsDocumentComesBackEqual) {
  const TextRevision revision{"soft", 12, "admin", noon, "soft.toml", "name = \"soft\"\n"};
  const std::string bytes = encode_text_revision(revision);
  const auto decoded = decode_text_revision(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(*decoded == revision);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_text_revision(bytes.substr(0, size)).ok()) << size;
}

}  // namespace
}  // namespace dunlin
