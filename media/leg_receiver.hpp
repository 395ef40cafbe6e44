#pragma once
// The inbound half of a leg: source lock, SRTP, statistics, RFC 4733, jitter buffer and decoder.
// Runs in the leg's media worker; made on the control thread; no allocation after that (see
// srtp_session.hpp). Source lock: with SRTP the first authenticated source is kept until the next agreement;
// plain RTP is taken only from the negotiated address, and its first port is kept. Everything else is refused
// and counted by its reason.
#include <array>
#include <memory>
#include <optional>

#include "media/codecs.hpp"
#include "media/concealment.hpp"
#include "media/dtmf.hpp"
#include "media/jitter_buffer.hpp"
#include "media/negotiation.hpp"
#include "media/refusal_book.hpp"
#include "media/rtcp.hpp"
#include "media/srtp_session.hpp"
#include "media/udp_socket.hpp"

namespace dunlin {

using Frame = std::array<std::int16_t, frame_samples>;

struct ReceivePlan {
  Codec codec = Codec::pcma;
  std::uint8_t payload_type = 8;
  std::optional<std::uint8_t> event_type;
  std::optional<std::uint8_t> event_type_48k;
  UdpAddress expected;  ///< Where the peer says it is.
  bool is_secure = false;
  bool is_enabled = true;  ///< False: the peer will not send (hold); silence is no failure.
  bool may_be_silent = false;  ///< Silence suppression was agreed: pauses without packets are no failure.
};

constexpr std::uint32_t clock_rate_of(Codec codec) {
  return codec == Codec::opus ? 48000 : 8000;
}

class LegReceiver {
 public:
  enum class Kind : std::uint8_t { refused, other, event, audio };
  struct Accepted {
    Kind kind = Kind::refused;
    RtpPacket packet;           ///< With audio; points into the datagram.
    std::optional<char> digit;  ///< With event: a key press not told before.
  };

  LegReceiver() = default;
  /// Takes a new agreement; the previous SRTP context and decoder come back in the arguments, to be freed
  /// elsewhere. A null context keeps the present one (its key did not change).
  void adopt(const ReceivePlan& plan, std::unique_ptr<SrtpSession>& srtp,
             std::unique_ptr<OpusVoiceDecoder>& decoder);
  bool is_ready() const { return is_ready_; }
  const ReceivePlan& plan() const { return plan_; }

  /// Judges one datagram of the RTP port; decrypts in place.
  Accepted on_rtp(std::span<std::uint8_t> datagram, const UdpAddress& from, std::int64_t now_us);
  /// The peer's report, or nothing when refused.
  std::optional<RtcpReport> on_rtcp(std::span<std::uint8_t> datagram, const UdpAddress& from,
                                    std::int64_t now_us);

  /// Puts an accepted audio packet into the jitter buffer.
  void store(const RtpPacket& packet, std::int64_t now_us) { jitter_.put(packet, now_us / 1000); }
  /// Makes the next 20 ms. False: nobody speaks; the frame is silence.
  bool produce(Frame& frame, std::int64_t now_us);
  /// Forgets waiting audio, for a leg whose audio is wanted again after a pause.
  void flush();

  ReceiveStats& stats() { return stats_; }
  RefusalBook& refusals() { return refusals_; }
  /// The far end has proven another address by other means than RTP (ICE): what comes is taken as from there.
  void follow(const UdpAddress& proven);
  /// The address that proved itself by SRTP, to which we answer.
  const std::optional<UdpAddress>& proven_source() const { return proven_source_; }

 private:
  bool accepts_source(const UdpAddress& from);
  std::size_t decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> target);
  std::size_t conceal(const JitterBuffer::Taken& taken, std::size_t samples, std::span<std::int16_t> target);
  Accepted refuse(RefusalReason reason, const UdpAddress& from);

  ReceivePlan plan_;
  bool is_ready_ = false;
  std::unique_ptr<SrtpSession> srtp_;
  std::unique_ptr<OpusVoiceDecoder> decoder_;
  JitterBuffer jitter_{JitterBuffer::Options{}};
  ReceiveStats stats_{8000};
  DtmfReceiver events_;
  Concealment concealment_;
  std::optional<UdpAddress> locked_;
  std::optional<UdpAddress> proven_source_;
  RefusalBook refusals_;
  std::array<std::int16_t, max_decoded_samples + frame_samples> waiting_{};
  std::size_t waiting_count_ = 0;
  int concealed_ms_ = 1000;
};

}  // namespace dunlin
