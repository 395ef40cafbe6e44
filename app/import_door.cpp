#include "app/import_door.hpp"

#include <filesystem>
#include <optional>
#include <unordered_map>

#include "app/import_mapping.hpp"
#include "core/exchange/file_dedupe.hpp"
#include "core/exchange/region_code.hpp"
#include "core/exchange/row_reader.hpp"
#include "gateways/reject_place.hpp"
#include "gateways/reject_writer.hpp"
#include "gateways/table_reader.hpp"

namespace dunlin {
namespace {

/// A file names the same few regions over and over, and finding the code of one costs as much as the rest of a row does.
class RegionCodes {
 public:
  const std::optional<std::string>& of(const std::string& text) {
    if (known_.size() >= max_known) known_.clear();
    const auto [entry, is_new] = known_.try_emplace(text);
    if (is_new) entry->second = region_code(text);
    return entry->second;
  }

 private:
  static constexpr std::size_t max_known = 1024;
  std::unordered_map<std::string, std::optional<std::string>> known_;
};

/// Not one of the short lists of words, so it has advice of its own.
RowError unknown_region() {
  RowError error = make_row_error(RowErrorCode::choice_bad, -1, "Регион");
  error.message_ru = "такого региона нет в справочнике";
  error.message_en = "unknown region";
  error.fix_ru = "укажите субъект РФ словами или кодом ISO, например Свердловская область, г. Москва, Республика Татарстан или RU-SVE; "
                 "города и района мало";
  error.fix_en = "name the subject of the federation in Russian or by its ISO code, for example Свердловская область, г. Москва or RU-SVE; "
                 "a town or a district is not enough";
  return error;
}

/// Names become the codes the law's tables know. A region nobody knows would deny for ever, so the row comes back.
std::vector<RowError> settle_regions(CaseDraft& draft, RegionCodes& codes) {
  std::vector<RowError> errors;
  for (std::string& region : draft.regions) {
    if (const auto& code = codes.of(region)) region = *code;
    else errors.push_back(unknown_region());
  }
  return errors;
}

RowError open_quote(std::uint64_t line) {
  RowError error = make_row_error(RowErrorCode::cell_error, -1, "");
  error.message_ru = "кавычка открыта в строке " + std::to_string(line) + " и не закрыта";
  error.message_en = "a quote is opened in row " + std::to_string(line) + " and never closed";
  error.fix_ru = "уберите лишнюю кавычку или поставьте закрывающую; кавычку внутри текста в кавычках пишут дважды";
  error.fix_en = "remove the stray quote or close it; a quote inside a quoted text is written twice";
  return error;
}

constexpr std::size_t reviews_kept = 1000;

class FileImportSource final : public ImportSource {
 public:
  FileImportSource(std::unique_ptr<TableReader> table, RowReader rows, std::string file, RejectPlace reject_place)
      : table_(std::move(table)), rows_(std::move(rows)), file_(std::move(file)), reject_place_(std::move(reject_place)) {}

  Result<std::vector<ImportRow>> next(std::size_t limit) override;
  ImportSourceProgress progress() const override;
  Status give_back(std::uint64_t line, const RowError& error) override;
  void settle(const std::vector<std::uint64_t>& lines) override;
  std::vector<ImportReview> reviews() const override { return reviews_; }
  Result<std::string> finish() override;

 private:
  Result<bool> next_into(std::vector<ImportRow>& good);
  Result<std::optional<ImportRow>> judge(TableRow& row);
  Status reject(const TableRow& row, const std::vector<RowError>& errors);
  Status write_reject(const TableRow& row, const std::vector<RowError>& errors);
  Status open_rejects();
  void review(std::uint64_t line, const RowError& error, bool is_taken);

