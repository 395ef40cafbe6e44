#include "tools/peer/stream_link.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "tools/peer/address.hpp"

namespace dunlin::peer {
namespace {

constexpr std::size_t max_outbox_bytes = 1 << 20;

std::string tls_reason() {
  std::array<char, 200> text{};
  const unsigned long code = ERR_get_error();
  if (code == 0) return "TLS failed";
  ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

std::shared_ptr<SSL_CTX> make_context() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace

Result<TlsContext> TlsContext::client(const std::string& ca_file) {
  TlsContext made;
  made.context_ = make_context();
  if (SSL_CTX_load_verify_locations(made.context_.get(), ca_file.c_str(), nullptr) != 1) {
    return Failure{"cannot read CA file " + ca_file + ": " + tls_reason()};
  }
  SSL_CTX_set_verify(made.context_.get(), SSL_VERIFY_PEER, nullptr);
  return made;
}

Result<TlsContext> TlsContext::server(const std::string& certificate_file, const std::string& key_file) {
  TlsContext made;
  made.context_ = make_context();
  if (SSL_CTX_use_certificate_chain_file(made.context_.get(), certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Failure{"cannot use " + certificate_file + " with " + key_file + ": " + tls_reason()};
  }
  return made;
}

Result<int> connect_stream(const std::string& address) {
  const auto to = parse_address(address);
  if (!to) return to.failure();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failure{std::string("no socket: ") + std::strerror(errno)};
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&*to), sizeof *to) != 0 && errno != EINPROGRESS) {
    const std::string reason = std::strerror(errno);
    ::close(fd);
    return Failure{"cannot connect to " + address + ": " + reason};
  }
  return fd;
}

void StreamLink::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

StreamLink::StreamLink(EventLoop& loop, int fd, const TlsContext* tls, Role role, Events events)
    : loop_(loop), fd_(fd), role_(role), events_(std::move(events)) {
  if (tls != nullptr) {
    ssl_.reset(SSL_new(tls->get()));
    SSL_set_fd(ssl_.get(), fd_);
    if (role_ == Role::client)
      SSL_set_connect_state(ssl_.get());
    else
      SSL_set_accept_state(ssl_.get());
  }
  loop_.watch(fd_, EPOLLIN | EPOLLOUT, [this](std::uint32_t ready) { on_ready(ready); });
}

StreamLink::~StreamLink() {
  if (is_closed_) return;
  loop_.unwatch(fd_);
  ssl_.reset();
  ::close(fd_);
}

std::string StreamLink::local_address() const {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
  return to_string(address);
}

void StreamLink::close(const std::string& reason) {
  if (is_closed_) return;
  is_closed_ = true;
  loop_.unwatch(fd_);
  if (ssl_ && is_open_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ssl_.reset();
  ::close(fd_);
  const auto on_closed = std::move(events_.on_closed);
  if (on_closed) on_closed(reason);
}

void StreamLink::send(std::string_view bytes) {
  if (is_closed_) return;
  if (outbox_.size() + bytes.size() > max_outbox_bytes) return close("the peer does not read");
  outbox_.append(bytes);
  if (is_open_ && !flush()) return;
  update_interest();
}

/// False when the link is closed or still opening.
bool StreamLink::advance_opening() {
  if (!is_connected_) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return close(std::strerror(error)), false;
    is_connected_ = true;
  }
  if (ssl_) {
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) {
      const int why = SSL_get_error(ssl_.get(), result);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return close(tls_reason()), false;
      wants_write_ = why == SSL_ERROR_WANT_WRITE;
      update_interest();
      return false;
    }
  }
  is_open_ = true;
  wants_write_ = false;
  if (events_.on_open) events_.on_open();
  return !is_closed_;
}

void StreamLink::on_ready(std::uint32_t ready) {
  if (!is_open_ && !advance_opening()) return;
  if ((ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !read_all()) return;
  if (!flush()) return;
  update_interest();
}

bool StreamLink::read_all() {
  std::array<char, 16'384> buffer{};
  while (true) {
    const int size = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                          : static_cast<int>(::recv(fd_, buffer.data(), buffer.size(), 0));
    if (size <= 0) {
      const int why = ssl_ ? SSL_get_error(ssl_.get(), size) : 0;
      const bool is_dry =
          ssl_ ? why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE : size < 0 && errno == EAGAIN;
      if (is_dry) return true;
      return close("closed by the peer"), false;
    }
    auto messages = framer_.feed(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
    if (!messages) return close(messages.failure().text), false;
    for (auto& message : *messages) {
      if (is_closed_) return false;
      events_.on_message(std::move(message));
    }
    if (is_closed_) return false;
  }
}

/// False when the link is closed.
bool StreamLink::flush() {
  wants_write_ = false;
  while (!outbox_.empty()) {
    const int size = ssl_ ? SSL_write(ssl_.get(), outbox_.data(), static_cast<int>(outbox_.size()))
                          : static_cast<int>(::send(fd_, outbox_.data(), outbox_.size(), MSG_NOSIGNAL));
    if (size <= 0) {
      const int why = ssl_ ? SSL_get_error(ssl_.get(), size) : 0;
      const bool is_full = ssl_ ? why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE : errno == EAGAIN;
      if (!is_full) return close("cannot write"), false;
      wants_write_ = true;
      return true;
    }
    outbox_.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

void StreamLink::update_interest() {
  if (is_closed_) return;
  const bool needs_write = !is_connected_ || wants_write_;
  loop_.change_interest(fd_, EPOLLIN | (needs_write ? EPOLLOUT : 0u));
}

}  // namespace dunlin::peer
