#pragma once
// The pause after something failed again: twice the one before, up to a longest. Pure, any thread.
#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace dunlin {

/// `failures`: how often in a row so far, this time included.
inline Duration growing_pause(Duration first, Duration longest, unsigned failures) {
  std::int64_t ms = first.ms;
  for (unsigned n = 1; n < failures && ms < longest.ms; ++n) ms *= 2;
  return milliseconds(std::min(ms, longest.ms));
}

}  // namespace dunlin
