#include "core/cluster/seed_plan.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/check.hpp"
#include "core/cluster/growing_pause.hpp"

namespace dunlin {

void SeedPlan::want(ShardIndex shard) {
  const auto [wanted, is_new] = wanted_.try_emplace(shard);
  if (is_new) wanted->second.turn = ++last_turn_;
}

std::size_t SeedPlan::copying() const {
  return static_cast<std::size_t>(std::count_if(wanted_.begin(), wanted_.end(), [](const auto& entry) { return entry.second.source.has_value(); }));
}

std::vector<ShardIndex> SeedPlan::due(MonoTime now) const {
  std::vector<ShardIndex> shards;
  const auto busy = copying();
  if (now < own_rest_until_ || busy >= rules_.at_once) return shards;
  for (const auto& [shard, wanted] : wanted_) {
    if (!wanted.source && wanted.not_before <= now) shards.push_back(shard);
  }
  std::sort(shards.begin(), shards.end(), [this](ShardIndex left, ShardIndex right) { return wanted_.at(left).turn < wanted_.at(right).turn; });
  shards.resize(std::min(shards.size(), rules_.at_once - busy));
  return shards;
}

std::optional<std::string> SeedPlan::begin(ShardIndex shard, const std::vector<SeedSource>& sources, MonoTime now) {
  Wanted& wanted = wanted_.at(shard);
  DUNLIN_CHECK(!wanted.source);
  const auto rank = [&wanted](const SeedSource& source) {
    const auto failed = wanted.failures.find(source.node_id);
    return std::make_tuple(failed == wanted.failures.end() ? 0u : failed->second, source.is_owner, source.node_id);
  };
  const auto best = std::min_element(sources.begin(), sources.end(), [&rank](const SeedSource& left, const SeedSource& right) { return rank(left) < rank(right); });
  if (best == sources.end()) {
    rest(wanted, now);
    return std::nullopt;
  }
  wanted.source = best->node_id;
  return wanted.source;
}

/// Not to be asked about again at once; others' turn comes meanwhile.
void SeedPlan::rest(Wanted& wanted, MonoTime now) {
  wanted.not_before = now + growing_pause(rules_.first_pause, rules_.longest_pause, ++wanted.failed);
  wanted.turn = ++last_turn_;
}

void SeedPlan::fail(ShardIndex shard, SeedFault fault, MonoTime now) {
  Wanted& wanted = wanted_.at(shard);
  DUNLIN_CHECK(wanted.source.has_value());
  switch (fault) {
    case SeedFault::source:
      ++wanted.failures[*wanted.source];
      rest(wanted, now);
      break;
    case SeedFault::own:
      own_rest_until_ = now + growing_pause(rules_.first_pause, rules_.longest_pause, ++own_failures_);
      break;
  }
  wanted.source.reset();
}

void SeedPlan::finish(ShardIndex shard) {
  own_failures_ = 0;
  wanted_.erase(shard);
}

Duration SeedThrottle::pause_after(std::uint64_t bytes, MonoTime now) {
  if (paid_until_ < now) paid_until_ = now;
  paid_until_ = paid_until_ + milliseconds(static_cast<std::int64_t>(bytes * 1000 / std::max<std::uint64_t>(1, bytes_per_second_)));
  return paid_until_ - now;
}

}  // namespace dunlin
