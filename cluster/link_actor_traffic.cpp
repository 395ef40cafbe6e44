// What travels over the link: questions out, questions in, their answers, their bounds.
#include <utility>

#include "cluster/link_actor.hpp"
#include "cluster/link_actor_wire.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

/// The receiver's time is a little less than the asker's, so that its own sentence arrives first.
constexpr Duration way_back = seconds(1);
/// Repetitions of one command that wait for its answer; further ones are refused.
constexpr std::size_t max_waiting_repetitions = 4;

/// Bytes of an answer; one too large to send becomes a refusal, which never is.
std::string answer_bytes(const CommandId& command, const msg::EnvelopeAnswer& answer) {
  if (answer.error) return *encode(make_refusal(command, *answer.error));
  Envelope envelope = answer.envelope;
  envelope.command = command;
  auto bytes = encode(envelope);
  return bytes ? std::move(*bytes) : *encode(make_refusal(command, bytes.error()));
}

std::string refusal_bytes(const CommandId& command, Errc code, std::string detail) { return *encode(make_refusal(command, {code, std::move(detail)})); }

}  // namespace

caf::typed_response_promise<msg::PeerAnswered> LinkActor::on_ask(msg::AskPeer& question) {
  auto promise = make_response_promise<msg::PeerAnswered>();
  const auto refuse = [&promise](Errc code, std::string detail) {
    promise.deliver(msg::PeerAnswered{Error{code, std::move(detail)}, {}});
    return promise;
  };
  const auto found = peers_.find(question.node_id);
  if (found == peers_.end()) return refuse(Errc::unavailable, "no node " + question.node_id + " in the cluster");
  Peer& peer = found->second;
  if (!peer.actor) return refuse(Errc::unavailable, "node " + peer.node_id + " is down: " + peer.cause);
  auto bytes = encode(question.envelope);
  if (!bytes) return refuse(bytes.error().code, bytes.error().detail);
  if (peer.unanswered >= settings_.unanswered || peer.unanswered_bytes + bytes->size() > settings_.unanswered_bytes) {
    return refuse(Errc::exhausted, "node " + peer.node_id + " has not answered " + std::to_string(peer.unanswered) + " messages yet");
  }
  const std::uint64_t number = ++next_question_;
  questions_.emplace(number, Question{peer.node_id, question.envelope.command, bytes->size(), promise});
  ++peer.unanswered;
  peer.unanswered_bytes += bytes->size();
  request(peer.actor, to_chrono(settings_.answer_timeout), link_ask_atom::value, std::move(*bytes))
      .then([this, number](const std::string& answer) { on_wire_answer(number, answer); },
            [this, number, node_id = peer.node_id](const caf::error& error) {
              finish(number, {Error{Errc::unavailable, "no answer from node " + node_id + " (" + caf::to_string(error) + "); whether it was done is not known"}, {}});
            });
  return promise;
}

/// The credit of a question comes back with its answer, whatever the answer is.
void LinkActor::finish(std::uint64_t number, msg::PeerAnswered answer) {
  const auto found = questions_.find(number);
  if (found == questions_.end()) return;
  Question question = std::move(found->second);
  questions_.erase(found);
  if (const auto peer = peers_.find(question.node_id); peer != peers_.end()) {
    --peer->second.unanswered;
    peer->second.unanswered_bytes -= question.bytes;
  }
  question.promise.deliver(std::move(answer));
}

void LinkActor::on_wire_answer(std::uint64_t number, const std::string& bytes) {
  const auto found = questions_.find(number);
  if (found == questions_.end()) return;
  if (Peer* peer = peer_of(current_sender())) peer->heard_at = clock_->now_mono();
  auto envelope = decode_envelope(bytes);
  if (!envelope) return finish(number, {envelope.error(), {}});
  if (envelope->type == refusal_type) return finish(number, {read_refusal(*envelope), {}});
  if (envelope->command != found->second.command) return finish(number, {Error{Errc::corrupt, "the answer to another command"}, {}});
  finish(number, {std::nullopt, std::move(*envelope)});
}

