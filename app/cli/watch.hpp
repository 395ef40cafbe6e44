#pragma once
// --watch: the same question again and again, drawn in place on a terminal, at most twice a second. Ctrl-C ends it and
// leaves the terminal as it was.
#include "app/cli/session.hpp"

namespace dunlin {

/// 130 after Ctrl-C; the command's own code when it fails.
int watch_request(NodeClient& client, const Request& request);

/// The frame cut to the window: lines beyond it are dropped, long ones end in "…". Pure.
std::string fit_frame(const std::string& text, std::size_t columns, std::size_t rows);

}  // namespace dunlin
