#pragma once
// `dunlin law check`: judges a table of cases by the loaded law packs, without a node. The table has the columns
// id, jurisdiction, local_zone, attempt_at, channel, counterparty, history, flags (others are ignored). Only what a row
// says applies: operator options sleep unless a flag of the row names them. Pure but for the rule set; any thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/compliance/contact_policy.hpp"

namespace dunlin {

/// One judged row.
struct LawCheckRow {
  std::string id;
  Decision decision;
  std::string until;    ///< RFC 3339 in the first candidate zone; empty when allowed or when time does not heal it.
  std::string rule_ids; ///< Denying rules, separated by spaces; empty when allowed.
};

struct LawCheckReport {
  std::vector<LawCheckRow> rows;
  std::vector<std::string> faults;  ///< "line 12: …": rows that could not be read and were not judged.

  bool is_clean() const { return faults.empty(); }
  /// "id,decision,rule_id,until" and a line for each judged row.
  std::string to_csv() const;
};

/// Exit code of the command when a row could not be read.
inline constexpr int law_check_bad_rows_exit = 7;

/// An error only when the table as a whole cannot be read (no header, a column missing, too large).
Result<LawCheckReport> run_law_check(std::string_view csv, const std::shared_ptr<const RuleSet>& rules);

/// "2026-03-04T08:00:00+03:00": an instant by the wall clock of the zone, with milliseconds when there are any.
std::string format_in_zone(UtcTime time, int offset_s);

}  // namespace dunlin
