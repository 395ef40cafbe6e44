#pragma once
// How imported rows, undone imports and payments change a record: the data half of the fold. Rules: a number's block and
// a stop flag survive every row; a debt closed by a payment is reopened only by a row whose data are newer; places are
// only added, because the law is judged in all of them. Undo restores debts, numbers, flags and keys (not the person's
// name) unless a later import has touched them since. Pure.
#include <string>

#include "core/base/result.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_record.hpp"

namespace dunlin {

void apply_row(CaseRecord& record, const RowImported& row, UtcTime at);
void undo_import(CaseRecord& record, ImportId import);
/// What people or the dialer have done with the case since this import: "dialed", "promise", "callback", "contact",
/// "payment" (of a debt the import brought); empty when nobody has touched it.
std::string worked_since(const CaseRecord& record, const ImportTrace& trace);
void apply_payment(CaseRecord& record, const PaymentFact& payment, UtcTime at);
void close_debt(CaseRecord& record, std::string_view external_id, UtcTime at);

/// Whether the row fits the bounds of the record; Errc::exhausted names the bound.
Status check_room(const CaseRecord& record, const CaseDraft& draft);

/// Adds the value unless an equal one is there.
template <class T>
bool add_unique(std::vector<T>& values, const T& value) {
  for (const T& known : values) {
    if (known == value) return false;
  }
  values.push_back(value);
  return true;
}

}  // namespace dunlin
