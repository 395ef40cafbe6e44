#pragma once
// What a shard's owner remembers of newcomers from one replica list to the next (docs/cluster.md, replicas). A newcomer that
// got nowhere and was taken off rests before it is listed again, longer every time: while it is listed nothing it lacks is
// trimmed, so one that can never be copied would keep the whole journal. A store that was given one of its shards is getting
// on with the others, too: they only wait for their turn. Pure, one thread; times are arguments.
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {

/// The rest after the first time in vain, doubling up to the longest.
struct NewcomerRests {
  Duration first = minutes(10);
  Duration longest = minutes(160);
};

class NewcomerWatch {
 public:
  explicit NewcomerWatch(NewcomerRests rests) : rests_(rests) {}

  /// A shard's list changed, whoever changed it. `gone`: stores of wiped disks, which never come back.
  void on_list(ShardIndex shard, const ReplicaSet& before, const ReplicaSet& now, const std::set<std::string>& gone, MonoTime at);
  /// Stores that are not to be listed as newcomers of the shard.
  std::set<std::string> resting(ShardIndex shard, MonoTime now) const;
  /// Over all shards.
  std::size_t resting_count(MonoTime now) const;
  /// When a copy of the store was last found whole; the beginning of time: never.
  MonoTime last_finished(const std::string& store) const;

 private:
  struct Rest {
    unsigned times = 0;
    MonoTime until;
  };
  void begin_rest(ShardIndex shard, const std::string& store, MonoTime at);

  const NewcomerRests rests_;
  std::map<std::pair<ShardIndex, std::string>, Rest> by_store_;
  std::map<std::string, MonoTime> finished_at_;
};

}  // namespace dunlin
