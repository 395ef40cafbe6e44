#include "core/base/clock_at_start.hpp"

#include <algorithm>

namespace dunlin {
namespace {

std::string_view name_of(ClockWitness witness) {
  switch (witness) {
    case ClockWitness::program: return "the day this program was built";
    case ClockWitness::last_stop: return "the node's last stop";
    case ClockWitness::last_attempt: return "the newest attempt in the history";
  }
  return "";
}

}  // namespace

UtcTime ClockEvidence::latest() const {
  return std::max({built_at, stopped_at.value_or(built_at), last_attempt_at.value_or(built_at)});
}

std::optional<ClockDoubt> doubt_at_start(UtcTime wall, bool is_shifted, const ClockEvidence& evidence) {
  if (is_shifted || wall + believed_lag >= evidence.latest()) return std::nullopt;
  const UtcTime at_least = evidence.latest();
  // What the node has seen itself says more to an operator than the program's age.
  if (evidence.last_attempt_at == at_least) return ClockDoubt{ClockWitness::last_attempt, wall, at_least};
  if (evidence.stopped_at == at_least) return ClockDoubt{ClockWitness::last_stop, wall, at_least};
  return ClockDoubt{ClockWitness::program, wall, at_least};
}

std::string to_text(const ClockDoubt& doubt) {
  return "the wall clock said " + format_utc(doubt.wall) + " when the node started, before " + std::string(name_of(doubt.witness)) + " (" + format_utc(doubt.at_least) + ")";
}

}  // namespace dunlin
