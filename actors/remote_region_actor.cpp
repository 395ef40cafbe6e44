#include "actors/remote_region_actor.hpp"

#include <utility>

#include "actors/region_codec.hpp"
#include "config/limits.hpp"

namespace dunlin {
namespace {

template <class Reply>
void deliver_region_error(caf::response_promise& promise, Error error) {
  if constexpr (requires(Reply reply) { reply.error = error; }) {
    Reply reply;
    reply.error = std::move(error);
    promise.deliver(std::move(reply));
  } else {
    promise.deliver(caf::make_error(caf::sec::runtime_error, std::string(to_string(error.code)) + ": " + error.detail));
  }
}

template <class Command>
void deliver_region_answer(caf::response_promise& promise, const msg::PeerAnswered& answered, MonoTime now) {
  using Reply = typename RegionCommand<Command>::Answer;
  if (answered.error) return deliver_region_error<Reply>(promise, *answered.error);
  if (answered.envelope.type != region_answer_type(RegionCommand<Command>::type)) {
    return deliver_region_error<Reply>(promise, {Errc::corrupt, "an answer of type " + std::to_string(answered.envelope.type) + " to another question"});
  }
  auto reply = decode_region<Reply>(answered.envelope.body, now);
  if (!reply) return deliver_region_error<Reply>(promise, reply.error());
  promise.deliver(std::move(*reply));
}

}  // namespace

RemoteRegionActor::RemoteRegionActor(caf::actor_config& config, const Clock* clock, caf::actor link, std::uint64_t incarnation)
    : caf::event_based_actor(config), clock_(clock), link_(std::move(link)), incarnation_(incarnation) {}

caf::behavior RemoteRegionActor::make_behavior() { return handlers(static_cast<const RegionCommands*>(nullptr), static_cast<const NodeQuestions*>(nullptr)); }

template <class... Command, class... Question>
caf::behavior RemoteRegionActor::handlers(const std::tuple<Command...>*, const std::tuple<Question...>*) {
  return {[this](const msg::ForNode<Command>& wrapped) { return pass_on(wrapped); }...,
          [this](const msg::ForNode<Question>& wrapped) { return pass_on(wrapped); }...};
}

template <class Command>
caf::response_promise RemoteRegionActor::pass_on(const msg::ForNode<Command>& wrapped) {
  auto promise = make_response_promise();
  Envelope envelope;
  envelope.type = RegionCommand<Command>::type;
  envelope.command = {incarnation_, RegionCommand<Command>::is_question ? 0 : ++commands_};
  envelope.shard = wrapped.shard;
  envelope.epoch = wrapped.epoch;
  envelope.body = encode_region(wrapped.command, clock_->now_mono());
  // The link always answers; the second more is for its own way there and back.
  ask(this, link_, limits::peer_answer_timeout + seconds(1), msg::AskPeer{wrapped.node_id, std::move(envelope)})
      .then([this, promise](const msg::PeerAnswered& answered) mutable { deliver_region_answer<Command>(promise, answered, clock_->now_mono()); },
            [promise](const caf::error& error) mutable {
              deliver_region_error<typename RegionCommand<Command>::Answer>(promise, {Errc::unavailable, caf::to_string(error)});
            });
  return promise;
}

}  // namespace dunlin
