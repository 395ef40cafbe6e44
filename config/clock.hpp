#pragma once
// The only place that reads the clocks. Thread safe. The wall clock may be shifted for demo and tests; durations come
// from the boot clock, which no shift and no administrator touches.
#include <atomic>
#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

namespace dunlin {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UtcTime now_utc() const = 0;
  virtual MonoTime now_mono() const = 0;
  /// True when the wall clock is shifted on purpose; stored with every decision.
  virtual bool is_shifted() const { return false; }
};

/// The machine's clocks; with `start` the wall clock runs from that instant on.
class SystemClock : public Clock {
 public:
  explicit SystemClock(std::optional<UtcTime> start = std::nullopt);
  UtcTime now_utc() const override;
  MonoTime now_mono() const override;
  bool is_shifted() const override { return shift_.ms != 0; }
  /// Blocks the calling thread. For start-up, shutdown and tools; never on an actor's thread.
  static void wait(Duration duration);

 private:
  Duration shift_;
};

/// A clock that stands still until told: for tests under virtual time.
class ManualClock : public Clock {
 public:
  explicit ManualClock(UtcTime start) : start_ms_(start.ms) {}
  UtcTime now_utc() const override { return {start_ms_ + elapsed_ms_.load()}; }
  MonoTime now_mono() const override { return {elapsed_ms_.load()}; }
  void advance(Duration d) { elapsed_ms_ += d.ms; }

 private:
  std::int64_t start_ms_;
  std::atomic<std::int64_t> elapsed_ms_{0};
};

}  // namespace dunlin
