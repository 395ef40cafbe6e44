#pragma once
// One command against a node, from the words to the exit code: one-shot calls and the shell go the same way. Blocking.
#include <filesystem>
#include <string>
#include <vector>

#include "app/cli/client.hpp"
#include "app/cli/render.hpp"

namespace dunlin {

/// Words with the options that concern the showing taken out: -o FORMAT and --watch [SECONDS].
struct Request {
  std::vector<std::string> words;
  OutputFormat format = OutputFormat::table;
  int watch_ms = 0;               ///< 0: once.
};
Result<Request> parse_request(const std::vector<std::string>& words);

/// Runs, shows, follows jobs, watches. Returns the exit code; errors are told on the standard error.
int run_request(NodeClient& client, const Request& request);

/// Possible next words for the line so far, the last one being typed. Empty when the node does not answer.
std::vector<std::string> complete_words(NodeClient& client, const std::vector<std::string>& words);

/// A line for bash: `source <(dunlin completion bash)`.
std::string bash_completion();

}  // namespace dunlin
