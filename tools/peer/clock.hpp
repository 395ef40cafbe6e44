#pragma once
// The peers' clock: one door to the kernel's clocks. Any thread. Microseconds of monotonic time for
// measuring, milliseconds since 1970 (UTC) for log lines.
#include <cstdint>
#include <string>

namespace dunlin::peer {

std::int64_t mono_us();
inline std::int64_t mono_ms() {
  return mono_us() / 1000;
}
std::int64_t wall_ms();
/// Realtime clock in microseconds: what the kernel stamps on received packets.
std::int64_t wall_us();
/// The date so many days from today (UTC) as YYYY-MM-DD.
std::string date_after_days(int days);

}  // namespace dunlin::peer
