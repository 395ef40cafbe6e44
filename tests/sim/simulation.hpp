#pragma once
// A whole node on the stage through several days: windows of work around the edges of lawful hours, nights in between,
// faults from a plan, judges after every event. One seed is one play; the same seed plays the same. The actors of a
// process that was killed are left as the process's memory would be, so a long run gives each seed a process of its own.
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/fault_plan.hpp"
#include "tests/sim/judges.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/robots.hpp"
#include "tests/support/test_node.hpp"

namespace dunlin::sim {

/// Deliberate bugs, each of which the judges must find.
enum class Sabotage : std::uint8_t {
  none,
  open_gate,             ///< Everything is allowed by "law".
  lying_journal,         ///< Reservations are said to be durable and are not written.
  forgets_settlements,   ///< Settlements are said to be durable and are not written.
  forgets_reservations,  ///< Cases that were in an attempt when the process died wake up as if there had been none.
  sends_twice,           ///< The edge sends every fifth INVITE again.
  forgets_outcomes,      ///< Agents' outcomes are said to be durable and are not written.
  eternal_slots,         ///< Permits never expire.
  forgets_talks,         ///< Cases wake up without the talks of their history.
  blind_to_bars,         ///< The gate does not see what bars a person.
};
std::string_view to_string(Sabotage sabotage);
Result<Sabotage> parse_sabotage(std::string_view name);

struct SimulationOptions {
  std::uint64_t seed = 1;
  int windows = 5;
  int window_seconds = 180;
  std::size_t people = 120;
  int agents = 5;
  std::optional<std::vector<Fault>> faults;   ///< Unset: drawn from the seed.
  Sabotage sabotage = Sabotage::none;
  std::size_t transcript_lines = 120;         ///< Kept of the end.
};

struct SimulationReport {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::vector<std::string> transcript;        ///< The last lines before the end.
  std::string faults;                         ///< The plan, as text.
  std::uint64_t steps = 0;
  std::uint64_t trace_hash = 0;               ///< Of every line of the transcript, lost ones too.
  std::size_t reservations = 0;
  std::size_t invites = 0;
  std::size_t talks = 0;
  std::size_t merges = 0;
  int crashes = 0;
  Duration played;
  std::map<std::string, int> outcomes;

  bool is_clean() const { return violations.empty(); }
  std::string to_text() const;
};

SimulationReport simulate(const SimulationOptions& options);

}  // namespace dunlin::sim
