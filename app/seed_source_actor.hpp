#pragma once
// Hands this node's copies of shards to nodes that lack them (docs/cluster.md, seeding): one session a copy, the shard as it
// was when the session was opened, while the store goes on. Runs on a thread of its own, because every piece is a read of
// the disk. Bounds: a few sessions at once (`exhausted` above), one piece in memory a session, a session nobody asks for a
// minute is forgotten. Everything is answered: by a piece, or by a refusal with its code.
#include <map>
#include <memory>
#include <string>

#include "actors/contracts/region.hpp"
#include "config/clock.hpp"
#include "core/cluster/seed_message.hpp"
#include "storage/shard_copy.hpp"

namespace dunlin {

class SeedSourceActor : public caf::event_based_actor {
 public:
  /// `first_session` differs from life to life, so that a session of a former one is not found.
  SeedSourceActor(caf::actor_config& config, const Clock* clock, const ShardCopies* copies, std::uint64_t first_session);
  caf::behavior make_behavior() override;
  const char* name() const override { return "seed_source"; }

 private:
  struct Session {
    std::string node_id;
    ShardIndex shard = 0;
    std::unique_ptr<ShardCopyReader> reader;
    SeedAnswer last;              ///< Sent again when it is asked for again.
    MonoTime used_at;
  };
  msg::EnvelopeAnswer on_arrived(const msg::EnvelopeArrived& arrived);
  Result<SeedAnswer> open(const std::string& node_id, ShardIndex shard);
  Result<SeedAnswer> next(const SeedAsk& ask, const std::string& node_id, ShardIndex shard);
  void forget_idle();

  const Clock* clock_;
  const ShardCopies* copies_;
  std::uint64_t last_session_;
  std::map<std::uint64_t, Session> sessions_;
};

/// Who answers what comes over the link.
struct NodeDoors {
  caf::actor region;
  caf::actor seeds;       ///< Copying shards.
  caf::actor digests;     ///< Comparing them.
};
/// The link's receiver: passes each envelope to the door of its type, to the region's if it is no other's.
caf::behavior node_door(caf::event_based_actor* self, const NodeDoors& doors);

}  // namespace dunlin
