#pragma once
// A bare SIP speaker for tests: sends exactly the bytes given, over UDP from a chosen source or over TLS, and reads what
// comes back. It can answer a digest challenge and build the few messages an agent's phone sends.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sip/sip_types.hpp"

namespace dunlin::test {

class RawPeer {
 public:
  /// UDP from this loopback address ("127.0.0.9"), any port.
  static RawPeer udp(std::uint16_t server_port, const std::string& source = "127.0.0.1");
  static RawPeer tls(std::uint16_t server_port);
  ~RawPeer();
  RawPeer(RawPeer&&) noexcept;
  RawPeer& operator=(RawPeer&&) = delete;

  bool is_connected() const;
  void send(const std::string& bytes);
  /// The next message; nothing within the patience.
  std::optional<std::string> receive(int patience_ms = 10'000);
  std::string local() const;  ///< "127.0.0.1:12345"
  std::string transport() const;

 private:
  struct Inside;
  explicit RawPeer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

/// A phone of one account on a peer.
class Phone {
 public:
  Phone(RawPeer& peer, std::string user, std::string password)
      : peer_(peer), user_(std::move(user)), password_(std::move(password)) {}

  std::string request(const std::string& method, const std::string& extra = "", const std::string& body = "");
  /// Sends, answers one challenge, returns the last reply ("" = none came).
  std::string exchange(const std::string& method, const std::string& extra = "", const std::string& body = "");
  /// A reply to a request the stack sent us.
  std::string reply(const std::string& request, const std::string& status_line, const std::string& body = "");
  std::string last_challenge;
  std::string last_authorization;

 private:
  RawPeer& peer_;
  std::string user_;
  std::string password_;
  std::string call_id_ = "phone-" + std::to_string(reinterpret_cast<std::uintptr_t>(this));
  int sequence_ = 0;
};

/// The value of the first header of this name, empty = none.
std::string header(const std::string& message, const std::string& name);
int status_of(const std::string& reply);
std::string secure_sdp();
std::string plain_sdp();

}  // namespace dunlin::test
