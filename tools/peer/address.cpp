#include "tools/peer/address.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tools/peer/sip_message.hpp"

namespace dunlin::peer {

Result<sockaddr_in> parse_address(std::string_view text, std::uint16_t default_port) {
  const auto colon = text.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const std::string host(text.substr(0, colon));
  const long long port = colon == std::string_view::npos ? default_port : number_of(text.substr(colon + 1));
  if (port < 0 || port > 65'535 || inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return Failure{"not an IPv4 address with a port: " + std::string(text)};
  }
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

std::string ip_of(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

std::string to_string(const sockaddr_in& address) {
  return ip_of(address) + ":" + std::to_string(port_of(address));
}

Result<int> open_udp(const sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failure{std::string("no socket: ") + std::strerror(errno)};
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string reason = std::strerror(errno);
    ::close(fd);
    return Failure{"cannot bind " + to_string(address) + ": " + reason};
  }
  return fd;
}

}  // namespace dunlin::peer
