#include "config/strategy_loader.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

constexpr const char* whole_example = DUNLIN_SOURCE_DIR "/config/strategies/soft_collection.toml";

constexpr const char* every_field = R"(name = "full"
currency = "EUR"
[[group]]
name = "A"
share = 3
[[group]]
name = "B"
[[rule]]
name = "all"
[rule.when]
stage = "soft"
portfolio = ["north", "south"]
product = ["card"]
dpd_from = 1
dpd_to = 30
overdue_from = 100
overdue_to = "999.50"
language = ["it"]
last_outcome = ["busy", "no_answer"]
attempts_today_from = 1
attempts_today_to = 2
attempts_total_from = 3
attempts_total_to = 40
silent_attempts_from = 5
promise = "broken"
paid_within_days = 7
has_number = "guarantor.mobile"
weekdays = ["fri", "mon"]
hour_from = 9
hour_to = 18
group = "B"
[rule.then]
rest_days = 2
quiet_after_payment_days = 10
mode = "predictive"
skill = "senior"
number_order = ["debtor.work", "guarantor.mobile"]
numbers = "best"
hours = "best"
odds_lead = 40
max_attempts_per_number_day = 1
max_attempts_per_case_day = 3
max_attempts_per_number = 10
max_attempts_per_case = 20
rank = "highest_dpd"
sooner_by = 5
priority = 7
script = "hard"
ring_timeout_ms = 20000
callback = "own_agent"
callback_any_after = "90m"
day_parts = ["evening", "morning"]
[[rule.then.retry]]
outcome = ["busy", "rejected"]
delay = "15m"
growth_percent = 200
max_delay = "4h"
next_number = true
next_number_delay = "90s"
[[rule.then.retry]]
outcome = "wrong_number"
kind = "stop"
)";

std::string faults_of(const std::string& text) {
  const auto strategy = parse_strategy("s.toml", text);
  return strategy ? "" : strategy.error().detail;
}

/// A file of one rule with these lines as conditions and orders.
std::string one_rule(const std::string& when, const std::string& then) {
  return "name = \"s\"\n[[rule]]\nname = \"r\"\n[rule.when]\n" + when + "\n[rule.then]\n" + then + "\n";
}

TEST(StrategyLoader, TheShippedExampleLoads) {
  const auto text = read_strategy_text(whole_example);
  ASSERT_TRUE(text.ok());
  const auto strategy = parse_strategy("soft_collection.toml", *text);
  ASSERT_TRUE(strategy.ok()) << strategy.error().detail;
  EXPECT_EQ(strategy->name, "soft_collection");
  EXPECT_EQ(strategy->rules.size(), 7U);
  EXPECT_EQ(strategy->groups.size(), 2U);
}

TEST(StrategyLoader, EveryFieldArrives) {
  const auto strategy = parse_strategy("s.toml", every_field);
  ASSERT_TRUE(strategy.ok()) << strategy.error().detail;
  EXPECT_EQ(strategy->currency, Currency::eur);
  EXPECT_EQ(strategy->groups[0].share, 3U);
  EXPECT_EQ(strategy->groups[1].share, 1U);
  const StrategyCondition& when = strategy->rules.front().when;
  EXPECT_EQ(when.stages, std::vector<std::string>{"soft"});
  EXPECT_EQ(when.portfolios.size(), 2U);
  EXPECT_EQ(when.overdue, (WholeRange{100'00, 999'50}));
  EXPECT_EQ(when.last_outcomes, (std::vector<Outcome>{Outcome::busy, Outcome::no_answer}));
  EXPECT_EQ(when.attempts_today, (WholeRange{1, 2}));
  EXPECT_EQ(when.attempts_total, (WholeRange{3, 40}));
  EXPECT_EQ(when.weekdays, (std::vector<int>{0, 4}));
  EXPECT_EQ(when.has_number, (NumberPattern{PartyRole::guarantor, PhoneType::mobile}));
  EXPECT_EQ(when.promise, PromiseFact::broken);
  const StrategyOrders& then = strategy->rules.front().then;
  EXPECT_EQ(then.mode, DialingMode::predictive);
  EXPECT_EQ(then.number_order, (std::vector<NumberRule>{{PartyRole::debtor, PhoneType::work}, {PartyRole::guarantor, PhoneType::mobile}}));
  EXPECT_EQ(then.rank, RankRule::highest_dpd);
  EXPECT_EQ(then.number_choice, NumberChoice::best_odds);
  EXPECT_EQ(then.hour_choice, HourChoice::best_odds);
  EXPECT_EQ(then.odds_lead, 40U);
  EXPECT_EQ(then.callback_own_for, minutes(90));
  EXPECT_EQ(then.day_parts, (std::vector<DayPart>{DayPart::evening, DayPart::morning}));
  ASSERT_EQ(then.retry.size(), 3U);
  EXPECT_EQ(then.retry[1].outcome, Outcome::rejected);
  EXPECT_EQ(then.retry[1].next_number_delay, seconds(90));
  EXPECT_EQ(then.retry[1].max_delay, hours(4));
  EXPECT_EQ(then.retry[2].kind, RetryKind::stop_case);
}

