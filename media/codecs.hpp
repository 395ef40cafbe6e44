#pragma once
// The door to libopus (RFC 6716, 7587), always at the 8 kHz API rate, so that no resampler is needed; the RTP
// clock of Opus stays 48 kHz. Objects are made on the control thread and used by one thread; no allocation
// after that.
#include <memory>
#include <optional>
#include <span>

#include "core/base/result.hpp"

struct OpusEncoder;
struct OpusDecoder;

namespace dunlin {

inline constexpr std::size_t frame_samples = 160;        ///< 20 ms at 8 kHz.
inline constexpr std::size_t max_decoded_samples = 960;  ///< 120 ms, the longest Opus packet.
inline constexpr std::size_t max_encoded_bytes = 400;

struct OpusEncoderOptions {
  int channels = 1;
  int bitrate = 16000;
  int complexity = 5;
  bool has_fec = true;
};

/// Encodes 20 ms frames.
class OpusVoiceEncoder {
 public:
  static Result<std::unique_ptr<OpusVoiceEncoder>> make(const OpusEncoderOptions& options);
  ~OpusVoiceEncoder();
  OpusVoiceEncoder(const OpusVoiceEncoder&) = delete;
  OpusVoiceEncoder& operator=(const OpusVoiceEncoder&) = delete;

  /// `samples` holds 160 samples per channel, interleaved. Returns the bytes used of `target`.
  Result<std::size_t> encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> target);
  void set_complexity(int complexity);
  /// What the peer reports; steers how much FEC is sent.
  void set_expected_loss(int percent);
  /// Samples (at 48 kHz) a decoder must skip at the beginning: the pre-skip of an Ogg header.
  int lookahead_48k() const;

 private:
  explicit OpusVoiceEncoder(OpusEncoder* handle) : handle_(handle) {}
  OpusEncoder* handle_;
};

/// Decodes to 8 kHz mono or stereo. Stereo packets of a mono stream are mixed down by libopus.
class OpusVoiceDecoder {
 public:
  static Result<std::unique_ptr<OpusVoiceDecoder>> make(int channels = 1);
  ~OpusVoiceDecoder();
  OpusVoiceDecoder(const OpusVoiceDecoder&) = delete;
  OpusVoiceDecoder& operator=(const OpusVoiceDecoder&) = delete;

  /// Returns samples per channel written. `target` should hold max_decoded_samples per channel.
  Result<std::size_t> decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> target);
  /// Recovers the frame before `next_packet` from its FEC; fills all of `target`.
  Result<std::size_t> recover(std::span<const std::uint8_t> next_packet, std::span<std::int16_t> target);
  /// Conceals a lost frame; fills all of `target`.
  Result<std::size_t> conceal(std::span<std::int16_t> target);

 private:
  OpusVoiceDecoder(OpusDecoder* handle, int channels) : handle_(handle), channels_(channels) {}
  OpusDecoder* handle_;
  int channels_;
};

}  // namespace dunlin
