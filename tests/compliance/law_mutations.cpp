// Mutations of the law packs: each changes one number or word of the law. The table of cases must notice every one, or
// the table proves less than it seems to.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/compliance/law_table.hpp"

namespace dunlin {
namespace {

struct Mutation {
  const char* file;
  const char* rule;   ///< Text that begins the rule; the change is made after it.
  const char* what;
  const char* with;
};

void PrintTo(const Mutation& mutation, std::ostream* stream) {
  *stream << mutation.rule << ": " << mutation.what << " -> " << mutation.with;
}

std::vector<RuleFile> mutated_files(const Mutation& mutation) {
  std::vector<RuleFile> files = embedded_rule_files();
  for (RuleFile& file : files) {
    if (file.name != mutation.file) continue;
    const std::size_t rule = file.text.find(mutation.rule);
    EXPECT_NE(rule, std::string::npos) << mutation.rule;
    const std::size_t at = file.text.find(mutation.what, rule);
    EXPECT_NE(at, std::string::npos) << mutation.what;
    file.text.replace(at, std::string(mutation.what).size(), mutation.with);
  }
  return files;
}

/// How many rows of the table are judged otherwise than expected.
int wrong_rows(const std::shared_ptr<const RuleSet>& rules) {
  const auto report = run_law_check(law_table_text(), rules);
  const auto expected = read_law_table();
  if (!report.ok() || report->rows.size() != expected.size()) return -1;
  int wrong = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const LawCheckRow& row = report->rows[i];
    const bool is_deny = expected[i].decision == "deny";
    const bool is_right = row.decision.is_allowed() != is_deny && row.until == expected[i].until &&
                          (!is_deny || row.rule_ids == expected[i].rule_id);
    wrong += is_right ? 0 : 1;
  }
  return wrong;
}

class MutatedLaw : public testing::TestWithParam<Mutation> {};

TEST_P(MutatedLaw, IsNoticedByTheTable) {
  const auto rules = compile_rule_set(mutated_files(GetParam()));
  ASSERT_TRUE(rules.ok()) << rules.error().detail;
  EXPECT_GT(wrong_rows(*rules), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Law, MutatedLaw,
    testing::Values(Mutation{"ru.toml", "\"RU-HRS-WD\"", "open = 08:00:00", "open = 08:00:01"},
                    Mutation{"ru.toml", "\"RU-HRS-WD\"", "open = 08:00:00", "open = 07:59:59"},
                    Mutation{"ru.toml", "\"RU-HRS-WD\"", "close = 22:00:00", "close = 22:00:01"},
                    Mutation{"ru.toml", "\"RU-HRS-WD\"", "close = 22:00:00", "close = 21:59:59"},
                    Mutation{"ru.toml", "\"RU-HRS-NW\"", "open = 09:00:00", "open = 08:59:59"},
                    Mutation{"ru.toml", "\"RU-HRS-NW\"", "close = 20:00:00", "close = 20:00:01"},
                    Mutation{"ru.toml", "\"RU-CAL-02\"", "open = 09:00:00", "open = 08:00:00"},
                    Mutation{"ru.toml", "\"RU-CAL-03\"", "open = 09:00:00", "open = 08:00:00"},
                    Mutation{"ru.toml", "\"RU-FRQ-C1\"", "limit = 1", "limit = 2"},
                    Mutation{"ru.toml", "\"RU-FRQ-C2\"", "limit = 2", "limit = 3"},
                    Mutation{"ru.toml", "\"RU-FRQ-C3\"", "limit = 8", "limit = 9"},
                    Mutation{"ru.toml", "\"RU-FRQ-C3\"", "limit = 8", "limit = 7"},
                    Mutation{"ru.toml", "\"RU-FRQ-M1\"", "limit = 2", "limit = 3"},
                    Mutation{"ru.toml", "\"RU-FRQ-M2\"", "limit = 4", "limit = 5"},
                    Mutation{"ru.toml", "\"RU-FRQ-M3\"", "limit = 16", "limit = 17"},
                    Mutation{"ru.toml", "\"RU-FRQ-V1\"", "limit = 1", "limit = 2"},
                    Mutation{"ru.toml", "name = \"talk\"", "\"talked\"", "\"no_answer\""},
                    Mutation{"ru.toml", "name = \"message\"", "\"email\"", "\"sms\""},
                    Mutation{"ru.toml", "voice = ", "\"call\", \"robot_call\"", "\"call\""},
                    Mutation{"ru.toml", "part = \"7 times 24 hours\"", "length_s = 604800", "length_s = 604799"},
                    Mutation{"ru.toml", "part = \"30 times 24 hours\"", "length_s = 2592000", "length_s = 2505600"},
                    Mutation{"ru.toml", "\"RU-REF-01\"", "months_after_arrears = 4", "months_after_arrears = 5"},
                    Mutation{"ru.toml", "\"RU-REF-01\"", "suspended_months = 2", "suspended_months = 0"},
                    Mutation{"ru.toml", "\"RU-3P-01\"", "\"consent_debtor\", ", ""},
                    Mutation{"ru.toml", "\"RU-PRS-04\"", "unless = [\"no_documents\"]", "unless = []"},
                    Mutation{"ru.toml", "\"RU-CLI-01\"", "valid_from = 2025-09-01", "valid_from = 2026-09-01"},
                    Mutation{"ru.toml", "\"RU-CNT-02\"", "within_s = 14400", "within_s = 60"},
                    Mutation{"ru_calendar.toml", "year = 2026", "2026-03-09, ", ""},
                    Mutation{"ru_calendar.toml", "year = 2025", "2025-11-01", "2025-11-02"},
                    Mutation{"ru_calendar.toml", "RU-BA", "2025-10-13", "2025-10-14"},
                    Mutation{"kz.toml", "\"KZ-HRS-01\"", "open = 08:00:00", "open = 08:00:01"},
                    Mutation{"kz.toml", "\"KZ-FRQ-C1\"", "limit = 3", "limit = 4"},
                    Mutation{"kz.toml", "\"KZ-FRQ-V2\"", "limit = 3", "limit = 4"},
                    Mutation{"kz_calendar.toml", "year = 2026", "2026-12-16", "2026-12-15"},
                    Mutation{"us.toml", "\"US-HRS-01\"", "close = 21:00:00", "close = 21:00:01"},
                    Mutation{"us.toml", "\"US-7IN7-01\"", "length_days = 7", "length_days = 6"},
                    Mutation{"us.toml", "\"US-7IN7-01\"", "limit = 7", "limit = 6"},
                    Mutation{"us.toml", "\"US-7IN7-01\"", "limit = 7", "limit = 8"},
                    Mutation{"us.toml", "\"US-7IN7-02\"", "length_days = 7", "length_days = 8"},
                    Mutation{"us.toml", "\"US-7IN7-02\"", "per_debt = true", "per_debt = false"},
                    Mutation{"us.toml", "\"US-7IN7-03\"", "length_days = 7", "length_days = 6"},
                    Mutation{"us.toml", "\"US-TCPA-02\"", "length_days = 30", "length_days = 31"},
                    Mutation{"us.toml", "\"US-TSR-01\"", "limit_percent = 3.0", "limit_percent = 2.9"},
                    Mutation{"uk.toml", "\"UK-ABN-03\"", "seconds = 259200", "seconds = 259201"},
                    Mutation{"uk.toml", "\"UK-ABN-03\"", "seconds = 259200", "seconds = 259199"},
                    Mutation{"uk.toml", "\"UK-AMD-01\"", "seconds = 86400", "seconds = 86399"},
                    Mutation{"uk.toml", "\"UK-ABN-01\"", "all = [\"predictive\"]", "all = []"},
                    Mutation{"it.toml", "part = \"Saturday\"", "close = 15:00:00", "close = 15:00:01"},
                    Mutation{"it.toml", "\"IT-FRQ-C2\"", "limit = 3", "limit = 4"}));

TEST(MutatedLaw, UnchangedLawSatisfiesTheTable) { EXPECT_EQ(wrong_rows(test_rules()), 0); }

}  // namespace
}  // namespace dunlin
