// The simulation itself: a few seeds, the seeds that once found a bug, the fault plans kept as files, and the judges:
// every deliberate bug must be found, or a clean play says nothing.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/sim/simulation.hpp"

namespace dunlin::sim {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::filesystem::path folder = std::filesystem::path(DUNLIN_SOURCE_DIR) / "tests" / "sim";

void expect_clean(const SimulationOptions& options) {
  const SimulationReport report = simulate(options);
  EXPECT_TRUE(report.is_clean()) << report.to_text();
  EXPECT_GT(report.invites, 20U) << "a play without calls proves nothing";
  EXPECT_GT(report.talks, 5U);
}

SimulationOptions short_play(std::uint64_t seed) {
  SimulationOptions options;
  options.seed = seed;
  options.windows = 3;
  options.window_seconds = 150;
  return options;
}

TEST(Simulation, ObeysTheLawAndTheProtocolForTheFirstSeeds) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) expect_clean(short_play(seed));
}

TEST(Simulation, StaysCleanForSeedsThatOnceFoundABug) {
  std::istringstream lines(read(folder / "seeds.txt"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    SimulationOptions options;
    if (words >> options.seed >> options.windows >> options.window_seconds) expect_clean(options);
  }
}

TEST(Simulation, SurvivesTheFaultPlansOfTheFolder) {
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "faults")) {
    SimulationOptions options = short_play(7);
    const auto plan = parse_fault_plan(read(entry.path()));
    ASSERT_TRUE(plan.ok()) << entry.path() << ": " << plan.error().detail;
    options.faults = *plan;
    SCOPED_TRACE(entry.path().filename().string());
    expect_clean(options);
    ++plans;
  }
  EXPECT_GT(plans, 0);
}

TEST(Simulation, PlaysTheSameForTheSameSeed) {
  SimulationOptions options = short_play(4);
  options.windows = 1;
  const SimulationReport one = simulate(options);
  const SimulationReport two = simulate(options);
  EXPECT_EQ(one.steps, two.steps);
  EXPECT_EQ(one.trace_hash, two.trace_hash);
  EXPECT_EQ(one.transcript, two.transcript);
}

class SimulationJudges : public ::testing::TestWithParam<Sabotage> {};

TEST_P(SimulationJudges, FindTheDeliberateBug) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SimulationOptions options = short_play(seed);
    options.sabotage = GetParam();
    if (!simulate(options).is_clean()) return;
  }
  ADD_FAILURE() << to_string(GetParam()) << " was not found";
}

INSTANTIATE_TEST_SUITE_P(EverySabotage, SimulationJudges,
                         ::testing::Values(Sabotage::open_gate, Sabotage::lying_journal, Sabotage::forgets_settlements,
                                           Sabotage::forgets_reservations, Sabotage::sends_twice, Sabotage::forgets_outcomes,
                                           Sabotage::eternal_slots, Sabotage::forgets_talks, Sabotage::blind_to_bars),
                         [](const auto& played) { return std::string(to_string(played.param)); });

TEST(FaultPlan, ReadsWhatItPrints) {
  Rng lots(3);
  const auto plan = draw_fault_plan(lots, 4, 100);
  const auto again = parse_fault_plan(to_text(plan));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(to_text(*again), to_text(plan));
}

TEST(FaultPlan, NamesTheLineItCannotRead) {
  const auto plan = parse_fault_plan("0 10 crash\n\n1 x crash\n");
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.error().detail.find("line 3"), std::string::npos);
  EXPECT_FALSE(parse_fault_plan("0 10 meteor 5").ok());
}

UtcTime at(const char* text) { return *parse_utc(text); }

TEST(ReferenceLaw, KnowsTheHoursOfWorkingDaysAndDaysOff) {
  const Zone moscow{"Europe/Moscow", 180};
  EXPECT_FALSE(is_open(moscow, at("2026-11-03T07:59:59+03:00")));
  EXPECT_TRUE(is_open(moscow, at("2026-11-03T08:00:00+03:00")));
  EXPECT_TRUE(is_open(moscow, at("2026-11-03T21:59:59+03:00")));
  EXPECT_FALSE(is_open(moscow, at("2026-11-03T22:00:00+03:00")));
  EXPECT_FALSE(is_open(moscow, at("2026-11-04T08:30:00+03:00")));  // Unity Day.
  EXPECT_FALSE(is_open(moscow, at("2026-11-07T20:00:00+03:00")));  // A Saturday.
  EXPECT_TRUE(is_open(moscow, at("2026-11-07T19:59:59+03:00")));
}

TEST(ReferenceLaw, CountsTalksOfTheDayAndTheWeek) {
  const std::vector<Zone> moscow{{"Europe/Moscow", 180}};
  const auto talked = [](const char* text) { return LivedCall{at(text), LivedCall::End::talked}; };
  const UtcTime now = at("2026-11-05T12:00:00+03:00");
  EXPECT_FALSE(why_forbidden(moscow, now, {talked("2026-11-04T12:00:00+03:00")}));
  EXPECT_TRUE(why_forbidden(moscow, now, {talked("2026-11-05T09:00:00+03:00")}));
  EXPECT_TRUE(why_forbidden(moscow, now, {talked("2026-11-02T09:00:00+03:00"), talked("2026-11-03T09:00:00+03:00")}));
  EXPECT_FALSE(why_forbidden(moscow, now, {talked("2026-10-31T09:00:00+03:00"), talked("2026-11-01T09:00:00+03:00")}));
}

TEST(ReferenceLaw, KeepsTheGapsAndTheBoundsOfCallsNobodyAnswered) {
  const std::vector<Zone> moscow{{"Europe/Moscow", 180}};
  const LivedCall rang{at("2026-11-05T10:00:00+03:00"), LivedCall::End::rang};
  const LivedCall busy{at("2026-11-05T11:59:30+03:00"), LivedCall::End::never_rang};
  EXPECT_TRUE(why_forbidden(moscow, at("2026-11-05T11:59:59+03:00"), {rang}));
  EXPECT_FALSE(why_forbidden(moscow, at("2026-11-05T12:00:00+03:00"), {rang}));
  EXPECT_TRUE(why_forbidden(moscow, at("2026-11-05T12:00:00+03:00"), {busy}));
  EXPECT_FALSE(why_forbidden(moscow, at("2026-11-05T12:00:30+03:00"), {busy}));
  EXPECT_TRUE(why_forbidden(moscow, at("2026-11-05T18:00:00+03:00"), {rang, busy}));
}

}  // namespace
}  // namespace dunlin::sim
