// The gate: what each kind of rule means, beyond the table of cases. Paragraphs: docs/law.md.
#include "core/compliance/contact_policy.hpp"

#include <gtest/gtest.h>

#include "core/compliance/judgement.hpp"
#include "tests/compliance/policy_support.hpp"

namespace dunlin {
namespace {

TEST(ContactPolicy, AllowCarriesItsProof) {
  const Decision decision = law_only().decide(moscow_call("12:00:00"), {});
  ASSERT_TRUE(decision.is_allowed());
  EXPECT_EQ(decision.rule_set_version, test_rules()->version);
  EXPECT_FALSE(decision.tzdata_version.empty());
  EXPECT_EQ(decision.zones, std::vector<std::string>{"Europe/Moscow"});
  EXPECT_NE(rules_of(decision).find("RU-FRQ-C1"), std::string::npos);
  EXPECT_LE(decision.findings.size(), 8u);
}

TEST(ContactPolicy, DenialSaysTheNumbersItJudgedBy) {
  const auto history = history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::call, ContactResult::talked)});
  const Decision decision = law_only().decide(moscow_call("12:00:00"), history);
  ASSERT_EQ(decision.findings.size(), 1u);
  EXPECT_EQ(decision.findings[0].reason, "used=1 limit=1 period=day pool=talk zone=Europe/Moscow");
  EXPECT_EQ(decision.history_length, 1u);
}

TEST(ContactPolicy, UntilIsTheFirstInstantAtWhichAllRulesAllow) {
  // The week is used up on Thursday; Monday 9 March is a day off and opens at nine.
  const auto history = history_of({fact_at("2026-03-03T10:00:00+03:00", Channel::call, ContactResult::talked),
                                   fact_at("2026-03-05T10:00:00+03:00", Channel::call, ContactResult::talked)});
  const Decision decision = law_only().decide(query_at("2026-03-05T23:00:00+03:00", "RU", {"Europe/Moscow"}), history);
  EXPECT_EQ(rules_of(decision), "RU-HRS-WD RU-FRQ-C1 RU-FRQ-C2");
  EXPECT_EQ(until_of(decision), "2026-03-09T06:00:00.000Z");
}

TEST(ContactPolicy, HoursOfFarZonesMayMeetInWinterOnly) {
  // Denver's afternoon ends at 17:00 by the person's word, 23:00 UTC in summer, when Yakutsk's morning begins.
  ContactQuery query = query_at("2026-06-28T17:00:00Z", "US", {"America/Denver", "Asia/Yakutsk", "Asia/Srednekolymsk"});
  query.person.stated_times.not_after_s = 17 * 3600;
  EXPECT_EQ(until_of(law_only().decide(query, {})), "2026-11-01T23:00:00.000Z");
}

TEST(ContactPolicy, SeveralPacksMustAllAllow) {
  ContactQuery query = moscow_call("21:30:00");
  query.person.jurisdictions = {"RU", "KZ"};
  const Decision decision = law_only().decide(query, {});
  EXPECT_EQ(rules_of(decision), "KZ-HRS-01");
  EXPECT_EQ(until_of(decision), "2026-03-05T05:00:00.000Z");
}

TEST(ContactPolicy, UnansweredAttemptsAreCappedByTheOperatorsPolicy) {
  const ContactPolicy policy(test_rules());
  const auto no_answer = [](const char* at) { return fact_at(at, Channel::call, ContactResult::no_answer); };
  const auto judge = [&](const char* wall, const std::vector<ContactFact>& facts) {
    return policy.decide(moscow_call(wall), history_of(facts));
  };
  EXPECT_FALSE(judge("10:59:59", {no_answer("2026-03-04T09:00:00+03:00")}).is_allowed());
  EXPECT_EQ(until_of(judge("10:00:00", {no_answer("2026-03-04T09:00:00+03:00")})), "2026-03-04T08:00:00.000Z");
  EXPECT_TRUE(judge("11:00:00", {no_answer("2026-03-04T09:00:00+03:00")}).is_allowed());
  const auto third = judge("14:00:00", {no_answer("2026-03-04T09:00:00+03:00"), no_answer("2026-03-04T11:30:00+03:00")});
  EXPECT_EQ(rules_of(third), "RU-CNT-05");
  EXPECT_EQ(until_of(third), "2026-03-05T05:00:00.000Z");
}

