#pragma once
// Rejected rows in the user's own format: the original columns plus "Ошибка" and "Что исправить", ready to be
// corrected and uploaded again. Runs on the importer's blocking thread.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exchange/row_error.hpp"
#include "gateways/table_writer.hpp"

namespace dunlin {

class RejectWriter {
 public:
  /// `like` and `header` come from the reader of the original. Columns already called "Ошибка" or "Что
  /// исправить" (a file of rejects uploaded again) are left out, so that they never pile up.
  static Result<RejectWriter> open(const std::filesystem::path& path, const TableInfo& like,
                                   const std::vector<std::string>& header,
                                   ReportLanguage language = ReportLanguage::ru);

  Status write(const TableRow& row, const std::vector<RowError>& errors);
  Status finish();
  std::uint64_t row_count() const { return row_count_; }

 private:
  RejectWriter(std::unique_ptr<TableWriter> table, std::vector<std::size_t> kept_columns, std::size_t column_count, char delimiter,
               ReportLanguage language);
  std::string beyond_the_last(const TableRow& row) const;

  std::unique_ptr<TableWriter> table_;
  std::vector<std::size_t> kept_columns_;
  std::size_t column_count_;  ///< Of the original, those left out too.
  char delimiter_;
  ReportLanguage language_;
  std::uint64_t row_count_ = 0;
};

}  // namespace dunlin
