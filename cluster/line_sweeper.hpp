#pragma once
// Frees the numbers of attempts that ended without anybody knowing how (docs/cluster.md, lines). A settlement frees its
// number; an attempt of unknown end keeps it until no call of it can be alive any more. etcd tells no age, so a line counts
// as old when this sweeper has seen it held by one attempt for so long: a restart makes the wait longer, never shorter.
// Blocking; the thread of the client.
#include <map>
#include <string>

#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"

namespace dunlin {

class LineSweeper {
 public:
  /// `longest` is more than the longest call and its margin together.
  LineSweeper(const std::string& cluster, Duration longest) : keys_(cluster), longest_(longest) {}

  /// How many lines it freed. Errors: unavailable; what was seen before is kept.
  Result<std::size_t> sweep(EtcdClient& client, MonoTime now);

 private:
  struct Seen {
    std::string attempt;
    MonoTime since;
  };
  const JournalKeys keys_;
  const Duration longest_;
  std::map<std::string, Seen> seen_;       ///< By line key; as many as numbers are in calls.
};

}  // namespace dunlin
