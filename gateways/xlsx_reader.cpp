#include "gateways/xlsx_reader.hpp"

#include <algorithm>
#include <charconv>
#include <deque>

#include "gateways/headered_reader.hpp"
#include "gateways/xlsx_reader_book.hpp"
#include "gateways/xlsx_reader_package.hpp"

namespace dunlin {
namespace {

/// Turns the events of a sheet into rows. Rows wait here until the reader takes them: at most what 64 kB of
/// XML hold.
class SheetHandler final : public XmlHandler {
 public:
  SheetHandler(const Workbook& book, const TableLimits& limits) : book_(book), limits_(limits) {}

  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "row") return start_row(attributes);
    if (name == "c") return start_cell(attributes);
    if (name == "rPh") is_phonetic_ = true;
    is_in_value_ = name == "v" || (name == "t" && !is_phonetic_);
  }

  void on_end(std::string_view name) override {
    is_in_value_ = false;
    if (name == "rPh") is_phonetic_ = false;
    if (name == "c") end_cell();
    if (name == "row" && !row_.cells.empty()) rows.push_back(std::move(row_));
  }

  void on_text(std::string_view text) override {
    if (!is_in_value_) return;
    if (value_.size() + text.size() > limits_.cell_bytes)
      return fail(too_much("слишком длинный текст в ячейке"));
    value_ += text;
  }

  std::deque<TableRow> rows;

 private:
  Error too_much(std::string_view what) const {
    return {Errc::exhausted, "Строка " + std::to_string(row_.line) + ": " + std::string(what) + "."};
  }

  void start_row(const XmlAttributes& attributes) {
    const std::uint64_t previous = row_.line;
    row_ = TableRow{};
    row_.line = previous + 1;
    const auto number = attributes.get("r");
    std::from_chars(number.data(), number.data() + number.size(), row_.line);
    column_ = 0;
  }

  void start_cell(const XmlAttributes& attributes) {
    value_.clear();
    type_ = attributes.get("t");
    style_ = 0;
    const auto style = attributes.get("s");
    std::from_chars(style.data(), style.data() + style.size(), style_);
    const auto reference = attributes.get("r");
    std::size_t column = 0;
    for (std::size_t i = 0; i < reference.size() && i < 4 && reference[i] >= 'A' && reference[i] <= 'Z';
         ++i) {
      column = column * 26 + static_cast<std::size_t>(reference[i] - 'A') + 1;
    }
    column_ = column > 0 ? column : column_ + 1;  // Writers may leave references out.
  }

  void end_cell() {
    if (value_.empty()) return;
    if (column_ > limits_.columns)
      return fail(too_much("столбцов больше " + std::to_string(limits_.columns)));
    if (row_.cells.size() < column_) row_.cells.resize(column_);
    row_.cells[column_ - 1] = typed_cell();
  }

  Cell typed_cell() {
    if (type_ == "s") return shared_cell();
    if (type_ == "inlineStr" || type_ == "str") return text_cell(std::move(value_));
    if (type_ == "b") return {CellKind::boolean, value_ == "1" || value_ == "true" ? "1" : "0"};
    if (type_ == "e") return {CellKind::error, std::move(value_)};
    if (type_ == "d") return {CellKind::date, std::move(value_)};
    if (style_ < book_.is_date_style.size() && book_.is_date_style[style_]) {
      std::string date = date_of_serial(value_, book_.has_1904_dates);
      if (!date.empty()) return {CellKind::date, std::move(date)};
    }
    return {CellKind::number, plain_number(value_)};
  }

  Cell shared_cell() const {
    std::size_t index = 0;
    const auto read = std::from_chars(value_.data(), value_.data() + value_.size(), index);
    if (read.ec != std::errc() || index >= book_.strings.size()) return {CellKind::error, "#REF!"};
    return text_cell(std::string(book_.strings.get(index)));
  }

