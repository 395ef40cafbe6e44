#pragma once
// The other end of the admin socket: sends one command, receives its view. Blocking; one thread.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/result.hpp"

namespace dunlin {

struct Reply {
  nlohmann::json view;      ///< Null when the command failed.
  int exit = 0;
  std::string error;
};

class NodeClient {
 public:
  /// Errc::unavailable when nobody listens; the detail says what to start.
  static Result<NodeClient> connect(const std::filesystem::path& socket);
  NodeClient(NodeClient&& other) noexcept;
  NodeClient& operator=(NodeClient&&) = delete;
  ~NodeClient();
  /// False after the node has closed the connection.
  bool is_open() const { return connection_ >= 0; }
  /// Goes on with the other's connection.
  void take(NodeClient other);

  /// `is_terminal`: a person looks at it, so the node may keep lists short.
  Result<Reply> run(const std::vector<std::string>& argv, bool is_terminal = false);

 private:
  explicit NodeClient(int connection) : connection_(connection) {}
  Result<std::string> read_line();
  void close();
  int connection_ = -1;
  std::string waiting_;
};

}  // namespace dunlin
