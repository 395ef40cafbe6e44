#pragma once
// Which stores should hold a shard: rendezvous hashing, so that every node computes the same answer from the same list and
// a node that joins or leaves moves only the shards it gains or loses. Pure, any thread.
#include <cstddef>
#include <string>
#include <vector>

#include "core/base/ids.hpp"

namespace dunlin {

/// A store of a live node. Names are unique; hosts are compared because two copies on one host are one copy.
struct StorePlace {
  std::string store;
  std::string host;
  bool operator==(const StorePlace&) const = default;
};

/// The `copies` stores that should hold the shard, best first, on different hosts as long as there are enough hosts; fewer
/// when there are fewer stores. The order of `stores` does not matter.
std::vector<StorePlace> stores_for(ShardIndex shard, const std::vector<StorePlace>& stores, std::size_t copies);

}  // namespace dunlin
