#pragma once
// What every actor of a node is introduced to: the doors, the clock, the gate, the other actors. Filled by app/wiring
// before the first message; read-only afterwards; outlives the actor system. Handles are of this process only.
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "actors/contracts/caf.hpp"
#include "actors/contracts/doors.hpp"
#include "actors/contracts/ownership.hpp"
#include "actors/contracts/trunk_test.hpp"
#include "config/clock.hpp"
#include "config/settings.hpp"
#include "core/case/case_gate.hpp"
#include "core/dialing/pacing_tape.hpp"

namespace dunlin {

/// Ids of this life of the process: a random prefix and a counter, so that two lives never meet.
class IdSource {
 public:
  explicit IdSource(std::uint64_t random_seed) : attempt_base_((random_seed >> 28) << 28) {}
  AttemptId next_attempt() { return AttemptId(attempt_base_ | ++attempts_); }
  LegId next_leg() { return LegId(++legs_); }
  ImportId next_import() { return ImportId(attempt_base_ | ++imports_); }

 private:
  std::uint64_t attempt_base_;
  std::atomic<std::uint64_t> attempts_{0};
  std::atomic<std::uint64_t> legs_{0};
  std::atomic<std::uint64_t> imports_{0};
};

struct NodeContext {
  const Clock* clock = nullptr;
  const NodeSettings* settings = nullptr;
  Journal* journal = nullptr;
  CaseArchive* archive = nullptr;
  DocumentStore* documents = nullptr;
  TestReservations* test_reservations = nullptr;
  MediaDoor* media = nullptr;
  SipDoor* sip = nullptr;
  ImportDoor* imports_door = nullptr;
  SpeechDoor* speech = nullptr;    ///< Unset: nothing can be said, no flow is played.
  LiveFeed* live = nullptr;
  NodeFactLog* facts = nullptr;
  const ContactGate* gate = nullptr;
  IdSource* ids = nullptr;
  std::uint64_t incarnation = 0;   ///< Of this life of the process; stored with every reservation.
  const RegionMap* region = nullptr;  ///< Null: no cluster, every shard is this node's.
  bool is_on_one_thread = false;   ///< Virtual time: jobs that block get no thread of their own.
  std::function<std::unique_ptr<FrameListener>()> make_classifier;
  std::function<std::unique_ptr<PacingTape>(CampaignId)> make_pacing_tape;  ///< Unset: ticks are not kept.

  std::array<caf::actor, shard_count> shards;
  caf::actor edge;        ///< Slots and trunks.
  caf::actor calls;       ///< Live calls.
  caf::actor matchmaker;
  caf::actor agents;      ///< The agents' desk.
  caf::actor campaigns;   ///< The campaigns' desk.
  caf::actor imports;     ///< Import jobs.
  caf::actor merges;      ///< Cases that turned out to be one person.

  const caf::actor& shard_for(CaseId id) const { return shards[shard_of(id)]; }
};

}  // namespace dunlin
