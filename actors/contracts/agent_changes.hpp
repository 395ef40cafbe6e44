#pragma once
// The protocol book, part five: changes of an agent by people. What was read is sent along with what it shall become, so that two who
// change one agent at the same time, on one node or on two, do not undo each other. Values; any thread.
#include <optional>

#include "actors/contracts/messages.hpp"

namespace dunlin::msg {

/// To the agent desk. `before` is what was shown, which is all but the secret; unset: the login must be free. A profile
/// of a known agent without a secret leaves the secret as it is. Answer:
/// Errc::conflict when it is not, or when the profile is another by now; Errc::not_found when it is gone.
struct ReplaceAgent {
  std::optional<AgentProfile> before;
  AgentProfile profile;
};

}  // namespace dunlin::msg

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::ReplaceAgent)
