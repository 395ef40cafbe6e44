#include "tools/peer/clock.hpp"

#include <ctime>

namespace dunlin::peer {
namespace {

std::int64_t read_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

std::int64_t mono_us() {
  return read_us(CLOCK_MONOTONIC);
}
std::int64_t wall_us() {
  return read_us(CLOCK_REALTIME);
}
std::int64_t wall_ms() {
  return wall_us() / 1000;
}

std::string date_after_days(int days) {
  const std::time_t then =
      static_cast<std::time_t>(wall_ms() / 1000) + static_cast<std::time_t>(days) * 86'400;
  std::tm parts{};
  gmtime_r(&then, &parts);
  char text[16];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return {text, length};
}

}  // namespace dunlin::peer