TEST(ContactPolicy, NextNumberMayBeDialedAMinuteAfterBusy) {
  const ContactPolicy policy(test_rules());
  const auto busy = history_of({fact_at("2026-03-04T12:00:00+03:00", Channel::call, ContactResult::busy)});
  EXPECT_FALSE(policy.decide(moscow_call("12:00:59"), busy).is_allowed());
  EXPECT_TRUE(policy.decide(moscow_call("12:01:00"), busy).is_allowed());
  const auto two = history_of({fact_at("2026-03-04T12:00:00+03:00", Channel::call, ContactResult::busy),
                               fact_at("2026-03-04T12:01:00+03:00", Channel::call, ContactResult::not_in_service)});
  EXPECT_EQ(rules_of(policy.decide(moscow_call("18:00:00"), two)), "RU-CNT-05");
}

TEST(ContactPolicy, TailOfTheDayIsReservedByTheOperatorsPolicy) {
  const ContactPolicy policy(test_rules());
  EXPECT_TRUE(policy.decide(moscow_call("21:55:00"), {}).is_allowed());
  EXPECT_EQ(rules_of(policy.decide(moscow_call("21:55:01"), {})), "RU-HRS-TAIL");
}

TEST(ContactPolicy, MessageMustArriveInsideTheSameHours) {
  ContactQuery query = moscow_call("21:57:00");
  query.channel = Channel::sms;
  query.expected_delivery = utc("2026-03-04T22:00:00+03:00");
  const Decision decision = law_only().decide(query, {});
  EXPECT_EQ(rules_of(decision), "RU-HRS-DLV");
  EXPECT_EQ(until_of(decision), "2026-03-05T05:00:00.000Z");
  query.expected_delivery = utc("2026-03-05T09:00:00+03:00");
  EXPECT_FALSE(law_only().decide(query, {}).is_allowed());
  query.expected_delivery = utc("2026-03-04T21:59:59+03:00");
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
}

TEST(ContactPolicy, ReplyIsFreeOnlyAfterTheDebtorsOwnMessage) {
  const auto sent = [](const char* at) { return fact_at(at, Channel::messenger, ContactResult::delivered); };
  ContactQuery query = moscow_call("20:00:00");
  query.channel = Channel::messenger;
  query.facts.add(Fact::reply_to_inbound);
  const auto two = history_of({sent("2026-03-04T09:00:00+03:00"), sent("2026-03-04T10:00:00+03:00")});
  EXPECT_EQ(rules_of(law_only().decide(query, two)), "RU-FRQ-M1");
  auto asked = two;
  asked.append(fact_at("2026-03-04T19:58:00+03:00", Channel::messenger, ContactResult::inbound));
  EXPECT_TRUE(law_only().decide(query, asked).is_allowed());
  query.at = utc("2026-03-04T22:00:00+03:00");
  EXPECT_EQ(rules_of(law_only().decide(query, asked)), "RU-HRS-WD");
}

TEST(ContactPolicy, RevokedAgreementCountsForNothing) {
  ContactQuery query = moscow_call("12:00:00");
  query.person.agreed_calls = AgreedFrequency{3, 6, 20};
  const auto talked = history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::call, ContactResult::talked)});
  EXPECT_TRUE(law_only().decide(query, talked).is_allowed());
  query.person.facts.add(Fact::revoked);
  EXPECT_EQ(rules_of(law_only().decide(query, talked)), "RU-FRQ-C1");
}

TEST(ContactPolicy, RuleJudgesByItsOwnDate) {
  const auto judge = [](const char* at) {
    ContactQuery query = query_at(at, "RU", {"Europe/Moscow"});
    query.facts.add(Fact::cli_not_contracted);
    return rules_of(law_only().decide(query, {}));
  };
  EXPECT_EQ(judge("2025-09-01T12:00:00+03:00"), "RU-CLI-01");
  EXPECT_EQ(judge("2025-08-29T12:00:00+03:00").find("RU-CLI-01"), std::string::npos);
}

