#include "gateways/xlsx_writer.hpp"

#include <charconv>
#include <optional>
#include <system_error>
#include <xlsxwriter.h>

#include "core/base/time.hpp"
#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_cell_letters = 32'767;  // Excel's own bound.
constexpr lxw_row_t max_rows = 1'048'576;

/// A number the table may keep as a number: longer ones (phones, accounts) would lose digits on the screen.
std::optional<double> numeric(const Cell& cell) {
  if (cell.kind != CellKind::number && cell.kind != CellKind::boolean) return std::nullopt;
  if (utf8::digits_of(cell.text.substr(0, cell.text.find('.'))).size() >= 10) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), value);
  const bool is_whole = read.ec == std::errc() && read.ptr == cell.text.data() + cell.text.size();
  return is_whole ? std::optional<double>(value) : std::nullopt;
}

std::optional<lxw_datetime> moment(const Cell& cell) {
  if (cell.kind != CellKind::date || cell.text.size() < 10) return std::nullopt;
  const auto date = parse_date(std::string_view(cell.text).substr(0, 10));
  if (!date || date->year < 1900) return std::nullopt;
  lxw_datetime value{date->year, date->month, date->day, 0, 0, 0};
  if (cell.text.size() >= 19) {
    const auto time = parse_utc(cell.text.substr(0, 19) + "Z");
    if (!time) return std::nullopt;
    const auto second_of_day = static_cast<int>(time->ms / 1000 % 86'400);
    value.hour = second_of_day / 3600;
    value.min = second_of_day / 60 % 60;
    value.sec = second_of_day % 60;
  }
  return value;
}

/// The text up to Excel's bound, cut between letters.
std::string bounded(const std::string& text) {
  if (text.size() <= max_cell_letters) return text;
  std::size_t position = 0;
  for (std::size_t letters = 0; position < text.size() && letters < max_cell_letters; ++letters)
    utf8::next(text, position);
  return text.substr(0, position);
}

class XlsxWriter final : public TableWriter {
 public:
  XlsxWriter(std::filesystem::path path, const std::string& sheet) : path_(std::move(path)) {
    lxw_workbook_options options{};
    options.constant_memory = LXW_TRUE;
    book_ = workbook_new_opt(path_.c_str(), &options);
    if (book_ == nullptr) return;
    sheet_ = workbook_add_worksheet(book_, sheet.empty() ? nullptr : sheet.c_str());
    if (sheet_ == nullptr) sheet_ = workbook_add_worksheet(book_, nullptr);
    bold_ = workbook_add_format(book_);
    date_ = workbook_add_format(book_);
    date_time_ = workbook_add_format(book_);
    format_set_bold(bold_);
    format_set_num_format(date_, "dd.mm.yyyy");
    format_set_num_format(date_time_, "dd.mm.yyyy hh:mm:ss");
  }

  ~XlsxWriter() override {
    if (book_ == nullptr) return;
    workbook_close(book_);  // The library has no other way to free a book than to write it.
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  bool is_open() const { return book_ != nullptr && sheet_ != nullptr; }

  Status write_header(const std::vector<std::string>& header) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      worksheet_write_string(sheet_, 0, static_cast<lxw_col_t>(i), bounded(header[i]).c_str(), bold_);
    }
    worksheet_freeze_panes(sheet_, 1, 0);
    row_ = 1;
    return Done{};
  }

  Status write(const std::vector<Cell>& cells) override {
    if (row_ >= max_rows)
      return Error{Errc::exhausted, "В лист Excel помещается 1 048 576 строк: выберите .csv."};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (write_cell(static_cast<lxw_col_t>(i), cells[i]) != LXW_NO_ERROR) return failed();
    }
    ++row_;
    return Done{};
  }

  Status finish() override {
    const lxw_error error = workbook_close(book_);
    book_ = nullptr;
    if (error == LXW_NO_ERROR) return Done{};
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    return failed();
  }

 private:
  static Error failed() {
    return {Errc::unavailable, "Книга Excel не записывается: проверьте место на диске и папку."};
  }

  lxw_error write_cell(lxw_col_t column, const Cell& cell) {
    if (cell.kind == CellKind::empty) return LXW_NO_ERROR;
    if (cell.kind == CellKind::boolean)
      return worksheet_write_boolean(sheet_, row_, column, cell.text == "1", nullptr);
    if (const auto number = numeric(cell))
      return worksheet_write_number(sheet_, row_, column, *number, nullptr);
    if (auto date = moment(cell)) {
      lxw_format* const format = cell.text.size() >= 19 ? date_time_ : date_;
      return worksheet_write_datetime(sheet_, row_, column, &*date, format);
    }
    return worksheet_write_string(sheet_, row_, column, bounded(cell.text).c_str(), nullptr);
  }

  std::filesystem::path path_;
  lxw_workbook* book_ = nullptr;  ///< Owned; freed by workbook_close only.
  lxw_worksheet* sheet_ = nullptr;
  lxw_format* bold_ = nullptr;
  lxw_format* date_ = nullptr;
  lxw_format* date_time_ = nullptr;
  lxw_row_t row_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableWriter>> create_xlsx(const std::filesystem::path& path, const TableInfo& like,
                                                 const std::vector<std::string>& header) {
  auto writer = std::make_unique<XlsxWriter>(path, like.sheet);
  if (!writer->is_open())
    return Error{Errc::unavailable, "Книга Excel не создаётся: проверьте папку и права доступа."};
  if (const auto status = writer->write_header(header); !status) return status.error();
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace dunlin
