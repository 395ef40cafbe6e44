#pragma once
// `dunlin shell`: the same commands without the prefix, with line editing, history and completion (libedit).
#include <filesystem>

#include "app/cli/render.hpp"

namespace dunlin {

/// Words of one line; quotes keep spaces. Errors name an open quote.
Result<std::vector<std::string>> split_line(const std::string& line);

/// Runs until end of input or `exit`. Returns the exit code of the last command.
int run_shell(const std::filesystem::path& socket);

}  // namespace dunlin
