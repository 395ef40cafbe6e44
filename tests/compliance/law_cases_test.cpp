// The table of law cases: every row with its expected decision, denying rule and first lawful instant.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/compliance/law_table.hpp"

namespace dunlin {
namespace {

TEST(LawCases, TableHoldsEveryRow) {
  ASSERT_EQ(read_law_table().size(), 151u);
}

TEST(LawCases, EveryRowIsJudgedAsExpected) {
  const auto report = run_law_check(law_table_text(), test_rules());
  ASSERT_TRUE(report.ok()) << report.error().detail;
  EXPECT_TRUE(report->is_clean()) << report->faults.front();
  std::map<std::string, LawCheckRow> rows;
  for (const LawCheckRow& row : report->rows) rows[row.id] = row;
  for (const LawTableRow& expected : read_law_table()) {
    const LawCheckRow& row = rows[expected.id];
    const std::string decision = row.decision.is_allowed() ? "allow" : "deny";
    EXPECT_EQ(decision, expected.decision) << expected.id << " " << row.rule_ids << ": " << expected.why;
    if (expected.decision == "deny") {
      EXPECT_EQ(row.rule_ids, expected.rule_id) << expected.id << ": " << expected.why;
    }
    EXPECT_EQ(row.until, expected.until) << expected.id << ": " << expected.why;
  }
}

TEST(LawCases, FirstLawfulInstantIsAllowedAndTheMomentBeforeIsNot) {
  for (const LawTableRow& expected : read_law_table()) {
    if (expected.until.empty()) continue;
    auto law_case = read_law_case(expected.cells);
    ASSERT_TRUE(law_case.ok()) << expected.id;
    const ContactPolicy policy(test_rules(), law_case->options);
    const UtcTime until = parse_utc(expected.until).value();
    const auto delay = law_case->query.expected_delivery.value_or(law_case->query.at) - law_case->query.at;
    const auto judge_at = [&](UtcTime at) {
      ContactQuery query = law_case->query;
      query.at = at;
      if (query.expected_delivery) query.expected_delivery = at + delay;
      return policy.decide(query, law_case->history).is_allowed();
    };
    EXPECT_TRUE(judge_at(until)) << expected.id;
    EXPECT_FALSE(judge_at(until - milliseconds(1))) << expected.id;
  }
}

}  // namespace
}  // namespace dunlin
