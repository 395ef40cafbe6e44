// Agentless campaigns in the what-if day: the shipped flow, walked by the production's machine.
#include "tests/simulate/what_if_fixture.hpp"

#include "config/flow_loader.hpp"
#include "core/dialogue/flow.hpp"

namespace dunlin {
namespace {

using test::first_violation;
using test::played;
using test::what_if_plan;

WhatIfPlan flow_plan(int agents = 0) {
  const std::string file = std::string(DUNLIN_SOURCE_DIR) + "/config/flows/payment_reminder.toml";
  const auto text = read_flow_text(file);
  const auto flow = parse_flow(file, text ? *text : std::string());
  EXPECT_TRUE(flow.ok());
  WhatIfPlan plan = what_if_plan(DialingMode::agentless);
  plan.flows = {std::make_shared<const Flow>(flow ? *flow : Flow())};
  plan.campaign.flow = plan.flows.front()->name;
  plan.agents = agents;
  plan.synthetic_cases = 400;
  plan.line.tick_s = 1;
  return plan;
}

TEST(WhatIfFlow, AFlowTalksToPeopleWithoutAgents) {
  const WhatIfDay day = played(flow_plan(), 1);
  EXPECT_EQ(first_violation(day), "");
  EXPECT_GT(day.attempts, 300u);
  EXPECT_GT(day.connected, 50u);
  EXPECT_GT(day.promises, 5u);
  EXPECT_GT(day.outcomes.at("wrong_number"), 5u);
  EXPECT_GT(day.outcomes.at("hung_up_at_identification"), 5u);
  EXPECT_EQ(day.live, day.connected + day.abandoned) << "everybody who answered came to an end";
  EXPECT_EQ(day.present_s, 0);
}

TEST(WhatIfFlow, TheSameSeedPlaysTheSameFlow) {
  const WhatIfDay day = played(flow_plan(2), 2);
  EXPECT_TRUE(day == played(flow_plan(2), 2));
}

TEST(WhatIfFlow, WhoeverWantsAnAgentGetsOneOfThose) {
  WhatIfPlan plan = flow_plan(4);
  plan.line.robot.hangs_up = 0;
  const WhatIfDay day = played(plan, 3);
  EXPECT_EQ(first_violation(day), "");
  EXPECT_GT(day.talk_s, 0);
  EXPECT_EQ(day.live, day.connected + day.abandoned);
}

TEST(WhatIfFlow, SilenceIsNoPromise) {
  WhatIfPlan plan = flow_plan();
  plan.line.robot.silent = 1;
  const WhatIfDay day = played(plan, 4);
  EXPECT_GT(day.connected, 50u);
  EXPECT_EQ(day.promises, 0u);
}

TEST(WhatIfFlow, IsJudgedAsARobotsCall) {
  class RefusesRobots final : public ContactGate {
   public:
    Decision judge(const GateQuestion& question) const override {
      Decision decision;
      decision.verdict = question.channel == Channel::robot_call ? Verdict::deny : Verdict::allow;
      decision.at = question.at;
      return decision;
    }
  };
  const RefusesRobots gate;
  WhatIfPlan plan = flow_plan();
  plan.gate_override = &gate;
  EXPECT_EQ(played(plan, 5).attempts, 0u);
}

TEST(WhatIfFlow, AMissingFlowIsNamed) {
  WhatIfPlan plan = flow_plan();
  plan.flows.clear();
  Status status = check_plan(plan);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().detail, "flow payment_reminder is not given");
  plan.campaign.flow.clear();
  status = check_plan(plan);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().detail.find("names none"), std::string::npos) << status.error().detail;
}

}  // namespace
}  // namespace dunlin
