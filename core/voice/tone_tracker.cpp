#include "core/voice/tone_tracker.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr float single_share = 0.80F;
constexpr float pair_share = 0.85F;
constexpr float least_of_pair = 0.10F;     // twist of a two-tone is at most 10 dB
constexpr float merged_gap_hz = 70;        // closer tones are one peak for the analyser
constexpr float least_drift_hz = 12;        // from the lowest to the highest measurement of a run
constexpr float drift_share = 0.02F;        // codecs shift high tones further
constexpr float low_hz = 700;               // below it voices live, so a tone must prove itself by an even level
constexpr float low_spread_db = 7;
constexpr float high_spread_db = 12;        // CED swings by 15 Hz modulation, and narrow codecs add to it
constexpr std::uint32_t missed_frames = 2;  // a lost frame spoils its own window and the next one

bool is_near(float hz, float nominal_hz, float tolerance_hz) { return std::abs(hz - nominal_hz) <= tolerance_hz; }

bool fits(const TonePlan& plan, const FrameFeatures& features) {
  const bool is_single = features.first_share >= single_share;
  if (plan.second_hz <= 0) return is_single && is_near(features.first_hz, plan.first_hz, plan.tolerance_hz);
  if (plan.second_hz - plan.first_hz < merged_gap_hz) {
    return is_single && is_near(features.first_hz, (plan.first_hz + plan.second_hz) / 2, plan.tolerance_hz);
  }
  const float low = std::min(features.first_hz, features.second_hz);
  const float high = std::max(features.first_hz, features.second_hz);
  return features.first_share + features.second_share >= pair_share && features.second_share >= least_of_pair &&
         is_near(low, plan.first_hz, plan.tolerance_hz) && is_near(high, plan.second_hz, plan.tolerance_hz);
}

/// The lower peak stands for a pair, so that a run's pitch does not jump when its halves change places.
float pitch_of(const FrameFeatures& features) {
  return features.first_share >= single_share ? features.first_hz : std::min(features.first_hz, features.second_hz);
}

}  // namespace

ToneTracker::Run ToneTracker::begin(const FrameFeatures& features) {
  const float hz = pitch_of(features);
  return Run{1, 0, hz, hz, hz, features.level_dbov, features.level_dbov, false};
}

void ToneTracker::advance(Run& run, bool is_fitting, const FrameFeatures& features) {
  if (!is_fitting) {
    // The frames that failed count only if the tone goes on after them.
    if (run.frames > 0 && ++run.missed > missed_frames) run = Run{};
    return;
  }
  const float hz = pitch_of(features);
  Run next = run;
  next.lowest_hz = std::min(run.lowest_hz, hz);
  next.highest_hz = std::max(run.highest_hz, hz);
  next.lowest_db = std::min(run.lowest_db, features.level_dbov);
  next.highest_db = std::max(run.highest_db, features.level_dbov);
  const bool is_level = next.highest_db - next.lowest_db <= (hz < low_hz ? low_spread_db : high_spread_db);
  const bool is_pitched = next.highest_hz - next.lowest_hz <= std::max(least_drift_hz, drift_share * hz);
  if (run.frames == 0 || !is_level || !is_pitched) {
    run = begin(features);
    return;
  }
  next.frames += run.missed + 1;
  next.missed = 0;
  next.hz += (hz - run.hz) / static_cast<float>(std::min(next.frames, std::uint32_t{8}));
  run = next;
}

void ToneTracker::advance_plan(std::size_t index, bool is_loud, const FrameFeatures& features, ToneState& state) {
  PlanRun& plan = runs_[index];
  advance(plan.run, is_loud && fits(plans_[index], features), features);
  const std::uint32_t sounded_ms = plan.run.missed == 0 ? plan.run.frames * frame_ms : 0;
  const bool is_new_burst = sounded_ms >= plans_[index].burst_ms && !plan.run.is_counted;
  if (is_new_burst) {
    plan.run.is_counted = true;
    ++plan.bursts;
  }
  if (sounded_ms <= state.plan_ms) return;
  state.plan = index;
  state.plan_ms = sounded_ms;
  state.is_new_burst = is_new_burst;
  state.is_believed = sounded_ms >= plans_[index].alone_ms || (plan.run.is_counted && plan.bursts >= 2);
}

ToneState ToneTracker::on_frame(const FrameFeatures& features, bool is_loud) {
  ToneState state;
  for (std::size_t i = 0; i < plans_.size() && plans_[i].first_hz > 0; ++i) advance_plan(i, is_loud, features, state);
  advance(steady_, is_loud && features.first_share >= single_share, features);
  if (steady_.missed == 0) {
    state.steady_ms = steady_.frames * frame_ms;
    state.steady_hz = steady_.hz;
  }
  return state;
}

}  // namespace dunlin
