#pragma once
// A server on a unix socket that reads whatever comes and answers each connection from a script of raw bytes: broken,
// slow and refusing Redis servers for the tests of the door. One thread; ends with the object.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/check.hpp"

namespace dunlin::test {

class ScriptedRedis {
 public:
  /// Every read of a connection is answered by the next text of the script; after the last one nothing is said.
  explicit ScriptedRedis(std::vector<std::string> script, bool closes_at_end = false)
      : script_(std::move(script)), closes_at_end_(closes_at_end), folder_(make_folder()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path();
    text.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    DUNLIN_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    DUNLIN_CHECK(::listen(listener_, 8) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedRedis() {
    is_stopping_ = true;
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ + "/redis.sock"; }
  /// Everything received so far.
  std::string heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  static std::string make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "dunlin-redis-XXXXXX").string();
    DUNLIN_CHECK(::mkdtemp(name.data()) != nullptr);
    return name;
  }
  bool wait_readable(int descriptor) {
    while (!is_stopping_) {
      pollfd waiting{descriptor, POLLIN, 0};
      if (::poll(&waiting, 1, 20) > 0) return true;
    }
    return false;
  }
  void serve() {
    while (wait_readable(listener_)) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      talk(connection);
      ::close(connection);
    }
  }
  void talk(int connection) {
    std::size_t next = 0;
    while (wait_readable(connection)) {
      char chunk[4096];
      const ssize_t received = ::recv(connection, chunk, sizeof(chunk), 0);
      if (received <= 0) return;
      {
        const std::lock_guard lock(mutex_);
        heard_.append(chunk, static_cast<std::size_t>(received));
      }
      if (next < script_.size()) {
        const std::string& answer = script_[next++];
        (void)::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      if (next == script_.size() && closes_at_end_) return;
    }
  }

  const std::vector<std::string> script_;
  const bool closes_at_end_;
  const std::string folder_;
  int listener_ = -1;
  std::atomic<bool> is_stopping_{false};
  mutable std::mutex mutex_;
  std::string heard_;
  std::thread thread_;
};

}  // namespace dunlin::test
