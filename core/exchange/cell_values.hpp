#pragma once
// One cell as a typed value: dates, amounts, whole numbers, yes and no, owners, zones. Pure, any thread.
// A problem is a RowErrorCode; who reads the cell knows the column and words it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/money.hpp"
#include "core/base/time.hpp"
#include "core/case/case_draft.hpp"
#include "core/exchange/row_error.hpp"
#include "core/exchange/table.hpp"

namespace dunlin {

/// A value, or why there is none.
template <class T>
struct CellValue {
  std::optional<T> value;
  RowErrorCode problem = RowErrorCode::required_empty;

  CellValue(T v) : value(std::move(v)) {}
  CellValue(RowErrorCode code) : problem(code) {}
  explicit operator bool() const { return value.has_value(); }
  const T& operator*() const { return *value; }
};

/// 31.12.2025, 31/12/2025, 31-12-2025, 2025-12-31, any of them with a time behind, an Excel serial in a
/// number cell.
CellValue<CivilDate> read_date(const Cell& cell);
/// "12 345,67 руб.", "1.234,56", number cells rounded to kopecks. "1.234" alone is ambiguous; below zero is
/// an error.
CellValue<Money> read_amount(const Cell& cell, Currency currency);
/// 0 to 1 000 000, also "45 дн.".
CellValue<int> read_count(const Cell& cell);
CellValue<bool> read_yes_no(const Cell& cell);
CellValue<PartyRole> read_owner(const Cell& cell);
CellValue<PhoneType> read_phone_type(const Cell& cell);
CellValue<Currency> read_currency(const Cell& cell);
/// "Asia/Yekaterinburg", "МСК+2", "UTC+5" as the IANA name.
CellValue<std::string> read_zone(const Cell& cell);
/// "русский", "ru" as "ru".
CellValue<std::string> read_language(const Cell& cell);
/// The numbers written in one cell: "8 912 000-11-22, 8 (343) 200-11-22 доб. 12" are two.
std::vector<std::string> split_phones(std::string_view text);
/// "#N/A", "#ССЫЛКА!": an error of the spreadsheet that a text file or a copied sheet holds as text.
bool is_spreadsheet_error(std::string_view text);
/// "7,91E+10": what a spreadsheet leaves of a number that did not fit the column.
bool is_rounded_number(std::string_view text);

}  // namespace dunlin
