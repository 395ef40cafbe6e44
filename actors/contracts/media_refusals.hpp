#pragma once
// The protocol book, media that a leg refused: told by the media door to the leg's owner, who knows whose leg it is and writes
// it into the log. Values; any thread.
#include <string>

#include "actors/contracts/caf.hpp"
#include "core/base/ids.hpp"

namespace dunlin::msg {

/// Each reason at most once a minute and leg. `words` is the rest of a log line: reason, count, from where, what to do.
struct MediaRefused { LegId leg; std::string words; };

}  // namespace dunlin::msg

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::MediaRefused)
