#include "media/leg_receiver.hpp"

#include <algorithm>

#include "media/g711.hpp"

namespace dunlin {
namespace {
constexpr int conceal_at_most_ms = 60;

RefusalReason reason_of(const Error& error) {
  return error.code == Errc::conflict ? RefusalReason::replayed : RefusalReason::not_authentic;
}

}

void LegReceiver::adopt(const ReceivePlan& plan, std::unique_ptr<SrtpSession>& srtp,
                        std::unique_ptr<OpusVoiceDecoder>& decoder) {
  const bool is_new_clock = !is_ready_ || clock_rate_of(plan.codec) != clock_rate_of(plan_.codec);
  plan_ = plan;
  if (srtp || !plan.is_secure) std::swap(srtp_, srtp);
  std::swap(decoder_, decoder);
  if (is_new_clock) {
    jitter_ = JitterBuffer({clock_rate_of(plan.codec), 20, 240});
    stats_ = ReceiveStats(clock_rate_of(plan.codec));
  }
  locked_.reset();
  proven_source_.reset();
  is_ready_ = true;
  flush();
}

void LegReceiver::follow(const UdpAddress& proven) {
  plan_.expected = proven;
  if (locked_) locked_ = proven;
  if (proven_source_) proven_source_ = proven;
}

void LegReceiver::flush() {
  jitter_.reset();
  waiting_count_ = 0;
  concealed_ms_ = 1000;
}

LegReceiver::Accepted LegReceiver::refuse(RefusalReason reason, const UdpAddress& from) {
  refusals_.note(reason, from);
  return {};
}

bool LegReceiver::accepts_source(const UdpAddress& from) {
  if (locked_) return *locked_ == from;
  if (!plan_.is_secure && !from.has_same_address(plan_.expected)) return false;
  locked_ = from;
  if (plan_.is_secure) proven_source_ = from;
  return true;
}

LegReceiver::Accepted LegReceiver::on_rtp(std::span<std::uint8_t> datagram, const UdpAddress& from,
                                          std::int64_t now_us) {
  if (!is_ready_) {
    refusals_.note_early();
    return {};
  }
  if (locked_ && *locked_ != from) return refuse(RefusalReason::stranger, from);
  if (datagram.size() < rtp_header_size || datagram[0] >> 6 != 2) return refuse(RefusalReason::malformed, from);
  if (plan_.is_secure) {
    const auto size = srtp_->unprotect(datagram);
    if (!size) return refuse(reason_of(size.error()), from);
    datagram = datagram.first(*size);
  }
  const auto packet = parse_rtp(datagram);
  if (!packet) return refuse(RefusalReason::malformed, from);
  if (!accepts_source(from)) return refuse(RefusalReason::stranger, from);
  stats_.on_packet(packet->header, now_us);
  const std::uint8_t type = packet->header.payload_type;
  if (type == plan_.payload_type) return {Kind::audio, *packet, std::nullopt};
  if (type == plan_.event_type || type == plan_.event_type_48k) {
    const auto event = parse_telephone_event(packet->payload);
    if (!event) return refuse(RefusalReason::malformed, from);
    return {Kind::event, *packet, events_.on_event(*event, packet->header.timestamp)};
  }
  return {Kind::other, *packet, std::nullopt};  // comfort noise and the like: alive, but nothing to hear
}

std::optional<RtcpReport> LegReceiver::on_rtcp(std::span<std::uint8_t> datagram, const UdpAddress& from,
                                               std::int64_t now_us) {
  if (!is_ready_ || datagram.size() < 8) return std::nullopt;
  if (plan_.is_secure) {
    const auto size = srtp_->unprotect_rtcp(datagram);
    if (!size) {
      refusals_.note(reason_of(size.error()), from);
      return std::nullopt;
    }
    datagram = datagram.first(*size);
  } else if (!from.has_same_address(plan_.expected)) {
    refusals_.note(RefusalReason::stranger, from);
    return std::nullopt;
  }
  const auto report = parse_rtcp(datagram);
  if (!report) {
    refusals_.note(RefusalReason::malformed, from);
    return std::nullopt;
  }
  if (report->sender_info) stats_.on_sender_report(*report->sender_info, now_us);
  return *report;
}

std::size_t LegReceiver::decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> target) {
  const std::size_t count = std::min(payload.size(), target.size());
  switch (plan_.codec) {
    case Codec::pcma:
      decode_alaw(payload.first(count), target.first(count));
      concealment_.remember(target.first(count));
      return count;
    case Codec::pcmu:
      decode_ulaw(payload.first(count), target.first(count));
      concealment_.remember(target.first(count));
      return count;
    case Codec::opus: {
      const auto samples = decoder_->decode(payload, target);
      return samples ? *samples : 0;
    }
  }
  return 0;
}

std::size_t LegReceiver::conceal(const JitterBuffer::Taken& taken, std::size_t samples,
                                 std::span<std::int16_t> target) {
  auto frame = target.first(samples);
  if (plan_.codec != Codec::opus) {
    concealment_.fill(frame);
    return samples;
  }
  const auto made =
      taken.next_payload.empty() ? decoder_->conceal(frame) : decoder_->recover(taken.next_payload, frame);
  return made ? *made : 0;
}

bool LegReceiver::produce(Frame& frame, std::int64_t now_us) {
  // A packet holds 5 to 120 ms; four tries are enough for 20 ms of 5 ms packets and bound the work of a bad
  // stream.
  for (int tries = 0; waiting_count_ < frame_samples && tries < 4; ++tries) {
    const auto target = std::span(waiting_).subspan(waiting_count_);
    const auto taken = jitter_.take(now_us / 1000);
    if (taken.kind == JitterBuffer::TakeKind::packet) {
      waiting_count_ += decode(taken.payload, target);
      concealed_ms_ = 0;
    } else if (concealed_ms_ < conceal_at_most_ms) {
      const bool is_lost = taken.kind == JitterBuffer::TakeKind::lost;
      const std::size_t samples = is_lost ? static_cast<std::size_t>(jitter_.frame_ms()) * 8 : frame_samples;
      waiting_count_ += conceal(taken, samples, target);
      concealed_ms_ += static_cast<int>(samples / 8);
    } else if (taken.kind == JitterBuffer::TakeKind::empty) {
      break;
    }
  }
  const std::size_t count = std::min(waiting_count_, frame_samples);
  std::copy_n(waiting_.begin(), count, frame.begin());
  std::fill(frame.begin() + static_cast<std::ptrdiff_t>(count), frame.end(), std::int16_t{0});
  std::copy(waiting_.begin() + static_cast<std::ptrdiff_t>(count),
            waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_count_), waiting_.begin());
  waiting_count_ -= count;
  return count > 0;
}

}  // namespace dunlin
