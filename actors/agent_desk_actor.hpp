#pragma once
// The agents: their stored profiles, one actor each, and the way to them by id or login. Registrations and
// calls of stations arrive here. A changed profile is on disk before it takes effect. In a cluster the profiles are the same on all
// nodes. One per node.
#include <map>
#include <unordered_map>

#include "actors/contracts/agent_changes.hpp"
#include "actors/contracts/messages.hpp"
#include "actors/document_queue.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class AgentDeskActor : public caf::event_based_actor {
 public:
  AgentDeskActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context), queue_(context->documents) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "agent_desk"; }

 private:
  struct Seat {
    msg::AgentProfile profile;
    caf::actor actor;
  };
  void load_profiles();
  Result<DocumentChange> decide_change(msg::AgentProfile profile);
  Result<DocumentChange> decide_replacement(const msg::ReplaceAgent& command);
  Result<DocumentChange> decide_removal(const std::string& user);
  void on_shared(const msg::DocumentsChanged& news);
  void seat(msg::AgentProfile profile);
  void unseat(const std::string& user);
  void publish_accounts();
  caf::typed_response_promise<msg::Answer> on_change(const msg::ChangeAgent& command);
  caf::typed_response_promise<msg::Answer> on_replace(const msg::ReplaceAgent& command);
  caf::typed_response_promise<msg::Answer> on_remove(const msg::RemoveAgent& command);
  caf::typed_response_promise<msg::AgentsView> on_get_agents();
  /// Passes a command on to the agent's actor; unknown names get a clear answer.
  template <class Command>
  caf::response_promise pass(const std::string& user, const Command& command);
  template <class Fact>
  void pass_fact(AgentId agent, const Fact& fact);

  const NodeContext* context_;
  DocumentQueue queue_;
  std::map<std::string, Seat> seats_;
  std::unordered_map<AgentId, std::string> users_;
};

}  // namespace dunlin
