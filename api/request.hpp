#pragma once
// One request line of the admin socket into reply lines, by the command table. Any thread.
#include <string>
#include <vector>

#include "api/command.hpp"

namespace dunlin {

/// Never fails: bad JSON and failed commands become an end line with their exit code. A request is
/// {"argv":[…], "cwd":"/where/he/is", "is_terminal":true}; `user` is who the socket says he is, empty when unknown.
std::vector<std::string> answer_request(const CommandTable& table, const CommandContext& context, const std::string& request,
                                        const std::string& user = {});

}  // namespace dunlin
