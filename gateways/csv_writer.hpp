#pragma once
// Delimited text in any encoding the reader knows. One owner, one thread.
#include <filesystem>
#include <memory>
#include <string_view>

#include "gateways/table_writer.hpp"

namespace dunlin {

Result<std::unique_ptr<TableWriter>> create_csv(const std::filesystem::path& path, const TableInfo& like,
                                                const TableWriterOptions& options);

/// True for a text that a spreadsheet would take for a formula; phone numbers and plain signed numbers are
/// not.
bool looks_like_formula(std::string_view text);

}  // namespace dunlin
