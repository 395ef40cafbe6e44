#pragma once
// Follows steady tones from frame to frame: how long each tone of the plans has sounded, and how long any steady single
// tone has. A tone is steady when its peaks hold most of the frame's energy, at one frequency and one level; voices
// glide, so they do not pass. One lost frame does not break a tone.
// The owner's thread; no allocation. Units: ms, Hz.
#include <array>
#include <cstdint>

#include "core/voice/spectrum.hpp"
#include "core/voice/tone_plan.hpp"

namespace dunlin {

/// The state of all tones after a frame.
struct ToneState {
  std::size_t plan = max_tone_plans;  ///< The plan that has sounded longest; `max_tone_plans` = none sounds.
  std::uint32_t plan_ms = 0;          ///< For how long.
  bool is_new_burst = false;          ///< With this frame its burst became long enough to count.
  bool is_believed = false;           ///< Long enough alone, or the second burst.
  std::uint32_t steady_ms = 0;        ///< How long one frequency has sounded, listed or not.
  float steady_hz = 0;
};

class ToneTracker {
 public:
  explicit ToneTracker(const TonePlans& plans) : plans_(plans) {}
  ToneState on_frame(const FrameFeatures& features, bool is_loud);

 private:
  struct Run {
    std::uint32_t frames = 0;
    std::uint32_t missed = 0;
    float hz = 0;  ///< Running mean.
    float lowest_hz = 0;
    float highest_hz = 0;
    float lowest_db = 0;
    float highest_db = 0;
    bool is_counted = false;
  };
  struct PlanRun {
    Run run;
    std::uint32_t bursts = 0;
  };

  static Run begin(const FrameFeatures& features);
  static void advance(Run& run, bool is_fitting, const FrameFeatures& features);
  void advance_plan(std::size_t index, bool is_loud, const FrameFeatures& features, ToneState& state);

  TonePlans plans_;
  std::array<PlanRun, max_tone_plans> runs_{};
  Run steady_;
};

}  // namespace dunlin
