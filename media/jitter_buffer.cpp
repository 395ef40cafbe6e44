#include "media/jitter_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace dunlin {
namespace {
constexpr int restart_distance =
    1000;  // sequence numbers; beyond it a packet belongs to another life of the source
constexpr int strays_before_restart = 2;  // RFC 3550 A.1: two in a row make a restart, one is a stray
constexpr std::int64_t delay_window_ms = 4000;
constexpr std::int64_t low_water_window_ms = 1000;
}  // namespace

void JitterBuffer::reset() {
  for (auto& slot : slots_) slot.is_used = false;
  has_stream_ = false;
  is_filling_ = true;
  was_empty_ = false;
  strays_ = 0;
}

JitterBuffer::Slot* JitterBuffer::find(std::int64_t sequence) {
  Slot& slot = slot_at(sequence);
  return slot.is_used && slot.sequence == sequence ? &slot : nullptr;
}

std::int64_t JitterBuffer::extend(SequenceNumber sequence) const {
  return newest_ + sequence.after({static_cast<std::uint16_t>(newest_)});
}

int JitterBuffer::depth_ms() const {
  return has_stream_ ? static_cast<int>(newest_ - next_ + 1) * frame_ms_ : 0;
}

void JitterBuffer::restart(const RtpPacket& packet, std::int64_t arrival_ms) {
  reset();
  has_stream_ = true;
  ssrc_ = packet.header.ssrc;
  // A base well above zero keeps extended numbers of reordered first packets positive.
  next_ = 65536 + packet.header.sequence.value;
  newest_ = next_;
  newest_timestamp_ = packet.header.timestamp.value;
  filling_since_ms_ = arrival_ms;
  transit_base_ms_ = arrival_ms - packet.header.timestamp.value * std::int64_t{1000} / options_.clock_rate;
  fastest_now_ = fastest_before_ = 0;
  window_start_ms_ = arrival_ms;
  low_water_ms_ = 1'000'000;
  low_water_since_ms_ = arrival_ms;
}

JitterBuffer::PutResult JitterBuffer::put(const RtpPacket& packet, std::int64_t arrival_ms) {
  if (packet.payload.size() > max_payload) return PutResult::too_large;
  if (!has_stream_ || packet.header.ssrc != ssrc_) restart(packet, arrival_ms);
  std::int64_t sequence = extend(packet.header.sequence);
  const std::int64_t distance = sequence - newest_;
  if (distance > restart_distance || distance < -restart_distance) {
    if (++strays_ < strays_before_restart) return PutResult::late;
    restart(packet, arrival_ms);
    sequence = newest_;
  }
  strays_ = 0;
  // Before play-out begins, a packet older than the first one seen moves the beginning back.
  if (sequence < next_ && is_filling_ && newest_ - sequence < static_cast<std::int64_t>(capacity))
    next_ = sequence;
  if (sequence < next_) return PutResult::late;
  if (find(sequence) != nullptr) return PutResult::duplicate;
  learn_delay(packet.header, sequence, arrival_ms);
  if (sequence >= next_ + static_cast<std::int64_t>(capacity)) {
    // A burst longer than the buffer: keep the newest, give up the oldest.
    const std::int64_t first = sequence - static_cast<std::int64_t>(capacity) + 1;
    for (; next_ < first; ++next_) {
      if (Slot* old = find(next_)) old->is_used = false;
    }
  }
  Slot& slot = slot_at(sequence);
  slot.is_used = true;
  slot.sequence = sequence;
  slot.timestamp = packet.header.timestamp.value;
  slot.payload_type = packet.header.payload_type;
  slot.size = static_cast<std::uint16_t>(packet.payload.size());
  if (!packet.payload.empty()) std::memcpy(slot.bytes.data(), packet.payload.data(), packet.payload.size());
  if (sequence > newest_) {
    newest_ = sequence;
    newest_timestamp_ = slot.timestamp;
  }
  return PutResult::stored;
}

void JitterBuffer::learn_delay(const RtpHeader& header, std::int64_t sequence, std::int64_t arrival_ms) {
  const std::int32_t step = header.timestamp.after({newest_timestamp_});
  if (sequence == newest_ + 1 && step > 0) {
    const auto step_ms = static_cast<int>(std::int64_t{step} * 1000 / options_.clock_rate);
    if (step_ms >= 5 && step_ms <= 60) frame_ms_ = step_ms;
  }
  // Timestamps are taken relative to the stream's newest so that 32-bit wrap never shows.
  const std::int64_t media_ms = (std::int64_t{newest_timestamp_} + step) * 1000 / options_.clock_rate;
  const std::int64_t transit = arrival_ms - media_ms - transit_base_ms_;
  if (transit > 2000 || transit < -2000) {
    // The sender's clock jumped (hold, wrap, new source behind the same SSRC): measure anew from here.
    transit_base_ms_ += transit;
    fastest_now_ = fastest_before_ = 0;
    return;
  }
  if (arrival_ms - window_start_ms_ > delay_window_ms) {
    fastest_before_ = fastest_now_;
    fastest_now_ = transit;
    window_start_ms_ = arrival_ms;
  }
  fastest_now_ = std::min(fastest_now_, transit);
  const auto deviation = static_cast<double>(transit - std::min(fastest_now_, fastest_before_));
  peak_ms_ = std::max(deviation, peak_ms_ * (1.0 - 1.0 / 512));
  target_ms_ =
      std::clamp(static_cast<int>(peak_ms_) + frame_ms_, options_.min_delay_ms, options_.max_delay_ms);
}

void JitterBuffer::shrink_when_deep(std::int64_t now_ms) {
  low_water_ms_ = std::min(low_water_ms_, depth_ms());
  if (now_ms - low_water_since_ms_ < low_water_window_ms) return;
  if (low_water_ms_ > target_ms_ + frame_ms_) {
    if (Slot* dropped = find(next_)) dropped->is_used = false;
    ++next_;
  }
  low_water_ms_ = 1'000'000;
  low_water_since_ms_ = now_ms;
}

JitterBuffer::Taken JitterBuffer::miss() {
  was_empty_ = true;
  return {};
}

JitterBuffer::Taken JitterBuffer::take(std::int64_t now_ms) {
  if (!has_stream_ || newest_ < next_) return miss();
  if (is_filling_) {
    if (now_ms - filling_since_ms_ < target_ms_ && depth_ms() < target_ms_ + frame_ms_) return miss();
    is_filling_ = false;
  }
  shrink_when_deep(now_ms);
  if (newest_ < next_) return miss();
  if (Slot* slot = find(next_)) {
    slot->is_used = false;
    ++next_;
    was_empty_ = false;
    return {TakeKind::packet, {slot->bytes.data(), slot->size}, {}, slot->payload_type};
  }
  // After an underrun the missing packet may only be late: give it the target's time to come in.
  if (was_empty_ && depth_ms() < target_ms_) return miss();
  ++next_;
  Taken taken;
  taken.kind = TakeKind::lost;
  if (const Slot* after = find(next_)) {
    taken.next_payload = {after->bytes.data(), after->size};
    taken.payload_type = after->payload_type;
  }
  return taken;
}

}  // namespace dunlin
