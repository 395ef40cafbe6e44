// Prices, and what they change in the work of one case: an attempt that costs more than it brings waits or is not made, what
// the person was promised is never weighed, and without prices nothing is different.
#include <gtest/gtest.h>

#include "core/dialing/answer_worth.hpp"
#include "core/dialing/number_choice.hpp"
#include "core/dialing/retry.hpp"
#include "tests/dialing/odds_world.hpp"

namespace dunlin {
namespace {

using test::moscow_hour;
using test::OddsDesk;

/// By day a mobile reaches its debtor with 14 of 100, in the evening with 35; a landline with 21 and 10 or 11.
CallPrices prices_of(const char* attempt, const char* rpc_value) {
  CallPrices prices;
  prices.attempt = *parse_price(attempt);
  prices.rpc_value = *parse_price(rpc_value);
  return prices;
}

Campaign priced_campaign(const char* attempt, const char* rpc_value) {
  Campaign campaign = test::odds_campaign();
  campaign.settings.prices = prices_of(attempt, rpc_value);
  return campaign;
}

RowImported one_mobile() {
  RowImported row = test::row();
  row.draft.phones = {test::phone(1)};
  return row;
}

TEST(CallPrice, ReadsAndWritesAmounts) {
  struct Row {
    const char* text;
    std::uint32_t price;
    const char* shown;
  };
  for (const Row& row : {Row{"0", 0, "0"}, Row{"1.5", 15'000, "1.5"}, Row{"0.0125", 125, "0.0125"}, Row{"12", 120'000, "12"},
                         Row{"400000", most_price, "400000"}, Row{"007.10", 71'000, "7.1"}}) {
    const auto price = parse_price(row.text);
    ASSERT_TRUE(price.ok()) << row.text;
    EXPECT_EQ(*price, row.price);
    EXPECT_EQ(format_price(*price), row.shown);
  }
  for (const char* text : {"", ".", "1.", ".5", "-1", "1,5", "1.00001", "400000.0001", "400001", "9999999", "99999999999999", "one", " 1", "1e3"}) {
    EXPECT_FALSE(parse_price(text).ok()) << text;
  }
}

TEST(CallPrice, KeptPromisesFollowWhatWasSeenAsItGrows) {
  EXPECT_NEAR(kept_per_contact({}), 0.35 * 0.45, 1e-9);
  EXPECT_NEAR(kept_per_contact({100'000, 50'000, 40'000, 10'000}), 0.5 * 0.8, 0.01);
  EXPECT_NEAR(kept_per_contact({1, 1, 1, 0}), 0.35 * 0.45, 0.02) << "one talk says little";
  EXPECT_LT(kept_per_contact({10'000, 5'000, 0, 3'000}), 0.02) << "open promises do not count";
}

TEST(AttemptWorth, AnAttemptThatCostsMoreThanItBringsWaitsForItsHour) {
  OddsDesk desk(priced_campaign("2", "10"));  // 1.4 by day, 3.5 in the evening.
  desk.now = moscow_hour(13);
  desk.import(one_mobile());
  const CaseEffects effects = desk.reserve(1);
  const DenialView* denial = test::denial_of(effects);
  ASSERT_NE(denial, nullptr);
  EXPECT_FALSE(denial->is_by_law);
  EXPECT_EQ(denial->reason, cost_refusal);
  ASSERT_TRUE(desk.due().has_value());
  EXPECT_EQ(*desk.due(), *denial->until);
  EXPECT_GE(*desk.due(), moscow_hour(18));
  EXPECT_LE(*desk.due(), moscow_hour(19)) << "the first hour that is worth it, not the best one";
  EXPECT_EQ(desk.gate.asked, 0) << "the law is not asked about a call nobody makes";
  EXPECT_NE(desk.record().plan_reason.find("costs more than it brings: 2 RUB for 1.3"), std::string::npos) << desk.record().plan_reason;
  desk.now = *desk.due();
  EXPECT_EQ(desk.dialed(2), test::number(1));
}

TEST(AttemptWorth, WhatNoHourIsWorthIsNotMade) {
  OddsDesk desk(priced_campaign("5", "10"));
  desk.now = moscow_hour(13);
  desk.import(one_mobile());
  ASSERT_NE(test::denial_of(desk.reserve(1)), nullptr);
  EXPECT_EQ(*desk.due(), desk.now + days(3));
  EXPECT_NE(desk.record().plan_reason.find("no hour of the next days is worth it"), std::string::npos) << desk.record().plan_reason;
}

TEST(AttemptWorth, AnHourTheLawForbidsIsNotWaitedFor) {
  test::FixedClock clock({hours(3)});
  clock.closed = [](UtcTime at) { return utc_wall(at + hours(3)).second_of_day >= 18 * 3600; };
  OddsDesk desk(priced_campaign("2", "10"), test::learned_odds(20'000), clock);
  desk.now = moscow_hour(13);
  desk.import(one_mobile());
  ASSERT_NE(test::denial_of(desk.reserve(1)), nullptr);
  EXPECT_EQ(*desk.due(), desk.now + days(3));
}

TEST(AttemptWorth, WhatWasPromisedToThePersonIsNeverWeighed) {
  OddsDesk desk(priced_campaign("400000", "1"));
  desk.now = moscow_hour(13);
  desk.import(one_mobile());
  desk.commit(desk.machine.on_callback_asked(desk.now, Callback{desk.now + hours(1), AgentId(), {}}, desk.book));
  desk.now = desk.now + hours(1);
  EXPECT_EQ(desk.dialed(1), test::number(1));

  CaseRecord record;
  EXPECT_FALSE(is_owed(record));
  Promise promise;
  promise.check_at = moscow_hour(12);
  promise.state = PromiseState::broken;
  record.promises = {promise};
  EXPECT_TRUE(is_owed(record)) << "somebody must ask what became of it";
  AttemptRow row;
  row.reserved_at = moscow_hour(13);
  row.outcome = Outcome::no_answer;
  record.attempts = {row};
  EXPECT_TRUE(is_owed(record));
  record.attempts.front().outcome = Outcome::answered;
  record.attempts.front().disposition = Outcome::rpc_refusal;
  EXPECT_FALSE(is_owed(record));
  record.promises.front().state = PromiseState::kept;
  record.attempts.clear();
  EXPECT_FALSE(is_owed(record));
}

TEST(AttemptWorth, APersonsOwnDialingIsNeverWeighed) {
  OddsDesk desk(priced_campaign("400000", "1"));
  desk.now = moscow_hour(13);
  desk.import(one_mobile());
  AttemptRequest request = desk.request(1);
  request.is_manual = true;
  request.number = test::number(1);
  const auto effects = desk.machine.on_attempt_request(desk.now, request, desk.book, desk.gate);
  ASSERT_TRUE(effects.ok());
  EXPECT_NE(std::get_if<AttemptView>(&effects->answer), nullptr);
}

TEST(AttemptWorth, ANumberThatIsNotWorthItIsLeftOut) {
  Campaign campaign = priced_campaign("1.7", "10");  // The landline brings 2.1 by day, the mobile 1.4.
  campaign.settings.number_choice = NumberChoice::in_order;
  OddsDesk desk(campaign);
  desk.now = moscow_hour(13);
  desk.import();
  EXPECT_EQ(desk.dialed(1), test::number(2)) << "the order would have the mobile first";
}

TEST(AttemptWorth, WithoutPricesAValueOrAModelNothingIsDifferent) {
  Campaign fee_only = priced_campaign("400000", "0");
  Campaign value_only = priced_campaign("0", "0.0001");
  std::vector<std::vector<std::string>> bodies;
  for (const Campaign& campaign : {test::odds_campaign(), fee_only, value_only}) {
    OddsDesk desk(campaign);
    desk.import();
    desk.dialed(1);
    desk.settle(1, Outcome::no_answer);
    bodies.emplace_back();
    for (const StoredEvent& event : desk.history) bodies.back().push_back(event.body);
  }
  EXPECT_EQ(bodies[0], bodies[1]);
  EXPECT_EQ(bodies[0], bodies[2]);
  OddsDesk unknowing(priced_campaign("400000", "1"), nullptr);
  unknowing.import();
  EXPECT_EQ(unknowing.dialed(1), test::number(1)) << "without a model nobody knows what an attempt brings";
}

TEST(AttemptWorth, RanksByWhatAnAttemptBringsBeyondItsCost) {
  Campaign campaign = priced_campaign("1", "10");
  campaign.settings.odds_lead = 100;
  OddsDesk desk(campaign);
  desk.now = moscow_hour(19);
  desk.import(one_mobile());
  EXPECT_NEAR(desk.record().due.front().rank, -100 * (0.5 * test::true_right_party - 0.1), 6);
}

TEST(AttemptWorth, RandomPricesNeverBreakTheGuards) {
  Rng lots(71);
  const auto odds = test::learned_odds(20'000);
  for (int round = 0; round < 60; ++round) {
    Campaign campaign = test::odds_campaign();
    campaign.settings.prices.attempt = static_cast<std::uint32_t>(lots.below(50'000));
    campaign.settings.prices.minute = static_cast<std::uint32_t>(lots.below(20'000));
    campaign.settings.prices.rpc_value = static_cast<std::uint32_t>(lots.below(200'000));
    campaign.settings.prices.kept_value = static_cast<std::uint32_t>(lots.below(200'000));
    campaign.settings.max_attempts_per_case_day = 2;
    OddsDesk desk(campaign, odds);
    desk.now = moscow_hour(9);
    desk.import();
    int dialed_today = 0;
    for (std::uint64_t id = 1; id < 12 && desk.now < moscow_hour(9) + days(1); ++id) {
      const bool is_owed_now = is_owed(desk.record());
      const CaseEffects effects = desk.reserve(id);
      if (const DenialView* denial = test::denial_of(effects)) {
        EXPECT_FALSE(is_owed_now && denial->reason == cost_refusal);
        if (denial->reason == cost_refusal) {
          EXPECT_GT(*denial->until, desk.now);
        }
      } else {
        ++dialed_today;
        desk.settle(id, Outcome::no_answer);
      }
      const auto due = desk.due();
      if (!due) break;
      desk.now = std::max(*due, desk.now + minutes(1));
    }
    EXPECT_LE(dialed_today, 2) << round;
  }
}

}  // namespace
}  // namespace dunlin
