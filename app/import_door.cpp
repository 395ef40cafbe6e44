#include "app/import_door.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/exchange/file_dedupe.hpp"
#include "core/exchange/region_code.hpp"
#include "core/exchange/row_reader.hpp"
#include "gateways/reject_writer.hpp"
#include "gateways/table_reader.hpp"

namespace dunlin {
namespace {

/// Names become the codes the law's tables know. A region nobody knows would deny for ever, so the row comes back.
std::vector<RowError> settle_regions(CaseDraft& draft) {
  std::vector<RowError> errors;
  for (std::string& region : draft.regions) {
    if (auto code = region_code(region)) region = std::move(*code);
    else errors.push_back(make_row_error(RowErrorCode::choice_bad, -1, "Регион", {"такого региона нет в справочнике", "unknown region"}));
  }
  return errors;
}

class FileImportSource final : public ImportSource {
 public:
  FileImportSource(std::unique_ptr<TableReader> table, RowReader rows, std::filesystem::path reject_file)
      : table_(std::move(table)), rows_(std::move(rows)), reject_file_(std::move(reject_file)) {}

  Result<std::vector<ImportRow>> next(std::size_t limit) override;
  ImportSourceProgress progress() const override;
  Result<std::string> finish() override;

 private:
  Status reject(const TableRow& row, const std::vector<RowError>& errors);

  std::unique_ptr<TableReader> table_;
  RowReader rows_;
  FileDedupe dedupe_;
  std::filesystem::path reject_file_;
  std::optional<RejectWriter> rejects_;
  ImportSourceProgress progress_;
};

Result<std::vector<ImportRow>> FileImportSource::next(std::size_t limit) {
  std::vector<ImportRow> good;
  while (good.size() < limit) {
    auto row = table_->next();
    if (!row) return row.error();
    if (!*row) break;
    ++progress_.rows_read;
    RowResult result = rows_.read((*row)->cells);
    if (result.verdict != RowVerdict::accepted) {
      const Status rejected = reject(**row, result.errors);
      if (!rejected) return rejected.error();
      continue;
    }
    const auto unknown = settle_regions(result.draft);
    if (!unknown.empty()) {
      const Status rejected = reject(**row, unknown);
      if (!rejected) return rejected.error();
      continue;
    }
    const auto finding = dedupe_.add(**row, result.draft);
    if (!finding) return finding.error();
    if (finding->repetition == Repetition::duplicate_row || finding->repetition == Repetition::conflict) {
      if (finding->repetition == Repetition::duplicate_row) ++progress_.duplicates;
      const Status rejected = reject(**row, finding->errors);
      if (!rejected) return rejected.error();
      continue;
    }
    good.push_back({(*row)->line, std::move(result.draft)});
  }
  return good;
}

Status FileImportSource::reject(const TableRow& row, const std::vector<RowError>& errors) {
  ++progress_.rows_rejected;
  if (!rejects_) {
    auto writer = RejectWriter::open(reject_file_, table_->info(), table_->header());
    if (!writer) return writer.error();
    rejects_.emplace(std::move(*writer));
  }
  return rejects_->write(row, errors);
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
  if (!written) return written.error();
  return reject_file_.string();
}

Error incomplete(const MappingReview& review, const std::vector<std::string>& header) {
  std::string text = "не удалось сопоставить столбцы файла.";
  for (const Field field : review.missing) text += " Нет столбца «" + std::string(title_ru(field)) + "».";
  for (const AmbiguousField& ambiguous : review.ambiguous) {
    text += " Столбцов «" + std::string(title_ru(ambiguous.field)) + "» несколько:";
    for (const int column : ambiguous.columns) text += " «" + header[static_cast<std::size_t>(column)] + "»";
    text += ".";
  }
  return invalid_input(text + " Переименуйте столбцы или укажите шаблон: --template FILE.");
}

Result<ColumnMapping> mapping_for(const ImportRequest& request, const std::vector<std::string>& header) {
  if (request.template_name.empty()) return detect_mapping(header);
  std::ifstream stream(request.template_name, std::ios::binary);
  if (!stream) return Error{Errc::not_found, "mapping template " + request.template_name + " cannot be read"};
  std::ostringstream text;
  text << stream.rdbuf();
  const auto tmpl = parse_template(text.str());
  if (!tmpl) return Error{tmpl.error().code, request.template_name + ": " + tmpl.error().detail};
  return apply_template(*tmpl, header);
}

std::filesystem::path reject_path(const ImportRequest& request) {
  if (!request.reject_file.empty()) return request.reject_file;
  const std::filesystem::path file = request.file;
  return file.parent_path() / (file.stem().string() + ".rejects" + file.extension().string());
}

}  // namespace

Result<std::unique_ptr<ImportSource>> FileImportDoor::open(const ImportRequest& request, CivilDate today) {
  auto table = open_table(request.file);
  if (!table) return Error{table.error().code, request.file + ": " + table.error().detail};
  auto mapping = mapping_for(request, (*table)->header());
  if (!mapping) return mapping.error();
  const MappingReview review = review_mapping(*mapping);
  if (!review.is_complete()) return Error{Errc::invalid_input, request.file + ": " + incomplete(review, (*table)->header()).detail};
  RowOptions options;
  options.portfolio = request.portfolio;
  options.source = request.portfolio;
  options.today = today;
  RowReader rows(std::move(*mapping), std::move(options), plan_);
  return std::unique_ptr<ImportSource>(std::make_unique<FileImportSource>(std::move(*table), std::move(rows), reject_path(request)));
}

}  // namespace dunlin
