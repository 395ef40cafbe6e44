#pragma once
// What two nodes say to each other about the copy of a shard (docs/cluster.md, seeding). The one that lacks it opens a
// session, asks for one piece after the other and closes; a piece asked for again is sent again. The shard is the
// envelope's. Questions, not commands: no answer of them is remembered by the link. Versioned. Pure, any thread; fuzzed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/cluster/shard_head.hpp"

namespace dunlin {

/// Types of the link's own envelopes (core/cluster/envelope).
inline constexpr std::uint16_t seed_ask_type = 8;
inline constexpr std::uint16_t seed_answer_type = 9;

/// Shards copied from one node at the same time, the size of a piece, and how long an opened copy waits for its next question.
inline constexpr std::size_t seed_sessions = 4;
inline constexpr std::size_t seed_piece_bytes = 256u << 10;
inline constexpr Duration seed_session_idle = minutes(1);

enum class SeedStep : std::uint8_t { open, next, close };

struct SeedAsk {
  SeedStep step = SeedStep::open;
  std::uint64_t session = 0;      ///< As the source named it; 0 when it is opened.
  std::uint64_t number = 0;       ///< Of the piece, from 1.
  bool operator==(const SeedAsk&) const = default;
};

struct SeedAnswer {
  std::uint64_t session = 0;
  ShardHead position;             ///< Where the copy ends.
  std::uint64_t number = 0;       ///< 0: opened, no piece yet.
  bool is_last = false;
  BatchChain digest{};            ///< Of all pieces up to this one.
  std::string piece;
  bool operator==(const SeedAnswer&) const = default;
};

std::string encode(const SeedAsk& ask);
std::string encode(const SeedAnswer& answer);
/// Errors: corrupt; invalid_input for a version that is not spoken here.
Result<SeedAsk> decode_seed_ask(std::string_view bytes);
Result<SeedAnswer> decode_seed_answer(std::string_view bytes);

}  // namespace dunlin
