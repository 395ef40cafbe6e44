#include "sip/steady_time.hpp"

#include <sofia-sip/su_time.h>
#include <time.h>

#include <cstdint>
#include <mutex>

/// Sofia's own hook (su_time0.c): called with each reading of the clock, may change it. In the library, not in its headers.
extern "C" void (*_su_time)(su_time_t* time);

namespace dunlin {
namespace {

constexpr std::int64_t us_per_s = 1'000'000;

std::int64_t boot_us() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * us_per_s + now.tv_nsec / 1000;
}

std::int64_t start_us = 0;  ///< What Sofia's time was at boot; written once, before any root exists.

void make_steady(su_time_t* time) {
  const std::int64_t now = start_us + boot_us();
  time->tv_sec = static_cast<unsigned long>(now / us_per_s);
  time->tv_usec = static_cast<unsigned long>(now % us_per_s);
}

}  // namespace

void keep_sofia_time_steady() {
  static std::once_flag once;
  std::call_once(once, [] {
    const su_time_t first = su_now();
    start_us = static_cast<std::int64_t>(first.tv_sec) * us_per_s + static_cast<std::int64_t>(first.tv_usec) - boot_us();
    _su_time = &make_steady;
  });
}

}  // namespace dunlin
