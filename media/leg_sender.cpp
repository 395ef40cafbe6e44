#include "media/leg_sender.hpp"

#include <algorithm>

#include "media/g711.hpp"
#include "media/tones.hpp"

namespace dunlin {

void LegSender::adopt(const SendPlan& plan, std::unique_ptr<SrtpSession>& srtp,
                      std::unique_ptr<OpusVoiceEncoder>& encoder) {
  plan_ = plan;
  if (srtp || !plan.is_secure) std::swap(srtp_, srtp);
  std::swap(encoder_, encoder);
  units_per_slot_ = clock_rate_of(plan.codec) / 50;
  digits_.set_units_per_slot(units_per_slot_);
  source_ = Source::none;
  is_ready_ = true;
}

void LegSender::redirect(const UdpAddress& proven_source) {
  plan_.rtp = proven_source;
}

void LegSender::follow(const UdpAddress& proven) {
  plan_.rtp = proven;
  plan_.rtcp = proven;
}

void LegSender::protect_and_send(std::span<std::uint8_t> buffer, std::size_t size, const UdpSocket& socket) {
  octets_ += static_cast<std::uint32_t>(size - rtp_header_size);
  ++packets_;
  if (plan_.is_secure) {
    const auto protected_size = srtp_->protect(buffer, size);
    if (!protected_size) return;
    size = *protected_size;
  }
  socket.send(buffer.first(size), plan_.rtp);
}

void LegSender::send_packet(std::uint8_t type, RtpTimestamp timestamp, bool has_marker,
                            std::size_t payload_size, const UdpSocket& socket) {
  write_rtp_header({has_marker, type, sequence_, timestamp, ssrc_}, buffer_);
  sequence_ = sequence_.next();
  protect_and_send(buffer_, rtp_header_size + payload_size, socket);
}

void LegSender::send_frame(const Frame& frame, const UdpSocket& socket) {
  if (!plan_.is_enabled) return;
  const auto payload = std::span(buffer_).subspan(rtp_header_size, max_encoded_bytes);
  std::size_t size = frame_samples;
  switch (plan_.codec) {
    case Codec::pcma:
      encode_alaw(frame, payload.first(frame_samples));
      break;
    case Codec::pcmu:
      encode_ulaw(frame, payload.first(frame_samples));
      break;
    case Codec::opus: {
      const auto encoded = encoder_->encode(frame, payload);
      if (!encoded) return;
      size = *encoded;
      break;
    }
  }
  const bool is_new_source = source_ != Source::frames;
  source_ = Source::frames;
  send_packet(plan_.payload_type, clock_, is_new_source, size, socket);
}

void LegSender::anchor(const RtpHeader& incoming) {
  relayed_ssrc_ = incoming.ssrc;
  sequence_offset_ = static_cast<std::uint16_t>(sequence_.value - incoming.sequence.value);
  timestamp_offset_ = clock_.value - incoming.timestamp.value;
  relay_begin_ = sequence_;
  source_ = Source::relay;
}

void LegSender::relay(const RtpPacket& packet, std::span<std::uint8_t> datagram, const UdpSocket& socket,
                      std::int64_t now_us) {
  if (!plan_.is_enabled) return;
  RtpHeader header = packet.header;
  const bool is_new_source = source_ != Source::relay || header.ssrc != relayed_ssrc_;
  if (is_new_source) anchor(packet.header);
  header.sequence.value = static_cast<std::uint16_t>(header.sequence.value + sequence_offset_);
  // A packet older than the anchor would reuse a number already sent, which SRTP must never encrypt twice.
  if (header.sequence.after(relay_begin_) < 0) return;
  header.timestamp.value += timestamp_offset_;
  header.ssrc = ssrc_;
  header.payload_type = plan_.payload_type;
  header.has_marker = header.has_marker || is_new_source;
  // Our clock follows the relayed one where it runs ahead, so that a later frame of ours never goes back in
  // time.
  if (header.timestamp.after(clock_) > 0) clock_ = header.timestamp;
  if (header.sequence.after(sequence_) >= 0) sequence_ = header.sequence.next();
  relayed_at_us_ = now_us;
  const std::size_t start = packet.payload_offset - rtp_header_size;
  write_rtp_header(header, datagram.subspan(start));
  protect_and_send(datagram.subspan(start), rtp_header_size + packet.payload.size(), socket);
}

bool LegSender::send_digit_slot(const UdpSocket& socket) {
  const auto step = digits_.next();
  if (!step || !plan_.is_enabled) return !digits_.is_active();
  if (step->is_first) {
    event_timestamp_ = clock_;
    tone_phase_ = 0;
  }
  source_ = Source::none;
  if (plan_.event_type) {
    write_telephone_event(step->event, std::span(buffer_).subspan(rtp_header_size));
    send_packet(*plan_.event_type, event_timestamp_, step->is_first, telephone_event_size, socket);
    return !digits_.is_active();
  }
  Frame tone{};
  if (!step->event.has_ended) write_dtmf_tone(step->digit, tone_phase_, tone);
  tone_phase_ += static_cast<std::uint32_t>(frame_samples);
  send_frame(tone, socket);
  return !digits_.is_active();
}

void LegSender::send_report(const ReportBlock& block, std::uint64_t ntp_now, const UdpSocket& socket) {
  RtcpDraft draft;
  draft.ssrc = ssrc_;
  if (packets_ > 0)
    draft.sender_info = SenderInfo{ntp_now, clock_, static_cast<std::uint32_t>(packets_), octets_};
  if (block.ssrc != 0) draft.block = block;
  std::array<std::uint8_t, rtcp_draft_size + max_srtp_overhead> buffer;
  std::size_t size = write_rtcp(draft, std::span(buffer).first(rtcp_draft_size)).size();
  if (plan_.is_secure) {
    const auto protected_size = srtp_->protect_rtcp(buffer, size);
    if (!protected_size) return;
    size = *protected_size;
  }
  socket.send(std::span(buffer).first(size), plan_.rtcp);
}

}  // namespace dunlin
