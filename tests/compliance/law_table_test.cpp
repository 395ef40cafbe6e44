#include "tests/compliance/law_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace dunlin {
namespace {

/// Cells of one line; quotes as the table writes them, no line ends inside cells.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    else if (c == ',' && !is_quoted) cells.emplace_back();
    else cells.back() += c;
  }
  return cells;
}

std::string until_of(const std::string& why) {
  const std::size_t from = why.find("[until ");
  if (from == std::string::npos) return {};
  return why.substr(from + 7, why.find(']', from) - from - 7);
}

TEST(LawTable, HasTheColumnsOfTheLawCheck) {
  EXPECT_EQ(cells_of(law_table_text().substr(0, law_table_text().find('\n'))).size(), 11u);
}

}  // namespace

std::string read_text(const std::string& path_in_repository) {
  std::ifstream stream(std::string(DUNLIN_SOURCE_DIR) + "/" + path_in_repository, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string law_table_text() { return read_text("tests/compliance/law_cases.csv"); }

std::shared_ptr<const RuleSet> test_rules() {
  static const auto rules = load_rule_set();
  EXPECT_TRUE(rules.ok()) << (rules.ok() ? "" : rules.error().detail);
  return rules.ok() ? *rules : std::make_shared<RuleSet>();
}

std::vector<LawTableRow> read_law_table() {
  std::vector<LawTableRow> rows;
  const std::string text = law_table_text();
  std::size_t from = text.find('\n') + 1;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const auto cells = cells_of(text.substr(from, end - from));
    from = end + 1;
    if (cells.size() != 11) continue;
    rows.push_back({cells[0], {cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]}, cells[8], cells[9],
                    cells[10], until_of(cells[10])});
  }
  return rows;
}

}  // namespace dunlin
