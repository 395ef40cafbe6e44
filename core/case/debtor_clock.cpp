#include "core/case/debtor_clock.hpp"

namespace dunlin {

LocalTime utc_wall(UtcTime at) {
  const std::int64_t day_ms = days(1).ms;
  const std::int64_t day = at.ms >= 0 ? at.ms / day_ms : -((-at.ms + day_ms - 1) / day_ms);
  return LocalTime{day, static_cast<int>((at.ms - day * day_ms) / 1000)};
}

}  // namespace dunlin
