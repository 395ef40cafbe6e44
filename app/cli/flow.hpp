#pragma once
// `dunlin flow check|play|fragments|render FILE`: a flow is tried without a node and without a phone. `play` is the machine of live
// calls with a terminal in place of the line: what would be said is printed, keys are typed. Nothing is dialed or stored.
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/local_commands.hpp"
#include "core/dialogue/flow_card.hpp"

namespace dunlin {

/// The words after `dunlin`; nothing when they are for a node (put, list, …). Exit code: 0 good, 1 the voice failed, 2 wrong words or a wrong flow, 3 no such file.
std::optional<int> run_flow(const std::vector<std::string>& words, const LocalContext& context);

/// The invented person `play` talks to, and how the world behind the call behaves.
struct FlowPlay {
  CaseRecord record{};
  PhoneNumber caller_number{};
  bool has_agents = true;
  bool takes_promises = true;
};
/// The options behind the file name; Errc::invalid_input names the first wrong one.
Result<FlowPlay> parse_flow_play(const std::vector<std::string>& words, const Flow& flow, UtcTime now);

/// Plays one call: lines of keys come in, an empty line is silence, "hangup" or the end of input hangs up.
void play_flow(const Flow& flow, const FlowPlay& play, UtcTime now, std::istream& in, std::ostream& out);

}  // namespace dunlin