TEST(ContactPolicy, DatesBeforeTheLawHaveNoHoursAndDeny) {
  EXPECT_EQ(rules_of(law_only().decide(query_at("2016-12-31T12:00:00+03:00", "RU", {"Europe/Moscow"}), {})), "GEN-03");
}

TEST(ContactPolicy, InstantsBeyondTheZoneTablesDeny) {
  EXPECT_EQ(rules_of(law_only().decide(query_at("2038-03-04T12:00:00+03:00", "RU", {"Europe/Moscow"}), {})), "GEN-03");
}

TEST(ContactPolicy, PostStaysOpenAfterARefusal) {
  ContactQuery query = moscow_call("23:00:00");
  query.channel = Channel::post;
  query.person.facts.add(Fact::refused);
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
}

TEST(ContactPolicy, RepresentativeMayBeCalledWhenTheDebtorIsRepresented) {
  ContactQuery query = moscow_call("12:00:00");
  query.person.facts.add(Fact::represented);
  EXPECT_EQ(rules_of(law_only().decide(query, {})), "RU-REP-01");
  query.counterparty = Counterparty::representative;
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
}

TEST(ContactPolicy, EarlyRefusalIsVoidAndSuspensionEndsAfterTwoMonths) {
  ContactQuery query = query_at("2026-04-01T12:00:00+03:00", "RU", {"Europe/Moscow"});
  query.person.set_date(FactDate::arrears_from, {2025, 10, 31}).set_date(FactDate::refused_at, {2026, 2, 27});
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
  query.person.set_date(FactDate::refused_at, {2026, 2, 28});
  EXPECT_EQ(rules_of(law_only().decide(query, {})), "RU-REF-01");
  query.person.set_date(FactDate::judgment_in_force, {2026, 2, 2});
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
  query.person.set_date(FactDate::judgment_in_force, {2026, 2, 1});
  EXPECT_EQ(rules_of(law_only().decide(query, {})), "RU-REF-01");
}

TEST(ContactPolicy, MonthArithmeticKeepsTheDayOrTakesTheLast) {
  EXPECT_EQ(add_months({2025, 10, 31}, 4), (CivilDate{2026, 2, 28}));
  EXPECT_EQ(add_months({2023, 10, 31}, 4), (CivilDate{2024, 2, 29}));
  EXPECT_EQ(add_months({2024, 2, 29}, 12), (CivilDate{2025, 2, 28}));
  EXPECT_EQ(add_months({2024, 2, 29}, 4), (CivilDate{2024, 6, 29}));
  EXPECT_EQ(add_months({2025, 12, 31}, 2), (CivilDate{2026, 2, 28}));
  EXPECT_EQ(add_months({2025, 8, 15}, 4), (CivilDate{2025, 12, 15}));
}

TEST(ContactPolicy, LeapDayIsADayOfItsMonth) {
  const auto talked = history_of({fact_at("2024-02-29T10:00:00+03:00", Channel::call, ContactResult::talked)});
  EXPECT_FALSE(law_only().decide(query_at("2024-02-29T21:00:00+03:00", "RU", {"Europe/Moscow"}), talked).is_allowed());
  EXPECT_TRUE(law_only().decide(query_at("2024-03-01T08:00:00+03:00", "RU", {"Europe/Moscow"}), talked).is_allowed());
}

TEST(ContactPolicy, YearChangeDoesNotResetTheWeek) {
  const auto talks = history_of({fact_at("2025-12-29T10:00:00+03:00", Channel::call, ContactResult::talked),
                                 fact_at("2025-12-30T10:00:00+03:00", Channel::call, ContactResult::talked)});
  const Decision decision = law_only().decide(query_at("2026-01-02T12:00:00+03:00", "RU", {"Europe/Moscow"}), talks);
  EXPECT_EQ(rules_of(decision), "RU-FRQ-C2");
  EXPECT_EQ(until_of(decision), "2026-01-05T06:00:00.000Z");
}

