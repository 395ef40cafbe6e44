#pragma once
// A page's browser in tests: ICE checks, DTLS as client, SRTP with PCMA and telephone events on one socket. One thread. What a
// real one does differently is seen in tests/integration/browser_leg.py.
#include <cmath>
#include <numbers>
#include <string>

#include "media/browser_sdp.hpp"
#include "media/dtmf.hpp"
#include "media/g711.hpp"
#include "media/rtp.hpp"
#include "media/srtp_session.hpp"
#include "media/stun.hpp"
#include "media/udp_socket.hpp"
#include "tests/media/browser_offer_text.hpp"
#include "tests/media/rtp_peer.hpp"

namespace dunlin {

class BrowserPeer : private DatagramSink {
 public:
  explicit BrowserPeer(std::uint64_t session) : session_(session), identity_(*DtlsIdentity::make()) { open_socket(); }

  /// A new pair of its own, as after a change of network or at an ICE restart.
  void open_socket(std::uint16_t port = 0) {
    old_socket_ = std::move(socket_);
    opened_at_ = transaction_;
    is_socket_proven_ = false;
    socket_ = std::move(*UdpSocket::bind(*UdpAddress::parse("127.0.0.1", port)));
  }

  std::string offer() const {
    BrowserOfferParts parts;
    parts.session = std::to_string(session_);
    parts.ufrag = "page" + std::to_string(generation_);
    parts.fingerprint = (told_fingerprint ? *told_fingerprint : identity_->fingerprint()).text();
    parts.formats = formats;
    return browser_offer_text(parts);
  }

