#include "core/dialing/retry.hpp"

#include <gtest/gtest.h>

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::Desk;
using test::noon;

Campaign patient_campaign() {
  Campaign campaign = test::campaign();
  campaign.settings.max_attempts_per_case_day = 20;
  campaign.settings.max_attempts_per_number_day = 20;
  return campaign;
}

/// Plays outcomes one after the other, each attempt at the instant the plan names; gives the delays.
std::vector<Duration> delays_of(Desk& desk, const std::vector<Outcome>& outcomes) {
  std::vector<Duration> delays;
  std::uint64_t id = 1;
  for (const Outcome outcome : outcomes) {
    const CaseEffects reserved = desk.reserve(id);
    EXPECT_TRUE(std::holds_alternative<AttemptView>(reserved.answer)) << id;
    desk.settle(id, outcome);
    ++id;
    if (!desk.due()) break;
    delays.push_back(*desk.due() - desk.now);
    desk.now = *desk.due();
  }
  return delays;
}

TEST(Retry, BusyGoesToTheNextNumberAfterAMinute) {
  Desk desk(patient_campaign());
  desk.import();
  EXPECT_EQ(delays_of(desk, {Outcome::busy}), (std::vector<Duration>{minutes(1)}));
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(9).answer).number, test::number(2));
}

TEST(Retry, DelaysOnTheOnlyNumberGrowToTheirBound) {
  Desk desk(patient_campaign());
  RowImported row = test::row();
  row.draft.phones.pop_back();
  desk.import(row);
  EXPECT_EQ(delays_of(desk, {Outcome::busy, Outcome::busy, Outcome::busy, Outcome::busy, Outcome::busy, Outcome::busy}),
            (std::vector<Duration>{minutes(15), minutes(30), minutes(60), minutes(120), minutes(240), minutes(240)}));
}

TEST(Retry, ADifferentOutcomeStartsTheGrowthAnew) {
  Desk desk(patient_campaign());
  RowImported row = test::row();
  row.draft.phones.pop_back();
  desk.import(row);
  EXPECT_EQ(delays_of(desk, {Outcome::busy, Outcome::busy, Outcome::failed, Outcome::busy}),
            (std::vector<Duration>{minutes(15), minutes(30), minutes(5), minutes(15)}));
}

// RU-CNT-05: attempts that rang out are at least two hours apart, whatever the number.
TEST(Retry, RungOutAttemptsKeepTwoHoursApart) {
  Desk desk(patient_campaign());
  desk.import();
  for (const Duration delay : delays_of(desk, {Outcome::no_answer, Outcome::no_answer, Outcome::no_answer})) {
    EXPECT_GE(delay, hours(2));
  }
}

TEST(Retry, ADailyCapMovesTheCaseToTheEndOfItsDay) {
  Desk desk;
  desk.import();
  const auto delays = delays_of(desk, {Outcome::no_answer, Outcome::no_answer});
  ASSERT_EQ(delays.size(), 2U);
  EXPECT_EQ(delays[0], hours(2));
  EXPECT_EQ(delays[1], hours(22));
}

TEST(Retry, NotSentUsesUpNoCap) {
  Desk desk;
  desk.import();
  const auto delays = delays_of(desk, {Outcome::not_sent, Outcome::not_sent, Outcome::not_sent});
  EXPECT_EQ(delays, (std::vector<Duration>{minutes(1), minutes(2), minutes(4)}));
}

TEST(Retry, TheTotalCapEndsTheCampaignsWorkOnTheCase) {
  Campaign campaign = patient_campaign();
  campaign.settings.max_attempts_per_case = 2;
  Desk desk(campaign);
  desk.import();
  delays_of(desk, {Outcome::busy, Outcome::busy});
  EXPECT_FALSE(desk.due().has_value());
}

TEST(Retry, AnInvalidNumberIsBlockedAndTheNextOneGoesFirst) {
  Desk desk(patient_campaign());
  desk.import();
  delays_of(desk, {Outcome::invalid_number});
  EXPECT_TRUE(desk.record().find_phone(test::number(1))->is_blocked);
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(9).answer).number, test::number(2));
}

