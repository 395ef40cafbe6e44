#pragma once
// The far end of a leg in tests: a UDP pair, an SDP-like description, a tone sender and a tone meter. One
// thread.
#include <cmath>
#include <complex>
#include <numbers>
#include <optional>
#include <vector>

#include "media/codecs.hpp"
#include "media/dtmf.hpp"
#include "media/g711.hpp"
#include "media/port_pools.hpp"
#include "media/rtp.hpp"
#include "media/srtp_session.hpp"

namespace dunlin {

/// Power of one tone in the sound, by Goertzel.
inline double tone_power(std::span<const std::int16_t> samples, double frequency) {
  const double w = 2 * std::numbers::pi * frequency / 8000;
  double s1 = 0;
  double s2 = 0;
  for (const auto sample : samples) {
    const double s0 = sample + 2 * std::cos(w) * s1 - s2;
    s2 = s1;
    s1 = s0;
  }
  return s1 * s1 + s2 * s2 - 2 * std::cos(w) * s1 * s2;
}

/// Frequency of the strongest component between 100 and 3800 Hz, in steps of 1 Hz; nothing when
/// silent.
inline std::optional<double> loudest_tone(std::span<const std::int16_t> samples) {
  double best = 0;
  double best_frequency = 0;
  double energy = 0;
  for (const auto sample : samples) energy += static_cast<double>(sample) * sample;
  if (samples.empty() || energy / static_cast<double>(samples.size()) < 200 * 200) return std::nullopt;
  for (double frequency = 100; frequency < 3800; frequency += 1) {
    const double power = tone_power(samples, frequency);
    if (power > best) {
      best = power;
      best_frequency = frequency;
    }
  }
  return best_frequency;
}

inline std::vector<std::int16_t> make_tone(double frequency, std::size_t samples, double amplitude = 8000) {
  std::vector<std::int16_t> tone(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    tone[i] = static_cast<std::int16_t>(
        amplitude * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / 8000));
  }
  return tone;
}

class RtpPeer {
 public:
  /// Speaks `codec`; with a suite it answers and speaks SRTP.
  RtpPeer(PortPool& ports, Codec codec, std::optional<CryptoSuite> suite)
      : codec_(codec), suite_(suite), pair_(std::move(*ports.open("127.0.0.1"))) {
    if (codec_ == Codec::opus) {
      encoder_ = std::move(*OpusVoiceEncoder::make({1, 16000, 5, true}));
      decoder_ = std::move(*OpusVoiceDecoder::make());
    }
  }

  /// Answers the engine's offer and learns where to send.
  MediaDescription answer(const MediaDescription& offer) {
    MediaDescription mine;
    mine.address = "127.0.0.1";
    mine.port = pair_.rtp_port;
    for (const auto& choice : offer.codecs) {
      if (choice.codec == codec_) mine.codecs = {choice};
    }
    mine.telephone_event = offer.telephone_event;
    if (codec_ == Codec::opus) mine.telephone_event_48k = offer.telephone_event_48k;
    for (const auto& key : offer.crypto) {
      if (!suite_ || key.suite != *suite_) continue;
      mine.crypto = {*make_crypto_key(*suite_, key.tag)};
      inbound_ = std::move(*SrtpSession::inbound(key));
      outbound_ = std::move(*SrtpSession::outbound(mine.crypto.front(), ssrc));
    }
    type_ = mine.codecs.empty() ? std::uint8_t{8} : mine.codecs.front().payload_type;
    event_type_ = codec_ == Codec::opus && mine.telephone_event_48k ? *mine.telephone_event_48k
                                                                    : mine.telephone_event.value_or(101);
    engine_ = *UdpAddress::parse(offer.address, offer.port);
    return mine;
  }

  void spoil_key() { outbound_ = std::move(*SrtpSession::outbound(*make_crypto_key(*suite_, 1), ssrc)); }

