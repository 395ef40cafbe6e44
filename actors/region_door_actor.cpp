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
  learn(static_cast<const RegionCommands*>(nullptr), static_cast<const NodeQuestions*>(nullptr));
}

template <class... Command, class... Question>
void RegionDoorActor::learn(const std::tuple<Command...>*, const std::tuple<Question...>*) {
  (question_servers_.emplace(RegionCommand<Question>::type, &RegionDoorActor::serve_question<Question>), ...);
  (servers_.emplace(RegionCommand<Command>::type, &RegionDoorActor::serve<Command>), ...);
}

caf::behavior RegionDoorActor::make_behavior() {
  return {[this](const msg::EnvelopeArrived& arrived) { return on_arrived(arrived); }};
}

RegionDoorActor::Promise RegionDoorActor::on_arrived(const msg::EnvelopeArrived& arrived) {
  auto promise = make_response_promise<msg::EnvelopeAnswer>();
  const Envelope& envelope = arrived.envelope;
  if (const auto asked = question_servers_.find(envelope.type); asked != question_servers_.end()) {
    (this->*asked->second)(envelope, promise);
    return promise;
  }
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
  auto command = decode_region<Command>(envelope.body, context_->clock->now_mono());
  if (!command || !is_all_in_shard(*command, envelope.shard)) {
    const Error wrong = command ? invalid_input("a case of another shard") : command.error();
    promise.deliver(refused_envelope(wrong.code, wrong.detail));
    return;
  }
  pass_on(context_->shards[envelope.shard], std::move(*command), std::move(promise));
}

template <class Question>
void RegionDoorActor::serve_question(const Envelope& envelope, Promise promise) {
  auto question = decode_region<Question>(envelope.body, context_->clock->now_mono());
  if (!question) promise.deliver(refused_envelope(question.error().code, question.error().detail));
  else if (context_->region == nullptr || !context_->region->persons) promise.deliver(refused_envelope(Errc::unavailable, "this node answers no such questions now"));
  else pass_on(context_->region->persons, std::move(*question), std::move(promise));
}

template <class Command>
void RegionDoorActor::pass_on(const caf::actor& to, Command command, Promise promise) {
  using Reply = typename RegionCommand<Command>::Answer;
  ask(this, to, limits::commit_timeout, std::move(command))
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
