#include "gateways/csv_writer.hpp"

#include <fstream>
#include <system_error>

#include "gateways/csv_reader_text.hpp"

namespace dunlin {
namespace {

constexpr std::size_t flush_bytes = 256 * 1024;

std::string_view bom_of(std::string_view encoding) {
  if (encoding == "UTF-8") return "\xEF\xBB\xBF";
  if (encoding == "UTF-16LE") return "\xFF\xFE";
  if (encoding == "UTF-16BE") return "\xFE\xFF";
  return "";
}

/// Dates go out as people here write them.
std::string shown(const Cell& cell) {
  if (cell.kind != CellKind::date || cell.text.size() < 10) return cell.text;
  const std::string& t = cell.text;
  const std::string date = t.substr(8, 2) + "." + t.substr(5, 2) + "." + t.substr(0, 4);
  return t.size() > 11 ? date + " " + t.substr(11) : date;
}

class CsvWriter final : public TableWriter {
 public:
  CsvWriter(std::filesystem::path path, char delimiter, TextConverter converter, TableWriterOptions options)
      : path_(std::move(path)),
        file_(path_, std::ios::binary | std::ios::trunc),
        delimiter_(delimiter),
        converter_(std::move(converter)),
        options_(options) {}

  ~CsvWriter() override {
    if (is_finished_) return;
    file_.close();
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  bool is_open() const { return file_.is_open(); }
  void put_bom(std::string_view bom) { file_.write(bom.data(), static_cast<std::streamsize>(bom.size())); }

  Status write(const std::vector<Cell>& cells) override {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) buffer_ += delimiter_;
      append_cell(shown(cells[i]));
    }
    buffer_ += "\r\n";
    return buffer_.size() < flush_bytes ? Status(Done{}) : flush(false);
  }

  Status finish() override {
    if (const auto status = flush(true); !status) return status;
    file_.close();
    if (file_.fail()) return failed();
    is_finished_ = true;
    return Done{};
  }

 private:
  static Error failed() { return {Errc::unavailable, "Файл не записывается: проверьте место на диске."}; }

  void append_cell(std::string text) {
    if (options_.is_formula_safe && looks_like_formula(text)) text.insert(text.begin(), '\'');
    const bool needs_quotes = text.find_first_of("\"\r\n") != std::string::npos ||
                              text.find(delimiter_) != std::string::npos || text.starts_with(' ') ||
                              text.ends_with(' ');
    if (!needs_quotes) {
      buffer_ += text;
      return;
    }
    buffer_ += '"';
    for (const char c : text) {
      if (c == '"') buffer_ += '"';
      buffer_ += c;
    }
    buffer_ += '"';
  }

  Status flush(bool is_last) {
    const auto bytes = converter_.convert(buffer_, is_last);
    if (!bytes) return bytes.error();
    buffer_.clear();
    file_.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
    return file_.good() ? Status(Done{}) : Status(failed());
  }

  std::filesystem::path path_;
  std::ofstream file_;
  char delimiter_;
  TextConverter converter_;
  TableWriterOptions options_;
  std::string buffer_;
  bool is_finished_ = false;
};

}  // namespace

bool looks_like_formula(std::string_view text) {
  if (text.empty()) return false;
  const char first = text[0];
  if (first == '=' || first == '@' || first == '\t' || first == '\r') return true;
  if (first != '+' && first != '-') return false;
  return text.size() > 1 && text.find_first_not_of("0123456789 ().,-\xC2\xA0", 1) != std::string_view::npos;
}

Result<std::unique_ptr<TableWriter>> create_csv(const std::filesystem::path& path, const TableInfo& like,
                                                const TableWriterOptions& options) {
  auto converter = TextConverter::from_utf8(like.encoding);
  if (!converter) return converter.error();
  auto writer = std::make_unique<CsvWriter>(path, like.delimiter, std::move(*converter), options);
  if (!writer->is_open())
    return Error{Errc::unavailable, "Файл не создаётся: проверьте папку и права доступа."};
  if (like.has_bom) writer->put_bom(bom_of(like.encoding));
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace dunlin
