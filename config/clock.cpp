#include "config/clock.hpp"

#include <time.h>

namespace dunlin {
namespace {

std::int64_t read_ms(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

SystemClock::SystemClock(std::optional<UtcTime> start) {
  if (start) shift_ = *start - UtcTime{read_ms(CLOCK_REALTIME)};
}

UtcTime SystemClock::now_utc() const { return UtcTime{read_ms(CLOCK_REALTIME)} + shift_; }
MonoTime SystemClock::now_mono() const { return {read_ms(CLOCK_BOOTTIME)}; }

void SystemClock::wait(Duration duration) {
  timespec span{duration.ms / 1000, static_cast<long>(duration.ms % 1000) * 1'000'000};
  while (nanosleep(&span, &span) != 0) {
  }
}

}  // namespace dunlin
