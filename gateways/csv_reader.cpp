#include "gateways/csv_reader.hpp"

#include <algorithm>
#include <array>

#include "gateways/csv_reader_text.hpp"
#include "gateways/headered_reader.hpp"

namespace dunlin {
namespace {

constexpr std::size_t csv_piece_bytes = 128 * 1024;
constexpr std::size_t max_row_bytes = 4 * 1024 * 1024;
constexpr std::size_t max_ascii_search_bytes = 64 * 1024 * 1024;
constexpr std::size_t min_register_columns = 4;  ///< Name, phone, contract and amount. In fewer, a line of prose looks like a row.

enum class CellEnd : std::uint8_t {
  whole,
  needs_more,  ///< The buffer ends before the cell does.
  open_quote,  ///< The cell's quote is not closed where it could be.
};

constexpr std::string_view replacement_utf8 = "\xEF\xBF\xBD";

/// The value a spreadsheet meant: ="00123" and '+7… are its ways to keep a text a text.
void strip_guards(std::string& text) {
  if (text.size() >= 3 && text.starts_with("=\"") && text.back() == '"') {
    text = text.substr(2, text.size() - 3);
  } else if (text.size() >= 2 && text[0] == '\'' &&
             std::string_view("=+-@\t").find(text[1]) != std::string_view::npos) {
    text.erase(0, 1);
  }
}

Cell cell_of(std::string text) {
  strip_guards(text);
  if (text.find(replacement_utf8) != std::string::npos) return {CellKind::error, std::move(text)};
  return text_cell(std::move(text));
}

/// Occurrences of every candidate outside quotes, line by line, for as many lines as the sample has whole.
char guess_delimiter(std::string_view sample) {
  static constexpr std::array<char, 4> candidates{';', '\t', ',', '|'};
  std::array<std::vector<int>, 4> counts;
  std::array<int, 4> line{};
  bool is_quoted = false;
  bool is_blank = true;
  for (const char c : sample) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == '\n' && !is_quoted) {
      for (std::size_t i = 0; i < 4 && !is_blank; ++i) counts[i].push_back(line[i]);
      line.fill(0);
      is_blank = true;
      if (counts[0].size() == 50) break;
      continue;
    }
    is_blank = is_blank && (c == ' ' || c == '\r');
    for (std::size_t i = 0; i < 4 && !is_quoted; ++i) line[i] += c == candidates[i] ? 1 : 0;
  }
  if (!is_blank && counts[0].empty()) {
    for (std::size_t i = 0; i < 4; ++i) counts[i].push_back(line[i]);
  }
  char best = ';';
  long most_agreeing = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    // The sign most lines agree on decides, the usual one first: commas of decimals and of prose repeat less
    // evenly.
    for (const int n : counts[i]) {
      const long agreeing = n == 0 ? 0 : std::count(counts[i].begin(), counts[i].end(), n);
      if (agreeing > most_agreeing) {
        best = candidates[i];
        most_agreeing = agreeing;
      }
    }
  }
  return best;
}

