// What holds in any world: limits, the ledger of small groups, never worse than one line per idle agent, and what a view
// that is late, wrong or hopeless does to the dials.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/rng.hpp"
#include "core/dialing/pacing_predictive.hpp"
#include "tools/pacing_lab/simulation.hpp"

namespace dunlin {
namespace {

using lab::Report;
using lab::Scenario;
using lab::Simulation;

/// Stands between a policy and its world and checks every decision.
class CheckedPacing final : public PacingPolicy {
 public:
  explicit CheckedPacing(PacingConfig config) : config_(config), policy_(config) {}
  std::string_view name() const override { return policy_.name(); }
  void reconfigure(const PacingConfig& config) override { policy_.reconfigure(config); }
  PacingDecision decide(const PacingInput& input) override {
    const PacingDecision d = policy_.decide(input);
    EXPECT_LE(d.dials, std::max(0, input.channels_free));
    EXPECT_LE(d.dials, std::max(0, input.list_available));
    tokens_ = std::min(tokens_ + config_.max_cps * (input.at_s - last_at_s_), std::max(1.0, config_.max_cps)) - d.dials;
    last_at_s_ = input.at_s;
    EXPECT_GE(tokens_, -1e-6) << "more starts than the rate at " << input.at_s;
    if (d.agents_ready == 0 && d.expected_free < 0.01) {
      EXPECT_EQ(d.dials, 0) << "nobody is or will be free at " << input.at_s;
    }
    const bool is_free_to = d.limit != PacingLimit::channels && d.limit != PacingLimit::list && d.limit != PacingLimit::start_rate;
    if (is_free_to && d.doubt == PacingDoubt::none) {
      EXPECT_GE(d.dials, d.agents_ready - d.calls_in_flight) << "an idle agent without a line at " << input.at_s;
    }
    return d;
  }

 private:
  PacingConfig config_;
  PredictivePacing policy_;
  double tokens_ = 1e9;
  double last_at_s_ = 0;
};

/// Any size, answer rate, budget, list order, lag, limits; what happens to it comes from the seed alone.
Scenario random_world(std::uint64_t seed) {
  Rng rng(seed);
  Scenario s = *lab::find_scenario("a30-n50");
  s.name = "random";
  s.agents = 1 + static_cast<int>(rng.below(40));
  s.answer_rate = 0.05 + 0.6 * rng.uniform();
  s.length_s = 1'500;
  s.target_abandon = rng.uniform() < 0.5 ? 0.03 : 0.01;
  s.tick_s = 0.25 * (1 + static_cast<double>(rng.below(6)));
  s.event_lag_s = rng.uniform() < 0.3 ? 4 * rng.uniform() : 0;
  s.has_detection = rng.uniform() < 0.8;
  s.is_list_sorted = rng.uniform() < 0.2;
  s.talk_factor = 0.5 + 2 * rng.uniform();
  s.wave = 0.5 * rng.uniform();
  s.list_factor = 0.3 + 3 * rng.uniform();
  if (rng.uniform() < 0.3) s.most_channels = 1 + s.agents + static_cast<int>(rng.below(20));
  if (rng.uniform() < 0.3) s.most_starts_per_s = 0.2 + 3 * rng.uniform();
  const double at_s = 1'500 * rng.uniform();
  if (rng.uniform() < 0.3) s.turns.push_back({at_s, lab::TurnKind::leave, rng.uniform()});
  if (rng.uniform() < 0.3) s.turns.push_back({at_s, lab::TurnKind::answer_rate, 0.05 + 0.6 * rng.uniform()});
  return s;
}

TEST(PacingProperty, LimitsHoldInRandomWorlds) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Scenario world = random_world(seed);
    CheckedPacing pacing(Simulation::config_of(world));
    const Report report = Simulation(world, seed).run(pacing);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    ASSERT_GT(report.dials, 0) << "seed " << seed;
  }
}

TEST(PacingProperty, IsNeverWorseThanOneLinePerIdleAgent) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Scenario world = random_world(seed);
    PredictivePacing predictive(Simulation::config_of(world));
    ProgressivePacing progressive(Simulation::config_of(world));
    const double with_forecast = Simulation(world, seed).run(predictive).occupancy;
    const double without = Simulation(world, seed).run(progressive).occupancy;
    // Other dials reach other persons: a few long talks more or less are luck.
    EXPECT_GT(with_forecast, without - 0.03) << "seed " << seed << ", " << world.agents << " agents";
  }
}

