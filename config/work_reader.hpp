#pragma once
// How a case is worked, as people write it in strategies and campaign files: retry rules by outcome and the order of numbers.
// Faults name file, line, field and what is allowed. Loading only.
#include <string>
#include <vector>

#include "config/field_table.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

/// The field `number_order`: a list of owner.type, "debtor.mobile" for example.
std::vector<NumberRule> read_number_order(FieldTable& table);

/// The tables [[retry]] of a table. One names a list of outcomes; each becomes a rule of its own.
std::vector<RetryRule> read_retry_rules(const std::string& file, FieldTable& above, FieldNames& faults);

}  // namespace dunlin
