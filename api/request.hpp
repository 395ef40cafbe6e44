#pragma once
// One request line of the admin socket into reply lines, by the command table. Any thread.
#include <string>
#include <vector>

#include "api/command.hpp"

namespace dunlin {

/// Never fails: bad JSON and failed commands become an end line with their exit code.
std::vector<std::string> answer_request(const CommandTable& table, const CommandContext& context, const std::string& request);

}  // namespace dunlin