  void take_answer(const std::string& text) {
    answer_ = text;
    username_ = value("a=ice-ufrag:") + ":page" + std::to_string(generation_);
    password_ = value("a=ice-pwd:");
    const auto candidate = value("a=candidate:1 1 udp ");
    engine_ = *UdpAddress::parse("127.0.0.1", static_cast<std::uint16_t>(std::stoi(candidate.substr(candidate.find("127.0.0.1 ") + 10))));
    if (!dtls_) dtls_ = std::move(*DtlsPeer::make(identity_, *parse_fingerprint(value("a=fingerprint:")), DtlsPeer::Role::client));
  }
  void restart() { ++generation_; }
  std::uint16_t port() const {
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&own), &size);
    return UdpAddress::from_kernel(own).port();
  }

  /// Checks (unless it has fallen silent), reads all that waits. Call every 20 ms.
  void step() {
    if (is_checking) check(has_nominated);
    read(socket_);
    if (old_socket_.fd() >= 0) read(old_socket_);
    if (has_response_ && is_shaking_hands && dtls_->state() == DtlsState::handshaking) dtls_->on_time(*this);
    if (dtls_->keys() && !inbound_) {
      inbound_ = std::move(*SrtpSession::inbound(dtls_->keys()->theirs));
      outbound_ = std::move(*SrtpSession::outbound(dtls_->keys()->ours, ssrc));
    }
  }

  void check(bool is_nominating) {
    std::array<std::uint8_t, max_stun_request> buffer{};
    StunCheck made{{++transaction_}, username_, password_, priority, is_nominating, is_controlled};
    socket_.send(write_stun_check(made, buffer), engine_);
  }

  void send_tone(double frequency) {
    std::array<std::int16_t, frame_samples> frame;
    for (auto& sample : frame) sample = static_cast<std::int16_t>(8000 * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(phase_++) / 8000));
    std::array<std::uint8_t, frame_samples> payload;
    encode_alaw(frame, payload);
    send_rtp(8, timestamp_, payload);
    timestamp_ += 160;
  }
  void send_digit(char digit) {
    for (int i = 0; i < 6; ++i) {
      std::array<std::uint8_t, telephone_event_size> payload;
      write_telephone_event({*event_of(digit), i >= 3, 10, static_cast<std::uint16_t>((i + 1) * 160)}, payload);
      send_rtp(126, timestamp_, payload);
    }
    timestamp_ += 960;
  }
  void say_good_bye() { dtls_->close(*this); }
  void send_raw(std::span<const std::uint8_t> datagram) { socket_.send(datagram, engine_); }

  bool is_connected() const { return inbound_ != nullptr; }
  DtlsState dtls_state() const { return dtls_->state(); }
  const std::string& answer() const { return answer_; }
  std::string value(const std::string& name) const {
    const auto at = answer_.find(name);
    return at == std::string::npos ? std::string() : answer_.substr(at + name.size(), answer_.find('\r', at) - at - name.size());
  }
  std::optional<std::uint16_t> last_error() const { return last_error_; }
  std::size_t responses() const { return responses_; }
  std::size_t packets() const { return packets_; }
  std::size_t reports() const { return reports_; }
  std::size_t sequence_breaks() const { return sequence_breaks_; }
  std::size_t refused() const { return refused_; }
  std::optional<double> tone(std::size_t ms = 200) const { return loudest_tone(std::span(heard_).last(std::min(heard_.size(), ms * 8))); }

  std::optional<CertificateFingerprint> told_fingerprint;  ///< Set: not its own.
  std::string formats = "111 63 9 0 8 13 110 126";
  bool is_checking = true;
  bool has_nominated = true;
  bool is_shaking_hands = true;  ///< False: something on the way lets no DTLS through.
  bool is_controlled = false;
  bool is_hasty = false;  ///< Sends media from a new socket before a check of it was answered.
  std::uint32_t priority = 1000;
  static constexpr std::uint32_t ssrc = 0x5EED0002;

 private:
  void send(std::span<const std::uint8_t> datagram) override { socket_.send(datagram, engine_); }

  void send_rtp(std::uint8_t type, std::uint32_t timestamp, std::span<const std::uint8_t> payload) {
    if (!outbound_) return;
    std::array<std::uint8_t, 512> buffer;
    write_rtp_header({false, type, sequence_, {timestamp}, ssrc}, buffer);
    sequence_ = sequence_.next();
    std::copy(payload.begin(), payload.end(), buffer.begin() + rtp_header_size);
    // As a browser does: media keeps to the pair before until the new one has proven itself.
    const bool is_new = is_socket_proven_ || is_hasty || old_socket_.fd() < 0;
    (is_new ? socket_ : old_socket_).send(std::span(buffer).first(*outbound_->protect(buffer, rtp_header_size + payload.size())), engine_);
  }

  void read(const UdpSocket& socket) {
    std::array<std::uint8_t, 2048> buffer;
    while (const auto datagram = socket.receive(buffer)) {
      const auto bytes = std::span(buffer).first(datagram->size);
      if (looks_like_stun(bytes)) on_stun(bytes);
      else if (looks_like_dtls(bytes)) dtls_->on_datagram(bytes, *this);
      else on_media(bytes);
    }
  }

  void on_stun(std::span<const std::uint8_t> bytes) {
    const auto message = parse_stun(bytes);
    if (!message) return;
    if (message->kind == StunKind::binding_error) last_error_ = message->error_code;
    if (message->kind != StunKind::binding_success || !has_integrity(*message, bytes, password_)) return;
    ++responses_;
    has_response_ = true;
    if (message->transaction[0] > opened_at_) is_socket_proven_ = true;
  }

  void on_media(std::span<std::uint8_t> bytes) {
    if (!inbound_) return;
    if (looks_like_rtcp(bytes)) {
      reports_ += inbound_->unprotect_rtcp(bytes).ok();
      return;
    }
    const auto size = inbound_->unprotect(bytes);
    const auto packet = size ? parse_rtp(bytes.first(*size)) : Result<RtpPacket>(invalid_input("refused"));
    if (!packet) {
      ++refused_;
      return;
    }
    ++packets_;
    if (last_ && packet->header.sequence != last_->next()) ++sequence_breaks_;
    last_ = packet->header.sequence;
    if (packet->header.payload_type != 8 || packet->payload.size() > 960) return;
    std::array<std::int16_t, 960> samples;
    decode_alaw(packet->payload, std::span(samples).first(packet->payload.size()));
    heard_.insert(heard_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(packet->payload.size()));
  }

  std::uint64_t session_;
  std::shared_ptr<const DtlsIdentity> identity_;
  UdpSocket socket_;
  UdpSocket old_socket_;
  UdpAddress engine_;
  std::unique_ptr<DtlsPeer> dtls_;
  std::unique_ptr<SrtpSession> inbound_;
  std::unique_ptr<SrtpSession> outbound_;
  std::string answer_;
  std::string username_;
  std::string password_;
  int generation_ = 0;
  std::uint8_t transaction_ = 0;
  std::uint8_t opened_at_ = 0;
  bool is_socket_proven_ = false;
  bool has_response_ = false;
  std::optional<std::uint16_t> last_error_;
  std::size_t responses_ = 0;
  SequenceNumber sequence_{100};
  std::uint32_t timestamp_ = 1000;
  std::size_t phase_ = 0;
  std::vector<std::int16_t> heard_;
  std::optional<SequenceNumber> last_;
  std::size_t packets_ = 0;
  std::size_t reports_ = 0;
  std::size_t sequence_breaks_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace dunlin
