// Zones and packs a person may be under (TZ-01 … TZ-10), and the zone tables behind them.
#include "core/compliance/candidate_zones.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/compliance/policy_support.hpp"

namespace dunlin {
namespace {

std::set<std::string> zones_of(const PersonFacts& person) {
  std::set<std::string> names;
  for (const ZoneTable* zone : find_candidates(person, *test_rules()).zones) names.insert(zone->name);
  return names;
}

std::string packs_of(const PersonFacts& person) {
  std::string text;
  for (const LawPack* pack : find_candidates(person, *test_rules()).packs) text += (text.empty() ? "" : " ") + pack->id;
  return text;
}

const ZoneTable& zone(const char* name) { return *test_rules()->zones->find(name); }

TEST(CandidateZones, RegionWithSeveralZonesGivesAll) {
  PersonFacts person;
  person.regions = {"RU-SA"};
  EXPECT_EQ(zones_of(person).size(), 5u);
  EXPECT_EQ(packs_of(person), "RU");
}

TEST(CandidateZones, AllKnownAddressesIntersect) {
  PersonFacts person;
  person.regions = {"RU-MOW", "RU-KAM"};
  EXPECT_EQ(zones_of(person), (std::set<std::string>{"Europe/Moscow", "Asia/Kamchatka"}));
}

TEST(CandidateZones, ToldZoneNarrowsItsRegionButNotAnother) {
  PersonFacts person;
  person.regions = {"RU-SA"};
  person.zones = {"Asia/Yakutsk"};
  EXPECT_EQ(zones_of(person), (std::set<std::string>{"Asia/Yakutsk"}));
  person.regions.push_back("RU-MOW");
  EXPECT_EQ(zones_of(person), (std::set<std::string>{"Asia/Yakutsk", "Europe/Moscow"}));
}

TEST(CandidateZones, NumberCountsOnlyWhenNoAddressIsKnown) {
  PersonFacts person;
  person.phone_e164 = "+74232000000";
  EXPECT_EQ(zones_of(person), (std::set<std::string>{"Asia/Vladivostok"}));
  person.regions = {"RU-MOW"};
  EXPECT_EQ(zones_of(person), (std::set<std::string>{"Europe/Moscow"}));
}

TEST(CandidateZones, MobileNumberGivesEveryZoneOfTheCountry) {
  PersonFacts person;
  person.phone_e164 = "+79120000000";
  EXPECT_EQ(zones_of(person).size(), 11u);
  const Decision open = law_only().decide([&] {
    ContactQuery query = query_at("2026-03-04T06:00:00Z", "RU", {});
    query.person.phone_e164 = person.phone_e164;
    return query;
  }(), {});
  EXPECT_TRUE(open.is_allowed());
  ContactQuery query = query_at("2026-03-04T10:00:00Z", "RU", {});
  query.person.phone_e164 = person.phone_e164;
  EXPECT_EQ(until_of(law_only().decide(query, {})), "2026-03-05T06:00:00.000Z");
}

TEST(CandidateZones, KazakhPrefixesBringKazakhRules) {
  PersonFacts person;
  for (const char* number : {"+77010000000", "+76000000000"}) {
    person.phone_e164 = number;
    EXPECT_EQ(packs_of(person), "KZ") << number;
    EXPECT_EQ(zones_of(person), (std::set<std::string>{"Asia/Almaty"})) << number;
  }
}

TEST(CandidateZones, AddressInRussiaWithAKazakhNumberObeysBoth) {
  PersonFacts person;
  person.regions = {"RU-OMS"};
  person.phone_e164 = "+77010000000";
  EXPECT_EQ(packs_of(person), "RU KZ");
}

TEST(CandidateZones, WhatIsUnknownDenies) {
  const auto judged = [](const PersonFacts& person) {
    ContactQuery query;
    query.at = utc("2026-03-04T08:00:00Z");
    query.person = person;
    return rules_of(law_only().decide(query, {}));
  };
  PersonFacts nothing;
  EXPECT_EQ(judged(nothing), "GEN-03");
  PersonFacts abkhazia;
  abkhazia.phone_e164 = "+79400000000";
  EXPECT_EQ(judged(abkhazia), "GEN-03");
  PersonFacts misspelt;
  misspelt.jurisdictions = {"RU"};
  misspelt.zones = {"Europe/Moscau"};
  EXPECT_EQ(judged(misspelt), "GEN-03");
  PersonFacts region;
  region.regions = {"RU-XYZ"};
  EXPECT_EQ(judged(region), "GEN-03");
}

TEST(CandidateZones, MorePlacesThanCanBeJudgedDeny) {
  PersonFacts person;
  person.jurisdictions = {"RU"};
  for (const auto& [name, table] : test_rules()->zones->zones) {
    if (person.zones.size() <= max_candidate_zones) person.zones.push_back(name);
  }
  EXPECT_EQ(find_candidates(person, *test_rules()).problem, "too many zones");
  person.zones = {"Europe/Moscow"};
  for (int i = 0; i <= static_cast<int>(max_candidate_packs); ++i) person.jurisdictions.push_back("P" + std::to_string(i));
  EXPECT_EQ(find_candidates(person, *test_rules()).problem, "too many jurisdictions");
}

TEST(CandidateZones, UnknownZoneOfTheNumberLibraryIsNoEvidence) {
  PersonFacts person;
  person.jurisdictions = {"RU"};
  person.zones = {"Etc/Unknown"};
  EXPECT_EQ(zones_of(person).size(), 11u);
}

TEST(ZoneTable, MidnightThatDoesNotExistBeginsTheDayLater) {
  // Beirut went from 23:59:59 on 30 March 2024 to 01:00 on the 31st.
  const ZoneTable& beirut = zone("Asia/Beirut");
  const std::int64_t day = days_from_civil({2024, 3, 31});
  EXPECT_EQ(format_utc(beirut.day_start(day)), "2024-03-30T22:00:00.000Z");
  EXPECT_EQ(beirut.local(beirut.day_start(day)).second_of_day, 3600);
}

TEST(ZoneTable, MidnightThatComesTwiceBeginsTheDayAtTheFirst) {
  // Havana went from 01:00 on 3 November 2024 back to midnight.
  const ZoneTable& havana = zone("America/Havana");
  EXPECT_EQ(format_utc(havana.day_start(days_from_civil({2024, 11, 3}))), "2024-11-03T04:00:00.000Z");
}

TEST(ZoneTable, RepeatedHourIsSeenTwice) {
  const ZoneTable& york = zone("America/New_York");
  const std::int64_t day = days_from_civil({2026, 11, 1});
  const auto instants = york.wall_instants(day, 3600 + 1800, york.day_start(day));
  // 01:30 before the change, the change itself, 01:30 after it.
  ASSERT_EQ(instants.size(), 3u);
  EXPECT_EQ(instants[2] - instants[0], hours(1));
}

TEST(ZoneTable, WallBeforeEpochAndNegativeDaysAreExact) {
  const ZoneTable& london = zone("Europe/London");
  EXPECT_EQ(london.local(UtcTime{-1}).day, -1);
  EXPECT_EQ(london.local(UtcTime{-1}).second_of_day, 86'399);
  EXPECT_EQ(weekday_of(0), 3);
  EXPECT_EQ(weekday_of(-1), 2);
}

TEST(ZoneTable, AlmatyHasOneOffsetSinceMarch2024) {
  EXPECT_EQ(zone("Asia/Almaty").offset_at(utc("2024-02-01T00:00:00Z")), 6 * 3600);
  EXPECT_EQ(zone("Asia/Almaty").offset_at(utc("2024-03-02T00:00:00Z")), 5 * 3600);
}

TEST(StatedTimes, HourThatDoesNotExistOpensAtTheNextInstant) {
  ContactQuery query = query_at("2026-03-08T00:30:00-05:00", "US", {"America/New_York"});
  query.person.stated_times.not_before_s = 9 * 3600;
  EXPECT_EQ(until_of(law_only().decide(query, {})), "2026-03-08T13:00:00.000Z");
}

TEST(DayCalendar, EveryTypeOfDayIsTold) {
  const DayCalendar& calendar = test_rules()->packs.at("RU").calendar;
  const auto type = [&](CivilDate date, std::vector<std::string> regions, bool is_missing) {
    return calendar.type_of(days_from_civil(date), regions, is_missing);
  };
  EXPECT_EQ(type({2026, 3, 4}, {}, false), DayType::working);
  EXPECT_EQ(type({2026, 3, 7}, {}, false), DayType::weekend);
  EXPECT_EQ(type({2026, 3, 9}, {}, false), DayType::holiday);
  EXPECT_EQ(type({2025, 11, 1}, {}, false), DayType::working_weekend);
  EXPECT_EQ(type({2025, 10, 13}, {"RU-BA"}, false), DayType::regional_holiday);
  EXPECT_EQ(type({2025, 10, 13}, {"RU-MOW"}, false), DayType::working);
  EXPECT_EQ(type({2027, 3, 4}, {}, false), DayType::unknown);
  EXPECT_EQ(type({2026, 3, 4}, {}, true), DayType::unknown);
}

TEST(DayCalendar, SaysHowLongItIsKnown) {
  const DayCalendar& calendar = test_rules()->packs.at("RU").calendar;
  const auto known_from = [&](CivilDate date) { return calendar.days_known_from(days_from_civil(date)); };
  EXPECT_EQ(known_from({2026, 12, 31}), 1);
  EXPECT_EQ(known_from({2026, 11, 23}), 39);
  EXPECT_EQ(known_from({2025, 12, 31}), 366) << "the next year is known as well";
  EXPECT_EQ(known_from({2027, 1, 1}), 0);
  EXPECT_EQ(test_rules()->packs.at("US").calendar.days_known_from(days_from_civil({2027, 1, 1})), std::nullopt) << "weekends only";
}

TEST(DayCalendar, StrictWeekendKeepsAWorkingSaturdayAsASaturday) {
  OperatorOptions options;
  options.strict_weekend = true;
  const ContactQuery query = query_at("2025-11-01T21:30:00+03:00", "RU", {"Europe/Moscow"});
  EXPECT_TRUE(law_only().decide(query, {}).is_allowed());
  EXPECT_EQ(rules_of(ContactPolicy(test_rules(), options).decide(query, {})), "RU-CAL-04");
}

TEST(DayCalendar, ItalianHolidayOnASaturdayIsClosed) {
  EXPECT_EQ(rules_of(law_only().decide(query_at("2026-08-15T10:00:00+02:00", "IT", {"Europe/Rome"}), {})), "IT-HRS-02");
}

}  // namespace
}  // namespace dunlin
