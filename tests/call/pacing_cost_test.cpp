// A target of idle time and prices in simulated shifts: both take risk away and never add any, and the decision says so.
#include <gtest/gtest.h>

#include "core/dialing/pacing_predictive.hpp"
#include "tools/pacing_lab/simulation.hpp"

namespace dunlin {
namespace {

using lab::Report;
using lab::Scenario;
using lab::Simulation;

/// Counts what bound the decisions, and holds every one of them to what must always be true.
class CountedPacing final : public PacingPolicy {
 public:
  explicit CountedPacing(const PacingConfig& config) : policy_(config) {}
  std::string_view name() const override { return policy_.name(); }
  void reconfigure(const PacingConfig& config) override { policy_.reconfigure(config); }
  PacingDecision decide(const PacingInput& input) override {
    const PacingDecision d = policy_.decide(input);
    for (const PacingAgent& agent : input.agents) ready_s += agent.state == PacingAgentState::ready ? 0.5 : 0;
    for (const PacingEvent& event : input.events) calls += event.kind == PacingEventKind::connected ? 1 : 0;
    ++ticks;
    ++limits[static_cast<std::size_t>(d.limit)];
    const bool is_free_to = d.limit != PacingLimit::channels && d.limit != PacingLimit::list && d.limit != PacingLimit::start_rate;
    if (is_free_to && d.doubt == PacingDoubt::none) {
      EXPECT_GE(d.dials, d.agents_ready - d.calls_in_flight) << "an idle agent without a line at " << input.at_s;
    }
    return d;
  }
  double idle_s() const { return calls > 0 ? ready_s / calls : 0; }
  double share(PacingLimit limit) const { return static_cast<double>(limits[static_cast<std::size_t>(limit)]) / ticks; }

  double ready_s = 0;
  double calls = 0;
  int ticks = 0;
  std::array<int, pacing_limits> limits{};

 private:
  PredictivePacing policy_;
};

struct CostShift {
  Report report;
  double idle_s = 0;
  double cost_share = 0;
  double idle_share = 0;
};

CostShift shift_of(const char* name, double target_idle_s, const PacingPrices& prices, std::uint64_t seed, double length_s = 2 * 3600.0) {
  Scenario world = *lab::find_scenario(name);
  world.length_s = length_s;
  PacingConfig config = Simulation::config_of(world);
  config.target_idle_s = target_idle_s;
  config.prices = prices;
  CountedPacing pacing(config);
  CostShift shift;
  shift.report = Simulation(world, seed).run(pacing);
  shift.idle_s = pacing.idle_s();
  shift.cost_share = pacing.share(PacingLimit::cost);
  shift.idle_share = pacing.share(PacingLimit::target_idle);
  std::printf("%s target %.0f s: idle %.1f s, abandoned %.2f %%, occupancy %.1f %%, limits: cost %.0f %%, target_idle %.0f %%\n", name, target_idle_s, shift.idle_s,
              100 * shift.report.abandon_rate, 100 * shift.report.occupancy, 100 * shift.cost_share, 100 * shift.idle_share);
  return shift;
}

TEST(TargetIdle, ALooseTargetIsHeldWithFarFewerLosses) {
  for (const char* name : {"a30-n15", "a30-n50"}) {
    const CostShift free = shift_of(name, 0, {}, 5);
    const double target_s = 2.2 * free.idle_s;
    const CostShift held = shift_of(name, target_s, {}, 5);
    EXPECT_NEAR(held.idle_s, target_s, 0.15 * target_s) << name;
    EXPECT_LT(held.report.abandon_rate, 0.5 * free.report.abandon_rate) << name;
    EXPECT_LT(held.report.abandon_rate, 0.015) << name;
    EXPECT_GT(held.idle_share, 0.3) << name << ": the decision names what held it";
  }
}

TEST(TargetIdle, ATargetOutOfReachTakesNoMoreRiskThanTheBudget) {
  const CostShift shift = shift_of("a30-n15", 1, {}, 6);
  EXPECT_LE(shift.report.abandon_rate, 0.031);
  EXPECT_LE(shift.report.beyond_budget, 1.5);
}

TEST(TargetIdle, ATargetNobodyCanMissIsOneLineForEachIdleAgent) {
  const CostShift shift = shift_of("a30-n15", 600, {}, 7, 3600);
  EXPECT_LT(shift.report.abandon_rate, 0.005);
}

TEST(PacingCost, WhereAgentsAreCheapAndTalksAreDearLessIsDialedAhead) {
  const PacingPrices cheap_agents{2, 1, 60, 100};
  const PacingPrices dear_agents{0.01, 0, 2'000, 1};
  const CostShift unpriced = shift_of("a30-n50", 0, {}, 8);
  const CostShift careful = shift_of("a30-n50", 0, cheap_agents, 8);
  const CostShift pressing = shift_of("a30-n50", 0, dear_agents, 8);
  EXPECT_LT(careful.report.abandon_rate, 0.6 * unpriced.report.abandon_rate);
  EXPECT_GT(careful.cost_share, 0.3);
  EXPECT_EQ(pressing.report.dials, unpriced.report.dials) << "no risk the budget bears is too dear";
  EXPECT_EQ(pressing.cost_share, 0);
}

TEST(PacingCost, LinesThatBringLessThanTheyCostAreNotStartedAhead) {
  const PacingPrices losing{50, 0, 0, 1};
  const CostShift shift = shift_of("a30-n15", 0, losing, 9, 3600);
  EXPECT_EQ(shift.report.abandon_rate, 0) << "one line for each idle agent loses nobody";
  EXPECT_GT(shift.cost_share, 0.3);
  EXPECT_GT(shift.report.dials, 500) << "what is due to the persons in the list does not stand still";
}

TEST(PacingWorth, LearnsWhomTalksReach) {
  PacingWorth worth({1, 0, 0, 2});
  EXPECT_NEAR(worth.right_share(), 0.6, 1e-9);
  PacingInput input;
  PacingEvent event;
  event.kind = PacingEventKind::agent_ready;
  event.result = PacingResult::wrong_party;
  input.events.assign(400, event);
  worth.observe(input);
  EXPECT_LT(worth.right_share(), 0.05);
  EXPECT_FALSE(worth.is_worth({0.9, 10, 0}, 60)) << "nearly every talk is with somebody else";
  EXPECT_TRUE(PacingWorth({1, 0, 0, 2}).is_worth({0.9, 10, 0}, 60));
}

TEST(PacingWorth, WithoutPricesEverythingIsWorthIt) {
  for (const double risk : {0.0, 0.5, 1.0}) EXPECT_TRUE(PacingWorth({}).is_worth({0.01, 20, risk}, 300));
  EXPECT_TRUE(PacingWorth({5, 1, 0, 0}).is_worth({0.01, 20, 0.5}, 300)) << "a fee alone can be held against nothing";
}

}  // namespace
}  // namespace dunlin