TEST(Retry, WithoutAnyNumberLeftTheCaseIsNotInTheQueue) {
  Desk desk(patient_campaign());
  desk.import();
  delays_of(desk, {Outcome::invalid_number, Outcome::invalid_number});
  EXPECT_FALSE(desk.due().has_value());
}

TEST(Retry, EveryOutcomeLeadsToAnInstantOrAnEnd) {
  for (int i = 0; i < outcome_count; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    Desk desk(patient_campaign());
    desk.import();
    desk.reserve(1);
    desk.settle(1, Outcome::no_answer);
    const NextAction action = next_action(desk.record(), desk.book.all().front().settings, outcome, noon);
    EXPECT_FALSE(action.reason.empty());
    if (traits(outcome).stops_contact) EXPECT_EQ(action.kind, NextKind::finished) << to_string(outcome);
    else EXPECT_GE(action.at, noon + minutes(1)) << to_string(outcome);
  }
}

TEST(Retry, AStopRuleFinishesTheCampaignForTheCase) {
  Campaign campaign = patient_campaign();
  for (RetryRule& rule : campaign.settings.retry) {
    if (rule.outcome == Outcome::machine) rule.kind = RetryKind::stop_case;
  }
  Desk desk(campaign);
  desk.import();
  desk.reserve(1);
  desk.settle(1, Outcome::machine);
  EXPECT_FALSE(desk.due().has_value());
  desk.commit(desk.machine.on_campaigns_changed(desk.now, desk.book));
  EXPECT_FALSE(desk.due().has_value());
}

TEST(NumberChoice, ThirdPartiesNeedBothConsents) {
  Campaign campaign = patient_campaign();
  campaign.settings.number_order = {{PartyRole::relative, PhoneType::mobile}, {PartyRole::work, PhoneType::work}};
  Desk desk(campaign);
  RowImported row = test::row();
  row.draft.phones = {test::phone(5, PhoneType::mobile, PartyRole::relative)};
  desk.import(row);
  EXPECT_FALSE(desk.due().has_value());
  ConsentChanged consent{test::number(5), noon, std::nullopt, "doc-1"};
  desk.commit(desk.machine.on_consent_changed(desk.now, consent, desk.book));
  EXPECT_FALSE(desk.due().has_value());
  consent.owner_consent_at = noon;
  desk.commit(desk.machine.on_consent_changed(desk.now, consent, desk.book));
  EXPECT_EQ(desk.due(), noon);
}

TEST(NumberChoice, FollowsTheCampaignsOrder) {
  Campaign campaign = patient_campaign();
  campaign.settings.number_order = {{PartyRole::debtor, PhoneType::home}, {PartyRole::debtor, PhoneType::mobile}};
  Desk desk(campaign);
  desk.import();
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(1).answer).number, test::number(2));
}

TEST(NumberChoice, TheCallbacksNumberGoesFirst) {
  Desk desk(patient_campaign());
  desk.import();
  const Callback callback{noon + hours(1), AgentId(), test::number(2)};
  desk.commit(desk.machine.on_callback_asked(desk.now, callback, desk.book));
  desk.now = noon + hours(1);
  EXPECT_EQ(std::get<AttemptView>(desk.reserve(1).answer).number, test::number(2));
}

TEST(NumberChoice, PerNumberAndPerCaseCapsBothHold) {
  Campaign campaign = patient_campaign();
  campaign.settings.max_attempts_per_number_day = 1;
  campaign.settings.max_attempts_per_case_day = 3;
  Desk desk(campaign);
  desk.import();
  const auto delays = delays_of(desk, {Outcome::busy, Outcome::busy});
  EXPECT_EQ(delays, (std::vector<Duration>{minutes(1), hours(24) - minutes(1)}));
}

}  // namespace
}  // namespace dunlin
