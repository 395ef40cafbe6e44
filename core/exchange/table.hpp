#pragma once
// A table as a stream of rows, whatever file it came from. Pure values; any thread.
#include <cstdint>
#include <string>
#include <vector>

namespace dunlin {

enum class CellKind : std::uint8_t {
  empty,
  text,     ///< UTF-8 as written; numbers of ten and more digits typed as text stay text, leading zeros kept.
  number,   ///< Plain decimal with a point and no exponent: "12345.67", "79120001122".
  date,     ///< "2026-11-24" or "2026-11-24T08:30:00": a number the file itself shows as a date.
  boolean,  ///< "1" or "0".
  error,    ///< The file holds an error value (#N/A) or bytes that are not text of its encoding.
};

struct Cell {
  CellKind kind = CellKind::empty;
  std::string text;
  bool operator==(const Cell&) const = default;
};

/// A plain text cell; an empty text makes an empty cell.
inline Cell text_cell(std::string text) {
  return {text.empty() ? CellKind::empty : CellKind::text, std::move(text)};
}

struct TableRow {
  std::uint64_t line =
      0;  ///< The row number a person sees in Excel, the first physical line of the row in a text file.
  std::vector<Cell> cells;  ///< May be shorter than the header; never longer than the reader's column bound.
  /// Text files: a quote opens in this row and nothing closes it. The cells are those of its line alone, the quote is one of
  /// their signs; the row can only come back.
  bool has_open_quote = false;
  bool operator==(const TableRow&) const = default;
};

}  // namespace dunlin
