#include "cluster/copy_places.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "cluster/node_seat.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {

Result<std::vector<std::vector<CopyPlace>>> copy_places(EtcdClient& client, const JournalKeys& keys) {
  std::vector<EtcdRead> reads;
  for (const auto& prefix : {keys.replica_lists(), keys.node(""), keys.owners()}) reads.push_back({prefix, range_end_of(prefix), 0});
  const auto parts = client.read_together(std::move(reads));
  if (!parts) return parts.error();
  std::map<std::string, std::string> node_of;
  for (const auto& row : (*parts)[1]) {
    if (const auto place = decode_seat(row.value)) node_of[place->store] = row.key.substr(keys.node("").size());
  }
  std::vector<CopyPlace> seated;
  for (const auto& [store, node] : node_of) seated.push_back({node, store});
  std::vector<std::vector<CopyPlace>> places(shard_count, seated);
  for (const auto& row : (*parts)[0]) {
    const auto shard = shard_in(row.key.substr(keys.replica_lists().size()));
    if (!shard) continue;
    const auto list = decode_replica_set(row.value);
    if (!list) return Error{list.error().code, "the replica list of shard " + std::to_string(*shard) + ": " + list.error().detail};
    places[*shard].clear();
    for (const Replica& replica : list->stores) {
      const auto node = node_of.find(replica.place.store);
      places[*shard].push_back({node == node_of.end() ? std::string() : node->second, replica.place.store});
    }
  }
  for (const auto& row : (*parts)[2]) {
    const auto shard = shard_in(row.key.substr(keys.owners().size()));
    const std::string owner = row.value.substr(0, row.value.find('#'));
    if (shard) std::stable_partition(places[*shard].begin(), places[*shard].end(), [&owner](const CopyPlace& place) { return place.node == owner; });
  }
  return places;
}

}  // namespace dunlin