  const Workbook& book_;
  TableLimits limits_;
  TableRow row_;
  std::size_t column_ = 0;  ///< Counted from 1.
  std::string type_;
  std::size_t style_ = 0;
  std::string value_;
  bool is_in_value_ = false;
  bool is_phonetic_ = false;
};

/// Looks whether a sheet is whole, and how far it is.
class SheetCheck final : public XmlHandler {
 public:
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "row") return;
    ++line_;
    const auto number = attributes.get("r");
    std::from_chars(number.data(), number.data() + number.size(), line_);
  }
  void on_end(std::string_view name) override {
    if (name == "row") last_whole_line = line_;
  }
  void on_text(std::string_view) override {}

  std::uint64_t last_whole_line = 0;

 private:
  std::uint64_t line_ = 0;
};

class XlsxReader final : public HeaderedReader {
 public:
  XlsxReader(ZipPackage package, Workbook book, const TableLimits& limits)
      : HeaderedReader(limits),
        package_(std::move(package)),
        book_(std::move(book)),
        handler_(book_, limits) {}

  Status start(const std::string& wanted_sheet) {
    info_.format = TableFormat::xlsx;
    for (const auto& sheet : book_.sheets) info_.sheets.push_back(sheet.name);
    const auto found = std::find_if(book_.sheets.begin(), book_.sheets.end(), [&](const SheetPlace& sheet) {
      return wanted_sheet.empty() || sheet.name == wanted_sheet;
    });
    if (found == book_.sheets.end()) {
      return invalid_input(wanted_sheet.empty() ? "В книге Excel нет видимых листов."
                                                : "В книге Excel нет такого листа.");
    }
    info_.sheet = found->name;
    if (const auto status = check_sheet(found->part); !status) return status;
    auto stream = package_.stream(found->part, handler_);
    if (!stream) return stream.error();
    stream_ = std::move(*stream);
    return read_header();
  }

  TableProgress progress() const override { return {stream_->bytes_read(), stream_->bytes_total()}; }

 protected:
  Result<std::optional<TableRow>> raw_next() override {
    while (handler_.rows.empty() && !is_at_end_ && !damage_) {
      const auto more = stream_->step();
      if (!more) damage_ = more.error();
      else is_at_end_ = !*more;
    }
    // Rows before the one at fault are told first.
    if (handler_.rows.empty() && damage_) return Error{damage_->code, place(last_line_) + damage_->detail};
    if (handler_.rows.empty()) return std::optional<TableRow>();
    TableRow row = std::move(handler_.rows.front());
    handler_.rows.pop_front();
    last_line_ = row.line;
    return std::optional<TableRow>(std::move(row));
  }

 private:
  /// Unpacks the sheet to its end before its first row is told: the check sum stands behind the last byte, and a row of a
  /// damaged book may say anything.
  Status check_sheet(const std::string& part) const {
    SheetCheck check;
    const Status whole = package_.parse(part, check);
    if (!whole) return Error{whole.error().code, place(check.last_whole_line) + whole.error().detail};
    return Done{};
  }

  std::string place(std::uint64_t last_line) const {
    const std::string sheet = "лист «" + info_.sheet + "», ";
    return sheet + (last_line == 0 ? std::string("первая строка: ") : "после строки " + std::to_string(last_line) + ": ");
  }

  ZipPackage package_;
  Workbook book_;
  SheetHandler handler_;
  std::unique_ptr<PartStream> stream_;
  bool is_at_end_ = false;
  std::optional<Error> damage_;
  std::uint64_t last_line_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableReader>> open_xlsx(InputBytes input, const TableOptions& options) {
  auto package = ZipPackage::open(std::move(input), options.limits);
  if (!package) return package.error();
  auto book = read_workbook(*package, options.limits);
  if (!book) return book.error();
  auto reader = std::make_unique<XlsxReader>(std::move(*package), std::move(*book), options.limits);
  if (const auto status = reader->start(options.sheet); !status) return status.error();
  return std::unique_ptr<TableReader>(std::move(reader));
}

}  // namespace dunlin
