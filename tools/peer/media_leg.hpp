#pragma once
// One RTP leg of a peer: a socket that sends a frame every 20 ms and measures what comes. The media loop
// ticks it, the signalling thread commands it; an uncontended mutex stands between them (a test peer may lock
// where the product may not).
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <netinet/in.h>

#include "tools/peer/audio_meter.hpp"
#include "tools/peer/result.hpp"
#include "tools/peer/sound.hpp"
#include "tools/peer/srtp.hpp"
#include "tools/peer/voice_codec.hpp"

namespace dunlin::peer {

/// What was negotiated.
struct LegSession {
  CodecLine codec;
  int event_type = -1;
  sockaddr_in remote{};
  std::optional<SrtpKeys> srtp;
};

/// Damage done to what we send.
struct Impairment {
  double loss = 0;             ///< Share of packets not sent.
  std::int64_t jitter_ms = 0;  ///< Each packet is held back 0..jitter; order is kept.
};

struct LegOptions {
  sockaddr_in local{};
  std::uint64_t seed = 0;
  Impairment impairment;
};

class MediaLeg {
 public:
  static Result<std::shared_ptr<MediaLeg>> open(const LegOptions& options);
  ~MediaLeg();
  MediaLeg(const MediaLeg&) = delete;
  MediaLeg& operator=(const MediaLeg&) = delete;

  /// Begins or changes the session; unchanged keys and codec keep their state (re-INVITE).
  Status configure(const LegSession& session);
  void set_sending(bool is_sending);
  void play(SoundPlan plan);
  void set_echo(bool is_echo);
  /// Sends the digits as RFC 4733 events, 100 ms each with 60 ms between.
  void send_digits(const std::string& digits);
  bool has_heard_voice() const;
  MediaReport report() const;
  /// Starts the figures anew (a new talk on a lasting leg).
  void reset_meter();
  std::uint16_t port() const { return ntohs(local_.sin_port); }

  /// For the media loop only: once every 20 ms, and in between when has_delayed_packets().
  void tick();
  void send_due(std::int64_t now_us);
  bool is_jittered() const { return impairment_.jitter_ms > 0; }

 private:
  struct Delayed {
    std::int64_t due_us;
    std::vector<std::uint8_t> bytes;
  };
  MediaLeg(int fd, const LegOptions& options);
  void receive();
  void take_packet(std::span<std::uint8_t> buffer, std::size_t length, std::int64_t arrival_us);
  void hear(const RtpPacket& packet, std::int64_t arrival_us);
  void send_frame();
  bool send_dtmf_frame();
  void send_packet(const RtpHeader& header, std::span<const std::uint8_t> payload);
  void emit(std::span<const std::uint8_t> bytes);

  int fd_;
  sockaddr_in local_;
  Impairment impairment_;
  mutable std::mutex mutex_;
  std::optional<LegSession> session_;
  std::optional<VoiceCodec> codec_;
  std::optional<SrtpPair> srtp_;
  bool is_sending_ = true;
  bool is_echo_ = false;
  std::deque<std::array<std::int16_t, frame_samples>> echoes_;
  SoundPlayer player_;
  Dice dice_;
  AudioMeter meter_;
  std::uint64_t rtp_rx_ = 0;
  std::uint64_t rtp_tx_ = 0;
  std::uint64_t auth_failures_ = 0;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::uint32_t timestamp_;
  bool is_marked_ = true;
  std::string digits_;
  int dtmf_frame_ = 0;
  std::deque<Delayed> delayed_;
  std::int64_t last_due_us_ = 0;
};

}  // namespace dunlin::peer
