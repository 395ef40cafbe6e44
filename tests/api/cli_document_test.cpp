// docs/cli.md promises every noun and verb: what the node knows and the page does not is caught here.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "api/command.hpp"

namespace dunlin {
namespace {

using Verbs = std::map<std::string, std::set<std::string>>;

std::set<std::string> words_of(const std::string& cell) {
  static const std::regex word("[a-z][a-z-]+");
  std::set<std::string> words;
  // What stands in parentheses names documents.
  const std::string bare = std::regex_replace(cell, std::regex("\\([^)]*\\)"), "");
  for (std::sregex_iterator it(bare.begin(), bare.end(), word), end; it != end; ++it) words.insert(it->str());
  return words;
}

/// The rows of the table under "## Grammar", by noun.
Verbs documented() {
  std::ifstream file(std::string(DUNLIN_SOURCE_DIR) + "/docs/cli.md");
  std::stringstream text;
  text << file.rdbuf();
  std::string line;
  Verbs rows;
  bool is_grammar = false;
  while (std::getline(text, line)) {
    if (line.starts_with("## ")) is_grammar = line == "## Grammar";
    const auto cell_end = line.find(" | ");
    if (!is_grammar || !line.starts_with("| ") || cell_end == std::string::npos) continue;
    for (const std::string& noun : words_of(line.substr(0, cell_end))) rows[noun].merge(words_of(line.substr(cell_end)));
  }
  return rows;
}

TEST(CliDocument, NamesEveryNounAndVerbOfTheNode) {
  const Verbs rows = documented();
  ASSERT_FALSE(rows.empty());
  const CommandTable table;
  for (const Command& command : table.commands()) {
    const auto row = rows.find(command.noun);
    ASSERT_NE(row, rows.end()) << "docs/cli.md has no row for " << command.noun;
    EXPECT_TRUE(command.verb.empty() || row->second.count(command.verb) != 0) << "docs/cli.md does not name " << command.noun << " " << command.verb;
  }
}

}  // namespace
}  // namespace dunlin
