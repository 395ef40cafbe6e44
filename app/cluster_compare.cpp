#include "app/cluster_compare.hpp"

#include <utility>

#include "config/clock.hpp"
#include "config/limits.hpp"

namespace dunlin {
namespace {

constexpr unsigned rounds_to_wait = 30;
constexpr Duration pause_of_round = milliseconds(100);
constexpr unsigned most_waits_in_vain = 3;

}  // namespace

caf::behavior digest_door(caf::event_based_actor*, const HistoryDigests* digests) {
  return {[digests](const msg::EnvelopeArrived& arrived) -> msg::EnvelopeAnswer {
    const auto question = decode_digest_ask(arrived.envelope.body);
    if (!question) return {question.error(), {}};
    if (arrived.envelope.shard >= shard_count) return {invalid_input("no such shard"), {}};
    const auto answer = digests->answer(arrived.envelope.shard, *question);
    if (!answer) return {answer.error(), {}};
    Envelope envelope;
    envelope.type = digest_answer_type;
    envelope.body = encode(*answer);
    return {std::nullopt, std::move(envelope)};
  }};
}

Result<DigestAnswer> CopyAsker::ask(const CopyPlace& place, ShardIndex shard, const DigestAsk& question) {
  if (place.node == own_node_) return digests_.answer(shard, question);
  if (const Error* silence = silent_.of(place.node)) return *silence;
  auto answer = ask_peer(place, shard, question);
  silent_.answered(place.node, answer ? std::nullopt : std::optional(answer.error()));
  return answer;
}

Result<DigestAnswer> CopyAsker::ask_peer(const CopyPlace& place, ShardIndex shard, const DigestAsk& question) {
  Envelope envelope;
  envelope.type = digest_ask_type;
  envelope.shard = shard;
  envelope.body = encode(question);
  Result<DigestAnswer> result = Error{Errc::unavailable, "node " + place.node + " does not answer"};
  self_->request(link_, to_chrono(limits::peer_answer_timeout + seconds(3)), msg::AskPeer{place.node, std::move(envelope)})
      .receive(
          [&result](const msg::PeerAnswered& answered) {
            result = answered.error ? Result<DigestAnswer>(*answered.error) : decode_digest_answer(answered.envelope.body);
          },
          [&](const caf::error& error) { result = Error{Errc::unavailable, "node " + place.node + " does not answer: " + caf::to_string(error)}; });
  return result;
}

bool CopyAsker::wait(unsigned round) {
  if (round == rounds_to_wait) ++waits_in_vain_;
  if (round >= rounds_to_wait || (round > 0 && waits_in_vain_ >= most_waits_in_vain)) return false;
  SystemClock::wait(pause_of_round);
  return true;
}

}  // namespace dunlin