  std::unique_ptr<TableReader> table_;
  RowReader rows_;
  RegionCodes regions_;
  FileDedupe dedupe_;
  std::string file_;
  RejectPlace reject_place_;
  std::filesystem::path reject_file_;                  ///< Where they are; empty as long as none came back.
  std::optional<Error> failure_;                       ///< Told after the rows before it.
  std::optional<RejectWriter> rejects_;
  ImportSourceProgress progress_;
  std::vector<ImportReview> reviews_;
  std::unordered_map<std::uint64_t, TableRow> given_;  ///< On their way: one of them may come back.
};

Result<std::vector<ImportRow>> FileImportSource::next(std::size_t limit) {
  std::vector<ImportRow> good;
  good.reserve(limit);
  while (!failure_ && good.size() < limit) {
    const auto more = next_into(good);
    if (!more) failure_ = more.error();
    else if (!*more) break;
  }
  if (failure_ && good.empty()) return *failure_;
  return good;
}

/// One row of the file, into `good` when it is. False: there is none left.
Result<bool> FileImportSource::next_into(std::vector<ImportRow>& good) {
  auto row = table_->next();
  if (!row) return Error{row.error().code, file_ + ": " + row.error().detail};
  if (!*row) return false;
  ++progress_.rows_read;
  auto judged = judge(**row);
  if (!judged) return judged.error();
  if (!*judged) return true;
  good.push_back(std::move(**judged));
  given_.emplace((*row)->line, std::move(**row));
  return true;
}

/// The row for its case; nothing when it came back to the user.
Result<std::optional<ImportRow>> FileImportSource::judge(TableRow& row) {
  const auto come_back = [&](const std::vector<RowError>& errors) -> Result<std::optional<ImportRow>> {
    const Status rejected = reject(row, errors);
    if (!rejected) return rejected.error();
    return std::optional<ImportRow>();
  };
  if (row.has_open_quote) return come_back({open_quote(row.line)});
  RowResult result = rows_.read(row.cells);
  if (result.verdict != RowVerdict::accepted) return come_back(result.errors);
  const auto unknown = settle_regions(result.draft, regions_);
  if (!unknown.empty()) return come_back(unknown);
  auto finding = dedupe_.add(row, result.draft);
  if (!finding) return finding.error();
  if (finding->repetition == Repetition::duplicate_row) ++progress_.duplicates;
  if (finding->repetition == Repetition::duplicate_row || finding->repetition == Repetition::conflict) return come_back(finding->errors);
  if (finding->namesake_line != 0 && reviews_.size() < reviews_kept) {
    const std::string line = std::to_string(finding->namesake_line);
    reviews_.push_back({row.line, "namesake", "тёзка без даты рождения: возможно, это тот же человек, что в строке " + line,
                        "a namesake without a birth date: perhaps the same person as in row " + line, true, {}});
  }
  return std::optional<ImportRow>(ImportRow{row.line, std::move(result.draft), finding->person, std::move(finding->same_as)});
}

void FileImportSource::review(std::uint64_t line, const RowError& error, bool is_taken) {
  if (reviews_.size() < reviews_kept) reviews_.push_back({line, std::string(to_string(error.code)), error.message_ru, error.message_en, is_taken, {}});
}

Status FileImportSource::reject(const TableRow& row, const std::vector<RowError>& errors) {
  for (const RowError& error : errors) {
    if (is_review(error.code)) review(row.line, error, false);
  }
  return write_reject(row, errors);
}

Status FileImportSource::write_reject(const TableRow& row, const std::vector<RowError>& errors) {
  if (!rejects_) {
    if (const Status opened = open_rejects(); !opened) return opened.error();
  }
  const Status written = rejects_->write(row, errors);
  if (!written) return reject_file_error(reject_file_, written.error().detail);
  ++progress_.rows_rejected;
  return Done{};
}

Status FileImportSource::open_rejects() {
  const auto claimed = claim_reject_file(reject_place_);
  if (!claimed) return claimed.error();
  auto writer = RejectWriter::open(*claimed, table_->info(), table_->header());
  if (!writer) return reject_file_error(*claimed, writer.error().detail);
  reject_file_ = *claimed;
  rejects_.emplace(std::move(*writer));
  return Done{};
}

Status FileImportSource::give_back(std::uint64_t line, const RowError& error) {
  const auto row = given_.find(line);
  if (row == given_.end()) return Done{};
  const Status written = write_reject(row->second, {error});
  given_.erase(row);
  return written;
}

void FileImportSource::settle(const std::vector<std::uint64_t>& lines) {
  for (const std::uint64_t line : lines) given_.erase(line);
}

ImportSourceProgress FileImportSource::progress() const {
  ImportSourceProgress p = progress_;
  const TableProgress bytes = table_->progress();
  if (bytes.bytes_total > 0) p.share_done = static_cast<double>(bytes.bytes_read) / static_cast<double>(bytes.bytes_total);
  return p;
}

Result<std::string> FileImportSource::finish() {
  if (!rejects_) return std::string();
  const Status written = rejects_->finish();
  if (!written) {
    progress_.rows_rejected = 0;  // The writer removes what is not complete.
    return reject_file_error(reject_file_, written.error().detail);
  }
  return reject_file_.string();
}

RejectPlace reject_place(const ImportRequest& request, const std::filesystem::path& spare_folder) {
  if (!request.reject_file.empty()) return {request.reject_file, true, request.file, {}};
  const std::filesystem::path file = request.file;
  return {file.parent_path() / (file.stem().string() + ".rejects" + file.extension().string()), false, file, spare_folder};
}

}  // namespace

Result<std::unique_ptr<ImportSource>> FileImportDoor::open(const ImportRequest& request, CivilDate today) {
  auto table = open_table(request.file);
  if (!table) return Error{table.error().code, request.file + ": " + table.error().detail};
  auto mapping = mapping_for(request, (*table)->header(), documents_);
  if (!mapping) return mapping.error();
  const std::string problem = mapping_problem(*mapping);
  if (!problem.empty()) return Error{Errc::invalid_input, request.file + ": " + problem};
  if (!request.reject_file.empty()) {
    if (const Status can = check_reject_file(request.reject_file); !can) return can.error();
  }
  RowOptions options;
  options.portfolio = request.portfolio;
  options.source = request.portfolio;
  options.today = today;
  RowReader rows(std::move(*mapping), std::move(options), plan_);
  return std::unique_ptr<ImportSource>(std::make_unique<FileImportSource>(std::move(*table), std::move(rows), request.file, reject_place(request, reject_folder_)));
}

Result<ImportColumns> FileImportDoor::columns(const ImportRequest& request) {
  const auto table = open_table(request.file);
  if (!table) return Error{table.error().code, request.file + ": " + table.error().detail};
  const auto mapping = mapping_for(request, (*table)->header(), documents_);
  if (!mapping) return mapping.error();
  return describe_columns(*mapping);
}

Result<std::string> FileImportDoor::make_template(const ImportRequest& request, const std::string& name, const std::vector<std::string>& changes) {
  const auto table = open_table(request.file);
  if (!table) return Error{table.error().code, request.file + ": " + table.error().detail};
  auto mapping = mapping_for(request, (*table)->header(), documents_);
  if (!mapping) return mapping.error();
  for (const std::string& change : changes) {
    if (const Status changed = change_mapping(*mapping, change); !changed) return changed.error();
  }
  const std::string problem = mapping_problem(*mapping);
  if (!problem.empty()) return Error{Errc::invalid_input, request.file + ": " + problem};
  return serialise({name, std::move(*mapping), request.portfolio, request.portfolio});
}

}  // namespace dunlin
