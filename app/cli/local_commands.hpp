#pragma once
// Commands that need no running node: they read files, never the network. Exit codes as everywhere.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dunlin {

struct LocalContext {
  std::filesystem::path data_folder;
  std::string output = "table";
  bool is_node_up = false;     ///< A node answers on the socket.
};

/// Runs the command if it is a local one; nullopt = ask the node.
std::optional<int> run_local(const std::vector<std::string>& words, const LocalContext& context);

}  // namespace dunlin
