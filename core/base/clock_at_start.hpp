#pragma once
// May the wall clock be believed that a node finds when it starts? Time only goes on: a clock that is earlier than what the
// node itself has kept, or than the program, is wrong (a dead battery, a restored machine, a typing error), and nobody knows
// whether it is day or night at the debtor's. Later than everything known proves nothing, but more is not known before NTP.
// Pure value: the readings are arguments. What happens to the clock after the start is ClockWatch's.
#include <optional>

#include "core/base/time.hpp"

namespace dunlin {

/// What the wall clock cannot be earlier than.
enum class ClockWitness { program, last_stop, last_attempt };

struct ClockEvidence {
  UtcTime built_at;                        ///< Of the program: midnight of the day it was built.
  std::optional<UtcTime> stopped_at;       ///< Of the node's life before; unset on a new folder.
  std::optional<UtcTime> last_attempt_at;  ///< The newest reservation in the history, other nodes' included.
  /// The latest moment known to have passed.
  UtcTime latest() const;
};

struct ClockDoubt {
  ClockWitness witness = ClockWitness::program;
  UtcTime wall;      ///< What the clock said.
  UtcTime at_least;  ///< What the witness says it must be.
  bool operator==(const ClockDoubt&) const = default;
};

/// Clocks of different nodes, and a clock that NTP slews, may be this far behind without harm.
inline constexpr Duration believed_lag = seconds(30);

/// nullopt: believed. A shifted clock (demo, tests) is said by whoever shifts it, on loopback trunks only: always believed.
std::optional<ClockDoubt> doubt_at_start(UtcTime wall, bool is_shifted, const ClockEvidence& evidence);

/// "2026-01-01T00:00:00.000Z is before …": for logs and `health`.
std::string to_text(const ClockDoubt& doubt);

}  // namespace dunlin
