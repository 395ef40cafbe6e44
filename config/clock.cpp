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

UtcTime next_demo_start(UtcTime now, bool (*is_day_off)(CivilDate)) {
  constexpr std::int64_t ms_per_day = 86'400'000;
  // 1970-01-06 was a Tuesday: day numbers 5 + 7k are Tuesdays.
  std::int64_t day = now.ms / ms_per_day + 1;
  while ((day - 5) % 7 != 0 || is_day_off(civil_from_days(day))) ++day;
  return {day * ms_per_day + 8 * 3'600'000};
}

}  // namespace dunlin
