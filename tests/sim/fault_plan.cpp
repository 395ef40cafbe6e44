#include "tests/sim/fault_plan.hpp"

#include <array>
#include <optional>
#include <sstream>

namespace dunlin::sim {
namespace {

constexpr std::array<FaultKind, 8> all_kinds{FaultKind::crash,     FaultKind::suspend,   FaultKind::disk_refuses, FaultKind::disk_full,
                                             FaultKind::in_doubt,  FaultKind::slow_disk, FaultKind::trunk_down,   FaultKind::agents_lost};

std::optional<FaultKind> parse_kind(const std::string& name) {
  for (const FaultKind kind : all_kinds) {
    if (name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::crash: return "crash";
    case FaultKind::suspend: return "suspend";
    case FaultKind::disk_refuses: return "disk_refuses";
    case FaultKind::disk_full: return "disk_full";
    case FaultKind::in_doubt: return "in_doubt";
    case FaultKind::slow_disk: return "slow_disk";
    case FaultKind::trunk_down: return "trunk_down";
    case FaultKind::agents_lost: return "agents_lost";
  }
  return "?";
}

Result<std::vector<Fault>> parse_fault_plan(std::string_view text) {
  std::vector<Fault> plan;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::istringstream words(line);
    Fault fault;
    std::string kind;
    if (!(words >> fault.window >> fault.second >> kind)) return invalid_input("line " + std::to_string(number) + ": window second fault [seconds]");
    const auto known = parse_kind(kind);
    if (!known) return invalid_input("line " + std::to_string(number) + ": unknown fault " + kind);
    fault.kind = *known;
    words >> fault.length_s;
    plan.push_back(fault);
  }
  return plan;
}

std::string to_text(const std::vector<Fault>& plan) {
  std::string text;
  for (const Fault& fault : plan) {
    text += std::to_string(fault.window) + " " + std::to_string(fault.second) + " " + std::string(to_string(fault.kind)) + " " +
            std::to_string(fault.length_s) + "\n";
  }
  return text;
}

std::vector<Fault> draw_fault_plan(Rng& lots, int windows, int window_seconds) {
  std::vector<Fault> plan;
  for (int window = 0; window < windows; ++window) {
    for (std::uint64_t left = lots.below(4); left > 0; --left) {
      Fault fault;
      fault.window = window;
      fault.second = static_cast<int>(lots.below(static_cast<std::uint64_t>(window_seconds)));
      // Deaths are what the protocol is about: every other fault is one.
      fault.kind = lots.below(2) == 0 ? FaultKind::crash : all_kinds[lots.below(all_kinds.size())];
      fault.length_s = static_cast<int>(1 + lots.below(40));
      plan.push_back(fault);
    }
  }
  return plan;
}

}  // namespace dunlin::sim
