#include "tests/sip/raw_peer.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "sip/digest.hpp"

namespace dunlin::test {

struct RawPeer::Inside {
  int fd = -1;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  std::string waiting;
  std::string local;
  bool is_connected = false;
  ~Inside() {
    if (ssl) {
      SSL_shutdown(ssl);
      SSL_free(ssl);
    }
    if (context) SSL_CTX_free(context);
    close(fd);
  }
};

namespace {

sockaddr_in address_of(const std::string& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  address.sin_port = htons(port);
  return address;
}

std::string local_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  char text[32];
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(address.sin_port));
}

/// One whole message off the front of a stream, if it is there.
std::optional<std::string> take_message(std::string& stream) {
  const auto end = stream.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  const auto length = header(stream.substr(0, end + 4), "Content-Length");
  const auto size = end + 4 + (length.empty() ? 0 : std::stoul(length));
  if (stream.size() < size) return std::nullopt;
  auto message = stream.substr(0, size);
  stream.erase(0, size);
  return message;
}

}  // namespace

RawPeer::RawPeer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
RawPeer::~RawPeer() = default;
RawPeer::RawPeer(RawPeer&&) noexcept = default;
bool RawPeer::is_connected() const { return inside_->is_connected; }
std::string RawPeer::local() const { return inside_->local; }
std::string RawPeer::transport() const { return inside_->ssl ? "TLS" : "UDP"; }

RawPeer RawPeer::udp(std::uint16_t server_port, const std::string& source) {
  auto inside = std::make_unique<Inside>();
  inside->fd = socket(AF_INET, SOCK_DGRAM, 0);
  const auto from = address_of(source, 0);
  bind(inside->fd, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  const auto to = address_of("127.0.0.1", server_port);
  inside->is_connected = connect(inside->fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  inside->local = local_of(inside->fd);
  return RawPeer(std::move(inside));
}

RawPeer RawPeer::tls(std::uint16_t server_port) {
  auto inside = std::make_unique<Inside>();
  inside->fd = socket(AF_INET, SOCK_STREAM, 0);
  const auto to = address_of("127.0.0.1", server_port);
  inside->is_connected = connect(inside->fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  inside->context = SSL_CTX_new(TLS_client_method());
  inside->ssl = SSL_new(inside->context);
  SSL_set_fd(inside->ssl, inside->fd);
  inside->is_connected = inside->is_connected && SSL_connect(inside->ssl) == 1;
  inside->local = local_of(inside->fd);
  return RawPeer(std::move(inside));
}

void RawPeer::send(const std::string& bytes) {
  if (inside_->ssl) SSL_write(inside_->ssl, bytes.data(), static_cast<int>(bytes.size()));
  else static_cast<void>(::send(inside_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

std::optional<std::string> RawPeer::receive(int patience_ms) {
  std::vector<char> buffer(65536);
  for (;;) {
    if (inside_->ssl) {
      if (auto message = take_message(inside_->waiting)) return message;
    }
    // TLS wakes the socket for its own records too, so the patience is the read's, not a poll's.
    const timeval patience{patience_ms / 1000, patience_ms % 1000 * 1000};
    setsockopt(inside_->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto size = inside_->ssl ? SSL_read(inside_->ssl, buffer.data(), static_cast<int>(buffer.size()))
                                   : static_cast<int>(recv(inside_->fd, buffer.data(), buffer.size(), 0));
    if (size <= 0) return std::nullopt;
    if (!inside_->ssl) return std::string(buffer.data(), static_cast<std::size_t>(size));
    inside_->waiting.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

std::string header(const std::string& message, const std::string& name) {
  const auto at = message.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto start = at + name.size() + 4;
  return message.substr(start, message.find("\r\n", start) - start);
}

int status_of(const std::string& reply) { return reply.rfind("SIP/2.0 ", 0) == 0 ? std::stoi(reply.substr(8, 3)) : 0; }

namespace {
std::string sdp_with(const std::string& protocol, const std::string& extra) {
  return "v=0\r\no=phone 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 " + protocol +
         " 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n" + extra;
}
}  // namespace

std::string secure_sdp() {
  return sdp_with("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\r\n");
}
std::string plain_sdp() { return sdp_with("RTP/AVP", ""); }

std::string Phone::request(const std::string& method, const std::string& extra, const std::string& body) {
  ++sequence_;
  const std::string us = "<sip:" + user_ + "@dunlin.example>";
  return method + " sip:dunlin.example SIP/2.0\r\nVia: SIP/2.0/" + peer_.transport() + " " + peer_.local() +
         ";branch=z9hG4bK" + call_id_ + std::to_string(sequence_) + ";rport\r\nMax-Forwards: 70\r\nFrom: " + us +
         ";tag=phone1\r\nTo: " + (method == "REGISTER" ? us : "<sip:dunlin@dunlin.example>") + "\r\nCall-ID: " + call_id_ +
         "\r\nCSeq: " + std::to_string(sequence_) + " " + method + "\r\nContact: <sip:" + user_ + "@" + peer_.local() +
         ";transport=" + (peer_.transport() == "TLS" ? "tls" : "udp") + ">\r\n" + extra +
         (body.empty() ? "" : "Content-Type: application/sdp\r\n") + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string Phone::exchange(const std::string& method, const std::string& extra, const std::string& body) {
  peer_.send(request(method, extra, body));
  auto reply = peer_.receive();
  // A stack that has just started does not know its accounts yet: "come again in a second".
  for (int tries = 0; reply && test::status_of(*reply) == 503 && method == "REGISTER" && tries < 50; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    peer_.send(request(method, extra, body));
    reply = peer_.receive();
  }
  if (!reply || test::status_of(*reply) != 401) return reply.value_or("");
  last_challenge = header(*reply, "WWW-Authenticate");
  std::vector<std::string> parts;
  std::string rest = last_challenge.substr(last_challenge.find(' ') + 1);
  for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1))
    parts.push_back(rest.substr(0, comma));
  parts.push_back(rest);
  const auto challenge = read_digest(std::vector<std::string_view>(parts.begin(), parts.end()));
  const auto value = answer_challenge(*challenge, {user_, password_, "0a0b0c0d"}, method, "sip:dunlin.example");
  if (!value) return "";
  last_authorization = "Authorization: " + *value + "\r\n";
  if (method == "INVITE") {
    peer_.send("ACK" + request("ACK").substr(3));
    --sequence_;
  }
  peer_.send(request(method, extra + last_authorization, body));
  for (;;) {
    reply = peer_.receive();
    if (!reply || test::status_of(*reply) != 100) return reply.value_or("");
  }
}

std::string Phone::reply(const std::string& request, const std::string& status_line, const std::string& body) {
  std::string via = header(request, "Via");
  std::string to = header(request, "To");
  if (to.find("tag=") == std::string::npos) to += ";tag=phone2";
  return "SIP/2.0 " + status_line + "\r\nVia: " + via + "\r\nFrom: " + header(request, "From") + "\r\nTo: " + to +
         "\r\nCall-ID: " + header(request, "Call-ID") + "\r\nCSeq: " + header(request, "CSeq") + "\r\nContact: <sip:" + user_ +
         "@" + peer_.local() + ";transport=" + (peer_.transport() == "TLS" ? "tls" : "udp") + ">\r\n" + (body.empty() ? "" : "Content-Type: application/sdp\r\n") +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace dunlin::test
