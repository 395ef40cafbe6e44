#pragma once
// Encoder and decoder of one leg at 8 kHz, 20 ms frames: G.711 tables or Opus. One thread at a time.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "tools/peer/audio_meter.hpp"
#include "tools/peer/result.hpp"
#include "tools/peer/sdp.hpp"

struct OpusEncoder;
struct OpusDecoder;

namespace dunlin::peer {

using Frame = std::span<const std::int16_t, frame_samples>;
inline constexpr std::size_t max_decoded_samples = 960;  ///< 120 ms, the longest Opus packet.
inline constexpr std::size_t max_payload_bytes = 400;

class VoiceCodec {
 public:
  static Result<VoiceCodec> create(Codec codec);

  /// Octets written; `out` holds at least max_payload_bytes.
  std::size_t encode(Frame frame, std::span<std::uint8_t> out);
  /// Samples written (0 for a payload that is not this codec's); `out` holds at least max_decoded_samples.
  std::size_t decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> out);
  Codec codec() const { return codec_; }
  /// RTP clock ticks of a 20 ms frame: Opus always counts at 48 kHz (RFC 7587 §4.1).
  std::uint32_t frame_ticks() const { return codec_ == Codec::opus ? 960 : 160; }

 private:
  struct FreeEncoder {
    void operator()(OpusEncoder* encoder) const;
  };
  struct FreeDecoder {
    void operator()(OpusDecoder* decoder) const;
  };
  Codec codec_ = Codec::pcma;
  std::unique_ptr<OpusEncoder, FreeEncoder> encoder_;
  std::unique_ptr<OpusDecoder, FreeDecoder> decoder_;
};

}  // namespace dunlin::peer
