#pragma once
// One row of a register into a CaseDraft, or the list of what to repair. Pure, any thread; a RowReader may be
// shared by threads as long as its NumberingPlan may.
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/phone_number.hpp"
#include "core/case/case_draft.hpp"
#include "core/exchange/row_error.hpp"
#include "core/exchange/row_mapping.hpp"
#include "core/exchange/table.hpp"

namespace dunlin {

struct RowOptions {
  std::string portfolio;              ///< Of rows without a column for it.
  std::string source;                 ///< Namespace of client ids; the portfolio when empty.
  std::string default_region = "RU";  ///< For numbers written without a country code.
  Currency currency = Currency::rub;
  CivilDate today;  ///< Dates of birth and arrears may not lie behind it.
  /// A wrong phone beside a good one of the debtor only warns; when set, it rejects the row.
  bool rejects_any_bad_phone = false;
  std::size_t max_phones = 20;
};

enum class RowVerdict : std::uint8_t {
  accepted,
  needs_review,  ///< Sound, but without a person key: the draft is there, its keys are empty, nothing is
                 ///< merged by itself.
  rejected,      ///< The draft is not to be used.
};

struct RowResult {
  RowVerdict verdict = RowVerdict::rejected;
  CaseDraft draft;
  std::vector<RowError> errors;    ///< Why it is rejected or needs a review.
  std::vector<RowError> warnings;  ///< What was left out of an accepted row.
};

class RowReader {
 public:
  /// The mapping must be complete (review_mapping); `plan` must outlive the reader.
  RowReader(ColumnMapping mapping, RowOptions options, const NumberingPlan& plan);

  RowResult read(const std::vector<Cell>& cells) const;
  const ColumnMapping& mapping() const { return mapping_; }
  const RowOptions& options() const { return options_; }

 private:
  ColumnMapping mapping_;
  RowOptions options_;
  const NumberingPlan* plan_;
};

}  // namespace dunlin
