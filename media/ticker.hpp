#pragma once
// The media threads' clock: monotonic microseconds, and a periodic wake-up from the kernel that does not
// drift. Each thread owns its ticker.
#include <cstdint>

namespace dunlin {

/// CLOCK_MONOTONIC in microseconds: media needs finer steps than the milliseconds of MonoTime.
std::int64_t media_now_us();

class Ticker {
 public:
  explicit Ticker(std::int64_t period_us);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  /// Waits for the next period; returns how many have passed since the last call (0 when a signal came
  /// first).
  std::uint64_t wait() const;

 private:
  int fd_;
};

}  // namespace dunlin
