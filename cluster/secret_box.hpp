#pragma once
// AES-256-GCM boxes under the cluster's secret. Each box has a key of its own (HKDF-SHA-256, RFC 5869: salt = random bytes of
// the box, info = what it is for), so the nonce may be constant; what a box belongs to is authenticated with it. Thread safe.
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dunlin {

using ClusterSecret = std::array<unsigned char, 32>;

/// What makes one box's key: `salt` is never used twice for one purpose.
struct BoxKey {
  const ClusterSecret& secret;
  std::string_view purpose;
  std::string_view salt;
};

/// The box is longer than the plain bytes by this.
inline constexpr std::size_t box_tag_bytes = 16;

std::string seal_box(const BoxKey& key, std::string_view belongs_to, std::string_view plain);
/// nullopt: damaged, moved, or sealed with another secret. `box` holds box_tag_bytes at least.
std::optional<std::string> open_box(const BoxKey& key, std::string_view belongs_to, std::string_view box);

/// HMAC-SHA-256 of the text under a key for this purpose, in hex, cut to 32 digits: equal texts meet, none can be read back.
std::string keyed_name(const ClusterSecret& secret, std::string_view purpose, std::string_view text);

}  // namespace dunlin
