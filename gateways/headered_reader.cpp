#include "gateways/headered_reader.hpp"

#include <algorithm>

#include "core/exchange/person_key.hpp"

namespace dunlin {
namespace {

constexpr std::size_t header_search_rows =
    20;  // A title, a date and a few blank rows may stand above the header.

std::size_t filled_count(const TableRow& row) {
  return static_cast<std::size_t>(std::count_if(row.cells.begin(), row.cells.end(), [](const Cell& cell) {
    return cell.kind != CellKind::empty && cell.text.find_first_not_of(" \t\r\n") != std::string::npos;
  }));
}

}  // namespace

Result<std::optional<TableRow>> HeaderedReader::filled_next() {
  while (true) {
    auto row = raw_next();
    if (!row || !*row || filled_count(**row) > 0) return row;
  }
}

Status HeaderedReader::read_header() {
  while (held_.size() < header_search_rows) {
    auto row = filled_next();
    if (!row) return row.error();
    if (!*row) break;
    held_.push_back(std::move(**row));
    if (filled_count(held_.back()) >= 2) break;
  }
  if (held_.empty()) return invalid_input("В файле нет ни одной заполненной строки.");
  // Without a row of two cells the table has one column, and its first row is the title.
  const bool is_wide = filled_count(held_.back()) >= 2;
  if (is_wide) held_.erase(held_.begin(), held_.end() - 1);
  if (held_.front().has_open_quote) {
    return invalid_input("Строка " + std::to_string(held_.front().line) + " с заголовками: кавычка открыта и не закрыта.");
  }
  for (const Cell& cell : held_.front().cells) header_.push_back(tidy_spaces(cell.text));
  while (!header_.empty() && header_.back().empty()) header_.pop_back();
  info_.header_line = held_.front().line;
  held_.pop_front();
  return Done{};
}

Result<std::optional<TableRow>> HeaderedReader::next() {
  if (failure_) return *failure_;
  if (!held_.empty()) {
    TableRow row = std::move(held_.front());
    held_.pop_front();
    ++row_count_;
    return std::optional<TableRow>(std::move(row));
  }
  auto row = filled_next();
  if (row && *row && ++row_count_ > limits_.rows) {
    row = Error{Errc::exhausted,
                "В файле больше " + std::to_string(limits_.rows) + " строк: разделите его на части."};
  }
  if (!row) failure_ = row.error();
  return row;
}

}  // namespace dunlin
