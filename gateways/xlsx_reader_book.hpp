#pragma once
// What stands around the sheets of a workbook: the list of sheets, the number formats that show dates, the
// shared strings. Pure handlers of XML events; one owner, one thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "gateways/xlsx_reader_package.hpp"

namespace dunlin {

/// All shared strings in one block of memory.
class SharedStrings {
 public:
  void add(std::string_view text);
  std::size_t size() const { return ends_.size(); }
  std::uint64_t bytes() const { return text_.size(); }
  std::string_view get(std::size_t index) const;

 private:
  std::string text_;
  std::vector<std::uint64_t> ends_;
};

struct SheetPlace {
  std::string name;
  std::string part;
};

struct Workbook {
  std::vector<SheetPlace> sheets;   ///< Visible ones in order.
  std::vector<bool> is_date_style;  ///< By index of a cell's style.
  SharedStrings strings;
  bool has_1904_dates = false;
};

/// Finds and reads all parts but the sheets. Errors are sentences for the user.
Result<Workbook> read_workbook(const ZipPackage& package, const TableLimits& limits);

/// Tells whether a number format shows a date: "dd.mm.yyyy", "[$-419]d mmm", not "0.00" or "[Red]#,##0".
bool is_date_format(std::string_view code);

/// A number cell as the table shows it: no exponent, at most 15 significant digits.
std::string plain_number(std::string_view raw);
/// A serial of days as "2026-11-24" or "2026-11-24T08:30:00"; empty when it is no possible date.
std::string date_of_serial(std::string_view raw, bool has_1904_dates);

}  // namespace dunlin
