#include "cluster/step_back.hpp"

#include "cluster/node_seat.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {

Result<bool> step_back(EtcdClient& client, const JournalKeys& keys, ShardIndex shard, const ShardOwner& owner, const std::string& own_store) {
  const auto list_key = keys.replicas(shard);
  const auto seen = client.read_together({EtcdRead{list_key, {}, 1}, EtcdRead{keys.node(""), range_end_of(keys.node("")), 0}});
  if (!seen) return seen.error();
  if ((*seen)[0].empty()) return false;
  const auto& value = (*seen)[0].front().value;
  const auto list = decode_replica_set(value);
  if (!list) return list.error();
  std::vector<StorePlace> seated;
  for (const auto& row : (*seen)[1]) {
    if (auto place = decode_seat(row.value)) seated.push_back(std::move(*place));
  }
  const auto next = without_own_copy(*list, own_store, seated);
  if (!next) return false;
  EtcdTxn change;
  change.compares = {EtcdCompare::created(keys.owner(shard), owner.owner_created_at), EtcdCompare::holds(keys.owner(shard), owner.incarnation),
                     EtcdCompare::holds(list_key, value)};
  change.then.push_back(EtcdPut{list_key, encode(*next)});
  // What was told of this store does not hold: only what it says from now on may make it count again.
  change.then.push_back(EtcdPut{keys.applied(shard, own_store), encode(ShardHead{})});
  const auto changed = client.run(change);
  if (!changed) return changed.error();
  return changed->is_done;
}

}  // namespace dunlin
