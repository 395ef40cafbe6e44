#pragma once
// A flow as people write it: one TOML file (docs/ivr.md). Every field is checked; errors name file, line, field and what is
// allowed, all steps at once, so that one reading mends a whole file. Reads no clock; any thread.
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/dialogue/flow.hpp"

namespace dunlin {

/// A longer text is refused.
inline constexpr std::size_t most_flow_bytes = 256 * 1024;

/// Errc::invalid_input with one line a finding. `file` is only a name for the findings.
Result<Flow> parse_flow(const std::string& file, std::string_view text);

/// The text of a file. Errc::not_found when it cannot be read.
Result<std::string> read_flow_text(const std::filesystem::path& file);

}  // namespace dunlin
