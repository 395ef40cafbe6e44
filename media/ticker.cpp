#include "media/ticker.hpp"

#include <ctime>
#include <unistd.h>

#include <sys/timerfd.h>

#include "core/base/check.hpp"

namespace dunlin {

std::int64_t media_now_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

Ticker::Ticker(std::int64_t period_us) : fd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
  DUNLIN_CHECK(fd_ >= 0);
  itimerspec period{};
  period.it_interval.tv_sec = period_us / 1'000'000;
  period.it_interval.tv_nsec = period_us % 1'000'000 * 1000;
  period.it_value = period.it_interval;
  DUNLIN_CHECK(timerfd_settime(fd_, 0, &period, nullptr) == 0);
}

Ticker::~Ticker() {
  ::close(fd_);
}

std::uint64_t Ticker::wait() const {
  std::uint64_t expirations = 0;
  return ::read(fd_, &expirations, sizeof expirations) == sizeof expirations ? expirations : 0;
}

}  // namespace dunlin
