#pragma once
// `dunlin event tail --follow`: prints the facts as the node commits them, until Ctrl-C.
#include <string>
#include <vector>

#include "app/cli/client.hpp"
#include "app/cli/render.hpp"

namespace dunlin {

bool is_event_follow(const std::vector<std::string>& words);
/// 130 on Ctrl-C, else the exit code of what went wrong. json and ndjson print one event a line.
int follow_events(NodeClient& client, std::vector<std::string> words, OutputFormat format);

}  // namespace dunlin
