#pragma once
// Which stores hold a shard, and what its owner may change about that (docs/cluster.md, replicas): who is listed first, who
// is added for one that stays away, who may be taken off, when a newcomer's copy counts, and how far the journal may be
// trimmed. The owner writes the list, compared by value; here is what it writes. Pure, any thread.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/cluster/placement.hpp"

namespace dunlin {

enum class ReplicaState : std::uint8_t {
  in_sync,       ///< Its copy was checked against the chain: may own the shard, and counts as a copy.
  catching_up,   ///< Listed, so that nothing it lacks is trimmed, but no copy yet.
};

struct Replica {
  StorePlace place;
  ReplicaState state = ReplicaState::catching_up;
  bool operator==(const Replica&) const = default;
};

/// The value of `replicas/<shard>`.
struct ReplicaSet {
  std::uint64_t number = 0;           ///< Of the configuration: one more with every change.
  std::vector<Replica> stores;        ///< Each store once; the first list's owner first.
  bool operator==(const ReplicaSet&) const = default;

  const Replica* find(std::string_view store) const;
  bool is_in_sync(std::string_view store) const;
};

/// Stores one list may name; nothing is added beyond.
inline constexpr std::size_t max_listed_stores = 16;
/// Copies of a shard that may be asked for.
inline constexpr std::size_t max_copies = 5;

/// Names as they may stand in a list and in keys: 1 to 64 letters, digits, '.', '_' and '-' for a store; 1 to 255 visible
/// ASCII characters for a host.
bool is_store_name(std::string_view text);
bool is_host_name(std::string_view text);

/// "1 NUMBER", then a line "STATE STORE HOST" each: readable with etcdctl, compared byte by byte.
std::string encode(const ReplicaSet& set);
/// Errors: corrupt, with what is wrong.
Result<ReplicaSet> decode_replica_set(std::string_view text);

struct ReplicaRules {
  std::size_t copies = 2;                     ///< Stores a shard should have, the same on every node. 1: no second copy is wanted.
  Duration patience = minutes(10);            ///< A listed store that gets nowhere for longer is replaced.
  std::uint64_t near_head = 256;              ///< A copy at most so many batches behind the head is complete enough to count.
  std::uint64_t most_behind = 200'000;        ///< A copy farther behind, even if it moves, is replaced.
  /// May a newcomer be given a shard's past from another replica? If not, a list follows the placement to nodes that came
  /// later only while the shard has no batch yet.
  bool can_seed = false;
  /// Shards a store may be catching up with at one time: until they are copied the journal keeps what they lack.
  std::size_t newcomers_per_store = 16;
};

/// What the owner knows of a listed store.
struct StoreStanding {
  std::uint64_t applied = 0;      ///< Last batch on its disk, as it says itself; 0: none, or it has not spoken yet.
  bool is_checked = false;        ///< What it has applied was found to be on the journal's chain.
  Duration stuck_for;             ///< Since it last was seated and either near the head or moving.
};

/// A shard as its owner sees it.
struct ReplicaView {
  ShardIndex shard = 0;
  StorePlace own;                                   ///< The owner's store, which joined the journal before its first commit.
  std::uint64_t head = 0;
  std::vector<StorePlace> seated;                   ///< Stores of the nodes that sit, the own one among them.
  std::map<std::string, StoreStanding> standings;   ///< By store; one that is missing has applied nothing.
  std::set<std::string> gone = {};                  ///< Stores whose nodes sit again with another one: wiped, not away.
  std::set<std::string> full = {};                  ///< Stores that catch up with as many shards as they may.
  std::set<std::string> resting = {};               ///< Newcomers that got nowhere and were taken off: not listed again yet.
};

/// The list of a shard that has none: the owner's store first, then the placement's order, other hosts before the own.
ReplicaSet first_replicas(const ReplicaView& view, const ReplicaRules& rules);

/// Who should own the shard: the placement's first choice among the seated stores that hold a copy; failing them, among those
/// that are catching up, which may find all they lack in the journal; among all, if there is no list yet.
std::optional<StorePlace> owner_for(ShardIndex shard, const std::vector<StorePlace>& seated, const ReplicaSet* list);

/// The next list, one change away; nullopt: it is well as it is. Copies that count never fall below two (one, if no more are
/// wanted) by what is taken off.
std::optional<ReplicaSet> next_replicas(const ReplicaSet& now, const ReplicaView& view, const ReplicaRules& rules);

/// The list of a shard whose owner found that its own copy cannot serve: that copy is catching up from now on. nullopt: it
/// does not count anyway, or no other copy in sync is seated, and nobody would be better off.
std::optional<ReplicaSet> without_own_copy(const ReplicaSet& now, const std::string& own_store, const std::vector<StorePlace>& seated);

/// The last batch that may be trimmed: no listed store, newcomers included, still needs it, and two stores on two hosts hold
/// it (one, if no more are wanted). 0: nothing.
std::uint64_t trim_point(const ReplicaSet& now, const ReplicaView& view, const ReplicaRules& rules);

}  // namespace dunlin
