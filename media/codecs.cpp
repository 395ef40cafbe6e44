#include "media/codecs.hpp"

#include <opus/opus.h>

namespace dunlin {
namespace {

constexpr int api_rate = 8000;

Result<std::size_t> opus_outcome(int count) {
  if (count < 0) return invalid_input("opus");
  return static_cast<std::size_t>(count);
}

}  // namespace

Result<std::unique_ptr<OpusVoiceEncoder>> OpusVoiceEncoder::make(const OpusEncoderOptions& options) {
  int status = OPUS_OK;
  OpusEncoder* handle = opus_encoder_create(api_rate, options.channels, OPUS_APPLICATION_VOIP, &status);
  if (status != OPUS_OK) return Error{Errc::exhausted, "libopus gave no encoder"};
  opus_encoder_ctl(handle, OPUS_SET_BITRATE(options.bitrate));
  opus_encoder_ctl(handle, OPUS_SET_COMPLEXITY(options.complexity));
  opus_encoder_ctl(handle, OPUS_SET_INBAND_FEC(options.has_fec ? 1 : 0));
  opus_encoder_ctl(handle, OPUS_SET_PACKET_LOSS_PERC(options.has_fec ? 5 : 0));
  opus_encoder_ctl(handle, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  return std::unique_ptr<OpusVoiceEncoder>(new OpusVoiceEncoder(handle));
}

OpusVoiceEncoder::~OpusVoiceEncoder() {
  opus_encoder_destroy(handle_);
}

Result<std::size_t> OpusVoiceEncoder::encode(std::span<const std::int16_t> samples,
                                             std::span<std::uint8_t> target) {
  return opus_outcome(opus_encode(handle_, samples.data(), static_cast<int>(frame_samples), target.data(),
                             static_cast<opus_int32>(target.size())));
}

void OpusVoiceEncoder::set_complexity(int complexity) {
  opus_encoder_ctl(handle_, OPUS_SET_COMPLEXITY(complexity));
}

void OpusVoiceEncoder::set_expected_loss(int percent) {
  opus_encoder_ctl(handle_, OPUS_SET_PACKET_LOSS_PERC(percent));
}

int OpusVoiceEncoder::lookahead_48k() const {
  opus_int32 samples = 0;
  opus_encoder_ctl(handle_, OPUS_GET_LOOKAHEAD(&samples));
  return samples * (48000 / api_rate);
}

Result<std::unique_ptr<OpusVoiceDecoder>> OpusVoiceDecoder::make(int channels) {
  int status = OPUS_OK;
  OpusDecoder* handle = opus_decoder_create(api_rate, channels, &status);
  if (status != OPUS_OK) return Error{Errc::exhausted, "libopus gave no decoder"};
  return std::unique_ptr<OpusVoiceDecoder>(new OpusVoiceDecoder(handle, channels));
}

OpusVoiceDecoder::~OpusVoiceDecoder() {
  opus_decoder_destroy(handle_);
}

Result<std::size_t> OpusVoiceDecoder::decode(std::span<const std::uint8_t> packet,
                                             std::span<std::int16_t> target) {
  if (packet.empty()) return invalid_input("opus");
  return opus_outcome(opus_decode(handle_, packet.data(), static_cast<opus_int32>(packet.size()), target.data(),
                             static_cast<int>(target.size()) / channels_, 0));
}

Result<std::size_t> OpusVoiceDecoder::recover(std::span<const std::uint8_t> next_packet,
                                              std::span<std::int16_t> target) {
  if (next_packet.empty()) return conceal(target);
  return opus_outcome(opus_decode(handle_, next_packet.data(), static_cast<opus_int32>(next_packet.size()),
                             target.data(), static_cast<int>(target.size()) / channels_, 1));
}

Result<std::size_t> OpusVoiceDecoder::conceal(std::span<std::int16_t> target) {
  return opus_outcome(
      opus_decode(handle_, nullptr, 0, target.data(), static_cast<int>(target.size()) / channels_, 0));
}

}  // namespace dunlin
