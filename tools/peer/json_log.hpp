#pragma once
// A judge's log: one JSON object a line, each line written whole with one write(), so that a killed program
// leaves complete lines and two programs may share a file. Any thread.
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/peer/result.hpp"

namespace dunlin::peer {

using Json = nlohmann::ordered_json;

class JsonLog {
 public:
  /// Opens for appending; "-" is standard output.
  static Result<std::unique_ptr<JsonLog>> open(const std::string& path);
  ~JsonLog();
  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  /// Writes {"ts":now,"event":event, fields...}. A line that cannot be written is counted, never retried.
  void write(const char* event, const Json& fields);
  std::uint64_t lost_lines() const { return lost_lines_; }

 private:
  explicit JsonLog(int fd) : fd_(fd) {}
  int fd_;
  std::uint64_t lost_lines_ = 0;
};

}  // namespace dunlin::peer