/// A policy that has seen half an hour of a usual room, and the view it would dial on next.
struct Trained {
  PredictivePacing pacing;
  PacingInput view;
};

class LastView final : public PacingPolicy {
 public:
  explicit LastView(PredictivePacing& policy) : policy_(policy) {}
  std::string_view name() const override { return policy_.name(); }
  void reconfigure(const PacingConfig&) override {}
  PacingDecision decide(const PacingInput& input) override {
    last = input;
    return policy_.decide(input);
  }
  PacingInput last;

 private:
  PredictivePacing& policy_;
};

TEST(PacingProperty, TheLedgerHoldsForEverySmallGroup) {
  for (const char* name : {"a30-n5", "a30-n5-t1", "a60-n5"}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      Scenario world = *lab::find_scenario(name);
      world.length_s = 4'800;
      PredictivePacing pacing(Simulation::config_of(world));
      LastView eyes(pacing);
      Simulation(world, seed).run(eyes);
      // As the campaign counts: a machine taken for a person is one, whether it is connected or lost.
      const PacingTotals& counted = eyes.last.totals;
      const auto lost = static_cast<double>(counted.abandoned);
      EXPECT_LE(lost, world.target_abandon * (static_cast<double>(counted.connected) + lost) + 1) << name << " seed " << seed;
      EXPECT_GT(counted.connected, 60) << name << " seed " << seed;
    }
  }
}

