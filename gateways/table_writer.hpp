#pragma once
// Writes a table as .xlsx or .csv. Runs on a blocking thread; one writer belongs to one thread; rows are
// streamed, memory does not grow with them. The file is complete only after finish(); an unfinished file is
// removed by the destructor.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exchange/table.hpp"
#include "gateways/table_reader.hpp"

namespace dunlin {

struct TableWriterOptions {
  /// Texts that a spreadsheet would run as a formula (= + - @ tab) get a leading apostrophe; phone numbers
  /// and plain negative amounts are left alone. An .xlsx stores texts as texts and needs nothing.
  bool is_formula_safe = true;
};

class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual Status write(const std::vector<Cell>& cells) = 0;
  virtual Status finish() = 0;
};

/// `like` gives format, sheet name, encoding, delimiter and byte order mark. An existing file is replaced.
Result<std::unique_ptr<TableWriter>> open_table_writer(const std::filesystem::path& path,
                                                       const TableInfo& like,
                                                       const std::vector<std::string>& header,
                                                       const TableWriterOptions& options = {});

}  // namespace dunlin
