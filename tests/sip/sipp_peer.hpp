#pragma once
// A sipp process playing one scenario of tests/sip/scenarios for one call, as the far end of a trunk.
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace dunlin::test {

/// A UDP and TCP port of loopback that was free a moment ago.
std::uint16_t free_port();

class SippPeer {
 public:
  /// "u1" = UDP, "t1" = TCP, one socket each (sipp -t). Debian's sipp has no TLS.
  explicit SippPeer(const std::string& scenario, const std::string& transport = "u1");
  ~SippPeer();  ///< Ends the process if it still runs.
  SippPeer(const SippPeer&) = delete;
  SippPeer& operator=(const SippPeer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Waits for the end; empty = the scenario was played to its end, otherwise what went wrong.
  std::string verdict();

 private:
  std::uint16_t port_;
  std::string log_;
  pid_t pid_ = -1;
};

}  // namespace dunlin::test
