#pragma once
// The lines of the pacing protocol (docs/pacing-protocol.md) as this house writes them: what a caller says to a pacing
// command, what the command answers, and so also a tape of live ticks that replays to the same decisions. Numbers keep
// every bit of a double. Pure.
#include <array>
#include <string>
#include <string_view>

#include "core/dialing/pacing.hpp"

namespace dunlin {

template <class T>
struct PacingName {
  std::string_view name;
  T value;
};

inline constexpr std::array<PacingName<PacingAgentState>, 4> pacing_agent_names{{
    {"ready", PacingAgentState::ready},
    {"talk", PacingAgentState::talk},
    {"wrap", PacingAgentState::wrap},
    {"break", PacingAgentState::on_break}}};

inline constexpr std::array<PacingName<PacingCallPhase>, 5> pacing_phase_names{{
    {"dialing", PacingCallPhase::dialing},
    {"ringing", PacingCallPhase::ringing},
    {"detect", PacingCallPhase::detect},
    {"queued", PacingCallPhase::queued},
    {"talk", PacingCallPhase::talk}}};

inline constexpr std::array<PacingName<PacingEventKind>, 16> pacing_event_names{{
    {"dialed", PacingEventKind::dialed},
    {"ringing", PacingEventKind::ringing},
    {"answered", PacingEventKind::answered},
    {"human", PacingEventKind::human},
    {"machine", PacingEventKind::machine},
    {"busy", PacingEventKind::busy},
    {"no_answer", PacingEventKind::no_answer},
    {"failed", PacingEventKind::failed},
    {"hung_up", PacingEventKind::hung_up},
    {"connected", PacingEventKind::connected},
    {"abandoned", PacingEventKind::abandoned},
    {"released", PacingEventKind::released},
    {"ready", PacingEventKind::agent_ready},
    {"break", PacingEventKind::agent_break},
    {"logout", PacingEventKind::agent_logout},
    {"login", PacingEventKind::agent_login}}};

inline constexpr std::array<PacingName<PacingResult>, 5> pacing_result_names{{
    {"wrong_party", PacingResult::wrong_party},
    {"third_party", PacingResult::third_party},
    {"right_party", PacingResult::right_party},
    {"right_party_promise", PacingResult::right_party_promise},
    {"machine", PacingResult::machine}}};

std::string ready_line(std::string_view policy);
/// The first line; `tick` answers follow. `config` lines change targets on the way.
std::string hello_line(const PacingConfig& config);
std::string config_line(const PacingConfig& config);
std::string tick_line(const PacingInput& input);
/// {"type":"dial","n":…,"why":{…}}
std::string decision_line(const PacingDecision& decision);

}  // namespace dunlin
