#include "tools/peer/voice_codec.hpp"

#include <algorithm>
#include <opus.h>

#include "tools/peer/g711.hpp"

namespace dunlin::peer {

void VoiceCodec::FreeEncoder::operator()(OpusEncoder* encoder) const {
  opus_encoder_destroy(encoder);
}
void VoiceCodec::FreeDecoder::operator()(OpusDecoder* decoder) const {
  opus_decoder_destroy(decoder);
}

Result<VoiceCodec> VoiceCodec::create(Codec codec) {
  VoiceCodec made;
  made.codec_ = codec;
  if (codec != Codec::opus) return made;
  int error = OPUS_OK;
  made.encoder_.reset(opus_encoder_create(sample_rate, 1, OPUS_APPLICATION_VOIP, &error));
  made.decoder_.reset(opus_decoder_create(sample_rate, 1, &error));
  if (!made.encoder_ || !made.decoder_) return Failure{"libopus refused 8 kHz mono"};
  opus_encoder_ctl(made.encoder_.get(), OPUS_SET_BITRATE(20'000));
  // Complexity 0: the peers share the machine with the node they judge.
  opus_encoder_ctl(made.encoder_.get(), OPUS_SET_COMPLEXITY(0));
  return made;
}

std::size_t VoiceCodec::encode(Frame frame, std::span<std::uint8_t> out) {
  switch (codec_) {
    case Codec::pcma:
      std::transform(frame.begin(), frame.end(), out.begin(), &to_alaw);
      return frame.size();
    case Codec::pcmu:
      std::transform(frame.begin(), frame.end(), out.begin(), &to_ulaw);
      return frame.size();
    case Codec::opus: {
      const auto size = opus_encode(encoder_.get(), frame.data(), static_cast<int>(frame.size()), out.data(),
                                    static_cast<opus_int32>(out.size()));
      return size < 0 ? 0 : static_cast<std::size_t>(size);
    }
  }
  return 0;
}

std::size_t VoiceCodec::decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> out) {
  const std::size_t count = std::min(payload.size(), out.size());
  switch (codec_) {
    case Codec::pcma:
      std::transform(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(count), out.begin(),
                     &from_alaw);
      return count;
    case Codec::pcmu:
      std::transform(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(count), out.begin(),
                     &from_ulaw);
      return count;
    case Codec::opus: {
      const int samples = opus_decode(decoder_.get(), payload.data(), static_cast<opus_int32>(payload.size()),
                                      out.data(), static_cast<int>(out.size()), 0);
      return samples < 0 ? 0 : static_cast<std::size_t>(samples);
    }
  }
  return 0;
}

}  // namespace dunlin::peer