TEST(StrategyLoader, FaultsNameFileLineFieldAndWhatIsAllowed) {
  struct Row {
    const char* when;
    const char* then;
    const char* expected;
  };
  const Row rows[] = {
      {"stagee = \"soft\"", "stop = true", "s.toml:5: rule \"r\" when, field stagee: is not known here; did you mean stage? allowed: stage, portfolio"},
      {"promise = \"maybe\"", "stop = true", "field promise: \"maybe\" is not known; allowed: none, open, kept, broken"},
      {"last_outcome = [\"busi\"]", "stop = true", "s.toml:5: rule \"r\" when, field last_outcome: \"busi\" is not known; did you mean busy? allowed: no_answer, busy"},
      {"last_outcome = [\"busy\", \"busy\"]", "stop = true", "field last_outcome: \"busy\" is named twice"},
      {"dpd_from = \"one\"", "stop = true", "s.toml:5: rule \"r\" when, field dpd_from: a whole number is needed"},
      {"hour_from = 24", "stop = true", "field hour_from: must lie between 0 and 23"},
      {"weekdays = [\"monday\"]", "stop = true", "allowed: mon, tue, wed, thu, fri, sat, sun"},
      {"overdue_from = \"much\"", "stop = true", "field overdue_from: a sum like 5000 or \"5000.50\" is needed"},
      {"stage = []", "stop = true", "field stage: an empty list fits nobody"},
      {"", "mode = \"fast\"", "s.toml:7: rule \"r\" then, field mode: \"fast\" is not known; allowed: progressive, predictive, agentless"},
      {"", "mode = \"preview\"", "s.toml:7: rule \"r\" then, field mode: preview is not dialed by this version: no agent would be shown the card before the call; allowed: progressive"},
      {"", "number_order = [\"debtor.mobil\"]", "field number_order: \"debtor.mobil\" is not known; did you mean debtor.mobile?"},
      {"", "number_order = [\"debtor\"]", "field number_order: \"debtor\" is not known"},
      {"", "callback = \"own\"", "field callback: \"own\" is not known; allowed: any, own_agent"},
      {"", "keep = true\ncallback_any_after = \"1h\"", "field callback_any_after: only callback = \"own_agent\" has it"},
      {"", "max_attempts_per_case_day = 0", "field max_attempts_per_case_day: must lie between 1 and 1000"},
      {"", "[[rule.then.retry]]\noutcome = \"busy\"\ndelay = \"soon\"", "retry, field delay: a time like \"90s\", \"15m\", \"2h\" or \"3d\" is needed"},
      {"", "[[rule.then.retry]]\ndelay = \"1h\"", "retry, field outcome: is missing; allowed: no_answer, busy"},
      {"", "[[rule.then.retry]]\noutcome = \"busy\"", "retry, field delay: is missing"},
      {"", "[[rule.then.retry]]\noutcome = \"busy\"\nkind = \"wait\"\ndelay = \"1h\"", "field delay: only kind = \"again\" has a delay"},
  };
  for (const Row& row : rows) {
    EXPECT_NE(faults_of(one_rule(row.when, row.then)).find(row.expected), std::string::npos)
        << row.when << " | " << row.then << "\n" << faults_of(one_rule(row.when, row.then));
  }
}

