// Properties of the what-if day over seeds.
#include "tests/simulate/what_if_fixture.hpp"

#include "config/strategy_loader.hpp"
#include "core/case/case_machine.hpp"

namespace dunlin {
namespace {

using test::first_violation;
using test::played;
using test::what_if_plan;

std::shared_ptr<const Strategy> example_strategy() {
  const std::string file = std::string(DUNLIN_SOURCE_DIR) + "/config/strategies/soft_collection.toml";
  const auto text = read_strategy_text(file);
  const auto strategy = parse_strategy(file, text ? *text : std::string());
  EXPECT_TRUE(strategy.ok());
  return std::make_shared<const Strategy>(strategy.ok() ? *strategy : Strategy());
}

class OpenGate final : public ContactGate {
 public:
  Decision judge(const GateQuestion& question) const override {
    Decision decision;
    decision.verdict = Verdict::allow;
    decision.at = question.at;
    return decision;
  }
};

TEST(WhatIf, AWeekInElevenZonesHasNoForbiddenAttempt) {
  for (const std::uint64_t seed : {11, 12}) {
    WhatIfPlan plan = what_if_plan(DialingMode::predictive);
    plan.strategies = {example_strategy()};
    plan.campaign.strategy = "soft_collection";
    plan.days = 7;
    plan.synthetic_cases = 900;
    plan.line.work_from_s = 3 * 3600;   // Before the law opens in Moscow, long after in the east …
    plan.line.work_to_s = 23 * 3600;    // … and until after it closes in Kaliningrad.
    plan.line.tick_s = 5;
    const WhatIfDay day = played(plan, seed);
    EXPECT_EQ(first_violation(day), "") << "seed " << seed;
    EXPECT_EQ(day.zones.size(), 11u);
    EXPECT_GT(day.attempts, 2000u);
    EXPECT_GT(day.law_denials, 100u);
  }
}

TEST(WhatIf, TheJudgeFindsAnOpenGate) {
  const OpenGate gate;
  WhatIfPlan plan = what_if_plan();
  plan.gate_override = &gate;
  plan.line.work_from_s = 5 * 3600;
  plan.line.work_to_s = 7 * 3600;
  const WhatIfDay day = played(plan, 1);
  ASSERT_FALSE(day.violations.empty());
  EXPECT_NE(day.violations.front().find("forbidden attempt, RU-HRS"), std::string::npos) << day.violations.front();
}

TEST(WhatIf, PredictiveKeepsAgentsBusierWithinTheBudget) {
  double progressive = 0;
  double predictive = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    WhatIfPlan plan = what_if_plan();
    plan.agents = 15;
    plan.synthetic_cases = 7000;
    plan.line.tick_s = 1;
    plan.line.work_to_s = 17 * 3600;
    const WhatIfDay one = played(plan, seed);
    plan.campaign.mode = DialingMode::predictive;
    const WhatIfDay other = played(plan, seed);
    EXPECT_EQ(first_violation(one), "");
    EXPECT_EQ(first_violation(other), "");
    progressive += one.occupancy();
    predictive += other.occupancy();
  }
  EXPECT_GT(predictive, progressive + 0.15);  // Sums of three seeds.
}

TEST(WhatIf, AShortShiftIsABudgetWindowOfItsOwn) {
  for (const std::uint64_t seed : {6, 7}) {
    WhatIfPlan plan = what_if_plan(DialingMode::predictive);
    plan.agents = 8;
    plan.synthetic_cases = 1500;
    plan.line.work_from_s = 10 * 3600;
    plan.line.work_to_s = 11 * 3600 + 1800;
    plan.line.numbers[0].answers = 0.5;
    // Answers of hours that are not worked cannot make a loss good.
    EXPECT_EQ(first_violation(played(plan, seed)), "") << "seed " << seed;
  }
}

TEST(WhatIf, TheSameSeedPlaysTheSameDay) {
  const WhatIfPlan plan = what_if_plan(DialingMode::predictive);
  const WhatIfDay day = played(plan, 5);
  EXPECT_EQ(day, played(plan, 5));
  EXPECT_NE(day.trace_hash, played(plan, 6).trace_hash);
}

TEST(WhatIf, CountsAddUp) {
  const WhatIfDay day = played(what_if_plan(DialingMode::predictive), 7);
  std::uint64_t ended = 0;
  for (const auto& [outcome, count] : day.outcomes) ended += count;
  EXPECT_EQ(ended, day.attempts);
  EXPECT_EQ(day.live, day.connected + day.abandoned);
  std::uint64_t by_zone = 0;
  for (const auto& [name, zone] : day.zones) by_zone += zone.attempts;
  EXPECT_EQ(by_zone, day.attempts);
  double present_s = 0;
  for (const WhatIfHour& hour : day.hours) present_s += hour.present_s;
  EXPECT_NEAR(present_s, day.present_s, 1.0);
  EXPECT_EQ(day.idle_s.size(), day.connected);
}

TEST(WhatIf, NobodyIsDialedWithoutAgents) {
  for (const DialingMode mode : {DialingMode::progressive, DialingMode::predictive}) {
    WhatIfPlan plan = what_if_plan(mode);
    plan.agents = 0;
    const WhatIfDay day = played(plan, 1);
    EXPECT_EQ(day.attempts, 0u);
    EXPECT_EQ(day.occupancy(), 0.0);
    EXPECT_EQ(day.idle_quantile(0.95), 0.0);
  }
}

TEST(WhatIf, AnEmptyListIsADayOfWaiting) {
  WhatIfPlan plan = what_if_plan(DialingMode::predictive);
  plan.synthetic_cases = 0;
  const WhatIfDay day = played(plan, 1);
  EXPECT_EQ(day.attempts, 0u);
  EXPECT_GT(day.present_s, 6 * 2.9 * 3600);
  EXPECT_TRUE(day.violations.empty());
}

TEST(WhatIf, OnlyMachinesReachNoAgentButForTheClassifiersErrors) {
  WhatIfPlan plan = what_if_plan(DialingMode::predictive);
  for (LineNumbers& numbers : plan.line.numbers) numbers = {0.0, 1.0, 0.0, 0.0, 0.7, 7};
  plan.line.machine_as_person = 0;
  const WhatIfDay day = played(plan, 1);
  EXPECT_GT(day.picked_up, 100u);
  EXPECT_EQ(day.connected, 0u);
  EXPECT_EQ(day.abandoned, 0u);
  EXPECT_EQ(first_violation(day), "");
}

TEST(WhatIf, PricesMakeTheCost) {
  WhatIfPlan plan = what_if_plan();
  plan.line.price_attempt = 0.5;
  plan.line.price_minute = 2;
  const WhatIfDay day = played(plan, 1);
  EXPECT_NEAR(day.cost, 0.5 * static_cast<double>(day.attempts) + 2 * day.billed_s / 60, 1e-6);
  EXPECT_GT(day.billed_s, day.talk_s);
}

TEST(WhatIf, ADayOffIsShorterByLaw) {
  WhatIfPlan plan = what_if_plan();
  plan.synthetic_cases = 300;
  const double working = played(plan, 1).zones.at("Europe/Moscow").lawful_h;
  plan.day = {2026, 11, 28};
  const double saturday = played(plan, 1).zones.at("Europe/Moscow").lawful_h;
  EXPECT_DOUBLE_EQ(working, 14.0);
  EXPECT_DOUBLE_EQ(saturday, 11.0);
}

RowImported known_row() {
  RowImported row;
  row.import = ImportId(1);
  row.draft.keys = {PersonKey{PersonKeyKind::source_client, "known|1"}};
  row.draft.zones = {"Europe/Moscow"};
  ContactPhone phone;
  phone.number = *PhoneNumber::from_e164("+79005550001");
  row.draft.phones = {phone};
  Debt debt;
  debt.external_id = "K-1";
  debt.overdue = debt.balance = Money{100'00, Currency::rub};
  row.draft.debts = {debt};
  return row;
}

void take(CaseMachine& machine, Result<CaseEffects> effects) {
  ASSERT_TRUE(effects.ok()) << effects.error().detail;
  machine.begin(std::move(*effects));
  machine.finish();
}

/// Called and talked to on the morning of the what-if day.
CaseRecord talked_to(CaseRecord record, UtcTime at, const CampaignBook& book) {
  const OpenGate gate;
  CaseMachine machine{std::move(record)};
  AttemptRequest request;
  request.attempt = AttemptId(9);
  request.campaign = CampaignId(1);
  request.slot_expires_at = at + seconds(5);
  take(machine, machine.on_attempt_request(at, request, book, gate));
  AttemptSettled fact;
  fact.attempt = request.attempt;
  fact.outcome = Outcome::answered;
  fact.answer = AnsweredBy::human;
  fact.times = {at, at, at + seconds(5), at + seconds(6), at + seconds(60)};
  take(machine, machine.on_settled(at + seconds(60), fact, book));
  DispositionSet word;
  word.attempt = request.attempt;
  word.agent = AgentId(1);
  word.outcome = Outcome::hung_up_at_identification;
  take(machine, machine.on_disposition(at + seconds(70), word, book));
  return machine.record();
}

TEST(WhatIf, KnownCasesKeepTheirHistory) {
  WhatIfPlan plan = what_if_plan();
  Campaign campaign;
  campaign.settings = plan.campaign;
  campaign.state = CampaignState::running;
  const CampaignBook book({campaign});
  const UtcTime morning = *parse_utc("2026-11-24T05:30:00Z");
  CaseMachine machine{CaseRecord{}};
  take(machine, machine.on_import(morning, CaseId(77), known_row(), book));
  const auto people = std::make_shared<std::vector<CaseRecord>>(1, machine.record());
  plan.cases = people;
  EXPECT_GT(played(plan, 1).attempts, 0u);
  // The law leaves no second talk of the day (230-FZ art. 7 part 3 item 3).
  people->front() = talked_to(machine.record(), morning + minutes(1), book);
  const WhatIfDay after_talk = played(plan, 1);
  EXPECT_EQ(after_talk.attempts, 0u);
  EXPECT_EQ(first_violation(after_talk), "");
  plan.day = {2026, 11, 23};
  EXPECT_FALSE(run_what_if(plan, 1).ok());
}

TEST(WhatIf, APlanThatCannotBePlayedSaysWhy) {
  struct Row {
    const char* expected;
    void (*spoil)(WhatIfPlan&);
  };
  const Row rows[] = {{"agents", [](WhatIfPlan& p) { p.agents = -1; }},
                      {"agents", [](WhatIfPlan& p) { p.agents = 100'000; }},
                      {"days", [](WhatIfPlan& p) { p.days = 0; }},
                      {"day", [](WhatIfPlan& p) { p.day = {2026, 2, 30}; }},
                      {"work.zone", [](WhatIfPlan& p) { p.line.zone = "Mars/Olympus"; }},
                      {"work", [](WhatIfPlan& p) { p.line.work_to_s = p.line.work_from_s; }},
                      {"mode", [](WhatIfPlan& p) { p.campaign.mode = DialingMode::preview; }},
                      {"strategy", [](WhatIfPlan& p) { p.campaign.strategy = "unheard_of"; }}};
  for (const Row& row : rows) {
    WhatIfPlan plan = what_if_plan();
    row.spoil(plan);
    const auto day = run_what_if(plan, 1);
    ASSERT_FALSE(day.ok()) << row.expected;
    EXPECT_EQ(day.error().detail.rfind(row.expected, 0), 0u) << day.error().detail;
  }
}

}  // namespace
}  // namespace dunlin