TEST(ContactPolicy, FactsInTheFutureDenyUntilTheyArePast) {
  const auto later = history_of({fact_at("2026-03-04T13:00:00+03:00", Channel::call, ContactResult::no_answer)});
  const Decision decision = law_only().decide(moscow_call("12:00:00"), later);
  EXPECT_EQ(rules_of(decision), "GEN-03");
  EXPECT_EQ(until_of(decision), "2026-03-04T10:00:00.000Z");
}

TEST(ContactPolicy, ContradictingFactsDeny) {
  ContactQuery both = query_at("2026-03-04T12:00:00-05:00", "US", {"America/New_York"});
  both.person.facts.add(Fact::mobile).add(Fact::landline);
  EXPECT_EQ(rules_of(law_only().decide(both, {})), "GEN-03");
  ContactQuery early = moscow_call("12:00:00");
  early.channel = Channel::sms;
  early.expected_delivery = early.at - seconds(1);
  EXPECT_EQ(rules_of(law_only().decide(early, {})), "GEN-03");
  ContactQuery no_hour = moscow_call("12:00:00");
  no_hour.person.stated_times.not_before_s = 15 * 3600;
  no_hour.person.stated_times.not_after_s = 15 * 3600;
  EXPECT_EQ(rules_of(law_only().decide(no_hour, {})), "GEN-03");
  ContactQuery bad_date = moscow_call("12:00:00");
  bad_date.person.set_date(FactDate::arrears_from, {2025, 2, 29});
  EXPECT_EQ(rules_of(law_only().decide(bad_date, {})), "GEN-03");
}

TEST(ContactPolicy, UnknownResultCountsAsATalkAndNotSentAsNothing) {
  const auto judge = [](ContactResult result) {
    return rules_of(law_only().decide(moscow_call("12:00:00"),
                                      history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::call, result)})));
  };
  EXPECT_EQ(judge(ContactResult::unknown), "RU-FRQ-C1");
  EXPECT_EQ(judge(ContactResult::abandoned), "RU-FRQ-C1");
  EXPECT_TRUE(law_only()
                  .decide(moscow_call("12:00:00"),
                          history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::call, ContactResult::not_sent)}))
                  .is_allowed());
}

TEST(ContactPolicy, LocationInquiryIsMadeOncePerPerson) {
  ContactQuery query = query_at("2026-03-04T12:00:00-05:00", "US", {"America/New_York"});
  query.counterparty = Counterparty::relative;
  query.facts.add(Fact::location_info);
  query.party = contact_key("rel1");
  ContactFact earlier = fact_at("2024-01-04T12:00:00-05:00", Channel::call, ContactResult::talked);
  earlier.party = contact_key("rel1");
  EXPECT_EQ(rules_of(law_only().decide(query, history_of({earlier}))), "US-3P-02");
  earlier.party = contact_key("rel2");
  EXPECT_TRUE(law_only().decide(query, history_of({earlier})).is_allowed());
}

TEST(ContactPolicy, DirectConsentEndsWithANewConversation) {
  ContactQuery query = query_at("2026-03-08T12:00:00-04:00", "US", {"America/New_York"});
  query.person.set_date(FactDate::direct_consent_at, {2026, 3, 3});
  const auto talk = [](const char* at) { return fact_at(at, Channel::call, ContactResult::talked); };
  EXPECT_TRUE(law_only().decide(query, history_of({talk("2026-03-03T11:00:00-05:00")})).is_allowed());
  EXPECT_EQ(rules_of(law_only().decide(query, history_of({talk("2026-03-03T11:00:00-05:00"),
                                                          talk("2026-03-05T11:00:00-05:00")}))),
            "US-7IN7-02");
}

