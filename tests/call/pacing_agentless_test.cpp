#include "core/dialing/pacing_agentless.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

PacingConfig thirty_lines() {
  PacingConfig config;
  config.max_cps = 10'000;
  config.max_channels = 30;
  return config;
}

PacingInput lines_view(int channels_free, int in_flight, int ready_agents = 0) {
  PacingInput input;
  input.at_s = 10;
  input.as_of_s = 10;
  input.channels_free = channels_free;
  input.start_tokens = -1;
  input.list_available = 1'000;
  for (int i = 0; i < ready_agents; ++i) input.agents.push_back({static_cast<std::uint64_t>(i), PacingAgentState::ready, 1.0, 0.0});
  for (int i = 0; i < in_flight; ++i) input.calls.push_back({static_cast<std::uint64_t>(i), PacingCallPhase::ringing, 3.0, 1.0, 0});
  return input;
}

TEST(AgentlessPacing, FillsFreeLinesWithoutAnyAgent) {
  EXPECT_EQ(AgentlessPacing(thirty_lines()).decide(lines_view(30, 0)).dials, 30);
  const PacingDecision some = AgentlessPacing(thirty_lines()).decide(lines_view(12, 18));
  EXPECT_EQ(some.dials, 12);
  EXPECT_EQ(some.limit, PacingLimit::channels);
  EXPECT_EQ(AgentlessPacing(thirty_lines()).decide(lines_view(30, 25)).dials, 5) << "what was asked for holds a line before it has one";
  EXPECT_EQ(AgentlessPacing(thirty_lines()).decide(lines_view(0, 30)).dials, 0);
}

TEST(AgentlessPacing, KeepsToTheListAndTheRate) {
  PacingInput short_list = lines_view(30, 0);
  short_list.list_available = 3;
  EXPECT_EQ(AgentlessPacing(thirty_lines()).decide(short_list).limit, PacingLimit::list);
  PacingConfig slow = thirty_lines();
  slow.max_cps = 2;
  EXPECT_LE(AgentlessPacing(slow).decide(lines_view(30, 0)).dials, 2);
}

TEST(AgentlessPacing, ManyLostTransfersLeaveOneLineToAReadyAgent) {
  PacingInput lossy = lines_view(30, 1, 3);
  lossy.totals = {200, 100, 90, 10};
  const PacingDecision decision = AgentlessPacing(thirty_lines()).decide(lossy);
  EXPECT_EQ(decision.dials, 2);
  EXPECT_EQ(decision.limit, PacingLimit::budget);
  PacingInput few = lines_view(30, 0);
  few.totals = {20, 10, 5, 5};
  EXPECT_EQ(AgentlessPacing(thirty_lines()).decide(few).dials, 30) << "ten people say nothing of a share";
}

TEST(AgentlessPacing, AViewNobodyCanBelieveDialsNobody) {
  AgentlessPacing pacing(thirty_lines());
  PacingInput late = lines_view(30, 0);
  late.at_s = 100;
  const PacingDecision decision = pacing.decide(late);
  EXPECT_EQ(decision.dials, 0);
  EXPECT_EQ(decision.limit, PacingLimit::doubt);
}

}  // namespace
}  // namespace dunlin
