#pragma once
// User names of ICE that tell which leg is meant, so that a check finds its leg without a table. Pure but for randomness; any
// thread. The place of a leg in its worker is no secret; what protects a leg is the password.
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "media/browser_sdp.hpp"

namespace dunlin {

/// 12 characters of which the first three are the place, and a password of 144 random bits. Errors: unavailable (no randomness).
Result<IceCredentials> make_credentials(std::uint16_t leg_index);

/// The place told by "ours:theirs"; nothing when the name is none of ours.
std::optional<std::uint16_t> leg_index_of(std::string_view username);

}  // namespace dunlin
