#pragma once
// Excel workbooks (ECMA-376 part 1, SpreadsheetML) as a stream of rows: shared and inline strings, absolute
// and relative targets, dates by number format, the 1904 calendar. One owner, one thread.
#include <memory>

#include "gateways/input_bytes.hpp"
#include "gateways/table_reader.hpp"

namespace dunlin {

Result<std::unique_ptr<TableReader>> open_xlsx(InputBytes input, const TableOptions& options);

}  // namespace dunlin
