#pragma once
// Two watches over the shared journal as a whole: has it gone back behind what was seen of it (docs/cluster.md, R11), and has
// it room (R16). Pure, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/cluster/shard_head.hpp"

namespace dunlin {

/// How far one reader has seen the journal. Kept with the reader's store.
struct JournalSight {
  std::uint64_t cluster_id = 0;    ///< etcd's own; 0: nothing seen yet.
  std::int64_t revision = 0;
  bool operator==(const JournalSight&) const = default;
};

/// Why what is seen now cannot follow what was seen before; empty: it can.
std::string why_gone_back(const JournalSight& before, const JournalSight& now);

/// What to say when a store has applied more than the journal holds.
std::string why_behind_store(ShardIndex shard, const ShardHead& head, const ShardHead& applied);

/// What the journal's size still allows.
enum class JournalRoom : std::uint8_t {
  enough,
  no_reservations,   ///< Nothing new is dialed.
  facts_only,        ///< Nothing but facts, applied positions and trimming.
};

std::string_view to_string(JournalRoom room);

struct RoomBounds {
  std::uint64_t soft_bytes = 2ull << 30;
  std::uint64_t hard_bytes = 4ull << 30;
};

/// Room comes back only an eighth below the bound that took it, so that it does not flicker.
JournalRoom room_for(std::uint64_t bytes, JournalRoom before, const RoomBounds& bounds);

}  // namespace dunlin