/// Any small room whose agents stay: who leaves takes answers along that calls in flight had counted on.
Scenario random_small_world(std::uint64_t seed) {
  Scenario s = random_world(seed);
  Rng rng(seed + 1'000);
  s.agents = 2 + static_cast<int>(rng.below(15));
  s.length_s = 3'600;
  s.list_factor = 2;
  s.event_lag_s = 0;
  s.most_channels = 0;
  s.most_starts_per_s = 0;
  s.turns.clear();
  if (rng.uniform() < 0.3) s.turns.push_back({3'000 * rng.uniform(), lab::TurnKind::answer_rate, 0.1 + 0.4 * rng.uniform()});
  return s;
}

TEST(PacingProperty, TheLedgerHoldsInRandomSmallWorlds) {
  std::int64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    const Scenario world = random_small_world(seed);
    PredictivePacing pacing(Simulation::config_of(world));
    const Report report = Simulation(world, seed).run(pacing);
    EXPECT_LE(report.beyond_budget, 1.0) << "seed " << seed << ", " << world.agents << " agents";
    lost += report.abandoned;
  }
  EXPECT_GT(lost, 16) << "nobody is ever lost: the budget is not used";
}

Trained trained() {
  Scenario world = *lab::find_scenario("a30-n15");
  world.length_s = 1'200;
  world.most_starts_per_s = 100;
  Trained t{PredictivePacing(Simulation::config_of(world)), {}};
  LastView eyes(t.pacing);
  Simulation(world, 3).run(eyes);
  t.view = eyes.last;
  t.view.granted = 0;
  t.view.events.clear();
  t.view.calls.clear();
  t.view.agents.clear();
  for (std::uint64_t id = 0; id < 10; ++id) t.view.agents.push_back({id, PacingAgentState::ready, 2, 30});
  t.view.at_s += 0.5;
  t.view.as_of_s = t.view.at_s;
  return t;
}

TEST(PacingProperty, AGoodViewIsDialedOn) {
  Trained t = trained();
  const PacingDecision d = t.pacing.decide(t.view);
  EXPECT_EQ(d.doubt, PacingDoubt::none);
  EXPECT_GT(d.dials, 10);
}

struct BadView {
  const char* what;
  PacingDoubt doubt;
  void (*spoil)(PacingInput&);
};

TEST(PacingProperty, ViewsThatCannotBeAreNotDialedOn) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const BadView rows[] = {
      {"twenty seconds old", PacingDoubt::stale_view, [](PacingInput& v) { v.as_of_s -= 20; }},
      {"seen before it happened", PacingDoubt::contradiction, [](PacingInput& v) { v.as_of_s += 5; }},
      {"the clock went back", PacingDoubt::clock_went_back, [](PacingInput& v) { v.at_s -= 60; v.as_of_s -= 60; }},
      {"one agent twice", PacingDoubt::contradiction, [](PacingInput& v) { v.agents.push_back(v.agents.front()); }},
      {"one call twice", PacingDoubt::contradiction,
       [](PacingInput& v) { v.calls.assign(2, {7, PacingCallPhase::ringing, 3, 1, 0}); }},
      {"fewer answers than before", PacingDoubt::contradiction, [](PacingInput& v) { v.totals.connected -= 5; }},
      {"an age that is no number", PacingDoubt::contradiction, [](PacingInput& v) { v.agents[3].in_state_s = nan; }},
      {"a time that is no number", PacingDoubt::contradiction, [](PacingInput& v) { v.at_s = nan; }},
  };
  for (const BadView& row : rows) {
    Trained t = trained();
    row.spoil(t.view);
    const PacingDecision d = t.pacing.decide(t.view);
    EXPECT_EQ(d.dials, 0) << row.what;
    EXPECT_EQ(d.doubt, row.doubt) << row.what;
    EXPECT_EQ(d.limit, PacingLimit::doubt) << row.what;
  }
}

TEST(PacingProperty, OddViewsMakeFewerDialsNotMore) {
  const int usual = [] {
    Trained t = trained();
    return t.pacing.decide(t.view).dials;
  }();
  const BadView rows[] = {
      {"nobody is there", PacingDoubt::none, [](PacingInput& v) { v.agents.clear(); }},
      {"half of the agents vanished without a word", PacingDoubt::none, [](PacingInput& v) { v.agents.resize(5); }},
      {"the list is empty", PacingDoubt::none, [](PacingInput& v) { v.list_available = 0; v.next_segments.clear(); }},
      {"less than no list", PacingDoubt::none, [](PacingInput& v) { v.list_available = -5; }},
      {"less than no channels", PacingDoubt::none, [](PacingInput& v) { v.channels_free = -3; }},
      {"negative ages", PacingDoubt::none,
       [](PacingInput& v) { for (PacingAgent& a : v.agents) { a.in_state_s = -40; a.state = PacingAgentState::talk; } }},
      {"an hour without a tick", PacingDoubt::clock_jumped, [](PacingInput& v) { v.at_s += 3'600; v.as_of_s += 3'600; }},
      {"segments nobody has heard of", PacingDoubt::none, [](PacingInput& v) { v.next_segments = {-7, 9'999}; }},
  };
  for (const BadView& row : rows) {
    Trained t = trained();
    row.spoil(t.view);
    const PacingDecision d = t.pacing.decide(t.view);
    EXPECT_GE(d.dials, 0) << row.what;
    EXPECT_EQ(d.doubt, row.doubt) << row.what;
    if (std::string_view(row.what).find("segments") == std::string_view::npos) {
      EXPECT_LT(d.dials, usual) << row.what;
    }
    EXPECT_TRUE(std::isfinite(d.risk) && std::isfinite(d.expected_free)) << row.what;
  }
}

/// Ten ready agents and calls that all end the same way at once; returns the decision after so many seconds.
PacingDecision after_endings(PacingEventKind end, int seconds) {
  PacingConfig config;
  config.max_cps = 50;
  PredictivePacing pacing(config);
  PacingInput view;
  view.list_available = 100'000;
  view.channels_free = 500;
  view.start_tokens = -1;
  for (std::uint64_t id = 0; id < 10; ++id) view.agents.push_back({id, PacingAgentState::ready, 5, 0});
  PacingDecision d;
  std::uint64_t call = 0;
  for (int tick = 0; tick < seconds; ++tick) {
    view.at_s = view.as_of_s = tick;
    view.events.clear();
    view.granted = d.dials;
    for (int n = 0; n < d.dials; ++n) {
      const bool is_machine = end == PacingEventKind::machine;
      view.events.push_back({view.at_s, PacingEventKind::dialed, ++call, 0, 0, 0});
      if (is_machine) view.events.push_back({view.at_s, PacingEventKind::answered, call, 0, 0, 0.6});
      view.events.push_back({view.at_s, end, call, 0, 0, 0.9});
      ++view.totals.dialed;
    }
    d = pacing.decide(view);
  }
  return d;
}

TEST(PacingProperty, ACarrierThatFailsEveryCallIsNotFloodedWithCalls) {
  const PacingDecision d = after_endings(PacingEventKind::failed, 120);
  EXPECT_EQ(d.doubt, PacingDoubt::calls_fail);
  EXPECT_LE(d.dials, 10);
}

TEST(PacingProperty, AListOfMachinesIsNotFloodedWithCalls) {
  const PacingDecision d = after_endings(PacingEventKind::machine, 300);
  EXPECT_EQ(d.doubt, PacingDoubt::nobody_answers);
  EXPECT_LE(d.dials, 10);
}

}  // namespace
}  // namespace dunlin
