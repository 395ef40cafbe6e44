#pragma once
// The door to libxlsxwriter: one sheet, rows streamed to a temporary file and packed by finish(). One owner,
// one thread.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateways/table_writer.hpp"

namespace dunlin {

Result<std::unique_ptr<TableWriter>> create_xlsx(const std::filesystem::path& path, const TableInfo& like,
                                                 const std::vector<std::string>& header);

}  // namespace dunlin
