#include "sip/accept_gate.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "sip/socket_filter.hpp"

namespace dunlin {
namespace {

struct Guard {
  std::uint64_t id = 0;
  std::vector<int> listeners;
  ConnectionJudge judge;
};

/// Of the process, like the sockets it is about: accept() knows nothing but a descriptor.
struct Guards {
  std::mutex mutex;
  std::vector<Guard> list;
  std::uint64_t last_id = 0;
  std::atomic<std::uint64_t> refused{0};
};

Guards& guards() {
  static Guards all;
  return all;
}

bool is_listening(int fd) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

ConnectionJudge judge_of(int listener) {
  const std::lock_guard lock(guards().mutex);
  for (const Guard& guard : guards().list) {
    if (std::find(guard.listeners.begin(), guard.listeners.end(), listener) != guard.listeners.end()) return guard.judge;
  }
  return {};
}

/// A reset instead of an orderly close: nothing of a refused connection stays in the kernel.
void drop(int connection) {
  const linger at_once{1, 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(connection);
}

}  // namespace

Result<AcceptGuard> AcceptGuard::set(const HostPort& bound, ConnectionJudge judge) {
  Guard guard;
  for (const int fd : sockets_bound_to(bound)) {
    if (is_listening(fd)) guard.listeners.push_back(fd);
  }
  if (guard.listeners.empty()) return Error{Errc::not_found, "no socket listens on " + bound.str()};
  guard.judge = std::move(judge);
  const std::lock_guard lock(guards().mutex);
  guard.id = ++guards().last_id;
  guards().list.push_back(std::move(guard));
  return AcceptGuard(guards().last_id);
}

AcceptGuard::AcceptGuard(AcceptGuard&& other) noexcept : id_(std::exchange(other.id_, 0)) {}

AcceptGuard::~AcceptGuard() {
  if (id_ == 0) return;
  const std::lock_guard lock(guards().mutex);
  auto& list = guards().list;
  list.erase(std::remove_if(list.begin(), list.end(), [this](const Guard& guard) { return guard.id == id_; }), list.end());
}

std::uint64_t AcceptGuard::refused() { return guards().refused; }

}  // namespace dunlin

/// Takes the place of the C library's function for every library of the process; see the header.
extern "C" int accept(int listener, sockaddr* address, socklen_t* size) {
  const auto judge = dunlin::judge_of(listener);
  if (!judge) return accept4(listener, address, size, 0);
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  const int connection = accept4(listener, reinterpret_cast<sockaddr*>(&peer), &peer_size, 0);
  if (connection < 0) return connection;
  if (!judge(dunlin::ip_of(peer))) {
    dunlin::drop(connection);
    ++dunlin::guards().refused;
    errno = ECONNABORTED;
    return -1;
  }
  if (address != nullptr && size != nullptr) {
    std::memcpy(address, &peer, std::min(*size, peer_size));
    *size = peer_size;
  }
  return connection;
}
