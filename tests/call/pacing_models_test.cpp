// The parts of the predictive engine, each against a world whose truth is known.
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/rng.hpp"
#include "core/dialing/pacing_agents.hpp"
#include "core/dialing/pacing_budget.hpp"
#include "core/dialing/pacing_calls.hpp"
#include "core/dialing/pacing_capacity.hpp"
#include "core/dialing/pacing_level.hpp"

namespace dunlin {
namespace {

PacingRow constant_row(float p) {
  PacingRow row;
  row.fill(p);
  return row;
}

double binomial_at_most(int n, double p, int k) {
  double sum = 0;
  double term = std::pow(1 - p, n);
  for (int i = 0; i <= k; ++i) {
    sum += term;
    term *= p / (1 - p) * (n - i) / (i + 1);
  }
  return sum;
}

TEST(PacingCapacity, IsExactForSmallGroups) {
  // Two idle agents, five calls of 0.3: one more person finds nobody when at least two of the five hold an agent.
  PacingCapacity capacity(2, true);
  for (int i = 0; i < 5; ++i) capacity.add_call(constant_row(0.3F));
  EXPECT_NEAR(capacity.full_at(7), 1 - binomial_at_most(5, 0.3, 1), 1e-6);
  // One busy agent comes back with 0.4: then three must be taken.
  capacity.add_agent(constant_row(0.4F));
  const double expected = 0.6 * (1 - binomial_at_most(5, 0.3, 1)) + 0.4 * (1 - binomial_at_most(5, 0.3, 2));
  EXPECT_NEAR(capacity.full_at(7), expected, 1e-6);
}

TEST(PacingCapacity, ApproachesTheExactLawForLargeGroups) {
  PacingCapacity exact(20, true);
  PacingCapacity normal(20, false);
  for (PacingCapacity* c : {&exact, &normal}) {
    for (int i = 0; i < 60; ++i) c->add_agent(constant_row(0.3F));
    for (int i = 0; i < 120; ++i) c->add_call(constant_row(0.28F));
  }
  EXPECT_NEAR(normal.full_at(10), exact.full_at(10), 0.01);
  EXPECT_GT(exact.full_at(10), 0.1);
}

TEST(PacingCapacity, FearsAnUncertainLevel) {
  PacingCapacity sure(60, false);
  PacingCapacity unsure(60, false);
  unsure.set_level_sd(0.3);
  for (PacingCapacity* c : {&sure, &unsure}) {
    for (int i = 0; i < 150; ++i) c->add_call(constant_row(0.3F));
  }
  EXPECT_GT(unsure.full_at(5), sure.full_at(5));
}

TEST(PacingLevel, FollowsAJumpWithinTwoMinutes) {
  PacingLevel level;
  Rng rng(1);
  const auto run = [&](double truth, int seconds) {
    for (int i = 0; i < 2 * seconds; ++i) level.observe(0.5, rng.uniform() < 0.5 * truth ? 1 : 0, 1.0, 1.2);
  };
  run(1.0, 1'800);
  EXPECT_NEAR(level.level(), 1.0, 0.12);
  run(1.9, 120);
  EXPECT_GT(level.level(), 1.5);
  run(0.5, 300);
  EXPECT_LT(level.level(), 0.75);
}

TEST(PacingLevel, BelievesMoreThanHalfOfARiseWithinHalfAMinute) {
  PacingLevel level;
  double owed = 0;
  const auto run = [&](double truth, int seconds) {
    for (int i = 0; i < 2 * seconds; ++i) {
      owed += 0.5 * truth;
      const double live = std::floor(owed);
      owed -= live;
      level.observe(0.5, live, 1.0, 1.2);
    }
  };
  run(1.0, 1'800);
  EXPECT_NEAR(level.level(), 1.0, 0.02);
  run(2.25, 30);
  EXPECT_GT(level.level(), 1.65);
  EXPECT_EQ(level.window_s(), 30);
}

TEST(PacingAgentModel, LearnsHowLongTalksLast) {
  PacingAgentModel model;
  double clock = 0;
  // Talks of exactly 40 s, wraps of exactly 10 s, one agent after another.
  for (int call = 0; call < 300; ++call) {
    for (double age = 0.5; age <= 50; age += 0.5) {
      PacingInput input;
      clock += 0.5;
      input.at_s = input.as_of_s = clock;
      const bool is_talking = age < 40;
      if (age == 40) {
        PacingEvent e;
        e.kind = PacingEventKind::released;
        e.agent = 1;
        e.age_s = 40;
        input.events.push_back(e);
      }
      if (age == 50) {
        PacingEvent e;
        e.kind = PacingEventKind::agent_ready;
        e.agent = 1;
        e.age_s = 10;
        e.result = PacingResult::right_party;
        input.events.push_back(e);
      }
      if (age < 50) {
        input.agents = {{1, is_talking ? PacingAgentState::talk : PacingAgentState::wrap, is_talking ? age : age - 40,
                         is_talking ? 0.0 : 40.0}};
      }
      model.observe(input, 0.5);
    }
  }
  model.rebuild();
  const PacingAgent early{1, PacingAgentState::talk, 5, 0};
  const PacingAgent late{1, PacingAgentState::talk, 39, 0};
  EXPECT_LT(model.ready_within(early, 0)[20], 0.15);
  EXPECT_GT(model.ready_within(late, 0)[20], 0.7);
  EXPECT_NEAR(model.mean_talk_s(), 40, 1);
  EXPECT_NEAR(model.mean_wrap_s(), 10, 1);
}

TEST(PacingBudget, LowersTheBoundAfterLossesAndRaisesItWithoutThem) {
  PacingConfig config;
  PacingBudget budget(config);
  const double start = budget.risk_bound();
  PacingInput input;
  for (int i = 0; i < 300; ++i) {
    input.at_s = i * 10;
    input.totals.connected = i;
    PacingEvent e;
    e.kind = PacingEventKind::connected;
    input.events = {e};
    budget.observe(input, 10, false, {50, 0.3});
  }
  const double calm = budget.risk_bound();
  EXPECT_GT(calm, start);
  for (int i = 0; i < 12; ++i) {
    input.at_s += 10;
    ++input.totals.abandoned;
    PacingEvent e;
    e.kind = PacingEventKind::abandoned;
    input.events = {e};
    budget.observe(input, 10, false, {50, 0.3});
  }
  EXPECT_LT(budget.risk_bound(), 0.5 * calm);
}

TEST(PacingBudget, DoesNotWindUpWhileAnotherLimitBinds) {
  PacingBudget budget{PacingConfig{}};
  PacingInput input;
  const double start = budget.risk_bound();
  for (int i = 0; i < 300; ++i) {
    input.at_s = i * 10;
    input.totals.connected = i;
    PacingEvent e;
    e.kind = PacingEventKind::connected;
    input.events = {e};
    budget.observe(input, 10, true, {50, 0.3, true});
  }
  EXPECT_GT(budget.risk_bound(), 2 * start) << "a start not made while the rate binds is lost for good";
  input.events.clear();
  for (int i = 0; i < 12; ++i) {
    input.at_s += 10;
    budget.observe(input, 10, false, {50, 0.3});
  }
  EXPECT_LE(budget.risk_bound(), 1.6 * 1.1 * start);  // Only the recent part may have moved.
}

TEST(PacingBudget, AShortListDoesNotWidenTheBound) {
  PacingBudget budget{PacingConfig{}};
  PacingInput input;
  const double start = budget.risk_bound();
  for (int i = 0; i < 300; ++i) {
    input.at_s = i * 10;
    budget.observe(input, 10, true, {50, 0.3, false});
  }
  EXPECT_LE(budget.risk_bound(), 1.1 * start) << "a list that fills again would be dialed with a bound four times as wide";
}

TEST(PacingBudget, ASmallGroupsPlanIsNotWidenedByAnotherLimit) {
  PacingBudget free{PacingConfig{}};
  PacingBudget limited{PacingConfig{}};
  PacingInput input;
  for (int i = 0; i < 60; ++i) {
    input.at_s = i * 10;
    input.totals.connected = i;
    free.observe(input, 10, false, {5, 0.3});
    limited.observe(input, 10, true, {5, 0.3, true});
  }
  EXPECT_DOUBLE_EQ(limited.risk_bound(), free.risk_bound());
}

TEST(PacingBudget, StopsWhenTheWindowIsUsedUp) {
  PacingConfig config;
  config.shift_s = 1'000;
  PacingBudget budget(config);
  PacingInput input;
  input.at_s = 999;
  input.totals.connected = 300;
  input.totals.abandoned = 9;
  budget.observe(input, 1, false, {50, 0.3});
  EXPECT_TRUE(budget.can_bear_one_more());
  input.totals.abandoned = 12;
  budget.observe(input, 1, false, {50, 0.3});
  EXPECT_FALSE(budget.can_bear_one_more());
}

TEST(PacingBudget, AWindowLeavesTheNextOneWhatItOverdrewAndNothingOfWhatItSaved) {
  PacingConfig config;
  config.shift_s = 1'000;
  config.target_abandon = 0.03;
  const auto left_in_the_next = [&config](int losses) {
    PacingBudget budget(config);
    PacingInput input;
    input.at_s = 999;
    input.totals.connected = 300 - losses;
    input.totals.abandoned = losses;
    budget.observe(input, 1, false, {5, 0.3});
    input.at_s = 1'000;
    input.totals.connected += 100;
    budget.observe(input, 1, false, {5, 0.3});
    EXPECT_NEAR(budget.budget_left(), std::min(0.0, 9.0 - losses), 1e-9) << "what is counted here was of the former window";
    input.at_s = 1'500;
    input.totals.connected += 100;
    budget.observe(input, 1, false, {5, 0.3});
    return budget.budget_left();
  };
  EXPECT_NEAR(left_in_the_next(2), 3.0, 1e-9);
  EXPECT_NEAR(left_in_the_next(11), 1.0, 1e-9);
}

/// A small group's bound after one loss, with so many answers behind and so much of the window passed.
double bound_after_a_loss(double at_s, int answers, int losses) {
  PacingConfig config;
  config.shift_s = 10'000;
  PacingBudget budget(config);
  PacingInput input;
  input.at_s = at_s;
  input.totals.connected = answers;
  input.totals.abandoned = losses;
  budget.observe(input, 0.5, false, {5, 0.3});
  const double before = budget.risk_bound();
  ++input.totals.abandoned;
  PacingEvent e;
  e.kind = PacingEventKind::abandoned;
  input.events = {e};
  budget.observe(input, 0.5, false, {5, 0.3});
  return budget.risk_bound() / before;
}

TEST(PacingBudget, ASmallGroupTakesALossTheMoreSeriouslyTheLessIsToCome) {
  const double early = bound_after_a_loss(2'000, 80, 2);
  const double late = bound_after_a_loss(9'500, 380, 10);
  EXPECT_GT(early, 0.80);
  EXPECT_LT(early, 1.0);
  EXPECT_LT(late, 0.55);
}

TEST(PacingBudget, ASmallGroupMayOwnAnAnswerToComeButNotAtTheEnd) {
  PacingConfig config;
  config.shift_s = 10'000;
  const auto can_bear = [&config](double at_s, int connected, int abandoned) {
    PacingBudget budget(config);
    PacingInput input;
    input.at_s = at_s;
    input.totals.connected = connected;
    input.totals.abandoned = abandoned;
    budget.observe(input, 1, false, {5, 0.3});
    return budget.can_bear_one_more();
  };
  EXPECT_TRUE(can_bear(2'000, 80, 6));      // 2.6 earned, more than six to come.
  EXPECT_FALSE(can_bear(2'000, 80, 14));
  EXPECT_TRUE(can_bear(9'999, 380, 9));
  EXPECT_FALSE(can_bear(9'999, 380, 12));   // One more would be more than the budget and one.
}

TEST(PacingCallModel, LearnsItsSegmentsApart) {
  PacingConfig config;
  config.segments = 2;
  PacingCallModel model(config);
  std::uint64_t call = 1;
  double clock = 0;
  const auto event = [&](PacingEventKind kind, std::uint64_t id, int segment, double age) {
    PacingInput input;
    clock += 0.5;
    input.at_s = input.as_of_s = clock;
    PacingEvent e;
    e.kind = kind;
    e.call = id;
    e.segment = segment;
    e.age_s = age;
    input.events = {e};
    model.observe(input, 0.5);
  };
  const auto ring = [&](std::uint64_t id, int segment, double from, double to) {
    for (double age = from; age < to; age += 0.5) {
      PacingInput input;
      clock += 0.5;
      input.at_s = input.as_of_s = clock;
      input.calls = {{id, PacingCallPhase::ringing, 2 + age, age, segment}};
      model.observe(input, 0.5);
    }
  };
  for (int i = 0; i < 120; ++i, ++call) {
    const int segment = i % 2;
    event(PacingEventKind::dialed, call, segment, 0);
    event(PacingEventKind::ringing, call, segment, 2);
    if (segment == 0) {  // Everybody picks up after five seconds.
      ring(call, segment, 0, 5);
      event(PacingEventKind::answered, call, segment, 7);
      event(PacingEventKind::human, call, segment, 8);
      event(PacingEventKind::connected, call, segment, 8);
    } else {             // Nobody ever does.
      ring(call, segment, 0, 25);
      event(PacingEventKind::no_answer, call, segment, 27);
    }
  }
  model.rebuild(1.0, PacingRow{}, 1.8);
  EXPECT_GT(model.fresh_live(0).back(), 0.75F);
  EXPECT_LT(model.fresh_live(1).back(), 0.25F);
  // A call that has rung past the usual pick-up will hardly be answered any more.
  const PacingCall fresh{900, PacingCallPhase::ringing, 2.5, 0.5, 0};
  const PacingCall old{901, PacingCallPhase::ringing, 20, 18, 0};
  EXPECT_GT(model.demand(fresh, 0)[12], model.demand(old, 0)[12]);
}

}  // namespace
}  // namespace dunlin
