#include "api/strategy_text.hpp"

#include <gtest/gtest.h>

#include "config/strategy_loader.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

constexpr const char* worded_strategy = R"(name = "worded"
[[rule]]
name = "late"
[rule.when]
stage = ["late", "hard"]
dpd_from = 31
overdue_from = 1000
weekdays = ["mon", "fri"]
hour_from = 9
[rule.then]
rest_days = 4
number_order = ["debtor.mobile", "guarantor.home"]
numbers = "best"
hours = "as_planned"
odds_lead = 20
[[rule.then.retry]]
outcome = "busy"
delay = "15m"
growth_percent = 200
max_delay = "4h"
next_number = true
next_number_delay = "1m"
)";

TEST(StrategyText, SaysWhatARuleWaitsForAndOrders) {
  const auto strategy = parse_strategy("w.toml", worded_strategy);
  ASSERT_TRUE(strategy.ok()) << strategy.error().detail;
  EXPECT_EQ(condition_text(strategy->rules[0].when, strategy->currency), "stage late, hard; dpd ≥ 31; overdue ≥ 1000.00 RUB; hours mon,fri 9–24 h");
  EXPECT_EQ(orders_text(strategy->rules[0].then),
            "rest_days 4; number_order debtor.mobile, guarantor.home; numbers best; odds_lead 20; hours as_planned; retry busy: after 15m × 200% up to 4h, next number after 1m");
}

TEST(StrategyText, SaysWhyARuleDoesNotTakeTheCase) {
  const auto strategy = parse_strategy("w.toml", worded_strategy);
  ASSERT_TRUE(strategy.ok());
  test::Desk desk;
  desk.import();
  const StrategyFacts facts = strategy_facts(*strategy, CaseFilter{}, desk.record(), test::noon, nullptr);
  const auto failed = first_failed(strategy->rules[0].when, facts);
  ASSERT_TRUE(failed);
  EXPECT_EQ(unmet_text(*failed, strategy->rules[0].when, facts, "en"), "stage: soft; wanted late, hard");
  EXPECT_EQ(unmet_text(*failed, strategy->rules[0].when, facts, "ru"), "стадия: soft; нужно late, hard");
  EXPECT_EQ(unmet_text(StrategyTest::dpd, strategy->rules[0].when, facts, "en"), "dpd: 12; wanted ≥ 31");
  EXPECT_EQ(unmet_text(StrategyTest::clock, strategy->rules[0].when, facts, "en"), "hours: -; wanted mon,fri 9–24 h");
}

}  // namespace
}  // namespace dunlin
