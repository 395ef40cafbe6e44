#pragma once
// Persons nobody ever met, for a what-if day without a history: drawn from a seed, spread over the eleven time zones of
// Russia as its people are. Numbers, names and debts are synthetic. Pure.
#include <cstdint>
#include <vector>

#include "core/base/ids.hpp"
#include "core/case/case_draft.hpp"

namespace dunlin {

struct SyntheticCase {
  CaseId id;
  CaseDraft draft;
};

struct PortfolioOptions {
  std::size_t cases = 5000;
  std::uint64_t seed = 1;
  CaseDraft debt_of{};           ///< Its first debt gives portfolio, stage and product, so that a campaign's filter takes them.
  int dpd_from = 1;              ///< Days past due, both ends included.
  int dpd_to = 90;
};

std::vector<SyntheticCase> synthetic_portfolio(const PortfolioOptions& options);

}  // namespace dunlin
