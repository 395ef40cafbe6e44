#include "core/cluster/placement.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace dunlin {
namespace {

/// FNV-1a over the name, then one splitmix round with the shard: stable for all versions, because nodes of two versions
/// must agree during an upgrade.
std::uint64_t score_of(ShardIndex shard, std::string_view store) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : store) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  hash += 0x9E3779B97F4A7C15ULL * (static_cast<std::uint64_t>(shard) + 1);
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBULL;
  return hash ^ (hash >> 31);
}

}  // namespace

std::vector<StorePlace> stores_for(ShardIndex shard, const std::vector<StorePlace>& stores, std::size_t copies) {
  auto ranked = stores;
  std::sort(ranked.begin(), ranked.end(), [shard](const StorePlace& left, const StorePlace& right) {
    const auto left_score = score_of(shard, left.store);
    const auto right_score = score_of(shard, right.store);
    return left_score != right_score ? left_score > right_score : left.store < right.store;
  });
  // Stores of hosts that hold a copy already come last, in their own order.
  std::set<std::string> hosts;
  std::vector<StorePlace> places;
  std::vector<StorePlace> second_copies;
  for (StorePlace& place : ranked) (hosts.insert(place.host).second ? places : second_copies).push_back(std::move(place));
  places.insert(places.end(), second_copies.begin(), second_copies.end());
  if (places.size() > copies) places.resize(copies);
  return places;
}

}  // namespace dunlin
