#pragma once
// SIP over one TCP or TLS connection, either side (RFC 3261 §18, §26.3). Lives in the event loop's thread.
// Writing is buffered up to a bound; beyond it, or on any error, the link closes and says so once.
#include <functional>
#include <memory>
#include <string>

#include "tools/peer/event_loop.hpp"
#include "tools/peer/result.hpp"
#include "tools/peer/sip_message.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace dunlin::peer {

class TlsContext {
 public:
  /// Verifies the server's chain against the CA file; the peers dial addresses, so names are not checked.
  static Result<TlsContext> client(const std::string& ca_file);
  static Result<TlsContext> server(const std::string& certificate_file, const std::string& key_file);
  ssl_ctx_st* get() const { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

class StreamLink {
 public:
  struct Events {
    std::function<void()> on_open;
    std::function<void(std::string message)> on_message;
    std::function<void(std::string reason)>
        on_closed;  ///< The last call; destroy the link from a timer, not here.
  };
  enum class Role { client, server };

  /// Takes the connected (or connecting) non-blocking descriptor. `tls` may be null for plain TCP.
  StreamLink(EventLoop& loop, int fd, const TlsContext* tls, Role role, Events events);
  ~StreamLink();
  StreamLink(const StreamLink&) = delete;
  StreamLink& operator=(const StreamLink&) = delete;

  void send(std::string_view bytes);
  void close(const std::string& reason);
  std::string local_address() const;

 private:
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };
  void on_ready(std::uint32_t ready);
  bool advance_opening();
  bool read_all();
  bool flush();
  void update_interest();

  EventLoop& loop_;
  int fd_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  Role role_;
  Events events_;
  bool is_connected_ = false;  ///< TCP established.
  bool is_open_ = false;       ///< TLS done too.
  bool is_closed_ = false;
  bool wants_write_ = false;
  std::string outbox_;
  SipFramer framer_;
};

/// Starts connecting; the link opens or closes later.
Result<int> connect_stream(const std::string& address);

}  // namespace dunlin::peer
