#include "media/udp_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>

namespace dunlin {
namespace {
constexpr int socket_buffer_bytes = 128 * 1024;  // about a second of one leg, should the worker stall
}  // namespace

Result<UdpAddress> UdpAddress::parse(const std::string& numeric_address, std::uint16_t port) {
  UdpAddress endpoint;
  endpoint.port_ = port;
  if (inet_pton(AF_INET, numeric_address.c_str(), endpoint.bytes_) == 1) {
    endpoint.family_ = AF_INET;
  } else if (inet_pton(AF_INET6, numeric_address.c_str(), endpoint.bytes_) == 1) {
    endpoint.family_ = AF_INET6;
  } else {
    return invalid_input("media address is not numeric: '" + numeric_address + "'");
  }
  return endpoint;
}

UdpAddress UdpAddress::from_kernel(const sockaddr_storage& address) {
  UdpAddress endpoint;
  endpoint.family_ = address.ss_family;
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    endpoint.port_ = ntohs(v4.sin_port);
    std::memcpy(endpoint.bytes_, &v4.sin_addr, 4);
  } else {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    endpoint.port_ = ntohs(v6.sin6_port);
    std::memcpy(endpoint.bytes_, &v6.sin6_addr, 16);
  }
  return endpoint;
}

UdpAddress UdpAddress::with_port(std::uint16_t port) const {
  UdpAddress copy = *this;
  copy.port_ = port;
  return copy;
}

bool UdpAddress::has_same_address(const UdpAddress& other) const {
  return family_ == other.family_ && std::memcmp(bytes_, other.bytes_, sizeof bytes_) == 0;
}

std::string UdpAddress::host() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (family_ == 0 || inet_ntop(family_, bytes_, buffer, sizeof buffer) == nullptr) return "unknown";
  return buffer;
}

std::string UdpAddress::text() const {
  return (family_ == AF_INET6 ? "[" + host() + "]" : host()) + ":" + std::to_string(port_);
}

std::string UdpAddress::network() const {
  const bool is_v6 = family_ == AF_INET6;
  UdpAddress prefix = *this;
  std::fill(std::begin(prefix.bytes_) + (is_v6 ? 6 : 3), std::end(prefix.bytes_), std::uint8_t{0});
  return prefix.host() + (is_v6 ? "/48" : "/24");
}

socklen_t UdpAddress::to_kernel(sockaddr_storage& target) const {
  if (family_ == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port_);
    std::memcpy(&v4.sin_addr, bytes_, 4);
    std::memcpy(&target, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port_);
  std::memcpy(&v6.sin6_addr, bytes_, 16);
  std::memcpy(&target, &v6, sizeof v6);
  return sizeof v6;
}

std::size_t UdpAddress::hash() const {
  std::size_t mixed = 0xCBF29CE484222325;  // FNV-1a
  for (const std::uint8_t byte : bytes_) mixed = (mixed ^ byte) * 0x100000001B3;
  return (mixed ^ port_) * 0x100000001B3;
}

Result<UdpSocket> UdpSocket::bind(const UdpAddress& local) {
  UdpSocket opened(::socket(local.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (opened.fd_ < 0) return Error{Errc::exhausted, "no socket: " + std::string(std::strerror(errno))};
  setsockopt(opened.fd_, SOL_SOCKET, SO_RCVBUF, &socket_buffer_bytes, sizeof socket_buffer_bytes);
  // Expedited forwarding (RFC 4594 §4.1): voice goes first where routers honour it.
  const int tos = 0xB8;
  if (local.family() == AF_INET)
    setsockopt(opened.fd_, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  else
    setsockopt(opened.fd_, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
  sockaddr_storage address{};
  const socklen_t length = local.to_kernel(address);
  if (::bind(opened.fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return Error{Errc::conflict, "UDP port " + std::to_string(local.port()) + ": " + std::strerror(errno)};
  }
  return opened;
}

void UdpSocket::widen_buffer(int bytes) const {
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<UdpSocket::Datagram> UdpSocket::receive(std::span<std::uint8_t> buffer) const {
  sockaddr_storage address;
  socklen_t length = sizeof address;
  const ssize_t size = ::recvfrom(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                  reinterpret_cast<sockaddr*>(&address), &length);
  // An ICMP error of an earlier send shows here as an error; the next call reads on.
  if (size < 0) return std::nullopt;
  return Datagram{static_cast<std::size_t>(size), UdpAddress::from_kernel(address)};
}

bool UdpSocket::send(std::span<const std::uint8_t> packet, const UdpAddress& to) const {
  sockaddr_storage address;
  const socklen_t length = to.to_kernel(address);
  return ::sendto(fd_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&address), length) == static_cast<ssize_t>(packet.size());
}

}  // namespace dunlin
