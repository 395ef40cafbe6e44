// What the shared history does about copies that are not whole: has them seeded, and lets others serve meanwhile.
#include <utility>

#include "app/shared_history.hpp"
#include "cluster/seed_sources.hpp"
#include "cluster/step_back.hpp"
#include "config/log.hpp"

namespace dunlin {

Result<SeedTakerParts> SharedHistory::taker_parts(const Clock* clock, caf::actor link) {
  auto made = client();
  if (!made) return made.error();
  // Both questions come from the taker's thread alone.
  const std::shared_ptr<EtcdClient> etcd = std::move(*made);
  const auto keys = std::make_shared<const JournalKeys>(settings_.cluster.name);
  const auto seal = std::make_shared<const BatchSeal>(secret_);
  SeedTakerParts parts;
  parts.clock = clock;
  parts.copies = &store_.copies();
  parts.link = std::move(link);
  parts.sources = [etcd, keys, store = store_.store_id()](ShardIndex shard) { return seed_sources(*etcd, *keys, shard, store); };
  parts.joins_journal = [etcd, keys, seal](ShardIndex shard, const ShardHead& position) { return check_joins(*etcd, *keys, *seal, shard, position); };
  parts.on_seeded = [this](ShardIndex shard) { enqueue([this, shard] { on_seeded(shard); }); };
  parts.on_progress = [this](const SeedProgress& progress) {
    const std::lock_guard lock(mutex_);
    view_.seeding = progress;
  };
  return parts;
}

/// A shard that was won meanwhile is the commit journal's.
void SharedHistory::on_seeded(ShardIndex shard) {
  if (won_[shard] == 0) follower_->follow(shard);
}

/// Best effort: without it the shard is offered to this node again, and this is tried again.
void SharedHistory::step_back(ShardIndex shard, std::int64_t owner_created_at) {
  const auto etcd = client();
  if (!etcd) return note_trouble(etcd.error().detail);
  ShardOwner owner = owner_;
  owner.owner_created_at = owner_created_at;
  const auto stepped = dunlin::step_back(**etcd, JournalKeys(settings_.cluster.name), shard, owner, store_.store_id());
  if (!stepped) log_warn("cluster", "not_stepped_back", "shard={} {}", shard, stepped.error().detail);
  else if (*stepped) log_warn("cluster", "stepped_back", "shard={} another copy serves it", shard);
}

}  // namespace dunlin
