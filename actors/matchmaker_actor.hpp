#pragma once
// Brings waiting persons and ready agents together (core/agent/agent_match). The agent's own actor is the last judge of
// a match: only after it has taken the token is the call told. One per node.
#include <unordered_map>

#include "actors/contracts/agent_sharing.hpp"
#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class MatchmakerActor : public caf::event_based_actor {
 public:
  MatchmakerActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "matchmaker"; }

 private:
  struct Waiting {
    AgentRequest request;
    caf::actor call;
  };
  void on_offer(const msg::OfferAgent& offer);
  void on_want(const msg::WantAgent& want);
  void on_tick();
  void place(const Waiting& waiting);
  void reserve(const AgentMatched& match);

  const NodeContext* context_;
  AgentMatch match_;
  std::unordered_map<AttemptId, Waiting> waiting_;   ///< From want to chosen, cancelled or expired.
};

}  // namespace dunlin
