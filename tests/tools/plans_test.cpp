#include <map>

#include <gtest/gtest.h>

#include "tools/carrier/call_plan.hpp"
#include "tools/robot/outcome_mix.hpp"

namespace dunlin::carrier {
namespace {

Scenario read(const std::string& text) {
  auto scenario = parse_scenario(text);
  EXPECT_TRUE(scenario.ok()) << (scenario ? "" : scenario.failure().text);
  return scenario ? *scenario : Scenario{};
}

TEST(CallPlan, RepeatsItselfForTheSameSeedNumberAndAttempt) {
  const auto scenario = read("[mix]\nperson = 1\nbusy = 1\nno_answer = 1\nmachine = 1");
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(79'990'000'000LL + i);
    const auto once = plan_call(scenario, 7, number, 2);
    const auto again = plan_call(scenario, 7, "+" + number, 2);
    EXPECT_EQ(to_string(once.outcome), to_string(again.outcome));
    EXPECT_EQ(once.ring_ms, again.ring_ms);
    EXPECT_EQ(once.talk_ms, again.talk_ms);
  }
}

TEST(CallPlan, ThrowsOutcomesByTheirShares) {
  const auto scenario = read("[mix]\nperson = 3\nbusy = 1");
  std::map<Fate, int> counts;
  for (int i = 0; i < 8000; ++i) ++counts[plan_call(scenario, 1, std::to_string(i), 1).outcome.fate];
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_NEAR(counts[Fate::person], 6000, 150);
}

TEST(CallPlan, AnotherSeedOrAttemptIsAnotherThrow) {
  const auto scenario = read("[mix]\nperson = 1\nbusy = 1");
  int same_seed = 0;
  int same_attempt = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto base = plan_call(scenario, 1, std::to_string(i), 1).outcome.fate;
    same_seed += base == plan_call(scenario, 2, std::to_string(i), 1).outcome.fate ? 1 : 0;
    same_attempt += base == plan_call(scenario, 1, std::to_string(i), 2).outcome.fate ? 1 : 0;
  }
  EXPECT_NEAR(same_seed, 500, 80);
  EXPECT_NEAR(same_attempt, 500, 80);
}

TEST(CallPlan, FixedNumbersFollowTheirListByAttempt) {
  const auto scenario = read(
      "[[number]]\nmatch = \"7999*\"\noutcome = [\"busy\", \"tone:1000\"]\n[[number]]\nmatch = \"+1 "
      "(555)\"\noutcome = \"fax\"");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "79991234567", 1).outcome), "busy");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "79991234567", 2).outcome), "tone:1000");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "79991234567", 9).outcome), "tone:1000");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "1555", 1).outcome), "fax");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "15556", 1).outcome), "person");
}

TEST(CallPlan, TimesStayWithinTheirRanges) {
  const auto scenario =
      read("[ring]\nanswer_after_ms = [100, 200]\n[talk]\ntalk_ms = [1000, 1000]\nhangs_up_share = 1");
  for (int i = 0; i < 500; ++i) {
    const auto plan = plan_call(scenario, 3, std::to_string(i), 1);
    EXPECT_GE(plan.ring_ms, 100);
    EXPECT_LE(plan.ring_ms, 200);
    EXPECT_EQ(plan.talk_ms, 1000);
    EXPECT_TRUE(plan.is_hanging_up);
  }
}

TEST(Scenario, NamesTheKeyThatIsWrong) {
  const std::map<std::string, std::string> cases{
      {"[mix]\nnobody = 1", "mix"},
      {"[mix]\nperson = -1", "mix"},
      {"[mix]\nperson = 0", "mix"},
      {"[ring]\nanswer_after_ms = [5, 1]", "ring.answer_after_ms"},
      {"[talk]\nhangs_up_share = 2.0", "talk.hangs_up_share"},
      {"[rtp]\ncodecs = [\"g729\"]", "rtp.codecs"},
      {"[rtp]\nsrtp = \"maybe\"", "rtp.srtp"},
      {"[[number]]\nmatch = \"1\"", "number"},
      {"a = = b", "line 1"},
  };
  for (const auto& [text, key] : cases) {
    const auto scenario = parse_scenario(text);
    ASSERT_FALSE(scenario.ok()) << text;
    EXPECT_NE(scenario.failure().text.find(key), std::string::npos) << scenario.failure().text;
  }
}

TEST(Scenario, TheDemoFileIsValidAndKnowsEveryOrdinaryOutcome) {
  const auto scenario = load_scenario(std::string(DUNLIN_SOURCE_DIR) + "/demo/carrier.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.failure().text;
  EXPECT_EQ(scenario->mix.size(), 11u);
  EXPECT_FALSE(scenario->numbers.empty());
}

TEST(OutcomeMix, PicksByWeightAndRefusesNonsense) {
  const auto mix = robot::OutcomeMix::parse("[mix]\nrpc_promise = 1\nwrong_number = 3");
  ASSERT_TRUE(mix.ok());
  peer::Dice dice(1);
  std::map<std::string, int> counts;
  for (int i = 0; i < 4000; ++i) ++counts[mix->pick(dice)];
  EXPECT_NEAR(counts["wrong_number"], 3000, 120);
  EXPECT_FALSE(robot::OutcomeMix::parse("[mix]\nrpc_promise = 0").ok());
  EXPECT_FALSE(robot::OutcomeMix::parse("x = 1").ok());
}

}  // namespace
}  // namespace dunlin::carrier
