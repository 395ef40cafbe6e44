#include "media/dtmf.hpp"

#include <algorithm>
#include <string_view>

#include "media/byte_order.hpp"

namespace dunlin {
namespace {
constexpr std::string_view dial_keys = "0123456789*#ABCD";
}

Result<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload) {
  if (payload.size() < telephone_event_size) return invalid_input("event short");
  return TelephoneEvent{payload[0], (payload[1] & 0x80) != 0, static_cast<std::uint8_t>(payload[1] & 0x3F),
                        read_u16(payload, 2)};
}

void write_telephone_event(const TelephoneEvent& event, std::span<std::uint8_t> target) {
  target[0] = event.event;
  target[1] = static_cast<std::uint8_t>((event.has_ended ? 0x80 : 0) | (event.volume & 0x3F));
  write_u16(target, 2, event.duration);
}

std::optional<char> digit_of(std::uint8_t event) {
  if (event >= dial_keys.size()) return std::nullopt;
  return dial_keys[event];
}

std::optional<std::uint8_t> event_of(char digit) {
  const auto at = dial_keys.find(digit);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

std::optional<char> DtmfReceiver::on_event(const TelephoneEvent& event, RtpTimestamp timestamp) {
  // An older timestamp is a late repeat of a press already told.
  if (has_last_ && timestamp.after(last_) <= 0) return std::nullopt;
  const auto digit = digit_of(event.event);
  if (!digit) return std::nullopt;
  has_last_ = true;
  last_ = timestamp;
  return digit;
}

bool DtmfSender::enqueue(char digit) {
  if (count_ == max_waiting || !event_of(digit)) return false;
  digits_[(first_ + count_) % max_waiting] = digit;
  ++count_;
  return true;
}

std::optional<DtmfStep> DtmfSender::next() {
  if (pause_slots_ > 0) {
    --pause_slots_;
    return std::nullopt;
  }
  if (count_ == 0) return std::nullopt;
  const char digit = digits_[first_];
  DtmfStep step;
  step.digit = digit;
  step.is_first = step_ == 0;
  step.event.event = *event_of(digit);
  step.event.has_ended = step_ >= tone_slots;
  const auto slots = static_cast<std::uint32_t>(std::min(step_ + 1, tone_slots));
  step.event.duration = static_cast<std::uint16_t>(std::min<std::uint32_t>(slots * units_per_slot_, 0xFFFF));
  if (++step_ == tone_slots + end_repeats) {
    step_ = 0;
    first_ = (first_ + 1) % max_waiting;
    --count_;
    pause_slots_ = pause_between;
  }
  return step;
}

}  // namespace dunlin
