#include "tools/peer/json_log.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "tools/peer/clock.hpp"

namespace dunlin::peer {

Result<std::unique_ptr<JsonLog>> JsonLog::open(const std::string& path) {
  if (path == "-") return std::unique_ptr<JsonLog>(new JsonLog(dup(STDOUT_FILENO)));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return Failure{"cannot open log " + path + ": " + std::strerror(errno)};
  return std::unique_ptr<JsonLog>(new JsonLog(fd));
}

JsonLog::~JsonLog() {
  ::close(fd_);
}

void JsonLog::write(const char* event, const Json& fields) {
  Json line;
  line["ts"] = wall_ms();
  line["event"] = event;
  line.update(fields);
  // The far end may send any bytes in a header: what is not UTF-8 is replaced, the log stays readable.
  std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.push_back('\n');
  if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ++lost_lines_;
}

}  // namespace dunlin::peer
