#pragma once
// Who hears of commits, for the journals that tell of them. Any thread; listeners are called without a lock held.
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"

namespace dunlin {

/// Told after each group which shard now ends where. Runs on the thread that commits: wake somebody and return.
using CommitListener = std::function<void(ShardIndex shard, std::uint64_t last_sequence)>;

class CommitListeners {
 public:
  void add(CommitListener listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::move(listener));
  }
  void tell(const std::vector<std::pair<ShardIndex, std::uint64_t>>& moved) const {
    std::vector<CommitListener> listeners;
    {
      const std::lock_guard lock(mutex_);
      listeners = listeners_;
    }
    for (const auto& listener : listeners) {
      for (const auto& [shard, sequence] : moved) listener(shard, sequence);
    }
  }

 private:
  mutable std::mutex mutex_;
  std::vector<CommitListener> listeners_;
};

}  // namespace dunlin
