#pragma once
// The conditions on a case as people write them ([rule.when] of a strategy, [step.case.when] of a flow): one vocabulary,
// one reader (docs/strategy.md lists it). Faults are kept by the table. Loading only.
#include "config/field_table.hpp"
#include "core/dialing/strategy.hpp"

namespace dunlin {

/// Every field of a condition; the table is opened with them.
const FieldNames& condition_field_names();
const FieldNames& outcome_field_names();

StrategyCondition read_condition(FieldTable& table, Currency currency);
/// A sum in the currency's main unit: 5000, "5000.50". Unset: the table has no such field.
std::optional<std::int64_t> read_sum(FieldTable& table, std::string_view name, Currency currency);
/// "debtor.mobile", or "debtor" where a type may be left out.
Result<NumberPattern> parse_number_pattern(std::string_view text);

}  // namespace dunlin
