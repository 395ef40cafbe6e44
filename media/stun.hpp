#pragma once
// STUN as ICE speaks it: binding requests of a page's browser and our responses (RFC 8489 §5, §9.1, §14; RFC 8445 §7.1,
// §16). Pure but for OpenSSL's HMAC, any thread; read in place, never past the end of the datagram. Errors: invalid_input
// for what is no STUN message. Other messages than binding ones parse, too: the caller looks at the kind.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/result.hpp"
#include "media/udp_socket.hpp"

namespace dunlin {

using StunTransaction = std::array<std::uint8_t, 12>;

enum class StunKind : std::uint8_t { binding_request, binding_indication, binding_success, binding_error, other };

/// ERROR-CODE (RFC 8489 §14.8) we answer with.
enum class StunErrorCode : std::uint16_t { bad_request = 400, unauthenticated = 401, unknown_attribute = 420, role_conflict = 487 };

/// One message. Views point into the datagram.
struct StunMessage {
  StunKind kind = StunKind::other;
  StunTransaction transaction{};
  std::string_view username;
  std::optional<std::uint32_t> priority;
  bool has_use_candidate = false;
  bool is_controlling = false;  ///< ICE-CONTROLLING is there.
  bool is_controlled = false;   ///< ICE-CONTROLLED is there.
  bool has_fingerprint = false;  ///< FINGERPRINT is there and right; a wrong one is invalid_input.
  std::uint16_t unknown_attribute = 0;  ///< The first one that must be understood and is not (RFC 8489 §5); 0: none.
  std::optional<std::uint16_t> error_code;
  std::optional<UdpAddress> mapped_address;  ///< XOR-MAPPED-ADDRESS.
  std::optional<std::size_t> integrity_at;   ///< Where the MESSAGE-INTEGRITY attribute begins.
};

/// RFC 7983 §7: on a shared port a first byte of 0 to 3 is STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP.
inline bool looks_like_stun(std::span<const std::uint8_t> datagram) { return !datagram.empty() && datagram[0] < 4; }

Result<StunMessage> parse_stun(std::span<const std::uint8_t> datagram);

/// True when the message carries a MESSAGE-INTEGRITY made with this password (short-term credentials).
bool has_integrity(const StunMessage& message, std::span<const std::uint8_t> datagram, std::string_view password);

inline constexpr std::size_t max_stun_response = 128;

/// The answer to a good check: where we saw it come from, under our password. Returns the used front of `target`.
std::span<std::uint8_t> write_stun_success(const StunTransaction& transaction, const UdpAddress& from, std::string_view password,
                                           std::span<std::uint8_t, max_stun_response> target);

/// A refusal. An empty password writes it without MESSAGE-INTEGRITY (400 and 401 have none: RFC 8489 §9.1.3).
/// `unknown` is told with 420 only.
std::span<std::uint8_t> write_stun_error(const StunTransaction& transaction, StunErrorCode code, std::uint16_t unknown, std::string_view password,
                                         std::span<std::uint8_t, max_stun_response> target);

/// What a check needs to say. Tests and tools are the only ones that check: an ICE-lite agent answers (RFC 8445 §2.5).
struct StunCheck {
  StunTransaction transaction{};
  std::string_view username;  ///< "theirs:ours", at most 64 bytes.
  std::string_view password;
  std::uint32_t priority = 0;
  bool has_use_candidate = false;
  bool is_controlled = false;
};
inline constexpr std::size_t max_stun_request = 192;
/// Empty when the username is too long.
std::span<std::uint8_t> write_stun_check(const StunCheck& check, std::span<std::uint8_t, max_stun_request> target);

}  // namespace dunlin
