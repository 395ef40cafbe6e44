#pragma once
// The door for register files: .xlsx, .csv and .txt as one stream of typed rows.
// Runs on the importer's blocking thread; one reader belongs to one thread. Memory does not grow with the
// number of rows (an .xlsx with shared strings keeps those strings, bounded by TableLimits). Errors:
// invalid_input when the file is not what it should be (the detail is a sentence for the user, in Russian),
// exhausted when a bound is reached, not_found or unavailable when the file cannot be opened or read.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exchange/table.hpp"

namespace dunlin {

/// Bounds against broken and hostile files. Reaching one ends the reading with Errc::exhausted.
struct TableLimits {
  std::uint64_t file_bytes = 512ULL << 20;
  std::uint64_t unpacked_bytes = 4ULL << 30;  ///< Of one part of an .xlsx, counted while unpacking.
  std::uint64_t unpack_ratio = 400;           ///< Unpacked to packed, checked beyond 1 MB of unpacked text.
  std::uint64_t shared_text_bytes = 256ULL << 20;  ///< All shared strings of an .xlsx together.
  std::uint64_t rows = 2'000'000;
  std::size_t sheets = 256;
  std::size_t columns = 512;
  std::size_t cell_bytes = 131'072;  ///< Twice Excel's own bound of 32 767 letters in Cyrillic.
};

enum class TableFormat : std::uint8_t { csv, xlsx };

/// What the file turned out to be; enough to write another one of the same kind.
struct TableInfo {
  TableFormat format = TableFormat::csv;
  std::string sheet;                ///< xlsx: the sheet that is read.
  std::vector<std::string> sheets;  ///< xlsx: all visible sheets in order.
  std::string encoding =
      "UTF-8";           ///< csv: "UTF-8", "UTF-16LE", "UTF-16BE", "windows-1251", "IBM866", "KOI8-R".
  bool has_bom = false;  ///< csv: starts with a byte order mark.
  char delimiter = ';';  ///< csv: ';' ',' tab or '|'.
  std::uint64_t header_line = 1;
};

/// Overrides of what is detected; empty means detect.
struct TableOptions {
  TableLimits limits;
  std::string sheet;
  std::string encoding;
  std::optional<char> delimiter;
};

struct TableProgress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total =
      0;  ///< Of the same kind as bytes_read: file bytes of a text, unpacked bytes of a sheet.
};

class TableReader {
 public:
  virtual ~TableReader() = default;
  /// The next row that has anything in it; nothing at the end. After an error the reader stays at that error.
  virtual Result<std::optional<TableRow>> next() = 0;
  /// Column titles, trimmed: the first row with two or more filled cells (or the only filled row).
  virtual const std::vector<std::string>& header() const = 0;
  virtual const TableInfo& info() const = 0;
  virtual TableProgress progress() const = 0;
};

/// Tells the kind by the first bytes, not by the name; the header is already read on return.
Result<std::unique_ptr<TableReader>> open_table(const std::filesystem::path& path,
                                                const TableOptions& options = {});
/// The same for a file that is already in memory (an upload).
Result<std::unique_ptr<TableReader>> open_table_bytes(std::string bytes, const TableOptions& options = {});

}  // namespace dunlin
