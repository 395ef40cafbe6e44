#include "app/cli/client.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace dunlin {

Result<NodeClient> NodeClient::connect(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() >= sizeof(address.sun_path)) return invalid_input("the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const std::string why = std::strerror(errno);
    ::close(connection);
    return Error{Errc::unavailable, "no node answers on " + path + " (" + why + "). Start dunlind, or name its socket with --socket"};
  }
  return NodeClient(connection);
}

NodeClient::NodeClient(NodeClient&& other) noexcept : connection_(std::exchange(other.connection_, -1)), waiting_(std::move(other.waiting_)) {}

NodeClient::~NodeClient() { close(); }

void NodeClient::close() {
  if (connection_ >= 0) ::close(std::exchange(connection_, -1));
}

void NodeClient::take(NodeClient other) {
  close();
  connection_ = std::exchange(other.connection_, -1);
  waiting_.clear();
}

Result<std::string> NodeClient::read_line() {
  for (;;) {
    const std::size_t end = waiting_.find('\n');
    if (end != std::string::npos) {
      std::string line = waiting_.substr(0, end);
      waiting_.erase(0, end + 1);
      return line;
    }
    char chunk[65536];
    const ssize_t received = ::recv(connection_, chunk, sizeof(chunk), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) {
      close();
      return Error{Errc::unavailable, "the node closed the connection"};
    }
    waiting_.append(chunk, static_cast<std::size_t>(received));
  }
}

Result<Reply> NodeClient::run(const std::vector<std::string>& argv, bool is_terminal) {
  std::error_code unknown;
  const std::string folder = std::filesystem::current_path(unknown).string();
  const nlohmann::json asked{{"argv", argv}, {"cwd", folder}, {"is_terminal", is_terminal}};
  const std::string request = asked.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (::send(connection_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    close();
    return Error{Errc::unavailable, "the node does not read the command"};
  }
  Reply reply;
  for (;;) {
    const auto line = read_line();
    if (!line) return line.error();
    const auto document = nlohmann::json::parse(*line, nullptr, false);
    if (!document.is_object()) return Error{Errc::corrupt, "the node answered something else than JSON"};
    if (document.value("type", "") == "view") reply.view = document["view"];
    if (document.value("type", "") != "end") continue;
    reply.exit = document.value("exit", 1);
    reply.error = document.value("error", "");
    return reply;
  }
}

}  // namespace dunlin
