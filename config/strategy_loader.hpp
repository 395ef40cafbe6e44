#pragma once
// A strategy as people write it: one TOML file (docs/strategy.md). Every field is checked; errors name file, line, field
// and what is allowed, all rules at once, so that one reading mends a whole file. Reads no clock; any thread.
#include <filesystem>
#include <string>
#include <string_view>

#include "config/field_table.hpp"
#include "core/base/result.hpp"
#include "core/dialing/strategy.hpp"

namespace dunlin {

/// A longer text is refused.
inline constexpr std::size_t most_strategy_bytes = 128 * 1024;

/// Errc::invalid_input with one line a finding. `file` is only a name for the findings.
Result<Strategy> parse_strategy(const std::string& file, std::string_view text);

/// The text of a file. Errc::not_found when it cannot be read.
Result<std::string> read_strategy_text(const std::filesystem::path& file);

}  // namespace dunlin
