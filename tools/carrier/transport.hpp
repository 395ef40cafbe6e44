#pragma once
// The carrier's doors: one UDP socket and optional TCP and TLS listeners. Event loop thread only.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/peer/address.hpp"
#include "tools/peer/event_loop.hpp"
#include "tools/peer/sip_message.hpp"
#include "tools/peer/stream_link.hpp"

namespace dunlin::carrier {

/// Where a message came from and where answers go.
struct Origin {
  sockaddr_in address{};
  std::uint64_t stream = 0;  ///< 0 is UDP.
  std::string transport = "UDP";
  bool is_reliable() const { return stream != 0; }
};

class Transport {
 public:
  using OnMessage = std::function<void(peer::SipMessage message, const Origin& origin)>;
  using OnMalformed = std::function<void(const std::string& why, const Origin& origin)>;

  Transport(peer::EventLoop& loop, OnMessage on_message, OnMalformed on_malformed);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  peer::Status listen_udp(const sockaddr_in& address);
  /// TLS when a context is given, TCP otherwise.
  peer::Status listen_stream(const sockaddr_in& address, std::optional<peer::TlsContext> tls);
  void send(const Origin& to, std::string_view bytes);
  /// What to put into Via and Contact towards that peer.
  std::string local_address(const Origin& to) const;

 private:
  struct Listener {
    int fd = -1;
    std::string address;
    std::string transport;
    std::optional<peer::TlsContext> tls;
  };
  void read_datagrams();
  void accept_stream(const Listener& listener);
  void drop_stream(std::uint64_t id);
  void deliver(std::string_view bytes, const Origin& origin);

  peer::EventLoop& loop_;
  OnMessage on_message_;
  OnMalformed on_malformed_;
  int udp_ = -1;
  std::string udp_address_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::uint64_t last_stream_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<peer::StreamLink>> streams_;
};

}  // namespace dunlin::carrier
