#include <gtest/gtest.h>

#include "core/dialing/pacing.hpp"

namespace dunlin {
namespace {

/// Starts are not what these tests are about.
PacingConfig fast_trunks() {
  PacingConfig config;
  config.max_cps = 10'000;
  return config;
}

PacingInput input_with(int ready, int in_flight) {
  PacingInput input;
  input.at_s = 10;
  input.as_of_s = 10;
  input.channels_free = 100;
  input.start_tokens = 100;
  input.list_available = 1'000;
  for (int i = 0; i < ready; ++i) {
    input.agents.push_back({static_cast<std::uint64_t>(i), PacingAgentState::ready, 1.0, 0.0});
  }
  for (int i = 0; i < in_flight; ++i) {
    input.calls.push_back({static_cast<std::uint64_t>(i), PacingCallPhase::ringing, 3.0, 1.0, 0});
  }
  return input;
}

TEST(ProgressivePacing, NeverHasMoreLinesInFlightThanReadyAgents) {
  for (int ready = 0; ready < 8; ++ready) {
    for (int in_flight = 0; in_flight < 10; ++in_flight) {
      ProgressivePacing pacing{fast_trunks()};
      const PacingDecision d = pacing.decide(input_with(ready, in_flight));
      EXPECT_EQ(d.dials, std::max(0, ready - in_flight)) << ready << " ready, " << in_flight << " in flight";
    }
  }
}

TEST(ProgressivePacing, RemembersGrantsWhoseEventsAreLate) {
  ProgressivePacing pacing{fast_trunks()};
  EXPECT_EQ(pacing.decide(input_with(3, 0)).dials, 3);
  PacingInput late = input_with(3, 0);
  late.at_s = 10.5;
  late.as_of_s = 10.5;
  late.granted = 3;
  EXPECT_EQ(pacing.decide(late).dials, 0);
  PacingInput seen = input_with(3, 2);
  seen.at_s = 11;
  seen.as_of_s = 11;
  seen.events = {{10.2, PacingEventKind::dialed, 1}, {10.2, PacingEventKind::dialed, 2}};
  EXPECT_EQ(pacing.decide(seen).dials, 0);  // Two are visible, the third is still on its way.
  PacingInput lost = input_with(3, 2);
  lost.at_s = 30;
  lost.as_of_s = 30;
  EXPECT_EQ(pacing.decide(lost).dials, 1);
}

TEST(ProgressivePacing, NeverStartsMoreCallsThanTheRateWhoeverAsks) {
  PacingConfig config;
  config.max_cps = 2;
  ProgressivePacing pacing{config};
  PacingInput input = input_with(9, 0);
  input.start_tokens = -1;
  const PacingDecision first = pacing.decide(input);
  EXPECT_EQ(first.dials, 2);
  EXPECT_EQ(first.limit, PacingLimit::start_rate);
  EXPECT_EQ(pacing.decide(input).dials, 0);
  input.at_s = input.as_of_s = 10.5;
  EXPECT_EQ(pacing.decide(input).dials, 1);
}

TEST(ProgressivePacing, NamesTheLimitThatBound) {
  ProgressivePacing pacing{fast_trunks()};
  EXPECT_EQ(pacing.decide(input_with(0, 0)).limit, PacingLimit::nobody);
  PacingInput input = input_with(5, 0);
  EXPECT_EQ(pacing.decide(input).limit, PacingLimit::agents);
  input.start_tokens = 2.5;
  EXPECT_EQ(pacing.decide(input).dials, 2);
  EXPECT_EQ(pacing.decide(input).limit, PacingLimit::start_rate);
  input.channels_free = 1;
  EXPECT_EQ(pacing.decide(input).limit, PacingLimit::channels);
  input.list_available = 0;
  EXPECT_EQ(pacing.decide(input).limit, PacingLimit::list);
  EXPECT_EQ(pacing.decide(input).dials, 0);
}

}  // namespace
}  // namespace dunlin
