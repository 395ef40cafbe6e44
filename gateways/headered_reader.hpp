#pragma once
// What every table reader shares: finds the header, skips blank rows, counts against the bound, stays at an
// error. One owner, one thread.
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateways/table_reader.hpp"

namespace dunlin {

class HeaderedReader : public TableReader {
 public:
  Result<std::optional<TableRow>> next() final;
  const std::vector<std::string>& header() const final { return header_; }
  const TableInfo& info() const final { return info_; }

 protected:
  explicit HeaderedReader(TableLimits limits) : limits_(limits) {}
  /// The next row of the file as it is, blank ones too.
  virtual Result<std::optional<TableRow>> raw_next() = 0;
  /// Called once by the opener. invalid_input when the table has no row at all.
  Status read_header();

  const TableLimits limits_;
  TableInfo info_;

 private:
  Result<std::optional<TableRow>> filled_next();

  std::vector<std::string> header_;
  std::deque<TableRow> held_;  ///< Rows read while looking for the header and still to be given out.
  std::optional<Error> failure_;
  std::uint64_t row_count_ = 0;
};

}  // namespace dunlin
