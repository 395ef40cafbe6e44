#include "cluster/seed_sources.hpp"

#include "cluster/node_seat.hpp"
#include "cluster/shard_tail.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {

Result<SeedSources> seed_sources(EtcdClient& client, const JournalKeys& keys, ShardIndex shard, const std::string& own_store) {
  const auto parts = client.read_together(
      {EtcdRead{keys.replicas(shard), {}, 1}, EtcdRead{keys.node(""), range_end_of(keys.node("")), 0}, EtcdRead{keys.owner(shard), {}, 1}});
  if (!parts) return parts.error();
  SeedSources sources;
  if ((*parts)[0].empty()) return sources;
  const auto list = decode_replica_set((*parts)[0].front().value);
  if (!list) return list.error();
  sources.is_listed = list->find(own_store) != nullptr;
  if (!sources.is_listed) return sources;
  const auto owner = (*parts)[2].empty() ? std::string() : (*parts)[2].front().value;
  for (const auto& row : (*parts)[1]) {
    const auto place = decode_seat(row.value);
    if (!place || place->store == own_store || !list->is_in_sync(place->store)) continue;
    const auto node = row.key.substr(keys.node("").size());
    sources.nodes.push_back({node, owner.substr(0, owner.find('#')) == node});
  }
  return sources;
}

Status check_joins(EtcdClient& client, const JournalKeys& keys, const BatchSeal& seal, ShardIndex shard, const ShardHead& position) {
  const auto parts = client.read_together({EtcdRead{keys.head(shard), {}, 1}, EtcdRead{keys.batch(shard, position.sequence + 1), {}, 1}});
  if (!parts) return parts.error();
  const auto head = (*parts)[0].empty() ? Result<ShardHead>(ShardHead{}) : decode_shard_head((*parts)[0].front().value);
  if (!head) return head.error();
  if (*head == position) return Done{};
  if (head->sequence <= position.sequence) return does_not_join(shard, position, "and the journal at batch " + std::to_string(head->sequence) + " with another chain");
  if ((*parts)[1].empty()) return does_not_join(shard, position, "but the journal beyond it is trimmed");
  const auto next = check_next(keys, seal, shard, position, (*parts)[1].front());
  return next ? Status(Done{}) : Status(next.error());
}

}  // namespace dunlin
