#include "core/report/case_census.hpp"

#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

using test::noon;

/// Every person lives in Moscow unless the test says otherwise; the day ends at 21:00 UTC.
class CensusGate final : public ContactGate {
 public:
  Decision judge(const GateQuestion& question) const override {
    Decision decision = inner.judge(question);
    decision.zones = zones;
    return decision;
  }
  UtcTime end_of_day(const std::vector<std::string>&, UtcTime) const override { return noon + hours(9); }
  test::CommandedGate inner;
  std::vector<std::string> zones{"Europe/Moscow"};
};

CaseRecord person(int phones = 1) {
  test::Desk desk;
  RowImported row = test::row();
  row.draft.regions = {"RU-MOW"};
  row.draft.phones.clear();
  for (int i = 1; i <= phones; ++i) row.draft.phones.push_back(test::phone(i));
  desk.import(row);
  return desk.record();
}

CaseCensus census_of(const CaseRecord& record, const CensusGate& gate) {
  CaseCensus census;
  count_case(census, record, gate, {noon, false});
  return census;
}

TEST(CaseCensus, CountsWhoMayBeCalledNow) {
  CensusGate gate;
  gate.inner.allow();
  const CaseCensus census = census_of(person(), gate);
  EXPECT_EQ(census.callable_now, 1U);
  EXPECT_EQ(census.per_zone.at("Europe/Moscow"), 1U);
  EXPECT_EQ(census.without_place, 0U);
}

TEST(CaseCensus, TellsTodayFromLaterByThePersonsDay) {
  CensusGate gate;
  gate.inner.deny_until(noon + hours(8));
  const CaseCensus today = census_of(person(), gate);
  EXPECT_EQ(today.callable_today, 1U);
  EXPECT_EQ(today.denied_by_rule.at("RU-FRQ-C1"), 1U);
  gate.inner.deny_until(noon + hours(10));
  EXPECT_EQ(census_of(person(), gate).denied, 1U);
}

TEST(CaseCensus, OneNumberThatMayBeDialedIsEnough) {
  CensusGate gate;
  gate.inner.allow();
  gate.inner.denied_number = test::number(1);
  EXPECT_EQ(census_of(person(2), gate).callable_now, 1U);
  EXPECT_EQ(census_of(person(1), gate).denied, 1U);
}

TEST(CaseCensus, NamesTheLackOfARegionAndOfANumber) {
  CensusGate gate;
  gate.inner.allow();
  gate.zones = {"Europe/Moscow", "Asia/Kamchatka"};
  CaseRecord nowhere = person();
  nowhere.regions.clear();
  nowhere.zones.clear();
  EXPECT_EQ(census_of(nowhere, gate).without_place, 1U);
  CaseRecord two = person();
  EXPECT_EQ(census_of(two, gate).per_zone.at("several zones"), 1U);
  CaseRecord blocked = person();
  blocked.phones.front().is_blocked = true;
  EXPECT_EQ(census_of(blocked, gate).denied_by_rule.at("no_number"), 1U);
}

TEST(CaseCensus, JudgesNeitherPaidCasesNorAliases) {
  CensusGate gate;
  gate.inner.allow();
  CaseRecord paid = person();
  for (Debt& debt : paid.debts) debt.is_closed = true;
  EXPECT_EQ(census_of(paid, gate).closed, 1U);
  CaseRecord alias = person();
  alias.alias_of = CaseId(9);
  EXPECT_EQ(census_of(alias, gate).cases, 0U);
  EXPECT_EQ(gate.inner.asked, 0);
}

TEST(CaseCensus, AddsUp) {
  CensusGate gate;
  gate.inner.allow();
  CaseCensus sum;
  for (int i = 0; i < 3; ++i) add(sum, census_of(person(), gate));
  EXPECT_EQ(sum.cases, 3U);
  EXPECT_EQ(sum.per_zone.at("Europe/Moscow"), 3U);
}

}  // namespace
}  // namespace dunlin