TEST(ContactPolicy, DirectConsentLastsSevenDatesAndNotEight) {
  const auto judge = [](const std::string& date) {
    ContactQuery query = query_at(date + "T12:00:00-04:00", "US", {"America/New_York"});
    query.person.set_date(FactDate::direct_consent_at, {2026, 3, 3});
    const std::vector<ContactFact> seven(7, fact_at(date + "T09:00:00-04:00", Channel::call, ContactResult::no_answer));
    return rules_of(law_only().decide(query, history_of(seven)));
  };
  EXPECT_EQ(judge("2026-03-09").find("US-7IN7-01"), std::string::npos);
  EXPECT_EQ(judge("2026-03-10"), "US-7IN7-01");
}

TEST(ContactPolicy, DirectConsentOfTomorrowLiftsTheRuleFromThenOn) {
  ContactQuery query = query_at("2026-03-02T12:00:00-05:00", "US", {"America/New_York"});
  const auto history = history_of({fact_at("2026-03-01T12:00:00-05:00", Channel::call, ContactResult::talked)});
  EXPECT_EQ(until_of(law_only().decide(query, history)), "2026-03-08T12:00:00.000Z");
  query.person.set_date(FactDate::direct_consent_at, {2026, 3, 3});
  EXPECT_EQ(until_of(law_only().decide(query, history)), "2026-03-03T13:00:00.000Z");
}

TEST(ContactPolicy, CallsAfterTheFirstTalkOfAConsentAreCounted) {
  ContactQuery query = query_at("2026-03-07T12:00:00-05:00", "US", {"America/New_York"});
  query.person.set_date(FactDate::direct_consent_at, {2026, 3, 3});
  std::vector<ContactFact> facts(7, fact_at("2026-03-05T11:00:00-05:00", Channel::call, ContactResult::no_answer));
  for (const char* at : {"2026-03-04T11:00:00-05:00", "2026-03-06T11:00:00-05:00"}) {
    facts.push_back(fact_at(at, Channel::call, ContactResult::talked));
  }
  EXPECT_EQ(rules_of(law_only().decide(query, history_of(facts))), "US-7IN7-01 US-7IN7-02");
}

TEST(ContactPolicy, TooShortRingingIsDenied) {
  ContactQuery query = query_at("2026-03-04T12:00:00Z", "UK", {"Europe/London"});
  query.ring_timeout_s = 14;
  EXPECT_EQ(rules_of(law_only().decide(query, {})), "UK-RING-01");
  query.ring_timeout_s = 15;
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
}

TEST(ContactPolicy, AbandonShareStopsPredictiveDialingOnly) {
  ContactQuery query = query_at("2026-03-04T12:00:00Z", "UK", {"Europe/London"});
  query.rates[static_cast<std::size_t>(FactRate::abandoned_24h)] = 3001;
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
  query.facts.add(Fact::predictive);
  EXPECT_EQ(rules_of(law_only().decide(query, {})), "UK-ABN-01");
  query.rates[static_cast<std::size_t>(FactRate::abandoned_24h)] = 3000;
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
}

TEST(ContactPolicy, QuietPeriodIsOfTheDialedNumberWhenItIsKnown) {
  ContactQuery query = query_at("2026-03-04T12:00:00Z", "UK", {"Europe/London"});
  ContactFact abandoned = fact_at("2026-03-03T12:00:00Z", Channel::call, ContactResult::abandoned);
  abandoned.number = contact_key("1");
  query.number = contact_key("2");
  EXPECT_TRUE(law_only().decide(query, history_of({abandoned})).is_allowed());
  query.number = 0;
  EXPECT_EQ(rules_of(law_only().decide(query, history_of({abandoned}))), "UK-ABN-03");
}

TEST(ContactPolicy, SameInputsGiveTheSameDecision) {
  const auto history = history_of({fact_at("2026-03-04T09:00:00+03:00", Channel::call, ContactResult::talked)});
  const Decision first = law_only().decide(moscow_call("12:00:00"), history);
  const Decision again = law_only().decide(moscow_call("12:00:00"), history);
  EXPECT_EQ(rules_of(first), rules_of(again));
  EXPECT_EQ(until_of(first), until_of(again));
  EXPECT_EQ(first.findings[0].reason, again.findings[0].reason);
}

}  // namespace
}  // namespace dunlin
