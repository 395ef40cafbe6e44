#pragma once
// Views as people and machines read them: tables for a terminal, json, ndjson or csv for programs. Pure.
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/result.hpp"

namespace dunlin {

enum class OutputFormat { table, json, ndjson, csv };
Result<OutputFormat> parse_output_format(const std::string& name);

/// `is_terminal` allows bold headings.
std::string render(const nlohmann::json& view, OutputFormat format, bool is_terminal);

}  // namespace dunlin
