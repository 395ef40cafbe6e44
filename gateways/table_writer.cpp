#include "gateways/table_writer.hpp"

#include "gateways/csv_writer.hpp"
#include "gateways/xlsx_writer.hpp"

namespace dunlin {

Result<std::unique_ptr<TableWriter>> open_table_writer(const std::filesystem::path& path,
                                                       const TableInfo& like,
                                                       const std::vector<std::string>& header,
                                                       const TableWriterOptions& options) {
  if (like.format == TableFormat::xlsx) return create_xlsx(path, like, header);
  auto writer = create_csv(path, like, options);
  if (!writer) return writer;
  std::vector<Cell> titles;
  for (const auto& title : header) titles.push_back(text_cell(title));
  if (const auto status = (*writer)->write(titles); !status) return status.error();
  return writer;
}

}  // namespace dunlin
