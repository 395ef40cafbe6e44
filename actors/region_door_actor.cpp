#include "actors/region_door_actor.hpp"

#include <utility>

#include "actors/region_codec.hpp"
#include "config/limits.hpp"

namespace dunlin {
namespace {

msg::EnvelopeAnswer refused_envelope(Errc code, std::string detail) { return {Error{code, std::move(detail)}, {}}; }

}  // namespace

RegionDoorActor::RegionDoorActor(caf::actor_config& config, const NodeContext* context, Ownership owns)
    : caf::event_based_actor(config), context_(context), owns_(std::move(owns)) {
  learn(static_cast<const RegionCommands*>(nullptr));
}

template <class... Command>
void RegionDoorActor::learn(const std::tuple<Command...>*) {
  (servers_.emplace(RegionCommand<Command>::type, &RegionDoorActor::serve<Command>), ...);
}

caf::behavior RegionDoorActor::make_behavior() {
  return {[this](const msg::EnvelopeArrived& arrived) { return on_arrived(arrived); }};
}

RegionDoorActor::Promise RegionDoorActor::on_arrived(const msg::EnvelopeArrived& arrived) {
  auto promise = make_response_promise<msg::EnvelopeAnswer>();
  const Envelope& envelope = arrived.envelope;
  const auto server = servers_.find(envelope.type);
  if (server == servers_.end()) {
    promise.deliver(refused_envelope(Errc::invalid_input, "a command of type " + std::to_string(envelope.type) + " is not known here: upgrade this node"));
  } else if (envelope.shard >= shard_count) {
    promise.deliver(refused_envelope(Errc::invalid_input, "no such shard"));
  } else if (owns_ && !owns_(envelope.shard)) {
    promise.deliver(refused_envelope(Errc::conflict, "not the owner of shard " + std::to_string(envelope.shard)));
  } else {
    (this->*server->second)(envelope, promise);
  }
  return promise;
}

template <class Command>
void RegionDoorActor::serve(const Envelope& envelope, Promise promise) {
  using Reply = typename RegionCommand<Command>::Answer;
  auto command = decode_region<Command>(envelope.body, context_->clock->now_mono());
  if (!command || !is_all_in_shard(*command, envelope.shard)) {
    const Error wrong = command ? invalid_input("a case of another shard") : command.error();
    promise.deliver(refused_envelope(wrong.code, wrong.detail));
    return;
  }
  ask(this, context_->shards[envelope.shard], limits::commit_timeout, std::move(*command))
      .then(
          [this, promise](const Reply& reply) mutable {
            Envelope answer;
            answer.type = region_answer_type(RegionCommand<Command>::type);
            answer.body = encode_region(reply, context_->clock->now_mono());
            promise.deliver(msg::EnvelopeAnswer{std::nullopt, std::move(answer)});
          },
          [promise](const caf::error& error) mutable { promise.deliver(refused_envelope(Errc::unavailable, caf::to_string(error))); });
}

}  // namespace dunlin
