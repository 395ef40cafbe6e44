#pragma once
// RFC 4733 telephone events: reading and writing payloads, telling one key press from its repeats, sending
// digits. Pure, one thread, no allocation. Units: event durations in RTP clock units, times in milliseconds.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/result.hpp"
#include "media/rtp.hpp"

namespace dunlin {

/// RFC 4733 §2.3, one event.
struct TelephoneEvent {
  std::uint8_t event = 0;  ///< 0..9 digits, 10 '*', 11 '#', 12..15 'A'..'D'; others are not DTMF.
  bool has_ended = false;
  std::uint8_t volume = 10;    ///< -dBm0, 0..63.
  std::uint16_t duration = 0;  ///< RTP clock units since the start.
  bool operator==(const TelephoneEvent&) const = default;
};

inline constexpr std::size_t telephone_event_size = 4;
Result<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload);
void write_telephone_event(const TelephoneEvent& event, std::span<std::uint8_t> target);

/// '0'..'9' '*' '#' 'A'..'D' or nothing.
std::optional<char> digit_of(std::uint8_t event);
std::optional<std::uint8_t> event_of(char digit);

/// Reports each key press once. Packets of one press share the RTP timestamp (§2.5.1.1); the end comes three
/// times.
class DtmfReceiver {
 public:
  std::optional<char> on_event(const TelephoneEvent& event, RtpTimestamp timestamp);

 private:
  bool has_last_ = false;
  RtpTimestamp last_;
};

/// What to send in this 20 ms slot instead of audio.
struct DtmfStep {
  TelephoneEvent event;
  bool is_first = false;  ///< Marker bit; the event's timestamp is taken here and kept.
  char digit = 0;
};

/// Turns waiting digits into event steps: 100 ms each (§2.5.1), end three times, 60 ms apart.
class DtmfSender {
 public:
  static constexpr std::size_t max_waiting = 32;

  explicit DtmfSender(std::uint32_t units_per_slot = 160) : units_per_slot_(units_per_slot) {}
  /// False when 32 digits wait already.
  bool enqueue(char digit);
  bool is_active() const { return count_ > 0 || pause_slots_ > 0; }
  /// Called once each slot while active; nothing during the pause between digits.
  std::optional<DtmfStep> next();
  void set_units_per_slot(std::uint32_t units) { units_per_slot_ = units; }

 private:
  static constexpr int tone_slots = 5;
  static constexpr int end_repeats = 3;
  static constexpr int pause_between = 3;

  std::array<char, max_waiting> digits_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  int step_ = 0;
  int pause_slots_ = 0;
  std::uint32_t units_per_slot_;
};

}  // namespace dunlin
