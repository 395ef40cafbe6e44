#pragma once
// Comparing copies of shards over the link (docs/cluster.md, comparing): what answers for this node's copies, and what asks
// those of all nodes. The answering actor runs on a thread of its own, because every answer reads the disk.
#include <string>

#include "actors/contracts/region.hpp"
#include "core/cluster/history_compare.hpp"
#include "core/cluster/silent_nodes.hpp"
#include "storage/history_digest.hpp"

namespace dunlin {

/// Answers envelopes of digest_ask_type. The digests outlive it.
caf::behavior digest_door(caf::event_based_actor* self, const HistoryDigests* digests);

/// One comparison's questions: the own store's at once, others' over the link. A node that did not answer twice in a row is
/// not asked again.
/// One thread. All parts outlive it.
class CopyAsker {
 public:
  CopyAsker(caf::actor_system& system, caf::actor link, std::string own_node, const HistoryDigests& digests)
      : self_(system), link_(std::move(link)), own_node_(std::move(own_node)), digests_(digests) {}

  Result<DigestAnswer> ask(const CopyPlace& place, ShardIndex shard, const DigestAsk& question);
  /// Up to three seconds for a copy that lags; once several did not come on in that time, others are not waited for either.
  bool wait(unsigned round);

 private:
  Result<DigestAnswer> ask_peer(const CopyPlace& place, ShardIndex shard, const DigestAsk& question);

  caf::scoped_actor self_;
  caf::actor link_;
  std::string own_node_;
  const HistoryDigests& digests_;
  SilentNodes silent_;
  unsigned waits_in_vain_ = 0;
};

}  // namespace dunlin
