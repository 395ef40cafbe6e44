#include "app/seed_source_actor.hpp"

#include <algorithm>
#include <utility>

#include "config/log.hpp"
#include "core/cluster/digest_message.hpp"

namespace dunlin {
namespace {

struct ForgetIdleSeeds {};

Error unknown_session(std::uint64_t session) {
  return {Errc::not_found, "session " + std::to_string(session) + " is not known here: the copy must begin anew"};
}

}  // namespace
}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::ForgetIdleSeeds)

namespace dunlin {

SeedSourceActor::SeedSourceActor(caf::actor_config& config, const Clock* clock, const ShardCopies* copies, std::uint64_t first_session)
    : caf::event_based_actor(config), clock_(clock), copies_(copies), last_session_(first_session) {}

caf::behavior SeedSourceActor::make_behavior() {
  tell_after(this, seed_session_idle, caf::actor_cast<caf::actor>(this), ForgetIdleSeeds{});
  return {[this](const msg::EnvelopeArrived& arrived) { return on_arrived(arrived); },
          [this](const ForgetIdleSeeds&) {
            forget_idle();
            tell_after(this, seed_session_idle, caf::actor_cast<caf::actor>(this), ForgetIdleSeeds{});
          }};
}

msg::EnvelopeAnswer SeedSourceActor::on_arrived(const msg::EnvelopeArrived& arrived) {
  const auto ask = decode_seed_ask(arrived.envelope.body);
  if (!ask) return {ask.error(), {}};
  Result<SeedAnswer> said = SeedAnswer{};
  switch (ask->step) {
    case SeedStep::open:
      said = open(arrived.from, arrived.envelope.shard);
      break;
    case SeedStep::next:
      said = next(*ask, arrived.from, arrived.envelope.shard);
      break;
    case SeedStep::close:
      sessions_.erase(ask->session);
      break;
  }
  if (!said) return {said.error(), {}};
  Envelope envelope;
  envelope.type = seed_answer_type;
  envelope.body = encode(*said);
  return {std::nullopt, std::move(envelope)};
}

/// A node that opens a shard again has given its former session up.
Result<SeedAnswer> SeedSourceActor::open(const std::string& node_id, ShardIndex shard) {
  forget_idle();
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    at = at->second.node_id == node_id && at->second.shard == shard ? sessions_.erase(at) : std::next(at);
  }
  if (sessions_.size() >= seed_sessions) return Error{Errc::exhausted, "as many shards as may be are copied from this node already"};
  auto reader = copies_->read(shard);
  if (!reader) return reader.error();
  const auto number = ++last_session_;
  SeedAnswer opened;
  opened.session = number;
  opened.position = (*reader)->position();
  sessions_.emplace(number, Session{node_id, shard, std::move(*reader), opened, clock_->now_mono()});
  log_info("cluster", "seed_given", "shard={} to={} batch={}", shard, node_id, opened.position.sequence);
  return opened;
}

Result<SeedAnswer> SeedSourceActor::next(const SeedAsk& ask, const std::string& node_id, ShardIndex shard) {
  const auto found = sessions_.find(ask.session);
  if (found == sessions_.end() || found->second.node_id != node_id || found->second.shard != shard) return unknown_session(ask.session);
  Session& session = found->second;
  session.used_at = clock_->now_mono();
  if (ask.number == session.last.number && ask.number != 0) return session.last;
  if (ask.number != session.last.number + 1 || session.last.is_last) return Error{Errc::conflict, "piece " + std::to_string(ask.number) + " is not the next one"};
  auto piece = session.reader->next(seed_piece_bytes);
  if (!piece) return piece.error();
  session.last.number = ask.number;
  session.last.is_last = piece->is_last;
  session.last.digest = piece->digest;
  session.last.piece = std::move(piece->bytes);
  return session.last;
}

void SeedSourceActor::forget_idle() {
  const auto now = clock_->now_mono();
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    at = now - at->second.used_at > seed_session_idle ? sessions_.erase(at) : std::next(at);
  }
}

caf::behavior node_door(caf::event_based_actor* self, const NodeDoors& doors) {
  return {[self, doors](const msg::EnvelopeArrived& arrived) {
    auto promise = self->make_response_promise();
    const auto type = arrived.envelope.type;
    promise.delegate(type == seed_ask_type ? doors.seeds : type == digest_ask_type ? doors.digests : doors.region, arrived);
    return promise;
  }};
}

}  // namespace dunlin
