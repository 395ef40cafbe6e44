#include "gateways/reject_writer.hpp"

#include "core/exchange/person_key.hpp"

namespace dunlin {
namespace {

struct ExtraTitles {
  std::string_view error;
  std::string_view fix;
};
constexpr ExtraTitles russian_titles{"Ошибка", "Что исправить"};
constexpr ExtraTitles english_titles{"Error", "What to fix"};

bool is_extra_title(const std::string& title) {
  const std::string folded = fold_title(title);
  for (const auto& titles : {russian_titles, english_titles}) {
    if (folded == fold_title(titles.error) || folded == fold_title(titles.fix)) return true;
  }
  return false;
}

}  // namespace

RejectWriter::RejectWriter(std::unique_ptr<TableWriter> table, std::vector<std::size_t> kept_columns,
                           std::size_t column_count, char delimiter, ReportLanguage language)
    : table_(std::move(table)), kept_columns_(std::move(kept_columns)), column_count_(column_count), delimiter_(delimiter), language_(language) {}

Result<RejectWriter> RejectWriter::open(const std::filesystem::path& path, const TableInfo& like,
                                        const std::vector<std::string>& header, ReportLanguage language) {
  std::vector<std::size_t> kept;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (is_extra_title(header[i])) continue;
    kept.push_back(i);
    titles.push_back(header[i]);
  }
  const ExtraTitles& extra = language == ReportLanguage::ru ? russian_titles : english_titles;
  titles.emplace_back(extra.error);
  titles.emplace_back(extra.fix);
  auto table = open_table_writer(path, like, titles);
  if (!table) return table.error();
  return RejectWriter(std::move(*table), std::move(kept), header.size(), like.delimiter, language);
}

/// A quote that is not closed hides no delimiter, so its row has more cells than there are columns: what would find no column,
/// as it stood in the file.
std::string RejectWriter::beyond_the_last(const TableRow& row) const {
  std::string text;
  if (!row.has_open_quote || kept_columns_.empty() || row.cells.size() <= column_count_) return text;
  const std::size_t columns_left_out = column_count_ - 1 - kept_columns_.back();
  for (std::size_t i = kept_columns_.back() + 1; i + columns_left_out < row.cells.size(); ++i) text += delimiter_ + row.cells[i].text;
  return text;
}

Status RejectWriter::write(const TableRow& row, const std::vector<RowError>& errors) {
  std::vector<Cell> cells;
  cells.reserve(kept_columns_.size() + 2);
  for (const std::size_t column : kept_columns_)
    cells.push_back(column < row.cells.size() ? row.cells[column] : Cell{});
  const std::string beyond = beyond_the_last(row);
  if (!beyond.empty()) cells.back() = text_cell(cells.back().text + beyond);
  cells.push_back(text_cell(join_messages(errors, language_)));
  cells.push_back(text_cell(join_fixes(errors, language_)));
  ++row_count_;
  return table_->write(cells);
}

Status RejectWriter::finish() {
  return table_->finish();
}

}  // namespace dunlin
