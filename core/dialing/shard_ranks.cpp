#include "core/dialing/shard_ranks.hpp"

#include <algorithm>
#include <utility>

namespace dunlin {

void ShardRanks::update(ShardIndex shard, const QueueSummary& queue, std::vector<UrgentRow> top) {
  shards_[shard] = {queue, std::move(top), 0};
}

/// A bound comes after a told row of the same urgency: what lies behind it can only be less urgent.
ShardRanks::Next ShardRanks::next_of(const Known& known) {
  if (known.given < known.top.size()) return {known.top[known.given], false};
  if (!known.top.empty()) return {known.top.back(), true};
  return {{known.queue.best_rank.value_or(0), UtcTime{}}, true};
}

std::optional<ShardIndex> ShardRanks::take() {
  std::optional<ShardIndex> best;
  Next best_next;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    if (shards_[shard].queue.ready == 0) continue;
    const Next next = next_of(shards_[shard]);
    if (best && !(next < best_next)) continue;
    best = shard;
    best_next = next;
  }
  if (!best) return std::nullopt;
  --shards_[*best].queue.ready;
  ++shards_[*best].given;
  return best;
}

void ShardRanks::on_empty(ShardIndex shard) {
  shards_[shard].queue.ready = 0;
  shards_[shard].queue.best_rank.reset();
  shards_[shard].top.clear();
  shards_[shard].given = 0;
}

QueueSummary ShardRanks::total() const {
  QueueSummary total;
  for (const Known& known : shards_) {
    const QueueSummary& queue = known.queue;
    total.ready += queue.ready;
    total.waiting += queue.waiting;
    if (queue.next_due && (!total.next_due || *queue.next_due < *total.next_due)) total.next_due = queue.next_due;
    if (queue.best_rank && (!total.best_rank || *queue.best_rank < *total.best_rank)) total.best_rank = queue.best_rank;
  }
  return total;
}

}  // namespace dunlin
