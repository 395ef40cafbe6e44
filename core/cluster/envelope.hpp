#pragma once
// The one thing that travels between nodes: a versioned envelope of bytes (docs/cluster.md, the link). What the bytes are
// is said by `type`; the envelope itself knows nothing of cases or calls. A command carries an id of its own, so that a
// repeated one is answered and not done again (R10), and the epoch its sender believes the shard to be in. Decoding never
// reads past the end and refuses versions it does not speak by name. Pure, any thread.
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// Versions of the envelope and of what is in it that a node understands. A release speaks its own and the one before.
struct ProtocolRange {
  std::uint16_t oldest = 1;
  std::uint16_t newest = 1;
  bool operator==(const ProtocolRange&) const = default;
};
inline constexpr ProtocolRange link_protocol{1, 1};

/// Larger bodies are not sent: the asker gets Errc::exhausted. Four times the largest batch of imported rows.
inline constexpr std::size_t max_envelope_body = std::size_t{4} << 20;

/// Unique for all time: the sender's incarnation and a number that only grows within it. Number 0: a question, not a
/// command; it may be asked twice and is not remembered.
struct CommandId {
  std::uint64_t sender = 0;
  std::uint64_t number = 0;
  constexpr auto operator<=>(const CommandId&) const = default;
  constexpr bool is_command() const { return number != 0; }
};

struct Envelope {
  std::uint16_t type = 0;
  CommandId command;
  ShardIndex shard = 0;
  std::int64_t epoch = 0;           ///< As the sender knows it; 0: it does not say.
  std::string body;
  bool operator==(const Envelope&) const = default;
};

/// Type of the envelope that carries an Error instead of an answer. Below 16: the link's own; above: the region's.
inline constexpr std::uint16_t refusal_type = 1;
inline constexpr std::uint16_t first_region_type = 16;

/// Errc::exhausted when the body is larger than may be sent.
Result<std::string> encode(const Envelope& envelope);
/// Errors: invalid_input for a version out of range (with the range spoken here), exhausted above the size, corrupt else.
Result<Envelope> decode_envelope(std::string_view bytes);

/// An error on its way back, code and all.
Envelope make_refusal(const CommandId& command, const Error& error);
/// What a refusal says; bytes that say nothing are themselves an Errc::corrupt.
Error read_refusal(const Envelope& envelope);

}  // namespace dunlin

template <>
struct std::hash<dunlin::CommandId> {
  std::size_t operator()(const dunlin::CommandId& id) const noexcept {
    return static_cast<std::size_t>((id.sender ^ (id.number * 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9ULL >> 7);
  }
};