TEST(StrategyLoader, EveryRuleTellsItsFaultAtOnce) {
  const std::string faults = faults_of(one_rule("dpd_from = true", "mode = 5") + "[[rule]]\nname = \"second\"\n[rule.then]\nstp = true\n");
  EXPECT_NE(faults.find("s.toml:5:"), std::string::npos) << faults;
  EXPECT_NE(faults.find("s.toml:7:"), std::string::npos) << faults;
  EXPECT_NE(faults.find("s.toml:11: rule \"second\" then, field stp: is not known here; did you mean stop?"), std::string::npos) << faults;
}

TEST(StrategyLoader, RulesThatCannotWorkTogetherAreNamedWithTheirLines) {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"[[rule]]\nname = \"a\"\n[rule.when]\ndpd_from = 9\ndpd_to = 1\n[rule.then]\nstop = true", "s.toml:2: rule \"a\": dpd: _from is above _to"},
      {"[[rule]]\nname = \"a\"\n[rule.then]\nstop = true\nrest_days = 1", "rule \"a\": stop contradicts the other orders"},
      {"[[rule]]\nname = \"a\"\n[rule.then]\nkeep = true\nrest_days = 1", "rule \"a\": keep contradicts the other orders"},
      {"[[rule]]\nname = \"a\"\n[rule.then]", "rule \"a\": [rule.then] orders nothing"},
      {"[[rule]]\nname = \"a\"\n[rule.then]\nkeep = true\n[[rule]]\nname = \"b\"\n[rule.then]\nstop = true", "s.toml:6: rule \"b\": two default rules: rule \"a\""},
      {"[[rule]]\nname = \"a\"\n[rule.when]\ndpd_to = 30\n[rule.then]\nstop = true\n[[rule]]\nname = \"b\"\n[rule.when]\nstage = \"x\"\ndpd_to = 7\n[rule.then]\nstop = true",
       "s.toml:8: rule \"b\": is unreachable: rule \"a\" (line 2)"},
      {"[[rule]]\nname = \"a\"\n[rule.when]\ngroup = \"C\"\n[rule.then]\nstop = true", "there is no [[group]] \"C\""},
      {"[[group]]\nname = \"A\"\n[[rule]]\nname = \"a\"\n[rule.then]\nstop = true", "a comparison needs two groups or none"},
      {"", "strategy: at least one [[rule]] is needed"},
  };
  for (const Row& row : rows) {
    const std::string faults = faults_of("name = \"s\"\n" + std::string(row.text) + "\n");
    EXPECT_NE(faults.find(row.expected), std::string::npos) << row.text << "\n" << faults;
  }
}

TEST(StrategyLoader, NamesThatAreNoFileNamesAreRefused) {
  for (const char* name : {"Soft", "soft collection", "a/b", "мягкое", "a.b"}) {
    EXPECT_NE(faults_of("name = \"" + std::string(name) + "\"\n[[rule]]\nname = \"a\"\n[rule.then]\nkeep = true\n").find("a-z, 0-9"), std::string::npos) << name;
  }
}

TEST(StrategyLoader, BrokenTomlNamesItsPlace) { EXPECT_EQ(faults_of("name = \n").rfind("s.toml:1:", 0), 0U) << faults_of("name = \n"); }

TEST(StrategyLoader, AFileBeyondTheBoundIsRefused) {
  const auto strategy = parse_strategy("s.toml", std::string(most_strategy_bytes + 1, '#'));
  ASSERT_FALSE(strategy.ok());
  EXPECT_EQ(strategy.error().code, Errc::exhausted);
}

TEST(StrategyLoader, SpansAreReadAndWrittenTheSame) {
  for (const char* text : {"90s", "15m", "2h", "3d"}) EXPECT_EQ(span_text(*parse_span(text)), text);
  for (const char* text : {"", "h", "0h", "2", "2w", "-1h", "1.5h", "9999999999999999999s", "400d"}) EXPECT_FALSE(parse_span(text).ok()) << text;
}

}  // namespace
}  // namespace dunlin
