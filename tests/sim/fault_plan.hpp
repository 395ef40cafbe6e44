#pragma once
// Which faults hit the node of a simulation and when: a small text ("window second fault [seconds]", one a line, # for
// remarks) or a draw from the seed. A plan prints as the text it can be read from. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/rng.hpp"

namespace dunlin::sim {

enum class FaultKind : std::uint8_t {
  crash,        ///< The process dies a drawn number of steps later; what was not synced is lost.
  suspend,      ///< The process stands still for the length while the world goes on.
  disk_refuses, ///< Every commit fails for the length.
  disk_full,    ///< New attempts and cases are refused for the length.
  in_doubt,     ///< Commits fail and are written all the same, for the length.
  slow_disk,    ///< Commits take up to eight seconds for the length.
  trunk_down,   ///< INVITEs meet silence and the probes say so, for the length.
  agents_lost,  ///< Every station vanishes at once.
};
std::string_view to_string(FaultKind kind);

struct Fault {
  int window = 0;      ///< 0 = the first.
  int second = 0;      ///< From the window's beginning.
  FaultKind kind = FaultKind::crash;
  int length_s = 0;
};

Result<std::vector<Fault>> parse_fault_plan(std::string_view text);
std::string to_text(const std::vector<Fault>& plan);
std::vector<Fault> draw_fault_plan(Rng& lots, int windows, int window_seconds);

}  // namespace dunlin::sim
