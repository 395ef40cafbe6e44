#include "core/case/policy_gate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/rule_loader.hpp"
#include "core/case/gate_inputs.hpp"
#include "core/case/told_times.hpp"
#include "tests/case/small_law.hpp"

namespace dunlin {
namespace {

using test::Desk;
using test::noon;
using test::small_law;

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

TEST(PolicyGate, TheCampaignsModeAndSharesReachTheLaw) {
  Desk desk;
  desk.import();
  const CaseRecord& record = desk.record();
  GateQuestion question{record, record.phones.front(), Channel::call, noon, AttemptId(), false, false, 25};
  question.is_predictive = true;
  question.rates[static_cast<std::size_t>(FactRate::abandoned_24h)] = 3001;
  const ContactQuery query = contact_query(question, PolicyGateOptions{});
  EXPECT_TRUE(query.facts.has(Fact::predictive));
  EXPECT_FALSE(query.facts.has(Fact::agent_guaranteed));
  EXPECT_EQ(query.rates[0], 3001);
  question.is_manual = true;
  EXPECT_TRUE(contact_query(question, PolicyGateOptions{}).facts.has(Fact::agent_guaranteed));
  EXPECT_FALSE(contact_query(question, PolicyGateOptions{}).facts.has(Fact::autodial));
}

TEST(PolicyGate, OnePersonOnTwoNumbersIsOneThirdParty) {
  Desk desk;
  RowImported row = test::row();
  for (const int last : {4, 5, 6}) {
    row.draft.phones.push_back(test::phone(last, PhoneType::mobile, PartyRole::relative));
    row.draft.phones.back().owner_name = last == 6 ? "Synthetic Brother" : "Synthetic Sister";
  }
  desk.import(row);
  const CaseRecord& record = desk.record();
  const auto party_of = [&](int last) {
    return contact_query({record, *record.find_phone(test::number(last)), Channel::call, noon, AttemptId()}, PolicyGateOptions{}).party;
  };
  EXPECT_EQ(party_of(4), party_of(5));
  EXPECT_NE(party_of(4), party_of(6));
  EXPECT_NE(party_of(4), 0U);
  EXPECT_EQ(party_of(1), 0U);
}

TEST(PolicyGate, ToldTimesAndMediaHoldAtTheirStrictest) {
  Desk desk;
  desk.import();
  for (const std::string name : {"not_before=09:30", "not_before=10:00", "inconvenient_after=18:00", "inconvenient_dow=Sat|Sun", "optout=sms"}) {
    desk.commit(desk.machine.on_restriction_set(desk.now, {RestrictionFlag{name, noon - hours(1), "doc"}, "test"}, desk.book));
  }
  const CaseRecord& record = desk.record();
  const PersonFacts person = contact_query({record, record.phones.front(), Channel::call, noon, AttemptId()}, PolicyGateOptions{}).person;
  EXPECT_EQ(person.stated_times.not_before_s, 10 * 3600);
  EXPECT_EQ(person.stated_times.not_after_s, 18 * 3600);
  EXPECT_EQ(person.stated_times.closed_weekdays, 0b1100000);
  EXPECT_TRUE(person.opted_out.has(Channel::sms));
  EXPECT_FALSE(person.facts.has(Fact::hold));
}

TEST(PolicyGate, TheNumberPlanIsAskedOnlyWithoutAnAddress) {
  PolicyGateOptions options;
  options.number_regions = [](const PhoneNumber&) { return std::vector<std::string>{"RU-SVE"}; };
  for (const bool has_address : {true, false}) {
    Desk desk;
    RowImported row = test::row();
    if (!has_address) row.draft.zones.clear();
    desk.import(row);
    const CaseRecord& record = desk.record();
    const ContactQuery query = contact_query({record, record.phones.front(), Channel::call, noon, AttemptId()}, options);
    EXPECT_EQ(query.person.regions.size(), has_address ? 0U : 1U);
  }
}

/// The shipped packs.
std::shared_ptr<const ContactPolicy> shipped_law() {
  const auto rules = load_rule_set({});
  EXPECT_TRUE(rules.ok());
  return std::make_shared<const ContactPolicy>(*rules);
}

TEST(PolicyGate, ANumberWithoutAContractMayNotBeShown) {
  struct Row {
    const char* jurisdiction;
    ShownNumber shown;
    const char* at;
    const char* rule;   ///< Empty: allowed.
    const char* paragraph;
  };
  const auto policy = shipped_law();
  for (const Row& row : {Row{"RU", ShownNumber::contracted, "2026-11-24T09:00:00Z", "", "137-FZ"},
                         Row{"RU", ShownNumber::not_chosen, "2026-11-24T09:00:00Z", "", "a plan is made before the trunk is chosen"},
                         Row{"RU", ShownNumber::not_contracted, "2026-11-24T09:00:00Z", "RU-CLI-01", "137-FZ, in force"},
                         Row{"RU", ShownNumber::not_contracted, "2025-09-01T09:00:00Z", "RU-CLI-01", "137-FZ, its first day"},
                         Row{"RU", ShownNumber::not_contracted, "2025-08-29T09:00:00Z", "", "137-FZ, a working day before it"},
                         Row{"RU", ShownNumber::hidden, "2026-11-24T09:00:00Z", "RU-CLI-02", "230-FZ art. 7 part 9"},
                         Row{"KZ", ShownNumber::not_contracted, "2026-11-24T09:00:00Z", "KZ-CLI-01", "Law 62-VI art. 5 item 1"}}) {
    Desk desk;
    desk.import();
    PolicyGateOptions options;
    options.organisation = Organisation::agency;
    options.jurisdictions = {row.jurisdiction};
    const CaseRecord& record = desk.record();
    GateQuestion question{record, record.phones.front(), Channel::call, *parse_utc(row.at), AttemptId()};
    question.shown = row.shown;
    const Decision decision = PolicyGate(policy, options).judge(question);
    EXPECT_EQ(decision.is_allowed(), std::string(row.rule).empty()) << row.paragraph;
    const bool is_named = std::any_of(decision.findings.begin(), decision.findings.end(), [&](const RuleFinding& f) { return f.rule_id == row.rule; });
    EXPECT_EQ(is_named, !std::string(row.rule).empty()) << row.paragraph;
  }
}

TEST(PolicyGate, TheRegionOfANumberIsThatOfItsRangeElseOfItsAreaCode) {
  PolicyGateOptions options;
  options.jurisdictions = {"RU"};
  const auto policy = shipped_law();
  const auto regions = [&](const char* number) { return PolicyGate(policy, options).regions_of(*PhoneNumber::from_e164(number)); };
  using Regions = std::vector<std::string>;
  EXPECT_EQ(regions("+73432223344"), Regions{"RU-SVE"}) << "an area code of the pack";
  EXPECT_EQ(regions("+79121112233"), Regions()) << "a mobile number without ranges";
  EXPECT_EQ(regions("+998712223344"), Regions()) << "a country without a pack";
  options.number_regions = [](const PhoneNumber& number) { return number.e164().starts_with("+7912") ? Regions{"RU-SVE", "RU-KGN"} : Regions(); };
  EXPECT_EQ(regions("+79121112233"), (Regions{"RU-SVE", "RU-KGN"})) << "a mobile number by the regulator's range";
  EXPECT_EQ(regions("+73432223344"), Regions{"RU-SVE"}) << "what the ranges do not have";
}

TEST(ToldTimes, WhatCannotBeReadIsNoTimeAndSoAHold) {
  for (const std::string name : {"not_before=", "not_before=9:30", "not_after=24:00", "not_after=12:60", "inconvenient_dow=", "inconvenient_dow=Sat|",
                                 "inconvenient_dow=sunday", "optout=pigeon", "other=1", "not_before"}) {
    EXPECT_FALSE(parse_told(name).has_value()) << name;
  }
  const auto phone = parse_told("optout=phone|email");
  ASSERT_TRUE(phone.has_value());
  EXPECT_TRUE(phone->opted_out.has(Channel::robot_call));
  EXPECT_TRUE(phone->opted_out.has(Channel::email));
}

TEST(GateInputs, AreWrittenAndReadBack) {
  GateInputs inputs;
  EXPECT_EQ(*read_gate_inputs(write_gate_inputs(inputs)), inputs);
  inputs.channel = Channel::robot_call;
  inputs.organisation = Organisation::bank;
  inputs.jurisdictions = {"RU", "KZ"};
  inputs.number_regions = {"RU-SVE"};
  inputs.facts.add(Fact::autodial).add(Fact::predictive);
  inputs.ring_timeout_s = 25;
  inputs.rates[1] = 1200;
  EXPECT_EQ(write_gate_inputs(inputs),
            "channel=robot_call organisation=bank packs=RU,KZ number=RU-SVE facts=autodial,predictive ring_s=25 abandon_rate_30d=1200");
  EXPECT_EQ(*read_gate_inputs(write_gate_inputs(inputs)), inputs);
}

TEST(GateInputs, AnythingElseIsCorrupt) {
  for (const std::string text : {"", "channel=call", "channel=pigeon organisation=bank", "channel=call organisation=bank ring_s=x",
                                 "channel=call organisation=bank ring_s=-1", "channel=call organisation=bank facts=autodial,autodial",
                                 "channel=call  organisation=bank", "organisation=bank channel=call", "channel=call organisation=bank new=1"}) {
    EXPECT_FALSE(read_gate_inputs(text).ok()) << text;
  }
}

}  // namespace
}  // namespace dunlin
