#pragma once
// Does the wall clock still go with the monotonic one? Law is judged by the wall clock; when somebody sets it (NTP step,
// administrator, broken hardware clock) nobody knows any more whether it is day or night at the debtor's. Pure value: the
// readings are arguments. Small steps (leap second, NTP's own corrections) are believed.
#include <string>

#include "core/base/time.hpp"

namespace dunlin {

class ClockWatch {
 public:
  static constexpr Duration believed_step = seconds(30);

  /// The pair of readings everything later is compared with.
  ClockWatch(UtcTime wall, MonoTime mono) : start_wall_(wall), start_mono_(mono) {}

  /// How far the wall clock has been set forward (negative: back) since the start.
  Duration step(UtcTime wall, MonoTime mono) const { return (wall - start_wall_) - (mono - start_mono_); }
  /// False: no call may be decided by this wall clock until it is back or the node is started anew.
  bool is_believed(UtcTime wall, MonoTime mono) const {
    const auto moved = step(wall, mono);
    return moved <= believed_step && Duration{-moved.ms} <= believed_step;
  }

 private:
  UtcTime start_wall_;
  MonoTime start_mono_;
};

}  // namespace dunlin
