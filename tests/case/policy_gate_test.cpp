#include "core/case/policy_gate.hpp"

#include <gtest/gtest.h>

#include "core/compliance/rule_set.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::Desk;
using test::noon;

/// One pack in one zone: 8-20 h, one talk a day, unsettled calls block, holds and relatives without consents are barred.
std::shared_ptr<const ContactPolicy> small_law() {
  auto rules = std::make_shared<RuleSet>();
  auto zones = std::make_shared<ZoneBook>();
  zones->tzdata_version = "2026a";
  zones->known_until = noon + days(3650);
  zones->zones["Europe/Moscow"] = ZoneTable{"Europe/Moscow", 3 * 3600, {}};
  rules->zones = zones;
  rules->zone_packs["Europe/Moscow"] = "RU";
  rules->version = "test";
  LawPack pack;
  pack.id = "RU";
  const auto add = [&pack](std::string id, RuleBody body) {
    Rule rule;
    rule.id = std::move(id);
    rule.valid_from = CivilDate{2020, 1, 1};
    rule.first_day = days_from_civil(rule.valid_from);
    rule.last_day = INT64_MAX;
    rule.channels.add(Channel::call);
    for (std::size_t i = 0; i < counterparty_count; ++i) rule.counterparties.add(static_cast<Counterparty>(i));
    rule.body = std::move(body);
    pack.rules.push_back(std::move(rule));
  };
  CallingWindow window;
  for (std::size_t i = 0; i < day_type_count; ++i) window.day_types.add(static_cast<DayType>(i));
  window.open_s = 8 * 3600;
  window.close_s = 20 * 3600;
  add("RU-HRS", window);
  FrequencyRule once;
  FactGroup group;
  group.channels.add(Channel::call);
  for (const ContactResult result : {ContactResult::in_flight, ContactResult::talked, ContactResult::abandoned,
                                     ContactResult::answered_hangup, ContactResult::unknown}) {
    group.results.add(result);
  }
  once.pool = Pool{"talk", {group}};
  once.limit = 1;
  add("RU-FRQ-C1", once);
  InFlightRule in_flight;
  in_flight.pool.add(Channel::call);
  add("RU-CNT-06", in_flight);
  FlagRule hold;
  hold.any.add(Fact::hold).add(Fact::bankrupt);
  add("RU-PRS", hold);
  rules->packs["RU"] = pack;
  return std::make_shared<ContactPolicy>(rules);
}

Decision judge(const Desk& desk, UtcTime at, AttemptId own = AttemptId()) {
  const PolicyGate gate(small_law());
  const CaseRecord& record = desk.record();
  return gate.judge(GateQuestion{record, record.phones.front(), Channel::call, at, own, false, false, std::nullopt});
}

TEST(PolicyGate, AllowsAFreshCaseInItsWindow) {
  Desk desk;
  desk.import();
  EXPECT_TRUE(judge(desk, noon).is_allowed());
  const Decision night = judge(desk, noon + hours(8));
  EXPECT_EQ(night.verdict, Verdict::deny_until);
  EXPECT_EQ(night.until, *parse_utc("2026-11-25T05:00:00Z"));
}

TEST(PolicyGate, AnOpenReservationBlocksAndItsOwnSecondLegDoesNot) {
  Desk desk;
  desk.import();
  desk.reserve(1);
  EXPECT_FALSE(judge(desk, noon + seconds(1)).is_allowed());
  EXPECT_TRUE(judge(desk, noon + seconds(1), AttemptId(1)).is_allowed());
}

TEST(PolicyGate, CountsByTheOutcomeOfTheAttempt) {
  struct Row {
    Outcome outcome;
    bool is_counted;
  };
  const std::vector<Row> rows{{Outcome::busy, false},     {Outcome::machine, false}, {Outcome::not_sent, false},
                              {Outcome::abandoned, true}, {Outcome::answered, true}, {Outcome::unknown_after_failure, true}};
  for (const Row& row : rows) {
    Desk desk;
    desk.import();
    desk.reserve(1);
    AttemptSettled fact = desk.settlement(1, row.outcome);
    if (row.outcome == Outcome::machine) fact.answer = AnsweredBy::machine;
    desk.commit(desk.machine.on_settled(desk.now, fact, desk.book));
    EXPECT_EQ(judge(desk, noon + hours(3)).is_allowed(), !row.is_counted) << to_string(row.outcome);
  }
}

TEST(PolicyGate, AnUnclassifiedAnswerIsATalkForTheLaw) {
  AttemptRow row;
  row.outcome = Outcome::failed;
  row.status = ContactStatus::contact;
  EXPECT_EQ(law_result(row), ContactResult::answered_hangup);
  row.outcome = Outcome::answered;
  row.disposition = Outcome::agent_machine;
  EXPECT_EQ(law_result(row), ContactResult::answered_hangup);
}

TEST(PolicyGate, AnUnknownFlagIsAHold) {
  for (const std::string name : {"bankrupt", "bankruptcy", "some_new_word"}) {
    Desk desk;
    desk.import();
    const RestrictionSet command{RestrictionFlag{name, noon - hours(1), "doc"}, "import"};
    desk.commit(desk.machine.on_restriction_set(desk.now, command, desk.book));
    EXPECT_FALSE(judge(desk, noon).is_allowed()) << name;
  }
}

TEST(PolicyGate, AFlagOfTheFutureDoesNotForbidToday) {
  Desk desk;
  desk.import();
  const RestrictionSet command{RestrictionFlag{"hold", noon + days(3), "doc"}, "import"};
  desk.commit(desk.machine.on_restriction_set(desk.now, command, desk.book));
  EXPECT_TRUE(judge(desk, noon).is_allowed());
}

TEST(PolicyGate, TheQuestionNamesNumberPartyAndWhoDials) {
  Desk desk;
  RowImported row = test::row();
  row.draft.phones = {test::phone(4, PhoneType::mobile, PartyRole::guarantor)};
  desk.import(row);
  const CaseRecord& record = desk.record();
  const GateQuestion question{record, record.phones.front(), Channel::call, noon, AttemptId(), true, false, 25};
  const ContactQuery query = contact_query(question, PolicyGateOptions{});
  EXPECT_EQ(query.counterparty, Counterparty::guarantor);
  EXPECT_EQ(query.number, contact_key(test::number(4).e164()));
  EXPECT_EQ(query.party, query.number);
  EXPECT_TRUE(query.facts.has(Fact::autodial));
  EXPECT_EQ(query.ring_timeout_s, 25);
  EXPECT_TRUE(query.clock_shifted);
}

}  // namespace
}  // namespace dunlin
