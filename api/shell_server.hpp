#pragma once
// The admin socket: a Unix socket whose file rights decide who may use it. One JSON line a request
// {"argv":["agent","list"]}, JSON lines back, the last one {"type":"end","exit":0}. Threads: one that accepts, one a
// connection (bounded). Requests of one connection are answered in order.
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

/// Answers one request line with the lines to send back (each without its newline). `user` is the owner of the process
/// on the other end, as the kernel knows him; empty when it does not say.
using LineHandler = std::function<std::vector<std::string>(const std::string& request, const std::string& user)>;

class ShellServer {
 public:
  /// Replaces a socket file that nobody listens on; Errc::conflict when another node does. Mode 0660.
  static Result<std::unique_ptr<ShellServer>> start(const std::filesystem::path& socket, LineHandler handler);
  ~ShellServer();

 private:
  explicit ShellServer(std::filesystem::path path, int listener, LineHandler handler);
  void accept_loop();
  void serve(int connection);

  std::filesystem::path path_;
  int listener_;
  LineHandler handler_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> connections_{0};
  std::thread acceptor_;
};

}  // namespace dunlin
