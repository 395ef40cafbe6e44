// A tape of ticks, replayed through the pacing command, gives the very same decisions.
#include <gtest/gtest.h>

#include "api/pacing_command.hpp"
#include "api/pacing_lines.hpp"
#include "core/dialing/pacing_predictive.hpp"
#include "core/dialing/pacing_tape.hpp"
#include "tools/pacing_lab/simulation.hpp"

namespace dunlin {
namespace {

class LineTape final : public PacingTape {
 public:
  void on_start(std::string_view policy, const PacingConfig& config) override { add(hello_line(config), ready_line(policy)); }
  void on_config(const PacingConfig& config) override { add(config_line(config), ready_line("predictive")); }
  void on_tick(const PacingInput& input, const PacingDecision& decision) override {
    add(tick_line(input), decision_line(decision));
    most = std::max(most, decision.dials);
  }
  void add(std::string line, std::string answer) {
    told.push_back(std::move(line));
    answered.push_back(std::move(answer));
  }
  std::vector<std::string> told;
  std::vector<std::string> answered;
  int most = 0;
};

void expect_same(const LineTape& tape) {
  PacingCommand command(PacingPolicyKind::predictive);
  for (std::size_t i = 0; i < tape.told.size(); ++i) {
    const auto answer = command.on_line(tape.told[i]);
    ASSERT_TRUE(answer.ok()) << answer.error().detail;
    ASSERT_EQ(*answer, tape.answered[i]) << "line " << i;
  }
}

TEST(PacingReplay, ASimulatedShiftReplaysToTheSameDecisions) {
  for (const char* name : {"a30-n15", "lag-n50", "nodetect-n50"}) {
    lab::Scenario world = *lab::find_scenario(name);
    world.length_s = 900;
    const PacingConfig config = lab::Simulation::config_of(world);
    LineTape tape;
    TapedPacing pacing(std::make_unique<PredictivePacing>(config), config, tape);
    lab::Simulation(world, 11).run(pacing);
    ASSERT_GT(tape.most, 1) << name;
    expect_same(tape);
  }
}

TEST(PacingReplay, IdleTargetAndPricesAreOnTheTape) {
  lab::Scenario world = *lab::find_scenario("a30-n15");
  world.length_s = 900;
  PacingConfig config = lab::Simulation::config_of(world);
  LineTape plain;
  plain.on_start("predictive", config);
  EXPECT_EQ(plain.told.front().find("prices"), std::string::npos) << "the tape of a campaign without them is as it was";
  EXPECT_EQ(plain.told.front().find("target_idle_s"), std::string::npos);
  config.target_idle_s = 25;
  config.prices = {2, 1, 60, 100};
  LineTape tape;
  TapedPacing pacing(std::make_unique<PredictivePacing>(config), config, tape);
  lab::Simulation(world, 11).run(pacing);
  expect_same(tape);
  EXPECT_FALSE(PacingCommand(PacingPolicyKind::predictive).on_line(R"({"type":"hello","config":{"target_idle_s":-1}})").ok());
  EXPECT_FALSE(PacingCommand(PacingPolicyKind::predictive).on_line(R"({"type":"hello","config":{"prices":{"attempt":-1}}})").ok());
  EXPECT_FALSE(PacingCommand(PacingPolicyKind::predictive).on_line(R"({"type":"hello","config":{"prices":7}})").ok());
}

TEST(PacingReplay, ANewTargetOnTheWayIsOnTheTape) {
  PacingConfig config;
  LineTape tape;
  TapedPacing pacing(std::make_unique<PredictivePacing>(config), config, tape);
  PacingInput input;
  input.list_available = 100;
  input.channels_free = 30;
  // Ids use all their bits: as doubles these two would be one.
  input.agents = {{0xFFFF'FFFF'FFFF'FF01ULL, PacingAgentState::ready, 0.1, 0}, {0xFFFF'FFFF'FFFF'FF02ULL, PacingAgentState::ready, 0.7, 0}};
  input.events = {{0, PacingEventKind::dialed, 0xFFFF'FFFF'FFFF'FF03ULL, 0, 0, 0}};
  pacing.decide(input);
  config.target_abandon = 0.01;
  pacing.reconfigure(config);
  input.at_s = input.as_of_s = 0.1;
  input.start_tokens = 1.5;
  pacing.decide(input);
  ASSERT_EQ(tape.told.size(), 4U);
  EXPECT_NE(tape.told[1].find("18446744073709551363"), std::string::npos) << tape.told[1];
  expect_same(tape);
}

}  // namespace
}  // namespace dunlin
