#include "config/law_check.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/law_case.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {
namespace {

constexpr std::size_t most_table_bytes = 512U << 20;
constexpr std::size_t most_columns = 64;
constexpr std::array<std::string_view, 8> columns{"id",      "jurisdiction", "local_zone", "attempt_at",
                                                  "channel", "counterparty", "history",    "flags"};
using ColumnIndex = std::array<std::size_t, columns.size()>;

/// One record of RFC 4180 with the line it begins in.
struct Record {
  int line = 1;
  std::vector<std::string> cells;
  std::string fault;
};

/// Walks over the bytes; quoted cells may hold separators, quotes (doubled) and line ends.
class CsvCursor {
 public:
  explicit CsvCursor(std::string_view text) : text_(text) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  }

  bool is_done() const { return at_ >= text_.size(); }

  Record next() {
    Record record;
    record.line = line_;
    for (;;) {
      record.cells.push_back(take_cell(record));
      if (record.cells.size() > most_columns) record.fault = "more than 64 columns";
      if (is_done()) return record;
      const char end = text_[at_++];
      if (end == ',') {
        if (is_done()) record.cells.emplace_back();
        if (is_done()) return record;
        continue;
      }
      if (end == '\r' && !is_done() && text_[at_] == '\n') ++at_;
      ++line_;
      return record;
    }
  }

 private:
  std::string take_cell(Record& record) {
    if (is_done() || text_[at_] != '"') return take_plain();
    std::string cell;
    for (++at_; !is_done(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      cell += text_[at_];
    }
    if (is_done()) {
      record.fault = "a quote is not closed";
      return cell;
    }
    ++at_;
    if (!take_plain().empty()) record.fault = "text after a closing quote";
    return cell;
  }

  std::string take_plain() {
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string cell(text_.substr(at_, end - at_));
    at_ = end;
    return cell;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

Result<ColumnIndex> find_columns(const Record& header) {
  ColumnIndex index{};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto found = std::find(header.cells.begin(), header.cells.end(), columns[i]);
    if (found == header.cells.end()) return invalid_input("line 1: column " + std::string(columns[i]) + " is missing");
    index[i] = static_cast<std::size_t>(found - header.cells.begin());
  }
  return index;
}

Result<LawCheckRow> judge_row(const Record& record, const ColumnIndex& index, std::size_t width,
                              const std::shared_ptr<const RuleSet>& rules) {
  if (!record.fault.empty()) return invalid_input(record.fault);
  if (record.cells.size() != width) {
    return invalid_input("has " + std::to_string(record.cells.size()) + " columns, the header has " +
                         std::to_string(width));
  }
  const auto cell = [&](std::size_t column) { return record.cells[index[column]]; };
  if (cell(0).empty()) return invalid_input("the id is empty");
  auto law_case = read_law_case({cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7)});
  if (!law_case) return law_case.error();
  LawCheckRow row;
  row.id = cell(0);
  row.decision = ContactPolicy(rules, law_case->options).decide(law_case->query, law_case->history);
  if (row.decision.is_allowed()) return row;
  for (const RuleFinding& finding : row.decision.findings) {
    if (!row.rule_ids.empty()) row.rule_ids += ' ';
    row.rule_ids += finding.rule_id;
  }
  if (row.decision.until) {
    const ZoneTable* zone = row.decision.zones.empty() ? nullptr : rules->zones->find(row.decision.zones.front());
    row.until = format_in_zone(*row.decision.until, zone == nullptr ? 0 : zone->offset_at(*row.decision.until));
  }
  return row;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string format_in_zone(UtcTime time, int offset_s) {
  std::string text = format_utc(time + seconds(offset_s));
  text.pop_back();  // The Z.
  if (text.size() > 4 && text.compare(text.size() - 4, 4, ".000") == 0) text.resize(text.size() - 4);
  const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  const int minutes_east = (offset_s < 0 ? -offset_s : offset_s) / 60;
  return text + (offset_s < 0 ? "-" : "+") + two(minutes_east / 60) + ":" + two(minutes_east % 60);
}

std::string LawCheckReport::to_csv() const {
  std::string text = "id,decision,rule_id,until\n";
  for (const LawCheckRow& row : rows) {
    text += csv_cell(row.id) + (row.decision.is_allowed() ? ",allow," : ",deny,") + csv_cell(row.rule_ids) + "," +
            row.until + "\n";
  }
  return text;
}

Result<LawCheckReport> run_law_check(std::string_view csv, const std::shared_ptr<const RuleSet>& rules) {
  if (csv.size() > most_table_bytes) return Error{Errc::exhausted, "the table is larger than 512 MB"};
  CsvCursor cursor(csv);
  if (cursor.is_done()) return invalid_input("line 1: the table is empty");
  const Record header = cursor.next();
  const auto index = find_columns(header);
  if (!index) return index.error();
  LawCheckReport report;
  while (!cursor.is_done()) {
    const Record record = cursor.next();
    const bool is_blank = record.cells.size() == 1 && record.cells.front().empty() && record.fault.empty();
    if (is_blank) continue;
    auto row = judge_row(record, *index, header.cells.size(), rules);
    if (row) report.rows.push_back(std::move(*row));
    else report.faults.push_back("line " + std::to_string(record.line) + ": " + row.error().detail);
  }
  return report;
}

}  // namespace dunlin
