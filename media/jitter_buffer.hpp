#pragma once
// The adaptive jitter buffer of one received stream: packets in by arrival, out one by one at play-out time.
// Runs in the leg's media worker; no clock (times are arguments), no allocation after construction.
// Bounds: 32 packets of at most 640 bytes; what does not fit is refused and counted by the caller.
//
// Delay: the target is one frame plus a slowly forgotten peak of the arrival deviation, 20..240 ms. The
// buffer grows by running empty (the late packet is then played late) and shrinks by dropping one packet when
// even the emptiest moment of the last second was above the target; the same two moves follow the drift
// between the peer's clock and ours.
#include <array>
#include <cstdint>
#include <span>

#include "media/rtp.hpp"

namespace dunlin {

class JitterBuffer {
 public:
  struct Options {
    std::uint32_t clock_rate = 8000;
    int min_delay_ms = 20;
    int max_delay_ms = 240;
  };
  enum class PutResult : std::uint8_t { stored, duplicate, late, too_large };
  enum class TakeKind : std::uint8_t {
    packet,  ///< payload is the frame to play.
    lost,    ///< The frame is missing for good; next_payload holds its successor (for FEC) when present.
    empty,   ///< Nothing to play now; the stream pauses, is late, or has not filled up yet.
  };
  struct Taken {
    TakeKind kind = TakeKind::empty;
    std::span<const std::uint8_t> payload;       ///< Valid until the next put().
    std::span<const std::uint8_t> next_payload;  ///< Only with lost.
    std::uint8_t payload_type = 0;
  };

  explicit JitterBuffer(Options options) : options_(options) {}

  PutResult put(const RtpPacket& packet, std::int64_t arrival_ms);
  Taken take(std::int64_t now_ms);
  void reset();

  int target_ms() const { return target_ms_; }
  int frame_ms() const { return frame_ms_; }
  int depth_ms() const;

 private:
  static constexpr std::size_t capacity = 32;
  static constexpr std::size_t max_payload = 640;
  struct Slot {
    bool is_used = false;
    std::int64_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint16_t size = 0;
    std::uint8_t payload_type = 0;
    std::array<std::uint8_t, max_payload> bytes;
  };

  Slot& slot_at(std::int64_t sequence) { return slots_[static_cast<std::size_t>(sequence) % capacity]; }
  Slot* find(std::int64_t sequence);
  void restart(const RtpPacket& packet, std::int64_t arrival_ms);
  std::int64_t extend(SequenceNumber sequence) const;
  void learn_delay(const RtpHeader& header, std::int64_t sequence, std::int64_t arrival_ms);
  void shrink_when_deep(std::int64_t now_ms);
  Taken miss();

  Options options_;
  std::array<Slot, capacity> slots_{};
  bool has_stream_ = false;
  bool is_filling_ = true;
  std::uint32_t ssrc_ = 0;
  std::int64_t next_ = 0;    ///< Extended sequence number to play next.
  std::int64_t newest_ = 0;  ///< Highest extended sequence number stored.
  std::uint32_t newest_timestamp_ = 0;
  std::int64_t filling_since_ms_ = 0;
  int strays_ = 0;  ///< Consecutive packets far behind: the source restarted.
  bool was_empty_ = false;
  int frame_ms_ = 20;
  int target_ms_ = 20;
  // Arrival deviation against the fastest packet of the last two four-second windows.
  double peak_ms_ = 0;
  std::int64_t transit_base_ms_ = 0;
  std::int64_t fastest_now_ = 0;
  std::int64_t fastest_before_ = 0;
  std::int64_t window_start_ms_ = 0;
  // Emptiest depth of the present second.
  int low_water_ms_ = 1'000'000;
  std::int64_t low_water_since_ms_ = 0;
};

}  // namespace dunlin
