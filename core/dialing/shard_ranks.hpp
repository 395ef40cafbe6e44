#pragma once
// What a campaign knows of its shards' queues, and which shard the next line goes to: the one whose next due case is the
// most urgent by rank, then by how long it has been due. Each shard tells a few of its most urgent rows at a time; behind
// them the campaign knows only that nothing is more urgent than the last one told, until the shard tells again. What it
// believes is some ticks old: a shard asked for a case it no longer has says so, and the line is given back.
// Pure; owned by the campaign's actor, one thread.
#include <array>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/dialing/dial_queue.hpp"

namespace dunlin {

class ShardRanks {
 public:
  /// `top`: as DialQueue::most_urgent gives it.
  void update(ShardIndex shard, const QueueSummary& queue, std::vector<UrgentRow> top);
  /// The shard of the most urgent case not given a line yet; that case counts as given one. nullopt: none is ready.
  std::optional<ShardIndex> take();
  /// The shard had no case to give.
  void on_empty(ShardIndex shard);
  /// All shards together; best_rank is the best of them.
  QueueSummary total() const;

 private:
  struct Known {
    QueueSummary queue;
    std::vector<UrgentRow> top;
    std::size_t given = 0;       ///< Rows of `top` that have a line.
  };
  /// The next row of a shard: told, or the bound of those behind the told ones.
  struct Next {
    UrgentRow row;
    bool is_bound = false;
    auto operator<=>(const Next&) const = default;
  };
  static Next next_of(const Known& known);

  std::array<Known, shard_count> shards_;
};

}  // namespace dunlin
