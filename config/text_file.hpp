#pragma once
// A small text file as a whole, never more of it than its kind may have. Blocks on the disk; any thread.
#include <cstddef>
#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace dunlin {

/// Errc::not_found when it cannot be read, Errc::exhausted when it is larger than `most_bytes`.
Result<std::string> read_text_file(const std::filesystem::path& file, std::size_t most_bytes);

}  // namespace dunlin
