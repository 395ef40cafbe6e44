#include "cluster/replica_positions.hpp"

#include <algorithm>

namespace dunlin {
namespace {

/// Puts in one transaction; etcd takes 128 operations.
constexpr std::size_t positions_per_request = 100;

}  // namespace

Status tell_positions(const PositionTeller& teller, const std::vector<StorePosition>& positions,
                      const std::function<void(const std::vector<StorePosition>&)>& told) {
  if (positions.empty()) return Done{};
  if (const auto synced = teller.store.sync(); !synced) return synced;
  for (std::size_t at = 0; at < positions.size(); at += positions_per_request) {
    const auto end = std::min(positions.size(), at + positions_per_request);
    const std::vector<StorePosition> part(positions.begin() + static_cast<std::ptrdiff_t>(at), positions.begin() + static_cast<std::ptrdiff_t>(end));
    EtcdTxn txn;
    for (const auto& position : part) txn.then.push_back(EtcdPut{teller.keys.applied(position.shard, teller.store_id), encode(position.applied)});
    if (const auto put = teller.client.run({txn}); !put) return put.error();
    told(part);
  }
  return Done{};
}

}  // namespace dunlin
