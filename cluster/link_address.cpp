#include "cluster/link_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

namespace dunlin {
namespace {

using LinkAddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

LinkAddressList numeric_address(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, &freeaddrinfo};
}

}  // namespace

Result<LinkAddress> parse_link_address(std::string_view text) {
  const auto wrong = [text] { return invalid_input("\"" + std::string(text) + "\" is no address of a node: a numeric one with its port is wanted, like 10.0.0.1:7400"); };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) host = host.substr(1, host.size() - 2);
  LinkAddress address{std::string(host), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  const bool is_port = !digits.empty() && error == std::errc() && end == digits.data() + digits.size();
  const bool is_v6 = host.find(':') != std::string_view::npos;
  if (!is_port || is_v6 != has_brackets || !numeric_address(address.host, address.port)) return wrong();
  return address;
}

TcpProbe::TcpProbe(const LinkAddress& address) {
  const auto target = numeric_address(address.host, address.port);
  if (target) socket_ = ::socket(target->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  else errno = EINVAL;
  const bool has_begun = socket_ >= 0 && (::connect(socket_, target->ai_addr, target->ai_addrlen) == 0 || errno == EINPROGRESS);
  if (!has_begun) fail(errno);
}

TcpProbe::~TcpProbe() {
  if (socket_ >= 0) ::close(socket_);
}

void TcpProbe::fail(int error) {
  state_ = State::failed;
  cause_ = std::generic_category().message(error);
}

TcpProbe::State TcpProbe::look() {
  if (state_ != State::waiting) return state_;
  pollfd wait{socket_, POLLOUT, 0};
  if (::poll(&wait, 1, 0) <= 0) return state_;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail(error);
  else state_ = State::reachable;
  return state_;
}

}  // namespace dunlin
