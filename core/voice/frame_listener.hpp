#pragma once
// What listens to a leg's decoded audio: the answer classifier and its like. The listener is built outside the media
// worker, moved into it with the command, and fed one frame each 20 ms; it must not allocate, lock or block there.
// Pure interface; the owner's thread only. Units: 8 kHz samples, milliseconds since the first frame.
#include <cstdint>
#include <optional>
#include <span>

namespace dunlin {

/// What a listener believes about the far end of a leg.
struct VoiceVerdict {
  enum class AnswerClass : std::uint8_t {
    human, machine, machine_end, fax, tone, music, silence, announcement, screening, unknown
  };
  AnswerClass answer = AnswerClass::unknown;
  float confidence = 0;              ///< 0..1.
  std::uint32_t decided_at_ms = 0;   ///< Audio time since the first frame heard.
  bool is_second_look = false;       ///< Made after a first verdict, for example while already bridged.
};

class FrameListener {
 public:
  virtual ~FrameListener() = default;
  /// Takes one frame of 160 samples; returns a verdict when one falls, otherwise nothing.
  virtual std::optional<VoiceVerdict> on_frame(std::span<const std::int16_t> frame_20ms_8khz) = 0;
};

}  // namespace dunlin