LinkActor::WirePromise LinkActor::on_wire_ask(const std::string& bytes) {
  // Before the promise is made: that takes the sender away.
  Peer* peer = peer_of(current_sender());
  auto promise = make_response_promise<std::string>();
  const auto refuse = [&promise](const CommandId& command, Errc code, std::string detail) {
    promise.deliver(refusal_bytes(command, code, std::move(detail)));
    return promise;
  };
  if (peer == nullptr) return refuse({}, Errc::unavailable, "this node takes the asking one for down: a hello comes first");
  peer->heard_at = clock_->now_mono();
  auto envelope = decode_envelope(bytes);
  if (!envelope) {
    log_warn("link", "envelope_refused", "node={} {}", peer->node_id, envelope.error().detail);
    return refuse({}, envelope.error().code, envelope.error().detail);
  }
  const CommandId command = envelope->command;
  // Twice the window: whoever asks more does not keep to it.
  if (peer->inbound >= 2 * settings_.unanswered) return refuse(command, Errc::exhausted, "more unanswered messages than a node may have");
  if (command.is_command() && answer_from_memory(command, promise)) return promise;
  ++peer->inbound;
  const std::int64_t known = settings_.epoch_of && envelope->epoch != 0 ? settings_.epoch_of(envelope->shard) : 0;
  if (envelope->epoch < known) {
    settle(peer->node_id, command,
           refusal_bytes(command, Errc::conflict, "stale epoch " + std::to_string(envelope->epoch) + " of shard " + std::to_string(envelope->shard) + "; known here: " + std::to_string(known)),
           promise);
    return promise;
  }
  pass_to_receiver(peer->node_id, std::move(*envelope), promise);
  return promise;
}

/// False: nobody has asked for this before, and it is to be done.
bool LinkActor::answer_from_memory(const CommandId& command, WirePromise promise) {
  auto recall = memory_.begin(command);
  switch (recall.seen) {
    case AnswerMemory::Seen::fresh: return false;
    case AnswerMemory::Seen::answered: promise.deliver(std::move(recall.answer)); return true;
    case AnswerMemory::Seen::forgotten:
      promise.deliver(refusal_bytes(command, Errc::conflict, "a command too old to know whether it was done"));
      return true;
    case AnswerMemory::Seen::under_way: break;
  }
  auto& waiting = waiting_[command];
  if (waiting.size() < max_waiting_repetitions) waiting.push_back(promise);
  else promise.deliver(refusal_bytes(command, Errc::exhausted, "this command is being done and was repeated too often"));
  return true;
}

void LinkActor::pass_to_receiver(const std::string& from, Envelope envelope, WirePromise promise) {
  const CommandId command = envelope.command;
  const Duration timeout = settings_.answer_timeout > way_back * 2 ? settings_.answer_timeout - way_back : settings_.answer_timeout;
  ask(this, receiver_, timeout, msg::EnvelopeArrived{from, std::move(envelope)})
      .then([this, from, command, promise](const msg::EnvelopeAnswer& answer) { settle(from, command, answer_bytes(command, answer), promise); },
            [this, from, command, promise](const caf::error& error) {
              settle(from, command, refusal_bytes(command, Errc::unavailable, "no answer inside the node (" + caf::to_string(error) + "); whether it was done is not known"), promise);
            });
}

void LinkActor::settle(const std::string& from, const CommandId& command, std::string answer, WirePromise promise) {
  if (const auto peer = peers_.find(from); peer != peers_.end() && peer->second.inbound > 0) --peer->second.inbound;
  if (command.is_command()) {
    memory_.finish(command, answer);
    if (auto waiting = waiting_.extract(command)) {
      for (WirePromise& other : waiting.mapped()) other.deliver(answer);
    }
  }
  promise.deliver(std::move(answer));
}

}  // namespace dunlin
