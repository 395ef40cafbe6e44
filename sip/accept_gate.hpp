#pragma once
// Judges every new connection of a listening socket before its TLS handshake costs anything. Sofia accepts by itself and
// Debian's never frees the OpenSSL state of a closed connection (24 kB), so a flood of connections would eat the
// memory; it offers no hook, therefore this unit answers the process's accept() calls: sockets nobody guards are accepted
// as ever. The judge runs in the thread that accepts (the SIP thread); guards are made and ended there too.
#include <cstdint>
#include <functional>

#include "core/base/result.hpp"
#include "sip/address.hpp"

namespace dunlin {

/// True: let it in. False: it is closed at once and counted.
using ConnectionJudge = std::function<bool(const IpBytes& source)>;

class AcceptGuard {
 public:
  /// Guards the listening sockets of this process on this address. Errors: not_found (none listens there).
  static Result<AcceptGuard> set(const HostPort& bound, ConnectionJudge judge);
  ~AcceptGuard();
  AcceptGuard(AcceptGuard&& other) noexcept;
  AcceptGuard& operator=(AcceptGuard&&) = delete;

  /// Connections refused by all guards since the process began.
  static std::uint64_t refused();

 private:
  explicit AcceptGuard(std::uint64_t id) : id_(id) {}
  std::uint64_t id_ = 0;    ///< 0: moved away.
};

}  // namespace dunlin
