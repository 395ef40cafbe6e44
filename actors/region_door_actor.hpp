#pragma once
// The receiving side of the region: what another node asks of a shard of ours arrives here as an envelope, goes to the shard
// as the plain message it was, and the shard's answer goes back as bytes. Runs on the CAF pool. A shard that is not ours is
// refused (Errc::conflict, "not the owner") and never passed on, so that two nodes with an old map cannot send a command to
// and fro. What is asked of the node as a whole goes to its persons desk. Every envelope is answered within limits::commit_timeout.
#include <functional>
#include <unordered_map>

#include "actors/contracts/region.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class RegionDoorActor : public caf::event_based_actor {
 public:
  /// Whether this node owns the shard now; asked from the actor's thread. Unset: it owns every shard.
  using Ownership = std::function<bool(ShardIndex)>;

  RegionDoorActor(caf::actor_config& config, const NodeContext* context, Ownership owns);
  caf::behavior make_behavior() override;
  const char* name() const override { return "region_door"; }

 private:
  using Promise = caf::typed_response_promise<msg::EnvelopeAnswer>;
  using Serve = void (RegionDoorActor::*)(const Envelope&, Promise);

  Promise on_arrived(const msg::EnvelopeArrived& arrived);
  template <class Command>
  void serve(const Envelope& envelope, Promise promise);
  template <class Question>
  void serve_question(const Envelope& envelope, Promise promise);
  template <class Command>
  void pass_on(const caf::actor& to, Command command, Promise promise);
  template <class... Command, class... Question>
  void learn(const std::tuple<Command...>*, const std::tuple<Question...>*);

  const NodeContext* context_;
  Ownership owns_;
  std::unordered_map<std::uint16_t, Serve> servers_;
  std::unordered_map<std::uint16_t, Serve> question_servers_;  ///< Of what no single shard answers.
};

}  // namespace dunlin