  /// Sends the next 20 ms of a tone.
  void send_tone(double frequency) {
    std::array<std::int16_t, frame_samples> frame;
    for (auto& sample : frame) {
      sample = static_cast<std::int16_t>(
          8000 * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(phase_++) / 8000));
    }
    std::array<std::uint8_t, 512> payload;
    std::size_t size = frame_samples;
    if (codec_ == Codec::pcma) encode_alaw(frame, std::span(payload).first(frame_samples));
    if (codec_ == Codec::pcmu) encode_ulaw(frame, std::span(payload).first(frame_samples));
    if (codec_ == Codec::opus) size = *encoder_->encode(frame, payload);
    send(type_, timestamp_, false, std::span(payload).first(size));
    timestamp_ += codec_ == Codec::opus ? 960 : 160;
  }

  void send_digit(char digit) {
    for (int i = 0; i < 6; ++i) {
      std::array<std::uint8_t, telephone_event_size> payload;
      write_telephone_event({*event_of(digit), i >= 3, 10, static_cast<std::uint16_t>((i + 1) * 160)},
                            payload);
      send(event_type_, timestamp_, i == 0, payload);
    }
    timestamp_ += 960;
  }

  /// Reads all that waits; audio goes to heard(), key presses to digits().
  void receive() {
    std::array<std::uint8_t, 2048> buffer;
    while (const auto datagram = pair_.rtp.receive(buffer)) {
      auto bytes = std::span(buffer).first(datagram->size);
      if (inbound_) {
        const auto size = inbound_->unprotect(bytes);
        if (!size) {
          ++refused_;
          continue;
        }
        bytes = bytes.first(*size);
      }
      if (const auto packet = parse_rtp(bytes)) take(*packet);
    }
    while (const auto report = pair_.rtcp.receive(buffer)) ++reports_;
  }

  const std::vector<std::int16_t>& heard() const { return heard_; }
  const std::string& digits() const { return digits_; }
  std::size_t packets() const { return packets_; }
  std::size_t sequence_breaks() const { return sequence_breaks_; }
  std::size_t sources() const { return sources_; }
  std::size_t refused() const { return refused_; }
  std::size_t reports() const { return reports_; }
  void forget() { heard_.clear(); }
  /// The tone of the last `ms` heard.
  std::optional<double> tone(std::size_t ms = 500) const {
    const std::size_t count = std::min(heard_.size(), ms * 8);
    return loudest_tone(std::span(heard_).last(count));
  }

  static constexpr std::uint32_t ssrc = 0x5EED0001;

 private:
  void send(std::uint8_t type, std::uint32_t timestamp, bool has_marker,
            std::span<const std::uint8_t> payload) {
    std::array<std::uint8_t, 1024> buffer;
    write_rtp_header({has_marker, type, sequence_, {timestamp}, ssrc}, buffer);
    sequence_ = sequence_.next();
    std::copy(payload.begin(), payload.end(), buffer.begin() + rtp_header_size);
    std::size_t size = rtp_header_size + payload.size();
    if (outbound_) size = *outbound_->protect(buffer, size);
    pair_.rtp.send(std::span(buffer).first(size), engine_);
  }

  void take(const RtpPacket& packet) {
    ++packets_;
    if (last_ && packet.header.sequence != last_->sequence.next()) ++sequence_breaks_;
    if (!last_ || last_->ssrc != packet.header.ssrc) ++sources_;
    last_ = packet.header;
    if (packet.header.payload_type == event_type_) {
      const auto digit = receiver_.on_event(*parse_telephone_event(packet.payload), packet.header.timestamp);
      if (digit) digits_.push_back(*digit);
      return;
    }
    std::array<std::int16_t, max_decoded_samples> samples;
    std::size_t count = std::min(packet.payload.size(), samples.size());
    if (codec_ == Codec::pcma) decode_alaw(packet.payload.first(count), std::span(samples).first(count));
    if (codec_ == Codec::pcmu) decode_ulaw(packet.payload.first(count), std::span(samples).first(count));
    if (codec_ == Codec::opus) {
      const auto decoded = decoder_->decode(packet.payload, samples);
      count = decoded ? *decoded : 0;
    }
    heard_.insert(heard_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
  }

  Codec codec_;
  std::optional<CryptoSuite> suite_;
  UdpPair pair_;
  std::unique_ptr<OpusVoiceEncoder> encoder_;
  std::unique_ptr<OpusVoiceDecoder> decoder_;
  std::unique_ptr<SrtpSession> inbound_;
  std::unique_ptr<SrtpSession> outbound_;
  UdpAddress engine_;
  std::uint8_t type_ = 8;
  std::uint8_t event_type_ = 101;
  SequenceNumber sequence_{100};
  std::uint32_t timestamp_ = 1000;
  std::size_t phase_ = 0;
  std::vector<std::int16_t> heard_;
  std::string digits_;
  DtmfReceiver receiver_;
  std::optional<RtpHeader> last_;
  std::size_t packets_ = 0;
  std::size_t sequence_breaks_ = 0;
  std::size_t sources_ = 0;
  std::size_t refused_ = 0;
  std::size_t reports_ = 0;
};

}  // namespace dunlin
