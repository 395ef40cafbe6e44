#pragma once
// Remembers the last ten seconds of frame levels and says, after each frame, who spoke when. The border between voice
// and background is set anew from all remembered frames, so a loud room found out late also corrects what was heard
// early; that is why nothing is decided frame by frame.
// The owner's thread; no allocation. Units: frames of 20 ms, ms, dBov.
#include <array>
#include <cstddef>
#include <cstdint>

namespace dunlin {

struct SpeechLimits {
  float quiet_dbov = -50;
  float min_contrast_db = 8;
  float clear_contrast_db = 20;
  std::uint32_t min_utterance_ms = 80;
  std::uint32_t joining_pause_ms = 600;  ///< A shorter pause is within one utterance.
};

/// The latest utterance and its surroundings. All zero when nobody spoke.
struct SpeechView {
  std::uint32_t spoken_ms = 0;      ///< All voice remembered, pauses left out.
  std::uint32_t utterance_ms = 0;   ///< From the first to the last sound of the latest utterance.
  std::uint32_t voiced_ms = 0;      ///< Of that, sounding.
  std::uint32_t pause_ms = 0;       ///< Since its last sound.
  float contrast_db = 0;            ///< Loudest voice over background.
  float background_dbov = -96;
};

class SpeechHistory {
 public:
  explicit SpeechHistory(const SpeechLimits& limits) : limits_(limits) {}
  void add(float level_dbov, bool is_blank);
  /// The last frames turned out to be a tone: they are nobody's voice.
  void mark_tone(std::uint32_t frames);
  SpeechView view() const;
  /// The utterance says one thing twice, as recorded announcements do: its loudness repeats after some time, frame by
  /// frame. People who say a word again do not hit the same 20 ms. Costs some 10 000 multiplications: ask rarely.
  bool has_repetition(const SpeechView& view) const;

 private:
  static constexpr std::size_t capacity = 512;
  static constexpr std::size_t levels = 97;  // whole dB, 0 down to -96
  struct Frame {
    std::uint8_t level = 0;  ///< dB below full scale.
    bool is_tone = false;
  };
  struct Border {
    std::uint8_t level = 0;  ///< Frames of a smaller level number sound.
    float contrast_db = 0;
    float background_dbov = 0;
  };

  const Frame& at(std::size_t age_from_oldest) const;
  Frame& latest(std::size_t back);
  Border border() const;
  /// Correlation of the levels of two stretches, each `count` frames long; 0 when one of them is flat.
  float likeness(std::size_t first, std::size_t second, std::size_t count) const;

  SpeechLimits limits_;
  std::array<Frame, capacity> frames_{};
  std::array<std::uint16_t, levels> histogram_{};  ///< Frames that are not a tone, by level.
  std::size_t next_ = 0;
  std::size_t size_ = 0;
  std::uint32_t blanks_ = 0;
};

}  // namespace dunlin
