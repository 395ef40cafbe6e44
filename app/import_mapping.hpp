#pragma once
// Which column of a portfolio file means what: by the titles, by a stored template, by the words of a person who corrects
// it. Errors name the column and what is allowed. Any thread; reads a stored document or a template file.
#include <string>
#include <vector>

#include "actors/contracts/doors.hpp"
#include "core/exchange/row_mapping.hpp"

namespace dunlin {

inline constexpr const char* template_document = "import_template";

/// `documents` may be null: then only template files are known.
Result<ColumnMapping> mapping_for(const ImportRequest& request, const std::vector<std::string>& header, const DocumentStore* documents);

/// Why rows cannot be read with this mapping; empty = they can.
std::string mapping_problem(const ColumnMapping& mapping);

ImportColumns describe_columns(const ColumnMapping& mapping);

/// Applies one "title=field" to the mapping.
Status change_mapping(ColumnMapping& mapping, const std::string& change);

}  // namespace dunlin
