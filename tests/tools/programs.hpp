#pragma once
// Starts programs for the end-to-end tests: a folder of its own per test, child processes that end with it,
// logs as JSON.
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace dunlin::peer_test {

using Json = nlohmann::json;

/// A child process; its output goes to a file of the folder.
class Program {
 public:
  Program(const std::vector<std::string>& words, const std::string& output) {
    pid_ = fork();
    if (pid_ != 0) return;
    const int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(fd, 1);
    dup2(fd, 2);
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      wait();
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The exit code; 1000 + n for a death by signal n.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  int terminate() {
    kill(pid_, SIGTERM);
    return wait();
  }

 private:
  pid_t pid_ = -1;
};

/// A temporary folder, removed at the end.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/dunlin-peers-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }

 private:
  std::string path_;
};

inline std::vector<Json> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) {
    auto value = Json::parse(line, nullptr, false);
    if (value.is_object()) lines.push_back(std::move(value));
  }
  return lines;
}

inline std::vector<Json> events(const std::string& path, const std::string& name) {
  std::vector<Json> chosen;
  for (auto& line : read_lines(path)) {
    if (line.value("event", "") == name) chosen.push_back(std::move(line));
  }
  return chosen;
}

/// Looks every 50 ms until the claim holds; false after the limit, which only a broken program meets.
inline bool eventually(const std::function<bool()>& claim, int limit_s = 60) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  for (int i = 0; i < limit_s * 20; ++i) {
    if (claim()) return true;
    never.wait_for(lock, std::chrono::milliseconds(50));
  }
  return claim();
}

inline std::string binary(const std::string& name) {
  return std::string(DUNLIN_BIN_DIR) + "/" + name;
}

}  // namespace dunlin::peer_test
