#include "core/cluster/newcomer_watch.hpp"

#include <algorithm>

#include "core/cluster/growing_pause.hpp"

namespace dunlin {

void NewcomerWatch::on_list(ShardIndex shard, const ReplicaSet& before, const ReplicaSet& now, const std::set<std::string>& gone, MonoTime at) {
  for (const auto& replica : before.stores) {
    const auto& store = replica.place.store;
    if (replica.state == ReplicaState::catching_up && now.find(store) == nullptr && gone.count(store) == 0) begin_rest(shard, store, at);
    if (replica.state == ReplicaState::catching_up && now.is_in_sync(store)) finished_at_[store] = at;
  }
  for (const auto& replica : now.stores) {
    if (replica.state == ReplicaState::in_sync) by_store_.erase({shard, replica.place.store});
  }
  for (const auto& store : gone) {
    by_store_.erase({shard, store});
    finished_at_.erase(store);
  }
}

void NewcomerWatch::begin_rest(ShardIndex shard, const std::string& store, MonoTime at) {
  Rest& rest = by_store_[{shard, store}];
  rest.until = at + growing_pause(rests_.first, rests_.longest, ++rest.times);
}

std::set<std::string> NewcomerWatch::resting(ShardIndex shard, MonoTime now) const {
  std::set<std::string> stores;
  for (auto at = by_store_.lower_bound({shard, {}}); at != by_store_.end() && at->first.first == shard; ++at) {
    if (now < at->second.until) stores.insert(at->first.second);
  }
  return stores;
}

std::size_t NewcomerWatch::resting_count(MonoTime now) const {
  return static_cast<std::size_t>(std::count_if(by_store_.begin(), by_store_.end(), [now](const auto& entry) { return now < entry.second.until; }));
}

MonoTime NewcomerWatch::last_finished(const std::string& store) const {
  const auto finished = finished_at_.find(store);
  return finished == finished_at_.end() ? MonoTime{} : finished->second;
}

}  // namespace dunlin
