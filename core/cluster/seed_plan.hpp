#pragma once
// Which shards of a store are copied from other nodes, from whom, and when it is tried again (docs/cluster.md, seeding).
// A few at a time; a source that failed comes after all others; nobody is asked without a pause; a fault of the own disk
// rests everything and blames no source. Pure, one thread; times are arguments.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct SeedRules {
  std::size_t at_once = 2;                ///< Shards copied at the same time.
  Duration first_pause = seconds(1);      ///< After a failure, doubling
  Duration longest_pause = minutes(1);    ///< up to this.
};

/// A node that sits and whose store holds a whole copy.
struct SeedSource {
  std::string node_id;
  bool is_owner = false;                  ///< It commits to the shard: others are asked first.
};

/// Where a shard can be copied from.
struct SeedSources {
  bool is_listed = false;                 ///< The shard's list names the own store. If not, what it lacks may be trimmed at any time.
  std::vector<SeedSource> nodes;          ///< Empty while it is not listed.
};

enum class SeedFault : std::uint8_t {
  source,   ///< It died, refused, or sent what does not fit: another one may do better.
  own,      ///< This node's disk or its way to etcd.
};

class SeedPlan {
 public:
  explicit SeedPlan(SeedRules rules) : rules_(rules) {}

  /// The shard lacks what the journal no longer has. Said again while it is known: nothing.
  void want(ShardIndex shard);
  /// The waiting shards whose time has come, as many as there are places free: who has waited longest first, who has failed
  /// behind those who wait.
  std::vector<ShardIndex> due(MonoTime now) const;
  /// A due shard is to be copied now: from whom; nullopt: there is nobody, and it waits.
  std::optional<std::string> begin(ShardIndex shard, const std::vector<SeedSource>& sources, MonoTime now);
  /// The copy that was begun came to nothing.
  void fail(ShardIndex shard, SeedFault fault, MonoTime now);
  void finish(ShardIndex shard);

  std::size_t copying() const;
  std::size_t waiting() const { return wanted_.size() - copying(); }

 private:
  struct Wanted {
    std::uint64_t turn = 0;                       ///< The least is the next.
    std::optional<std::string> source;            ///< While it is copied.
    std::map<std::string, unsigned> failures;     ///< By node.
    unsigned failed = 0;
    MonoTime not_before;
  };
  void rest(Wanted& wanted, MonoTime now);

  const SeedRules rules_;
  std::map<ShardIndex, Wanted> wanted_;
  std::uint64_t last_turn_ = 0;
  MonoTime own_rest_until_;
  unsigned own_failures_ = 0;
};

/// How fast copies may come in, all of them together. Pure.
class SeedThrottle {
 public:
  explicit SeedThrottle(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}
  /// So many bytes came now: how long to wait before more are asked for.
  Duration pause_after(std::uint64_t bytes, MonoTime now);

 private:
  const std::uint64_t bytes_per_second_;
  MonoTime paid_until_;
};

}  // namespace dunlin
