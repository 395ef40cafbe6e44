#pragma once
// How long to wait before the next try at a server that does not answer: doubling, capped, with jitter so that many
// nodes do not come back in one wave. Pure; randomness is an argument.
#include <algorithm>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct BackOff {
  Duration first = milliseconds(200);
  Duration most = seconds(15);

  /// `failures` in a row, from 1. Between half and all of min(most, first * 2^(failures - 1)).
  Duration after(unsigned failures, Rng& rng) const {
    std::int64_t ms = first.ms;
    for (unsigned n = 1; n < failures && ms < most.ms; ++n) ms *= 2;
    ms = std::min(ms, most.ms);
    const std::int64_t half = ms / 2;
    return milliseconds(half + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(ms - half) + 1)));
  }
};

}  // namespace dunlin
