#pragma once
// One test call over a trunk (`trunk test`): slot, durable record with its permit, INVITE, a few seconds of listening, BYE,
// the settled record, the answer. Resource: lives for one call on the node that owns the socket. Addresses only numbers the
// trunk is configured to test, never one that belongs to a case, so it is no contact with anybody.
#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class TrunkTestActor : public caf::event_based_actor {
 public:
  TrunkTestActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "trunk_test"; }

 private:
  caf::typed_response_promise<msg::TrunkTestDone> on_test(const msg::TestTrunk& command);
  Status check(const msg::TestTrunk& command);
  void acquire();
  void on_no_slot(TrunkLimit limit);
  void reserve(const msg::Slot& slot);
  void on_reserved(const std::optional<Error>& error);
  void dial();
  void on_progress(const msg::LegProgressed& event);
  void on_answered(const msg::LegAnswered& event);
  void on_ended(const msg::LegEnded& event);
  void settle();
  void settle_not_sent(const Error& error);
  void on_stored(const std::optional<Error>& error);
  void refuse(Error error);
  void forget_oldest();
  std::uint32_t since_invite_ms() const { return static_cast<std::uint32_t>((context_->clock->now_mono() - invited_at_).ms); }
  caf::actor self() { return caf::actor_cast<caf::actor>(this); }

  const NodeContext* context_;
  const TrunkOptions* trunk_ = nullptr;
  caf::typed_response_promise<msg::TrunkTestDone> promise_;
  PhoneNumber number_;
  LegId leg_;
  TrunkTest test_;
  MonoTime invited_at_;
  MonoTime answered_at_;
  int turned_away_ = 0;
  bool has_slot_ = false;
  bool has_media_ = false;
  bool is_settled_ = false;
  bool is_silent_ = false;   ///< The far end's packets have stopped, before the answer or after it.
};

}  // namespace dunlin
