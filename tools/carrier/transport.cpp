#include "tools/carrier/transport.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace dunlin::carrier {
namespace {

using peer::Failure;
using peer::StreamLink;

constexpr std::size_t max_streams = 1000;
constexpr int udp_buffer_bytes = 4 << 20;

/// RFC 3261 §18.2.1 and RFC 3581: the top Via learns where its message really came from.
void note_source(peer::SipMessage& message, const sockaddr_in& from) {
  for (auto& item : message.headers) {
    if (!peer::same_text(item.name, "Via")) continue;
    const auto end = item.value.find(',');
    const auto rport = item.value.find(";rport");
    const bool is_asking = rport < end && (rport + 6 >= item.value.size() || item.value[rport + 6] != '=');
    if (is_asking)
      item.value.replace(rport, 6,
                         ";rport=" + std::to_string(peer::port_of(from)) + ";received=" + peer::ip_of(from));
    return;
  }
}

}  // namespace

Transport::Transport(peer::EventLoop& loop, OnMessage on_message, OnMalformed on_malformed)
    : loop_(loop), on_message_(std::move(on_message)), on_malformed_(std::move(on_malformed)) {}

Transport::~Transport() {
  streams_.clear();
  for (const auto& listener : listeners_) {
    loop_.unwatch(listener->fd);
    ::close(listener->fd);
  }
  if (udp_ < 0) return;
  loop_.unwatch(udp_);
  ::close(udp_);
}

peer::Status Transport::listen_udp(const sockaddr_in& address) {
  const auto fd = peer::open_udp(address);
  if (!fd) return fd.failure();
  udp_ = *fd;
  udp_address_ = peer::to_string(address);
  setsockopt(udp_, SOL_SOCKET, SO_RCVBUF, &udp_buffer_bytes, sizeof udp_buffer_bytes);
  loop_.watch(udp_, EPOLLIN, [this](std::uint32_t) { read_datagrams(); });
  return peer::Done{};
}

peer::Status Transport::listen_stream(const sockaddr_in& address, std::optional<peer::TlsContext> tls) {
  auto listener = std::make_unique<Listener>();
  listener->address = peer::to_string(address);
  listener->transport = tls ? "TLS" : "TCP";
  listener->tls = std::move(tls);
  listener->fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener->fd, 128) != 0) {
    const std::string reason = std::strerror(errno);
    ::close(listener->fd);
    return Failure{"cannot listen on " + listener->address + ": " + reason};
  }
  loop_.watch(listener->fd, EPOLLIN, [this, raw = listener.get()](std::uint32_t) { accept_stream(*raw); });
  listeners_.push_back(std::move(listener));
  return peer::Done{};
}

void Transport::read_datagrams() {
  std::array<char, peer::max_sip_message_bytes> buffer;
  for (int round = 0; round < 200; ++round) {
    Origin origin;
    socklen_t length = sizeof origin.address;
    auto* from = reinterpret_cast<sockaddr*>(&origin.address);
    const ssize_t size = ::recvfrom(udp_, buffer.data(), buffer.size(), 0, from, &length);
    if (size < 0) return;
    // A datagram of a few line ends is a keep-alive (RFC 5626 §3.5.1).
    if (size > 4) deliver(std::string_view(buffer.data(), static_cast<std::size_t>(size)), origin);
  }
}

void Transport::deliver(std::string_view bytes, const Origin& origin) {
  auto message = peer::parse_sip(bytes);
  if (!message) return on_malformed_(message.failure().text, origin);
  if (message->is_request()) note_source(*message, origin.address);
  on_message_(std::move(*message), origin);
}

void Transport::accept_stream(const Listener& listener) {
  Origin origin;
  socklen_t length = sizeof origin.address;
  const int fd = ::accept4(listener.fd, reinterpret_cast<sockaddr*>(&origin.address), &length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  if (streams_.size() >= max_streams) {
    ::close(fd);
    return;
  }
  origin.stream = ++last_stream_;
  origin.transport = listener.transport;
  StreamLink::Events events;
  events.on_message = [this, origin](const std::string& message) { deliver(message, origin); };
  events.on_closed = [this, id = origin.stream](const std::string&) {
    loop_.after_ms(0, [this, id] { drop_stream(id); });
  };
  const auto* tls = listener.tls ? &*listener.tls : nullptr;
  streams_[origin.stream] =
      std::make_unique<StreamLink>(loop_, fd, tls, StreamLink::Role::server, std::move(events));
}

void Transport::drop_stream(std::uint64_t id) {
  streams_.erase(id);
}

void Transport::send(const Origin& to, std::string_view bytes) {
  if (to.is_reliable()) {
    const auto found = streams_.find(to.stream);
    if (found != streams_.end()) found->second->send(bytes);
    return;
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&to.address);
  // What cannot be sent now is lost like any datagram; the transaction sends again.
  if (::sendto(udp_, bytes.data(), bytes.size(), 0, address, sizeof to.address) < 0) return;
}

std::string Transport::local_address(const Origin& to) const {
  for (const auto& listener : listeners_) {
    if (listener->transport == to.transport) return listener->address;
  }
  return udp_address_;
}

}  // namespace dunlin::carrier