/// Whether a quoted text of several lines holds a whole row of `columns`: as one of its lines, or as the rest of its first row
/// and the beginning of its last one.
bool holds_a_row(std::string_view text, char delimiter, std::size_t columns) {
  if (columns < min_register_columns) return false;
  const auto marks = [delimiter](std::string_view line) { return static_cast<std::size_t>(std::count(line.begin(), line.end(), delimiter)); };
  std::size_t at_edges = 0;
  for (bool is_first = true; true; is_first = false) {
    const std::size_t end = text.find_first_of("\r\n");
    const bool is_edge = is_first || end == std::string_view::npos;
    const std::size_t found = marks(text.substr(0, end));
    if (is_edge) at_edges += found;
    if ((is_edge ? at_edges : found) >= columns - 1) return true;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
}

class CsvReader final : public HeaderedReader {
 public:
  CsvReader(InputBytes input, const TableLimits& limits) : HeaderedReader(limits), input_(std::move(input)) {}

  Status start(const TableOptions& options) {
    info_.format = TableFormat::csv;
    if (const auto status = find_encoding(options.encoding); !status) return status;
    if (const auto status = refill(); !status) return status;
    read_separator_line();
    info_.delimiter = options.delimiter
                          ? *options.delimiter
                          : sep_line_.value_or(guess_delimiter(std::string_view(buffer_).substr(at_)));
    return read_header();
  }

  TableProgress progress() const override { return {input_.position(), input_.size()}; }

 protected:
  Result<std::optional<TableRow>> raw_next() override {
    while (true) {
      std::size_t position = at_;
      TableRow row;
      row.line = line_;
      const auto parsed = parse_row(position, row);
      if (!parsed) return parsed.error();
      if (*parsed) {
        if (position == at_) return std::optional<TableRow>();
        at_ = position;
        line_ += row_lines_;
        return std::optional<TableRow>(std::move(row));
      }
      if (buffer_.size() - at_ > max_row_bytes) {
        return invalid_input("Строка " + std::to_string(line_) + " длиннее 4 МБ.");
      }
      if (const auto status = refill(); !status) return status.error();
    }
  }

 private:
  Status find_encoding(const std::string& wanted) {
    auto sample = input_.read(csv_piece_bytes);
    if (!sample) return sample.error();
    DetectedEncoding found = detect_encoding(*sample);
    if (!found.is_text)
      return invalid_input("Это не текстовый файл и не книга Excel: сохраните таблицу как .xlsx или .csv.");
    // Titles in Latin and thousands of rows before the first Cyrillic letter: the encoding shows later.
    while (wanted.empty() && found.bom_bytes == 0 && is_ascii(*sample) && !sample->empty() &&
           input_.position() < max_ascii_search_bytes) {
      sample = input_.read(csv_piece_bytes);
      if (!sample) return sample.error();
      if (!is_ascii(*sample)) found.name = detect_encoding(*sample).name;
    }
    info_.encoding = wanted.empty() ? found.name : wanted;
    info_.has_bom = found.bom_bytes > 0;
    auto converter = TextConverter::to_utf8(info_.encoding);
    if (!converter) return converter.error();
    converter_ = std::make_unique<TextConverter>(std::move(*converter));
    if (const auto status = input_.rewind(); !status) return status;
    const auto mark = input_.read(found.bom_bytes);
    return mark ? Status(Done{}) : Status(mark.error());
  }

  /// Excel's own hint in the first line: "sep=;".
  void read_separator_line() {
    const std::string_view text = buffer_;
    if (!text.starts_with("sep=") || text.size() < 6) return;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end > 7) return;
    sep_line_ = text[4];
    at_ = end + 1;
    ++line_;
  }

  Status refill() {
    auto piece = input_.read(csv_piece_bytes);
    if (!piece) return piece.error();
    is_at_end_ = piece->empty();
    const auto text = converter_->convert(*piece, is_at_end_);
    if (!text) return text.error();
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_ += *text;
    return Done{};
  }

  /// True when a whole row lay in the buffer (or the rest of the file); `position` then stands behind it.
  Result<bool> parse_row(std::size_t& position, TableRow& row) {
    row_lines_ = 0;
    while (true) {
      std::string text;
      const CellEnd end = position_is_quote(position) ? parse_quoted(position, text, row.has_open_quote)
                                                      : parse_plain(position, text);
      if (end == CellEnd::needs_more) return false;
      if (end == CellEnd::open_quote) {
        // What follows are other rows: only this line is this row's.
        position = at_;
        row_lines_ = 0;
        row.cells.clear();
        row.has_open_quote = true;
        continue;
      }
      if (text.size() > limits_.cell_bytes) return too_much(row, "слишком длинный текст в ячейке");
      row.cells.push_back(cell_of(std::move(text)));
      if (row.cells.size() > limits_.columns)
        return too_much(row, "столбцов больше " + std::to_string(limits_.columns));
      if (position >= buffer_.size()) {
        ++row_lines_;
        return true;
      }
      const char mark = buffer_[position++];
      if (mark == info_.delimiter) continue;
      ++row_lines_;
      if (mark != '\r') return true;
      if (position < buffer_.size()) {
        position += buffer_[position] == '\n' ? 1 : 0;
        return true;
      }
      return is_at_end_;
    }
  }

  static Error too_much(const TableRow& row, const std::string& what) {
    return {Errc::exhausted, "Строка " + std::to_string(row.line) + ": " + what + "."};
  }

  bool position_is_quote(std::size_t position) const {
    return position < buffer_.size() && buffer_[position] == '"';
  }

  bool is_cell_end(char c) const { return c == info_.delimiter || c == '\n' || c == '\r'; }

  CellEnd parse_plain(std::size_t& position, std::string& text) const {
    const std::size_t from = position;
    while (position < buffer_.size() && !is_cell_end(buffer_[position])) ++position;
    if (position >= buffer_.size() && !is_at_end_) return CellEnd::needs_more;
    text.append(buffer_, from, position - from);
    return CellEnd::whole;
  }

  /// `is_one_line`: a quote that its own line does not close is a sign like any other.
  CellEnd parse_quoted(std::size_t& position, std::string& text, bool is_one_line) {
    const std::size_t from = position;
    bool has_breaks = false;
    for (++position; position < buffer_.size(); ++position) {
      const char c = buffer_[position];
      if (c == '"') {
        if (position + 1 >= buffer_.size() && !is_at_end_) return CellEnd::needs_more;
        if (position + 1 >= buffer_.size() || buffer_[position + 1] != '"') {
          ++position;
          return parse_tail(position, text, has_breaks);
        }
        ++position;
      }
      has_breaks = has_breaks || c == '\n' || c == '\r';
      if (has_breaks && is_one_line) break;
      if (has_breaks && text.size() > limits_.cell_bytes) return CellEnd::open_quote;
      if (c == '\n') ++row_lines_;
      text += c;
    }
    if (!is_one_line) return is_at_end_ ? CellEnd::open_quote : CellEnd::needs_more;
    text.clear();
    position = from;
    return parse_plain(position, text);
  }

  /// Signs between the closing quote and the delimiter belong to the cell. Behind a cell of several lines they show that its
  /// quote was closed by the opening one of a later row; a row inside the cell shows that it was closed by a lone one.
  CellEnd parse_tail(std::size_t& position, std::string& text, bool has_breaks) const {
    const std::size_t quoted = text.size();
    const CellEnd end = parse_plain(position, text);
    const bool is_of_other_row = text.find_first_not_of(' ', quoted) != std::string::npos;
    if (end != CellEnd::whole || !has_breaks) return end;
    return is_of_other_row || holds_a_row(text, info_.delimiter, header().size()) ? CellEnd::open_quote : end;
  }

  InputBytes input_;
  std::unique_ptr<TextConverter> converter_;
  std::string buffer_;  ///< Decoded text; rows before at_ are done.
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t row_lines_ = 0;  ///< Physical lines of the row that is being parsed.
  std::optional<char> sep_line_;
  bool is_at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<TableReader>> open_csv(InputBytes input, const TableOptions& options) {
  auto reader = std::make_unique<CsvReader>(std::move(input), options.limits);
  if (const auto status = reader->start(options); !status) return status.error();
  return std::unique_ptr<TableReader>(std::move(reader));
}

}  // namespace dunlin
