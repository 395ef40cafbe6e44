#include "api/shell_server.hpp"

#include <cerrno>
#include <cstring>
#include <vector>

#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr int poll_ms = 200;
constexpr const char* busy_line = "{\"type\":\"end\",\"exit\":6,\"error\":\"too many connections to the admin socket\"}\n";
constexpr const char* long_line = "{\"type\":\"end\",\"exit\":2,\"error\":\"the request is too long\"}\n";

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof(address.sun_path)) return invalid_input("node.socket: the path is too long for a Unix socket: " + text);
  std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
  return address;
}

bool is_anybody_listening(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool is_taken = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(probe);
  return is_taken;
}

std::string user_of(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "";
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(4096);
  if (::getpwuid_r(peer.uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return "uid" + std::to_string(peer.uid);
}

}  // namespace

Result<std::unique_ptr<ShellServer>> ShellServer::start(const std::filesystem::path& socket, LineHandler handler) {
  const auto address = address_of(socket);
  if (!address) return address.error();
  if (std::filesystem::exists(socket)) {
    if (is_anybody_listening(*address)) return Error{Errc::conflict, "another node listens on " + socket.string()};
    std::filesystem::remove(socket);
  }
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0 || ::listen(listener, 64) != 0) {
    const std::string why = std::strerror(errno);
    ::close(listener);
    return Error{Errc::unavailable, "admin socket " + socket.string() + ": " + why};
  }
  ::chmod(socket.c_str(), 0660);
  return std::unique_ptr<ShellServer>(new ShellServer(socket, listener, std::move(handler)));
}

ShellServer::ShellServer(std::filesystem::path path, int listener, LineHandler handler)
    : path_(std::move(path)), listener_(listener), handler_(std::move(handler)), acceptor_([this] { accept_loop(); }) {}

ShellServer::~ShellServer() {
  is_stopping_ = true;
  acceptor_.join();
  ::close(listener_);
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  while (connections_ > 0) ::poll(nullptr, 0, 10);
}

void ShellServer::accept_loop() {
  while (!is_stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, poll_ms) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    if (connections_ >= static_cast<int>(limits::admin_connections)) {
      (void)send_all(connection, busy_line);
      ::close(connection);
      continue;
    }
    ++connections_;
    std::thread([this, connection] {
      serve(connection);
      ::close(connection);
      --connections_;
    }).detach();
  }
}

void ShellServer::serve(int connection) {
  const std::string user = user_of(connection);
  std::string waiting;
  std::vector<char> chunk(16384);
  while (!is_stopping_) {
    pollfd ready{connection, POLLIN, 0};
    const int polled = ::poll(&ready, 1, poll_ms);
    if (polled == 0 || (polled < 0 && errno == EINTR)) continue;
    const ssize_t received = ::recv(connection, chunk.data(), chunk.size(), 0);
    if (received <= 0) return;
    waiting.append(chunk.data(), static_cast<std::size_t>(received));
    for (std::size_t end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      std::string reply;
      for (const auto& line : handler_(waiting.substr(0, end), user)) reply += line + "\n";
      waiting.erase(0, end + 1);
      if (!send_all(connection, reply)) return;
    }
    if (waiting.size() > limits::admin_request_bytes) {
      (void)send_all(connection, long_line);
      return;
    }
  }
}

}  // namespace dunlin
