#pragma once
// Delimited text: RFC 4180 with the liberties of real files (any of four delimiters, "sep=;", stray quotes
// inside a cell,
// ="00123" and '+7 guards of spreadsheets, lone CR or LF). One owner, one thread. All cells are texts.
#include <memory>

#include "gateways/input_bytes.hpp"
#include "gateways/table_reader.hpp"

namespace dunlin {

Result<std::unique_ptr<TableReader>> open_csv(InputBytes input, const TableOptions& options);

}  // namespace dunlin
