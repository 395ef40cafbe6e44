#pragma once
// One row of a law table read into a query: the vocabulary of the cases (channels, results, counterparties, flags).
// Pure, any thread. Errors say which word is wrong.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/compliance/contact_policy.hpp"

namespace dunlin {

/// The cells of a row by their column.
struct LawCaseCells {
  std::string jurisdiction;
  std::string local_zone;
  std::string attempt_at;
  std::string channel;
  std::string counterparty;
  std::string history;
  std::string flags;
};

struct LawCase {
  ContactQuery query;
  ContactHistory history;
  OperatorOptions options;
};

Result<LawCase> read_law_case(const LawCaseCells& cells);

/// Cuts at every separator and trims blanks; an empty text has no parts.
std::vector<std::string_view> split_words(std::string_view text, char separator);

}  // namespace dunlin
