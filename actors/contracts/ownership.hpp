#pragma once
// Who owns which shard, as the actors of one node see it. Without a cluster a node owns them all, always.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "actors/contracts/caf.hpp"
#include "core/base/ids.hpp"

namespace dunlin {

/// The other node that owns a shard, and its epoch.
struct ShardHolder {
  std::string node_id;
  std::int64_t epoch = 0;
};

/// What a shard that is not ours needs to pass commands on. Filled by app/wiring; any thread.
struct RegionMap {
  /// Unset: nobody owns the shard now, or nobody knows yet.
  std::function<std::optional<ShardHolder>(ShardIndex)> holder_of;
  /// The epoch in which this node serves the shard; unset: it does not.
  std::function<std::optional<std::int64_t>(ShardIndex)> own_epoch;
  /// Which life of that node sits in the cluster now (NodeContext::incarnation there); unset: none that is known.
  std::function<std::optional<std::uint64_t>(const std::string& node_id)> life_of;
  caf::actor remote;                ///< Takes msg::ForNode.
  caf::actor persons;               ///< The persons desk (actors/contracts/person_search).
};

namespace msg {

/// To a shard: this node owns it from now on, its history here is whole, and commits are taken.
struct ShardOwned { std::int64_t epoch = 0; };
/// It is another node's, or nobody's: cases here fall silent, commands go to the owner.
struct ShardLost {};
/// A node sits in the cluster in a new life: what its former one had reserved and not settled is lost (R8).
struct NodeBeganAnew { std::string node_id; };
/// To the edge: whether new attempts may begin, by the node's membership.
struct MayOriginate { bool may = false; };

}  // namespace msg
}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::ShardOwned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::ShardLost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::NodeBeganAnew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::MayOriginate)
