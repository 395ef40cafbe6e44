#include "tools/robot/desk_client.hpp"

#include <array>
#include <cerrno>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace dunlin::robot {
namespace {

constexpr std::size_t max_waiting = 64;
constexpr std::size_t max_inbox_bytes = 1 << 20;
constexpr std::int64_t timeout_ms = 5000;

}  // namespace

DeskClient::DeskClient(peer::EventLoop& loop, std::string socket_path)
    : loop_(loop), path_(std::move(socket_path)) {}

DeskClient::~DeskClient() {
  loop_.cancel(timeout_);
  loop_.cancel(starting_);
  disconnect();
}

void DeskClient::run(Command command, OnReply on_reply) {
  if (waiting_.size() >= max_waiting) {
    loop_.after_ms(0, [on_reply = std::move(on_reply)] { on_reply(Reply{}); });
    return;
  }
  waiting_.push_back({std::move(command), std::move(on_reply)});
  if (!is_running_ && starting_ == 0) starting_ = loop_.after_ms(0, [this] { start_next(); });
}

void DeskClient::start_next() {
  starting_ = 0;
  if (is_running_ || waiting_.empty()) return;
  is_running_ = true;
  reply_ = Reply{};
  inbox_.clear();
  const peer::Json request{{"argv", waiting_.front().command}, {"output", "json"}};
  const std::string line = request.dump() + "\n";
  // A connection the node has closed meanwhile shows only when written to: one fresh try.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (fd_ < 0 && !connect()) break;
    if (::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
      timeout_ = loop_.after_ms(timeout_ms, [this] {
        disconnect();
        conclude(false, -1);
      });
      return;
    }
    disconnect();
  }
  conclude(false, -1);
}

bool DeskClient::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return false;
  path_.copy(address.sun_path, path_.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return false;
  }
  fd_ = fd;
  loop_.watch(fd_, EPOLLIN, [this](std::uint32_t) { on_ready(); });
  return true;
}

void DeskClient::disconnect() {
  if (fd_ < 0) return;
  loop_.unwatch(fd_);
  ::close(fd_);
  fd_ = -1;
}

void DeskClient::on_ready() {
  std::array<char, 16'384> buffer{};
  const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0 || inbox_.size() > max_inbox_bytes) {
    disconnect();
    if (is_running_) conclude(false, -1);
    return;
  }
  inbox_.append(buffer.data(), static_cast<std::size_t>(size));
  for (auto end = inbox_.find('\n'); end != std::string::npos && is_running_; end = inbox_.find('\n')) {
    const std::string line = inbox_.substr(0, end);
    inbox_.erase(0, end + 1);
    on_line(line);
  }
}

void DeskClient::on_line(const std::string& line) {
  auto value = peer::Json::parse(line, nullptr, false);
  reply_.text += line.substr(0, 500);
  if (!value.is_object()) return;
  if (value.value("type", "") != "end") return reply_.lines.push_back(std::move(value));
  const auto exit = value.find("exit");
  conclude(true, exit != value.end() && exit->is_number_integer() ? exit->get<int>() : -1);
}

void DeskClient::conclude(bool is_delivered, int exit) {
  loop_.cancel(timeout_);
  timeout_ = 0;
  is_running_ = false;
  Reply reply = std::move(reply_);
  reply.is_delivered = is_delivered;
  reply.exit = exit;
  const auto done = std::move(waiting_.front());
  waiting_.pop_front();
  if (!waiting_.empty() && starting_ == 0) starting_ = loop_.after_ms(0, [this] { start_next(); });
  done.on_reply(reply);
}

}  // namespace dunlin::robot
