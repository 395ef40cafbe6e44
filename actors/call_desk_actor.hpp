#pragma once
// The node's live calls: makes a call actor for every reserved attempt, lists them, stops them for a drain, and keeps
// the last finished ones for `call list` and `call trace`. One per node.
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class CallDeskActor : public caf::event_based_actor {
 public:
  CallDeskActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "call_desk"; }

 private:
  caf::typed_response_promise<msg::CallsView> on_get_calls();
  /// Passes an order on to the call's actor; a call that is over or unknown gets a clear answer.
  template <class Order>
  caf::response_promise pass(const Order& order);
  void keep(const msg::CallView& finished);
  void on_drain();

  const NodeContext* context_;
  std::unordered_map<AttemptId, caf::actor> calls_;
  std::deque<msg::CallView> finished_;
  std::map<std::tuple<CampaignId, std::string, Outcome>, std::uint64_t> counts_;   ///< Ended calls, for metrics.
};

}  // namespace dunlin
