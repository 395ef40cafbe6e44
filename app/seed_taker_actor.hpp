#pragma once
// Brings this store the shards whose past the journal no longer has, from other nodes over the link (docs/cluster.md,
// seeding): asks who has a whole copy, opens a session there, takes piece after piece no faster than the setting allows,
// and puts the shard into the store in one step when digest, chain and the journal agree. What goes wrong is tried again
// elsewhere (core/cluster/seed_plan); until a copy is whole the store is as it was. Runs on a thread of its own: disk and
// etcd are asked here. Bounds: one question a shard under way.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/contracts/region.hpp"
#include "config/clock.hpp"
#include "core/cluster/seed_message.hpp"
#include "core/cluster/seed_plan.hpp"
#include "storage/shard_copy.hpp"

namespace dunlin {

/// What an operator sees of it.
struct SeedProgress {
  std::size_t copying = 0;          ///< Shards under way,
  std::size_t waiting = 0;          ///< and those whose turn comes.
  std::uint64_t seeded = 0;         ///< Since the start.
  std::uint64_t bytes = 0;          ///< That came, given up copies included.
  std::uint64_t failures = 0;
  std::string trouble;              ///< The last failure of a shard that still waits; empty: none.
};

struct SeedTakerParts {
  const Clock* clock = nullptr;
  ShardCopies* copies = nullptr;
  caf::actor link;
  SeedRules rules;
  std::uint64_t bytes_per_second = 20u << 20;
  Duration repeat_pause = seconds(1);   ///< Before a piece whose answer was lost is asked for again, or the journal.
  /// Is this store to have the shard, and which nodes that sit have a whole copy? Errors: the journal does not answer. May
  /// block, as the next one.
  std::function<Result<SeedSources>(ShardIndex)> sources;
  /// Does the journal go on from there? Errors: corrupt (no: trimmed, or another chain), unavailable.
  std::function<Status(ShardIndex, const ShardHead&)> joins_journal;
  /// Called on the actor's thread; must not block.
  std::function<void(ShardIndex)> on_seeded;
  std::function<void(const SeedProgress&)> on_progress;
};

namespace msg {
/// To the taker: this shard needs a copy. Said again: nothing more.
struct SeedShard { ShardIndex shard = 0; };
}  // namespace msg

class SeedTakerActor : public caf::event_based_actor {
 public:
  SeedTakerActor(caf::actor_config& config, SeedTakerParts parts);
  caf::behavior make_behavior() override;
  const char* name() const override { return "seed_taker"; }

 private:
  struct Copy {
    std::string node_id;
    std::uint64_t number = 0;       ///< Of this try: answers to former ones are dropped.
    std::uint64_t session = 0;
    std::uint64_t piece = 0;        ///< The last one taken.
    unsigned repeats = 0;           ///< Of the question under way.
    ShardHead position;
    std::unique_ptr<ShardCopyWriter> writer;
    std::optional<CopyDigest> digest;   ///< Of all pieces: every one is here.
    unsigned silences = 0;          ///< Of the journal, asked whether it goes on from there.
  };
  void on_tick();
  Result<bool> is_needed(ShardIndex shard) const;
  std::vector<SeedSource> sources_for(ShardIndex shard);
  void start(ShardIndex shard);
  void ask_source(ShardIndex shard, SeedStep step);
  void on_answered(ShardIndex shard, std::uint64_t number, const msg::PeerAnswered& answered);
  /// An error ends the copy; the last piece does, too.
  Status take(ShardIndex shard, Copy& copy, const SeedAnswer& answer);
  Status open(ShardIndex shard, Copy& copy, const SeedAnswer& answer);
  Status end(ShardIndex shard, Copy& copy);
  void ask_again(ShardIndex shard, Copy& copy, const Error& why);
  void fail(ShardIndex shard, const Error& why);
  void note(ShardIndex shard, const std::string& trouble);
  void tell_progress();
  Copy* copy_of(ShardIndex shard, std::uint64_t number);

  SeedTakerParts parts_;
  SeedPlan plan_;
  SeedThrottle throttle_;
  SeedProgress progress_;
  std::map<ShardIndex, Copy> copies_;
  std::map<ShardIndex, std::string> troubles_;   ///< Of shards that wait since, or whose end waits.
  ShardIndex last_trouble_ = 0;                  ///< Whose trouble is told, while it has one.
  std::uint64_t tries_ = 0;
  bool is_own_fault_ = false;       ///< Of the error that take() gave last.
};

}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::SeedShard)
