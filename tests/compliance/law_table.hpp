#pragma once
// The law cases of tests/compliance/law_cases.csv with their expected columns, and the rule set the tests share.
#include <memory>
#include <string>
#include <vector>

#include "config/law_case.hpp"
#include "config/law_check.hpp"
#include "config/rule_loader.hpp"

namespace dunlin {

struct LawTableRow {
  std::string id;
  LawCaseCells cells;
  std::string decision;
  std::string rule_id;
  std::string why;
  std::string until;  ///< Text of "[until T]" in why; empty when there is none.
};

/// The embedded packs, compiled once.
std::shared_ptr<const RuleSet> test_rules();
std::string law_table_text();
std::vector<LawTableRow> read_law_table();
std::string read_text(const std::string& path_in_repository);

}  // namespace dunlin
