#pragma once
// What a policy may see: agents and calls as told by events, and nothing else. Applies events once they are
// visible.
#include <cstdint>
#include <map>

#include "core/dialing/pacing.hpp"

namespace dunlin::lab {

class VisibleState {
 public:
  void apply(const PacingEvent& event);
  /// Writes agents, calls and totals as of an instant into one tick's input.
  PacingInput snapshot(double as_of_s) const;

 private:
  struct Agent {
    PacingAgentState state = PacingAgentState::ready;
    double since_s = 0;
    double last_talk_s = 0;
  };
  struct Call {
    PacingCallPhase phase = PacingCallPhase::dialing;
    double started_s = 0;
    double since_s = 0;
    int segment = 0;
  };
  void set_agent(std::uint64_t agent, PacingAgentState state, double at_s);
  void set_phase(std::uint64_t call, PacingCallPhase phase, double at_s);

  std::map<std::uint64_t, Agent> agents_;
  std::map<std::uint64_t, Call> calls_;
  PacingTotals totals_;
};

}  // namespace dunlin::lab
