#pragma once
// The outbound half of a leg: one continuous RTP stream under one SSRC, whatever feeds it (frames, relayed
// packets, telephone events), and its RTCP reports. Runs in the leg's media worker; no allocation. The
// stream's clock advances once per 20 ms slot; relayed packets are re-stamped onto it, so that a change of
// source shows the peer no jump in sequence numbers, timestamps or SSRC (RFC 3550 §5.1).
#include <array>
#include <memory>
#include <optional>

#include "media/codecs.hpp"
#include "media/dtmf.hpp"
#include "media/leg_receiver.hpp"
#include "media/rtcp.hpp"
#include "media/srtp_session.hpp"
#include "media/udp_socket.hpp"

namespace dunlin {

struct SendPlan {
  Codec codec = Codec::pcma;
  std::uint8_t payload_type = 8;
  std::optional<std::uint8_t> event_type;
  UdpAddress rtp;
  UdpAddress rtcp;
  bool is_secure = false;
  bool is_enabled = true;  ///< False: the peer does not want to hear us now.
};

/// Random beginnings of the stream, from the system's generator (RFC 3550 §5.1, RFC 3711 §9.1).
struct StreamSeed {
  std::uint32_t ssrc = 0;
  SequenceNumber sequence;
  RtpTimestamp timestamp;
};

class LegSender {
 public:
  explicit LegSender(const StreamSeed& seed)
      : ssrc_(seed.ssrc), sequence_(seed.sequence), clock_(seed.timestamp) {}
  /// As LegReceiver::adopt.
  void adopt(const SendPlan& plan, std::unique_ptr<SrtpSession>& srtp,
             std::unique_ptr<OpusVoiceEncoder>& encoder);
  bool is_ready() const { return is_ready_; }
  const SendPlan& plan() const { return plan_; }
  void redirect(const UdpAddress& proven_source);
  /// RTP and RTCP go to one address from now on (rtcp-mux).
  void follow(const UdpAddress& proven);
  /// Nothing is sent until the next agreement: nobody consents to it any more (RFC 7675).
  void pause() { is_ready_ = false; }

  /// Once per slot, whether or not something is sent.
  void advance_clock() { clock_ = clock_.plus(units_per_slot_); }
  void send_frame(const Frame& frame, const UdpSocket& socket);
  /// Re-stamps and sends a packet of another leg with the same codec. `datagram` is the buffer the packet
  /// lies in, with room behind it; both are consumed.
  void relay(const RtpPacket& packet, std::span<std::uint8_t> datagram, const UdpSocket& socket,
             std::int64_t now_us);
  bool has_relayed_since(std::int64_t since_us) const { return relayed_at_us_ >= since_us; }

  bool enqueue_digit(char digit) { return digits_.enqueue(digit); }
  bool has_digits() const { return digits_.is_active(); }
  /// One slot of a telephone event or, without RFC 4733, of its tones. True when the last waiting digit has
  /// been sent.
  bool send_digit_slot(const UdpSocket& socket);

  /// Sends SR (or RR when nothing was sent) with the given block about the peer's stream.
  void send_report(const ReportBlock& block, std::uint64_t ntp_now, const UdpSocket& socket);

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint64_t packets() const { return packets_; }
  OpusVoiceEncoder* encoder() { return encoder_.get(); }

 private:
  enum class Source : std::uint8_t { none, frames, relay };
  void send_packet(std::uint8_t type, RtpTimestamp timestamp, bool has_marker, std::size_t payload_size,
                   const UdpSocket& socket);
  void protect_and_send(std::span<std::uint8_t> buffer, std::size_t size, const UdpSocket& socket);
  void anchor(const RtpHeader& incoming);

  SendPlan plan_;
  bool is_ready_ = false;
  std::unique_ptr<SrtpSession> srtp_;
  std::unique_ptr<OpusVoiceEncoder> encoder_;
  std::uint32_t ssrc_;
  SequenceNumber sequence_;  ///< Of the next packet.
  RtpTimestamp clock_;
  std::uint32_t units_per_slot_ = 160;
  Source source_ = Source::none;
  // Relay anchor: incoming value + offset = outgoing value, modulo its width.
  std::uint32_t relayed_ssrc_ = 0;
  std::uint16_t sequence_offset_ = 0;
  SequenceNumber
      relay_begin_;  ///< First outgoing number of this anchor; earlier ones belong to another source.
  std::uint32_t timestamp_offset_ = 0;
  std::int64_t relayed_at_us_ = -1'000'000;
  DtmfSender digits_;
  RtpTimestamp event_timestamp_;
  std::uint32_t tone_phase_ = 0;
  std::uint64_t packets_ = 0;
  std::uint32_t octets_ = 0;
  std::array<std::uint8_t, rtp_header_size + max_encoded_bytes + max_srtp_overhead> buffer_{};
};

}  // namespace dunlin
