#pragma once
// Which of the calls in flight will be live persons, and when? Competing hazards per segment, second by second: dialing
// (ringing begins or the dial fails, by seconds since the dial), ringing (pick-up or another end, by seconds of ringing),
// detection (verdict, by seconds since pick-up). Counting seconds at risk has no bias towards outcomes that end early.
// Learnt on line with 40 minutes of memory on top of a generic prior. Pure; pacing actor only.
#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/dialing/pacing.hpp"
#include "core/dialing/pacing_curve.hpp"

namespace dunlin {

class PacingCallModel {
 public:
  explicit PacingCallModel(const PacingConfig& config);

  /// Takes one tick in; afterwards live_intensity() is the expected rate of live persons from the calls now ringing.
  void observe(const PacingInput& input, double dt_s);
  double live_intensity() const { return live_intensity_; }
  /// Live persons per pick-up event of this tick are counted here: how many were live in the tick.
  double live_seen() const { return live_seen_; }

  /// Recomputes the rows. `level` scales live pick-ups (PacingLevel); `ready_after_start` lets a person who is served
  /// and released again within the horizon give the agent back. Returns how much the expected rate of live persons of
  /// the calls seen so far has changed by what was learnt: the level must be told, or it would count the change twice.
  double rebuild(double level, const PacingRow& ready_after_start, double wait_allowance_s);

  /// P(live within s) of a call started now in this segment.
  const PacingRow& fresh_live(int segment) const { return segment_of(segment).fresh_live; }
  /// P(holds an agent at s) of a call started now: live by then and not yet released.
  const PacingRow& fresh_demand(int segment) const { return segment_of(segment).dialing_demand.front(); }
  /// P(holds an agent at s) of a call in flight, whose ages were known `lag_s` seconds ago.
  PacingRow demand(const PacingCall& call, double lag_s) const;
  PacingRow demand_of_unseen(int segment, double age_s) const;
  double mean_detection_s() const;
  double finished_dials() const { return finished_; }
  double picked_up() const { return picked_up_; }

 private:
  static constexpr int ages = 48;
  static constexpr int verdict_bins = 24;           ///< Of 0.25 s.
  static constexpr double verdict_bin_s = 0.25;
  /// One second of age: seconds at risk and the two ways to leave it.
  struct Cell {
    double exposure_s = 0;
    double forward = 0;   ///< Dialing: ringing began. Ringing: picked up.
    double ended = 0;
  };
  struct Share {
    double live = 0;
    double total = 0;
  };
  struct Segment {
    std::array<Cell, ages> dialing;
    std::array<Cell, ages> ringing;
    std::array<Share, ages> picked_up;               ///< By seconds of ringing at pick-up.
    std::vector<PacingRow> dialing_demand;
    std::vector<PacingRow> ringing_demand;
    PacingRow fresh_live{};
    std::array<double, ages> live_rate{};            ///< Chance per second of a live pick-up, level 1.
  };
  struct Rates {
    double forward = 0;
    double ended = 0;
  };
  /// What is remembered of a call that the snapshot does not say.
  struct Memory {
    int segment = 0;
    float ring_age_s = 0;                            ///< Seconds of ringing at pick-up.
    float rang_at_age_s = -1;                        ///< Seconds since the dial when ringing began.
    float answered_at_age_s = -1;
    double last_seen_s = 0;
  };

  std::size_t index_of(int segment) const;
  const Segment& segment_of(int segment) const { return segments_[index_of(segment)]; }
  static std::size_t age_bin(double age_s);
  void take_event(const PacingEvent& event, double dt_s);
  void take_pick_up(const PacingEvent& event, double dt_s);
  void take_verdict(const PacingEvent& event, bool is_live);
  void take_end(const PacingEvent& event, double dt_s);
  void take_exposure(const PacingInput& input, double dt_s);
  void forget(double dt_s);
  void drop_old_memory(double now_s);
  Rates dialing_rates(const Segment& segment, std::size_t age) const;
  Rates ringing_rates(const Segment& segment, std::size_t age) const;
  double live_share(const Segment& segment, std::size_t ring_age) const;
  void rebuild_verdicts(const PacingRow& held);
  /// Expected live persons of the calls remembered, before and after.
  struct Change {
    double before = 0;
    double after = 0;
  };
  Change rebuild_segment(Segment& segment, double level);
  PacingRow detect_demand(const PacingCall& call, double lag_s) const;

  PacingConfig config_;
  std::vector<Segment> segments_;
  Segment pool_;                                     ///< All segments together; the prior of each.
  std::array<double, verdict_bins> live_verdicts_{}; ///< Delay from pick-up to "human".
  std::array<double, verdict_bins> other_verdicts_{};
  std::unordered_map<std::uint64_t, Memory> calls_;
  PacingRow verdict_live_{};                         ///< P(verdict human within s | live), from pick-up.
  PacingRow verdict_demand_{};
  std::vector<PacingRow> detect_rows_;               ///< By 0.25 s in detection: demand of a live call, unconditioned.
  double live_intensity_ = 0;
  double live_seen_ = 0;
  double finished_ = 0;
  double picked_up_ = 0;
  double since_forget_s_ = 0;
};

}  // namespace dunlin
