// The what-if day beside an answer model: asked or not asked by dialing, believed or not believed by the people.
#include "tests/simulate/what_if_fixture.hpp"

#include "core/base/rng.hpp"
#include "core/dialing/best_hour.hpp"

namespace dunlin {
namespace {

using test::first_violation;
using test::played;
using test::what_if_plan;

/// Landlines are answered by day, mobiles hardly; seven of ten who answer are the debtor.
std::shared_ptr<const AnswerOdds> landline_odds() {
  std::vector<AnswerExample> examples;
  Rng lots(5);
  for (int i = 0; i < 12'000; ++i) {
    AnswerExample example;
    example.question.type = static_cast<PhoneType>(lots.below(3));
    example.question.hour_of_week = static_cast<int>(lots.below(5) * 24 + 8 + lots.below(14));
    example.result.is_live = lots.uniform() < (example.question.type == PhoneType::home ? 0.5 : 0.15);
    example.result.is_right_party = example.result.is_live && lots.uniform() < 0.7;
    example.at = UtcTime{1'790'000'000'000} + minutes(i);
    examples.push_back(example);
  }
  const UtcTime learned_at = examples.back().at;
  return learn_odds(std::move(examples), learned_at, test::shipped_zones());
}

WhatIfPlan odds_plan() {
  WhatIfPlan plan = what_if_plan();
  plan.synthetic_cases = 1200;
  plan.line.tick_s = 2;
  plan.odds = landline_odds();
  plan.answers_by_odds = true;
  return plan;
}

TEST(WhatIfOdds, AModelNobodyAsksChangesNoCall) {
  WhatIfPlan plan = what_if_plan();
  plan.synthetic_cases = 600;
  plan.line.tick_s = 2;
  const WhatIfDay without = played(plan, 3);
  plan.odds = landline_odds();
  EXPECT_EQ(played(plan, 3).trace_hash, without.trace_hash);
}

TEST(WhatIfOdds, TheSameSeedPlaysTheSame) {
  WhatIfPlan plan = odds_plan();
  plan.campaign.number_choice = NumberChoice::best_odds;
  plan.campaign.hour_choice = HourChoice::best_odds;
  plan.campaign.odds_lead = 100;
  const WhatIfDay first = played(plan, 4);
  EXPECT_TRUE(first == played(plan, 4));
  EXPECT_EQ(first_violation(first), "");
}

TEST(WhatIfOdds, TheLikelierNumberReachesMoreOnTheSameSeeds) {
  std::uint64_t by_order = 0;
  std::uint64_t by_odds = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    WhatIfPlan plan = odds_plan();
    const WhatIfDay fixed = played(plan, seed);
    plan.campaign.number_choice = NumberChoice::best_odds;
    const WhatIfDay best = played(plan, seed);
    EXPECT_EQ(first_violation(best), "");
    EXPECT_GT(best.right_party * fixed.attempts, fixed.right_party * best.attempts) << "seed " << seed;
    by_order += fixed.right_party;
    by_odds += best.right_party;
  }
  std::printf("right parties: %d by order, %d by odds\n", static_cast<int>(by_order), static_cast<int>(by_odds));
}

/// Everybody is reached in the evening.
std::shared_ptr<const AnswerOdds> evening_odds() {
  std::vector<AnswerExample> examples;
  Rng lots(6);
  for (int i = 0; i < 12'000; ++i) {
    AnswerExample example;
    example.question.hour_of_week = static_cast<int>(lots.below(7) * 24 + 8 + lots.below(14));
    example.result.is_live = lots.uniform() < (example.question.hour_of_week % 24 >= 18 ? 0.6 : 0.1);
    example.result.is_right_party = example.result.is_live;
    example.at = UtcTime{1'790'000'000'000} + minutes(i);
    examples.push_back(example);
  }
  return learn_odds(std::move(examples), examples.back().at, test::shipped_zones());
}

/// The better hour on the clock of Yekaterinburg for a retry planned for noon there on a Tuesday, which the law allows in
/// every zone of the country.
std::optional<int> better_hour_for(const char* number, std::vector<std::string> zones, std::vector<std::string> regions) {
  static const auto odds = evening_odds();
  const PolicyGate gate(test::shipped_policy());
  CaseRecord record;
  record.zones = std::move(zones);
  record.regions = std::move(regions);
  ContactPhone phone;
  phone.number = *PhoneNumber::from_e164(number);
  record.phones = {phone};
  const UtcTime planned = *parse_utc("2026-11-24T07:00:00Z");
  const auto better = better_hour(record, test::what_if_campaign(DialingMode::progressive), *odds, gate, {planned, planned + days(1)});
  return better ? std::optional<int>(better->hour) : std::nullopt;
}

TEST(HourByOddsOfTheLaw, IsFoundByZoneRegionOrNumber) {
  const auto told = better_hour_for("+79005550101", {"Asia/Yekaterinburg"}, {});
  ASSERT_TRUE(told.has_value());
  EXPECT_GE(*told, 18);
  EXPECT_EQ(better_hour_for("+79005550101", {}, {"RU-SVE"}), told);
  EXPECT_EQ(better_hour_for("+73435550101", {}, {}), told) << "a landline of the region";
  EXPECT_FALSE(better_hour_for("+79005550101", {}, {}).has_value()) << "a mobile may be anywhere";
}

TEST(LineWorld, MachinesPickUpWhenTheFileSays) {
  LineModel line;
  line.machines_at_once = 0.5;
  line.machine_ring_s = 10;
  line.failures = 0;
  line.numbers.fill(LineNumbers{0, 1, 0, 0, 0.5, 7});
  const LineWorld world(line, 7);
  LineAttempt attempt;
  int at_once = 0;
  constexpr int calls = 2000;
  for (int n = 0; n < calls; ++n) {
    attempt.case_id = CaseId(static_cast<std::uint64_t>(n) + 1);
    const LineFate fate = world.fate(attempt);
    ASSERT_EQ(fate.ending, LineEnding::machine);
    const double ring = fate.ends_s - fate.rings_s;
    if (ring <= 2) {
      ++at_once;
    } else {
      EXPECT_NEAR(ring, 10, 1.5 + 1e-9);
    }
  }
  EXPECT_NEAR(at_once, calls / 2, 100);
}

TEST(LineWorld, BelievesWhatWasLearnedInsteadOfItsShares) {
  const LineWorld world(LineModel{}, 7);
  int people = 0;
  int debtors = 0;
  for (std::uint64_t id = 1; id <= 4000; ++id) {
    LineAttempt attempt;
    attempt.case_id = CaseId(id * 0x9E3779B97F4A7C15ULL);
    attempt.number = *PhoneNumber::from_e164("+79005550101");
    attempt.learned = LineOdds{0.6, 0.25};
    const LineFate fate = world.fate(attempt);
    if (fate.ending != LineEnding::person) continue;
    ++people;
    debtors += fate.party == LineParty::right || fate.party == LineParty::promise ? 1 : 0;
  }
  EXPECT_NEAR(people / 4000.0, 0.6, 0.05);
  EXPECT_NEAR(debtors / static_cast<double>(people), 0.25, 0.03);
}

}  // namespace
}  // namespace dunlin
