// The table judged by `dunlin law check`: good rows are judged, bad rows are named by line, nothing is guessed.
#include "config/law_check.hpp"

#include <gtest/gtest.h>

#include "tests/compliance/policy_support.hpp"

namespace dunlin {
namespace {

const std::string header = "id,jurisdiction,local_zone,attempt_at,channel,counterparty,history,flags\n";
const std::string good = "A,RU,Europe/Moscow,2026-03-04T12:00:00+03:00,call,debtor,,\n";

LawCheckReport check(const std::string& rows) {
  const auto report = run_law_check(header + rows, test_rules());
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().detail);
  return report.ok() ? *report : LawCheckReport();
}

std::string flag_fault(const std::string& flags) {
  const LawCheckReport report = check("A,RU,Europe/Moscow,2026-03-04T12:00:00+03:00,call,debtor,," + flags + "\n");
  return report.is_clean() ? "" : report.faults[0];
}

TEST(LawCheck, WritesOneLineForEachRow) {
  const auto report = check(good + "B,RU,Europe/Moscow,2026-03-04T23:00:00+03:00,call,debtor,,cli_hidden\n" +
                            "C,RU,Europe/Moscow,2026-03-04T22:00:00+03:00,call,debtor,,\n");
  EXPECT_EQ(report.to_csv(),
            "id,decision,rule_id,until\nA,allow,,\nB,deny,RU-HRS-WD RU-CLI-02,\n"
            "C,deny,RU-HRS-WD,2026-03-05T08:00:00+03:00\n");
}

TEST(LawCheck, BadRowsAreNamedByLineAndGoodOnesJudged) {
  const auto report = check(good + "B,RU,Europe/Moscow,yesterday,call,debtor,,\n" + "C,RU\n" + good);
  EXPECT_EQ(report.rows.size(), 2u);
  ASSERT_EQ(report.faults.size(), 2u);
  EXPECT_EQ(report.faults[0].substr(0, 7), "line 3:");
  EXPECT_EQ(report.faults[1], "line 4: has 2 columns, the header has 8");
}

TEST(LawCheck, ColumnsMayComeInAnyOrderAmongOthers) {
  const auto report = run_law_check("why,flags,history,counterparty,channel,attempt_at,local_zone,jurisdiction,id\n"
                                    "\"a, \"\"b\"\"\nc\",,,debtor,call,2026-03-04T12:00:00+03:00,Europe/Moscow,RU,A\r\n",
                                    test_rules());
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->to_csv(), "id,decision,rule_id,until\nA,allow,,\n");
}

TEST(LawCheck, MissingColumnRefusesTheTable) {
  EXPECT_FALSE(run_law_check("id,flags\n", test_rules()).ok());
  EXPECT_FALSE(run_law_check("", test_rules()).ok());
}

TEST(LawCheck, UnknownWordsAreFaults) {
  EXPECT_EQ(flag_fault("bankrot"), "line 2: flag \"bankrot\" is not known");
  EXPECT_NE(flag_fault("bankrupt_from=2026-02-30"), "");
  EXPECT_NE(flag_fault("agreement_calls=3/6"), "");
  EXPECT_NE(flag_fault("not_before=25:00"), "");
  EXPECT_NE(flag_fault("acr_24h=x"), "");
  EXPECT_NE(flag_fault("optout=pigeon"), "");
  EXPECT_NE(flag_fault("inconvenient_dow=Sunday"), "");
  EXPECT_NE(flag_fault("policy_tail_s=-1"), "");
  EXPECT_NE(flag_fault("debt="), "");
  EXPECT_NE(flag_fault("prerecorded_oneway"), "") << "a human call is not a record";
  EXPECT_NE(flag_fault("debt=A;debt=B"), "");
  EXPECT_EQ(flag_fault("bankrupt;bankrupt"), "");
}

TEST(LawCheck, WholeVocabularyOfFlagsIsRead) {
  for (const char* flags :
       {"bankrupt_from=2026-03-04", "arrears_from=2025-01-01", "refused_at=2025-06-01", "judgment_in_force=2026-03-01",
        "agreement_calls=1/2/3", "policy_max_unanswered_day=2", "policy_tail_s=300",
        "expected_delivery=2026-03-04T12:01:00+03:00", "region=RU-BA", "strict_weekend", "strict_rolling",
        "calendar_missing", "direct_consent_at=2026-03-03", "inconvenient_dow=Sun", "inconvenient_dow=Sat|Sun",
        "inconvenient_after=17:00", "optout=sms|email", "mobile", "landline", "consent;revoked", "acr_24h=3.1",
        "abandon_rate_30d=3", "agent_guaranteed;predictive;autodial;mass_optout", "not_before=14:00", "debt=A", "to=rel1"}) {
    EXPECT_EQ(flag_fault(flags), "") << flags;
  }
}

TEST(LawCheck, HistoryMayBeOutOfOrderAndMustBeReadable) {
  const auto row = [](const std::string& history) {
    return check("A,RU,Europe/Moscow,2026-03-06T12:00:00+03:00,call,debtor," + history + ",\n");
  };
  const auto ordered = row("2026-03-02T10:00:00+03:00 call talked;2026-03-04T10:00:00+03:00 call talked");
  const auto reversed = row("2026-03-04T10:00:00+03:00 call talked;2026-03-02T10:00:00+03:00 call talked");
  EXPECT_EQ(ordered.to_csv(), reversed.to_csv());
  EXPECT_EQ(row("2026-03-04T10:00:00+03:00 call").faults.size(), 1u);
  EXPECT_EQ(row("2026-03-04T10:00:00+03:00 call sung").faults.size(), 1u);
  EXPECT_EQ(row("2026-03-04T10:00:00+03:00 call talked mood=bad").faults.size(), 1u);
  EXPECT_EQ(row("2026-03-07T10:00:00+03:00 call no_answer").rows[0].rule_ids, "GEN-03");
}

TEST(LawCheck, UnknownJurisdictionOrZoneDenies) {
  const auto report = check("A,DE,Europe/Berlin,2026-03-04T12:00:00+01:00,call,debtor,,\n"
                            "B,RU,Mars/Olympus,2026-03-04T12:00:00+03:00,call,debtor,,\n");
  EXPECT_EQ(report.to_csv(), "id,decision,rule_id,until\nA,deny,GEN-03,\nB,deny,GEN-03,\n");
}

TEST(LawCheck, BrokenQuotesAreFaultsAndNeverReadPastTheEnd) {
  EXPECT_EQ(check("\"A,RU\n").faults.size(), 1u);
  EXPECT_EQ(check("\"A\"B,RU,,,,,,\n").faults.size(), 1u);
  EXPECT_EQ(check("A,RU,Europe/Moscow,2026-03-04T12:00:00+03:00,call,debtor,,").rows.size(), 1u);
}

TEST(LawCheck, InstantsAreWrittenByTheWallOfTheZone) {
  EXPECT_EQ(format_in_zone(utc("2026-03-04T05:00:00Z"), 3 * 3600), "2026-03-04T08:00:00+03:00");
  EXPECT_EQ(format_in_zone(utc("2026-03-04T05:00:00.250Z"), -(3 * 3600 + 1800)), "2026-03-04T01:30:00.250-03:30");
}

}  // namespace
}  // namespace dunlin
