#pragma once
// Refused packets in words for the log: what came, from where, what to do about it. Any thread but a media worker's. An agent
// may sit at home, so that of whatever comes to an agent's leg only the network is named; carriers' addresses are whole.
#include <string>

#include "media/media_types.hpp"

namespace dunlin {

/// `reason=stranger count=50 from=192.0.2.7:4000 expected=192.0.2.9:5000 do="…"`
std::string refusal_words(const PacketsRefused& refused);

}  // namespace dunlin
