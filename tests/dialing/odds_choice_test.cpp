// What the answer model changes in the work of one case: which number goes first, who goes first, at what hour, and what is
// written down of it. And what it must not change.
#include <gtest/gtest.h>

#include "core/dialing/best_hour.hpp"
#include "core/dialing/number_choice.hpp"
#include "core/dialing/retry.hpp"
#include "tests/dialing/odds_world.hpp"

namespace dunlin {
namespace {

using test::moscow_hour;
using test::OddsDesk;

const PhoneNumber mobile_number = test::number(1);
const PhoneNumber home_number = test::number(2);

TEST(NumberByOdds, FollowsTheHourWhereTheOrderLeavesAChoice) {
  struct Row {
    int hour;
    NumberChoice choice;
    PhoneNumber expected;
  };
  const Row rows[] = {{10, NumberChoice::best_odds, home_number},
                      {15, NumberChoice::best_odds, home_number},
                      {19, NumberChoice::best_odds, mobile_number},
                      {10, NumberChoice::in_order, mobile_number},
                      {19, NumberChoice::in_order, mobile_number}};
  for (const Row& row : rows) {
    Campaign campaign = test::odds_campaign();
    campaign.settings.number_choice = row.choice;
    OddsDesk desk(campaign);
    desk.now = moscow_hour(row.hour);
    desk.import();
    EXPECT_EQ(desk.dialed(1), row.expected) << row.hour << " " << to_string(row.choice);
  }
}

TEST(NumberByOdds, AYoungOrMissingModelChangesNothing) {
  const auto young = test::learned_odds(400);
  ASSERT_FALSE(young->has_grown());
  std::vector<std::string> bodies[2];
  int run = 0;
  for (const auto& odds : {young, std::shared_ptr<const AnswerOdds>()}) {
    Campaign campaign = test::odds_campaign();
    campaign.settings.hour_choice = HourChoice::best_odds;
    campaign.settings.odds_lead = 100;
    OddsDesk desk(campaign, odds);
    desk.import();
    EXPECT_EQ(desk.dialed(1), mobile_number);
    desk.settle(1, Outcome::no_answer);
    for (const StoredEvent& event : desk.history) bodies[run].push_back(event.body);
    ++run;
  }
  EXPECT_EQ(bodies[0], bodies[1]);
}

TEST(NumberByOdds, AnOrderAStrategyWritesStaysAnOrder) {
  StrategyOrders in_order;
  in_order.number_order = {{PartyRole::debtor, PhoneType::mobile}, {PartyRole::debtor, PhoneType::home}};
  StrategyOrders free_order = in_order;
  free_order.number_choice = NumberChoice::best_odds;
  struct Row {
    StrategyOrders then;
    PhoneNumber expected;
  };
  for (const Row& row : {Row{in_order, mobile_number}, Row{free_order, home_number}}) {
    Campaign campaign = test::odds_campaign();
    campaign.settings.strategy = "soft";
    OddsDesk desk(campaign);
    desk.book = CampaignBook({campaign}, {test::strategy_of({test::strategy_rule("all", {}, row.then)})}, &test::moscow_clock(), test::learned_odds(20'000));
    desk.import();
    EXPECT_EQ(desk.dialed(1), row.expected);
  }
}

TEST(NumberByOdds, TheLawIsAskedAfterTheModelForEachNumber) {
  OddsDesk desk;
  desk.import();
  desk.gate.denied_number = home_number;
  EXPECT_EQ(desk.dialed(1), mobile_number);
  EXPECT_EQ(desk.gate.asked, 2) << "the likelier number first, then the other one";
  desk.settle(1, Outcome::not_sent);
  desk.now = *desk.due();
  desk.gate.deny_until(desk.now + hours(2));
  const CaseEffects denied = desk.reserve(2);
  ASSERT_NE(test::denial_of(denied), nullptr);
  EXPECT_TRUE(test::denial_of(denied)->is_by_law);
}

TEST(NumberByOdds, ARetryRuleThatWantsAnotherNumberGoesFirst) {
  OddsDesk desk;
  desk.import();
  EXPECT_EQ(desk.dialed(1), home_number);
  desk.settle(1, Outcome::busy);
  desk.now = *desk.due();
  EXPECT_EQ(desk.dialed(2), mobile_number);
}

TEST(NumberByOdds, CapsAndBlocksAreNotTheModelsMatter) {
  Campaign campaign = test::odds_campaign();
  campaign.settings.max_attempts_per_number = 1;
  OddsDesk desk(campaign);
  desk.import();
  EXPECT_EQ(desk.dialed(1), home_number);
  desk.settle(1, Outcome::failed);
  desk.now = *desk.due();
  EXPECT_EQ(desk.dialed(2), mobile_number);
}

TEST(Forecast, IsStoredWithTheAttemptAndItsModel) {
  for (const bool has_model : {true, false}) {
    OddsDesk desk(test::odds_campaign(), has_model ? test::learned_odds(20'000) : nullptr);
    desk.import();
    const CaseEffects effects = desk.reserve(1);
    const auto* reserved = std::get_if<AttemptReserved>(&effects.events.front());
    ASSERT_NE(reserved, nullptr);
    EXPECT_EQ(reserved->answer_model_at.has_value(), has_model);
    EXPECT_EQ(desk.record().attempts.front().answer_score_permille, reserved->answer_score_permille);
    if (!has_model) EXPECT_EQ(reserved->answer_score_permille, 0);
    else EXPECT_NEAR(reserved->answer_score_permille, 300, 60);
    const bool is_named = desk.record().plan_reason.find("number by odds") != std::string::npos;
    EXPECT_EQ(is_named, has_model) << desk.record().plan_reason;
  }
}

TEST(RankByOdds, TheLikelierPersonGoesFirst) {
  Campaign campaign = test::odds_campaign();
  campaign.settings.odds_lead = 100;
  const auto rank_at = [&campaign](int hour) {
    OddsDesk desk(campaign);
    desk.now = moscow_hour(hour);
    RowImported row = test::row();
    row.draft.phones = {test::phone(1)};
    desk.import(row);
    return desk.record().due.front().rank;
  };
  EXPECT_NEAR(rank_at(15), -100 * 0.2 * test::true_right_party, 5);
  EXPECT_NEAR(rank_at(19), -100 * 0.5 * test::true_right_party, 6);
}

TEST(RankByOdds, ARowTheLawPostponesIsRankedForItsNewInstant) {
  Campaign campaign = test::odds_campaign();
  campaign.settings.odds_lead = 100;
  OddsDesk desk(campaign);
  desk.now = moscow_hour(15);
  RowImported row = test::row();
  row.draft.phones = {test::phone(1)};
  desk.import(row);
  EXPECT_NEAR(desk.record().due.front().rank, -100 * 0.2 * test::true_right_party, 5);
  desk.gate.deny_until(moscow_hour(19));
  desk.reserve(1);
  ASSERT_EQ(desk.record().due.front().due_at, moscow_hour(19));
  EXPECT_NEAR(desk.record().due.front().rank, -100 * 0.5 * test::true_right_party, 6);
}

TEST(RankByOdds, ARowThatStaysKeepsItsRank) {
  Campaign campaign = test::odds_campaign();
  campaign.settings.odds_lead = 100;
  OddsDesk desk(campaign);
  desk.import();
  const std::int32_t rank = desk.record().due.front().rank;
  const std::size_t facts = desk.history.size();
  desk.now = desk.now + hours(4);  // evening: other odds
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book));
  EXPECT_EQ(desk.history.size(), facts);
  desk.book = CampaignBook({campaign}, {}, &test::moscow_clock());  // a start without a model
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book, true));
  EXPECT_EQ(desk.record().due.front().rank, rank);
  campaign.settings.odds_lead = 0;
  desk.book = CampaignBook({campaign}, {}, &test::moscow_clock(), test::learned_odds(20'000));
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book, true));
  EXPECT_EQ(desk.record().due.front().rank, 0);
}

TEST(RankByOdds, NeverPassesACallback) {
  Campaign campaign = test::odds_campaign();
  campaign.settings.odds_lead = most_odds_lead;
  OddsDesk desk(campaign);
  desk.import();
  EXPECT_GE(desk.record().due.front().rank, -callback_rank_lead);
  desk.commit(desk.machine.on_callback_asked(desk.now, Callback{desk.now + hours(1), AgentId(), {}}, desk.book));
  EXPECT_LT(desk.record().due.front().rank, -callback_rank_lead);
}

Campaign hour_campaign() {
  Campaign campaign = test::odds_campaign();
  campaign.settings.hour_choice = HourChoice::best_odds;
  return campaign;
}

RowImported mobile_row() {
  RowImported row = test::row();
  row.draft.phones = {test::phone(1)};
  return row;
}

/// The hour in Moscow of the retry after a vain attempt at `hour`.
int retry_hour(OddsDesk& desk, int hour) {
  desk.now = moscow_hour(hour);
  desk.import(mobile_row());
  desk.dialed(1);
  desk.settle(1, Outcome::no_answer);
  const UtcTime due = *desk.due() + hours(3);
  return static_cast<int>(due.ms / hours(1).ms % 24);
}

TEST(HourByOdds, ARetryWaitsForAClearlyBetterHourOfItsDay) {
  OddsDesk desk(hour_campaign());
  EXPECT_GE(retry_hour(desk, 10), 18) << desk.record().plan_reason;
  EXPECT_NE(desk.record().plan_reason.find("no_answer: again, better at "), std::string::npos) << desk.record().plan_reason;
  OddsDesk plain(test::odds_campaign());
  EXPECT_EQ(retry_hour(plain, 10), 12);
}

TEST(HourByOdds, StaysWhenTheHourIsGoodAlready) {
  OddsDesk desk(hour_campaign());
  EXPECT_EQ(retry_hour(desk, 17), 19);
}

TEST(HourByOdds, NeverPassesTheRetryRulesLatest) {
  Campaign campaign = hour_campaign();
  for (RetryRule& rule : campaign.settings.retry) rule.max_delay = std::max(rule.first_delay, hours(5));
  OddsDesk desk(campaign);
  EXPECT_EQ(retry_hour(desk, 10), 12) << "the evening is more than five hours away";
}

TEST(HourByOdds, NeverLeavesTheHoursOfTheLaw) {
  test::FixedClock clock({hours(3)});
  clock.closed = [](UtcTime at) { return utc_wall(at + hours(3)).second_of_day >= 19 * 3600; };
  OddsDesk desk(hour_campaign(), test::learned_odds(20'000), clock);
  EXPECT_EQ(retry_hour(desk, 10), 18);
  clock.closed = [](UtcTime at) { return utc_wall(at + hours(3)).second_of_day >= 18 * 3600; };
  OddsDesk early(hour_campaign(), test::learned_odds(20'000), clock);
  EXPECT_EQ(retry_hour(early, 10), 12);
}

TEST(HourByOdds, StaysInThePartOfTheDayTheStrategyOrders) {
  StrategyOrders then;
  then.day_parts = {DayPart::day};
  Campaign campaign = hour_campaign();
  campaign.settings.strategy = "soft";
  OddsDesk desk(campaign);
  desk.book = CampaignBook({campaign}, {test::strategy_of({test::strategy_rule("by day", {}, then)})}, &test::moscow_clock(), test::learned_odds(20'000));
  EXPECT_LT(retry_hour(desk, 10), 17);
}

TEST(OddsSegments, GoFromTheUnlikelyToTheLikely) {
  struct Row {
    std::uint16_t score;
    int segment;
  };
  for (const Row& row : {Row{0, 0}, Row{1, 1}, Row{99, 1}, Row{100, 2}, Row{299, 3}, Row{300, 4}, Row{450, 5}, Row{600, 6}, Row{1000, 6}}) {
    EXPECT_EQ(odds_segment(row.score), row.segment) << row.score;
  }
  EXPECT_TRUE(next_odds_segments({0, 0}).empty()) << "without scores pacing is told nothing new";
  EXPECT_EQ(next_odds_segments({0, 3}), (std::vector<int>{0, 3}));
}

// --- The gain -------------------------------------------------------------------------------------------------------

/// Reached debtors of one month: people with two numbers, one attempt a day at an hour chance gives. Under both ways the
/// same person has the same luck at the same attempt.
int reached(CampaignSettings settings, NumberChoice choice, const AnswerOdds& odds, std::uint64_t seed) {
  constexpr int people = 200;
  constexpr int play_days = 28;
  settings.number_choice = choice;
  int count = 0;
  for (std::uint64_t person = 0; person < people; ++person) {
    CaseRecord record;
    record.zones = {"Europe/Moscow"};
    record.phones = {test::phone(1), test::phone(2, PhoneType::home)};
    Rng lots(seed * 1'000'003 + person);
    for (int day = 0; day < play_days; ++day) {
      const int hour = 9 + static_cast<int>(lots.below(12));
      const double luck = lots.uniform();
      const double who = lots.uniform();
      const UtcTime at = moscow_hour(hour) + days(day);
      const ContactPhone& phone = *numbers_to_try(record, settings, at, &odds).front();
      AttemptRow row;
      row.attempt = AttemptId(static_cast<std::uint64_t>(day) + 1);
      row.number = phone.number;
      row.type = phone.type;
      row.reserved_at = at;
      const bool is_live = luck < test::true_chance(phone.type, hour);
      const bool is_right = is_live && who < test::true_right_party;
      row.outcome = is_live ? Outcome::answered : Outcome::no_answer;
      if (is_live) row.disposition = is_right ? Outcome::rpc_refusal : Outcome::third_party_message_left;
      record.attempts.push_back(row);
      count += is_right ? 1 : 0;
    }
  }
  return count;
}

TEST(NumberByOdds, ReachesMorePeopleThanAFixedOrderOnTheSameLuck) {
  const auto odds = test::learned_odds(20'000, 99);
  const CampaignSettings usual = test::odds_campaign().settings;
  CampaignSettings patient = usual;
  for (RetryRule& rule : patient.retry) rule.prefers_next_number = false;
  struct Row {
    const char* retries;
    const CampaignSettings& settings;
    double least_gain;
  };
  for (const Row& row : {Row{"which often order the other number", usual, 0.05}, Row{"which leave the choice", patient, 0.15}}) {
    int by_order = 0;
    int by_odds = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const int fixed = reached(row.settings, NumberChoice::in_order, *odds, seed);
      const int best = reached(row.settings, NumberChoice::best_odds, *odds, seed);
      EXPECT_GT(best, fixed) << "seed " << seed;
      by_order += fixed;
      by_odds += best;
    }
    const double gain = static_cast<double>(by_odds - by_order) / by_order;
    EXPECT_GT(gain, row.least_gain) << row.retries;
    std::printf("debtors reached under retries %s: %d by order, %d by odds, %+.1f %%\n", row.retries, by_order, by_odds, 100 * gain);
  }
}

}  // namespace
}  // namespace dunlin
