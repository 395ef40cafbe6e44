#pragma once
// Stored bytes of the documents actors own: agents' profiles and import jobs. Versioned; pure.
#include "actors/contracts/messages.hpp"

namespace dunlin {

std::string encode_profile(const msg::AgentProfile& profile);
Result<msg::AgentProfile> decode_profile(std::string_view bytes);

}  // namespace dunlin
