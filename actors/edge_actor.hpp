#pragma once
// The node's ways out: grants slots (a trunk, a channel, a start token, an attempt id) before anything is reserved, and
// takes them back. One per node, beside the SIP door. Attempt protocol R4: the edge grants first, the reservation names
// the slot; a cluster's node grants none without its seat. A slot that nobody gives back is taken back after the longest call. No slot while the wall clock is in doubt
// (I10).
#include <map>
#include <string>
#include <unordered_map>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"
#include "core/base/clock_watch.hpp"

namespace dunlin {

class EdgeActor : public caf::event_based_actor {
 public:
  EdgeActor(caf::actor_config& config, const NodeContext* context);
  caf::behavior make_behavior() override;
  const char* name() const override { return "edge"; }

 private:
  msg::SlotsGranted on_acquire(const msg::AcquireSlots& command);
  void on_release(const msg::ReleaseSlot& command);
  void on_health(const msg::TrunkHealthChanged& change);
  void take_back_lost_slots();
  bool is_clock_believed();

  const NodeContext* context_;
  TrunkBudget budget_;
  std::map<std::string, bool> is_up_;  ///< As the SIP edge told last.
  std::unordered_map<AttemptId, std::pair<std::string, MonoTime>> held_;  ///< Trunk and when it is certainly over.
  bool may_originate_;                  ///< A cluster's node waits for its seat.
  ClockWatch clock_watch_;
  bool is_clock_in_doubt_ = false;
  bool is_draining_ = false;
};

}  // namespace dunlin
