#pragma once
// UDP sockets of the legs: endpoints, and one RTP/RTCP pair (media/port_pools hands them out). Control thread makes them, a
// media worker reads and writes; all calls are non-blocking. IPv4 and IPv6 by numeric address only, names are
// never resolved.
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/result.hpp"

namespace dunlin {

/// A peer's address and port.
class UdpAddress {
 public:
  UdpAddress() = default;
  static Result<UdpAddress> parse(const std::string& numeric_address, std::uint16_t port);
  static UdpAddress from_kernel(const sockaddr_storage& address);

  bool is_set() const { return family_ != 0; }
  int family() const { return family_; }
  std::uint16_t port() const { return port_; }
  UdpAddress with_port(std::uint16_t port) const;
  bool has_same_address(const UdpAddress& other) const;
  /// "192.0.2.7:4000", "[2001:db8::7]:4000". Allocates: not for the packet path.
  std::string text() const;
  /// The network only, which names nobody's home: "192.0.2.0/24", "2001:db8::/48".
  std::string network() const;
  bool operator==(const UdpAddress& other) const { return port_ == other.port_ && has_same_address(other); }
  /// Fills `target`, returns its used length.
  socklen_t to_kernel(sockaddr_storage& target) const;
  std::size_t hash() const;

 private:
  std::string host() const;

  int family_ = 0;
  std::uint16_t port_ = 0;
  std::uint8_t bytes_[16] = {};
};

/// Owns one non-blocking UDP socket.
class UdpSocket {
 public:
  static Result<UdpSocket> bind(const UdpAddress& local);
  UdpSocket() = default;
  UdpSocket(UdpSocket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  UdpSocket& operator=(UdpSocket&& other) noexcept;
  ~UdpSocket();

  struct Datagram {
    std::size_t size = 0;
    UdpAddress from;
  };
  /// Nothing when no datagram waits. Longer datagrams than the buffer are cut (and fail to parse).
  std::optional<Datagram> receive(std::span<std::uint8_t> buffer) const;
  /// A full socket buffer drops the packet, as the network would.
  bool send(std::span<const std::uint8_t> packet, const UdpAddress& to) const;
  /// For a socket many peers send to; the system may grant less.
  void widen_buffer(int bytes) const;
  int fd() const { return fd_; }

 private:
  explicit UdpSocket(int fd) : fd_(fd) {}
  int fd_ = -1;
};

struct UdpPair {
  UdpSocket rtp;
  UdpSocket rtcp;
  std::uint16_t rtp_port = 0;
};

}  // namespace dunlin
