// The predictive engine in simulated shifts, and the command that wraps it.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "api/pacing_command.hpp"
#include "core/base/rng.hpp"
#include "core/dialing/pacing_predictive.hpp"
#include "tools/pacing_lab/baselines.hpp"
#include "tools/pacing_lab/simulation.hpp"

namespace dunlin {
namespace {

using lab::Report;
using lab::Scenario;
using lab::Simulation;

struct Mean {
  double occupancy = 0;
  double abandon_rate = 0;
};

Mean simulate(const std::string& scenario_name, const std::string& policy_name, int seeds, double length_s) {
  Mean mean;
  for (int seed = 1; seed <= seeds; ++seed) {
    Scenario scenario = *lab::find_scenario(scenario_name);
    scenario.length_s = length_s;
    auto policy = lab::make_policy(policy_name, Simulation::config_of(scenario));
    EXPECT_TRUE(policy.ok());
    const Report report = Simulation(scenario, static_cast<std::uint64_t>(seed)).run(**policy);
    mean.occupancy += report.occupancy / seeds;
    mean.abandon_rate += report.abandon_rate / seeds;
  }
  return mean;
}

TEST(PredictivePacing, KeepsTheBudgetAndBeatsProgressiveInASmallTeam) {
  const Mean predictive = simulate("a30-n5", "predictive", 6, 2 * 3600.0);
  const Mean progressive = simulate("a30-n5", "progressive", 6, 2 * 3600.0);
  EXPECT_LE(predictive.abandon_rate, 0.031);
  EXPECT_GT(predictive.occupancy, progressive.occupancy + 0.10);
  EXPECT_LT(progressive.abandon_rate, 0.001);
}

TEST(PredictivePacing, KeepsTheBudgetInARoomOfFifty) {
  const Mean predictive = simulate("a30-n50", "predictive", 1, 2 * 3600.0);
  EXPECT_LE(predictive.abandon_rate, 0.031);
  EXPECT_GT(predictive.occupancy, 0.88);
}

TEST(PredictivePacing, IsNotCarriedAwayWhenALimitIsLifted) {
  // For forty minutes lines bind and the bound is wide; then there are five times as many.
  Scenario scenario = *lab::find_scenario("freed-n50");
  scenario.length_s = 4'800;
  for (lab::Turn& turn : scenario.turns) turn.at_s = std::min(turn.at_s, 2'400.0);
  PredictivePacing pacing(Simulation::config_of(scenario));
  const Report report = Simulation(scenario, 2'001).run(pacing);
  EXPECT_LE(report.abandon_rate, 0.03);
  EXPECT_LE(report.abandon_worst30, 0.06);
  EXPECT_GT(report.abandoned, 10) << "lines bind all the time";
}

TEST(PredictivePacing, IsRepeatable) {
  Scenario scenario = *lab::find_scenario("a30-n15");
  scenario.length_s = 1'800;
  std::vector<std::int64_t> dials;
  for (int run = 0; run < 2; ++run) {
    PredictivePacing pacing(Simulation::config_of(scenario));
    dials.push_back(Simulation(scenario, 7).run(pacing).dials);
  }
  EXPECT_EQ(dials[0], dials[1]);
  EXPECT_GT(dials[0], 100);
}

TEST(PredictivePacing, IsProgressiveUntilItHasSeenEnough) {
  PredictivePacing pacing{PacingConfig{}};
  PacingInput input;
  input.channels_free = 50;
  input.start_tokens = -1;
  input.list_available = 500;
  for (std::uint64_t id = 0; id < 4; ++id) input.agents.push_back({id, PacingAgentState::ready, 1, 0});
  const PacingDecision first = pacing.decide(input);
  EXPECT_TRUE(first.is_progressive);
  EXPECT_EQ(first.limit, PacingLimit::cold_start);
  EXPECT_EQ(first.dials, 4);
  input.at_s = input.as_of_s = 0.5;
  input.granted = 4;
  EXPECT_EQ(pacing.decide(input).dials, 0);
}

TEST(PredictivePacing, NeverAsksForMoreThanTheLimits) {
  Rng rng(5);
  PredictivePacing pacing{PacingConfig{}};
  double at_s = 0;
  for (int tick = 0; tick < 3'000; ++tick) {
    PacingInput input;
    at_s += 0.5;
    input.at_s = at_s;
    input.as_of_s = at_s - static_cast<double>(rng.below(3));
    input.granted = static_cast<int>(rng.below(3));
    input.channels_free = static_cast<int>(rng.below(6)) - 1;
    input.start_tokens = static_cast<double>(rng.below(5)) - 1;
    input.list_available = static_cast<int>(rng.below(8));
    input.totals = {static_cast<std::int64_t>(tick), tick / 3, tick / 4, tick / 200};
    for (std::uint64_t i = 0; i < rng.below(30); ++i) {
      input.agents.push_back({i, static_cast<PacingAgentState>(rng.below(4)), 200 * rng.uniform(), 300 * rng.uniform()});
    }
    for (std::uint64_t i = 0; i < rng.below(60); ++i) {
      input.calls.push_back({i, static_cast<PacingCallPhase>(rng.below(5)), 90 * rng.uniform(), 60 * rng.uniform(),
                             static_cast<int>(rng.below(5)) - 1});
    }
    for (std::uint64_t i = 0; i < rng.below(6); ++i) {
      PacingEvent e;
      e.at_s = at_s;
      e.kind = static_cast<PacingEventKind>(rng.below(16));
      e.call = rng.below(60);
      e.agent = rng.below(30);
      e.age_s = 100 * rng.uniform();
      e.result = static_cast<PacingResult>(rng.below(6));
      input.events.push_back(e);
    }
    const PacingDecision d = pacing.decide(input);
    ASSERT_GE(d.dials, 0);
    ASSERT_LE(d.dials, std::max(0, input.channels_free));
    ASSERT_LE(d.dials, input.list_available);
    if (input.start_tokens >= 0) {
      ASSERT_LE(d.dials, static_cast<int>(input.start_tokens));
    }
    ASSERT_TRUE(std::isfinite(d.risk) && std::isfinite(d.expected_live) && std::isfinite(d.level));
    ASSERT_TRUE(d.risk >= 0 && d.risk <= 1.0 + 1e-9) << d.risk;
  }
}

TEST(PacingCommand, SpeaksTheProtocol) {
  std::stringstream in;
  in << R"({"type":"hello","protocol":1,"config":{"target_abandon":0.03,"segments":6}})" << "\n"
     << R"({"type":"tick","t":0,"as_of":0,"granted":0,"channels_free":30,"list_available":100,"next_segments":[0,2],)"
     << R"("totals":{"dialed":0},"agents":[[0,"ready",1.5,0],[1,"break",2,0]],"calls":[],"events":[],"more":1})" << "\n"
     << R"({"type":"tick","t":0.5,"granted":1,"channels_free":29,"list_available":99,"agents":[[0,"ready",2,0]],)"
     << R"("calls":[[1,"dialing",0.5,0.5,0]],"events":[{"t":0,"e":"dialed","call":1,"seg":0}]})" << "\n"
     << R"({"type":"end","t":1})" << "\n";
  std::stringstream out;
  std::stringstream errors;
  EXPECT_EQ(run_pacing_command(in, out, errors, PacingPolicyKind::predictive), 0) << errors.str();
  std::vector<std::string> lines;
  for (std::string line; std::getline(out, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_NE(lines[0].find(R"("protocol":1)"), std::string::npos);
  EXPECT_NE(lines[1].find(R"("n":1)"), std::string::npos) << lines[1];
  EXPECT_NE(lines[2].find(R"("n":0)"), std::string::npos) << lines[2];
  EXPECT_NE(lines[3].find("bye"), std::string::npos);
}

TEST(PacingCommand, RefusesBadLines) {
  const std::vector<std::string> bad{
      "",
      "[]",
      R"({"type":"tick","t":1})",
      R"({"type":"hello"})",
      R"({"type":"hello","protocol":2,"config":{}})",
      R"({"type":"hello","config":{"target_abandon":0}})",
      R"({"type":"hello","config":{"segments":1000}})",
      R"({"type":"hello","config":{"tick_s":"x"}})",
  };
  for (const std::string& line : bad) {
    PacingCommand command(PacingPolicyKind::predictive);
    EXPECT_FALSE(command.on_line(line).ok()) << line;
  }
  const std::vector<std::string> bad_ticks{
      R"({"type":"tick"})",
      R"({"type":"tick","t":1,"agents":[[0,"sleeping",1,1]]})",
      R"({"type":"tick","t":1,"agents":[[0]]})",
      R"({"type":"tick","t":1,"calls":[[0,"ringing","x",1,0]]})",
      R"({"type":"tick","t":1,"events":[{"e":"nothing"}]})",
      R"({"type":"tick","t":1e999})",
      R"({"type":"other"})",
  };
  for (const std::string& line : bad_ticks) {
    PacingCommand command(PacingPolicyKind::predictive);
    ASSERT_TRUE(command.on_line(R"({"type":"hello","config":{}})").ok());
    EXPECT_FALSE(command.on_line(line).ok()) << line;
  }
}

TEST(PacingCommand, RefusesTimeThatGoesBack) {
  PacingCommand command(PacingPolicyKind::progressive);
  ASSERT_TRUE(command.on_line(R"({"type":"hello","config":{}})").ok());
  ASSERT_TRUE(command.on_line(R"({"type":"tick","t":5})").ok());
  EXPECT_FALSE(command.on_line(R"({"type":"tick","t":4})").ok());
}

}  // namespace
}  // namespace dunlin
