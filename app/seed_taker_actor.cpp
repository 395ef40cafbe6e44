#include "app/seed_taker_actor.hpp"

#include <utility>

#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr unsigned most_repeats = 3;
/// A whole copy is not thrown away for a journal that is silent for a while: a minute, with the usual pause.
constexpr unsigned most_silences = 60;
constexpr Duration taker_tick = milliseconds(250);

struct TakerTick {};
/// The throttle's pause is over, or a question is to be asked again.
struct AskSource { ShardIndex shard = 0; std::uint64_t number = 0; };
/// The journal did not answer at the end of a copy.
struct EndCopy { ShardIndex shard = 0; std::uint64_t number = 0; };

Error at_copy(ShardIndex shard, const std::string& node, const Error& why) {
  return {why.code, "shard " + std::to_string(shard) + " from " + node + ": " + why.detail};
}

/// Whose fault is it: of the own disk, or of what came?
bool is_own_disk(const Error& error) { return error.code == Errc::exhausted || error.code == Errc::unavailable; }

}  // namespace
}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::TakerTick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::AskSource)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::EndCopy)

namespace dunlin {

SeedTakerActor::SeedTakerActor(caf::actor_config& config, SeedTakerParts parts)
    : caf::event_based_actor(config), parts_(std::move(parts)), plan_(parts_.rules), throttle_(parts_.bytes_per_second) {}

caf::behavior SeedTakerActor::make_behavior() {
  tell_after(this, taker_tick, caf::actor_cast<caf::actor>(this), TakerTick{});
  return {[this](const msg::SeedShard& wanted) {
            plan_.want(wanted.shard);
            on_tick();
          },
          [this](const TakerTick&) {
            tell_after(this, taker_tick, caf::actor_cast<caf::actor>(this), TakerTick{});
            on_tick();
          },
          [this](const AskSource& again) {
            if (copy_of(again.shard, again.number) != nullptr) ask_source(again.shard, SeedStep::next);
          },
          [this](const EndCopy& again) {
            Copy* copy = copy_of(again.shard, again.number);
            if (copy == nullptr) return;
            is_own_fault_ = false;
            if (const auto ended = end(again.shard, *copy); !ended) fail(again.shard, ended.error());
            else tell_progress();
          }};
}

void SeedTakerActor::on_tick() {
  for (const auto shard : plan_.due(parts_.clock->now_mono())) start(shard);
  tell_progress();
}

/// The store may have been brought on meanwhile, by the journal or by an earlier copy. Errors: the journal does not answer.
Result<bool> SeedTakerActor::is_needed(ShardIndex shard) const {
  const auto here = parts_.copies->position(shard);
  if (!here) return true;
  const auto joins = parts_.joins_journal(shard, *here);
  if (!joins && joins.error().code == Errc::unavailable) return joins.error();
  return !joins;
}

/// Nobody, with the reason noted, while nothing can be copied. A shard that this store is not to have is no trouble: it waits
/// in case it is listed again.
std::vector<SeedSource> SeedTakerActor::sources_for(ShardIndex shard) {
  auto sources = parts_.sources(shard);
  if (!sources) {
    note(shard, "shard " + std::to_string(shard) + ": " + sources.error().detail);
    return {};
  }
  if (!sources->is_listed) troubles_.erase(shard);
  else if (sources->nodes.empty()) note(shard, "shard " + std::to_string(shard) + ": no other node that sits has a whole copy");
  return std::move(sources->nodes);
}

void SeedTakerActor::start(ShardIndex shard) {
  const auto needed = is_needed(shard);
  if (needed && !*needed) {
    plan_.finish(shard);
    troubles_.erase(shard);
    return parts_.on_seeded(shard);
  }
  if (!needed) note(shard, "shard " + std::to_string(shard) + ": " + needed.error().detail);
  const auto node = plan_.begin(shard, needed ? sources_for(shard) : std::vector<SeedSource>(), parts_.clock->now_mono());
  if (!node) return;
  Copy copy;
  copy.node_id = *node;
  copy.number = ++tries_;
  copies_[shard] = std::move(copy);
  ask_source(shard, SeedStep::open);
}

void SeedTakerActor::ask_source(ShardIndex shard, SeedStep step) {
  Copy& copy = copies_.at(shard);
  // A session that was not opened yet has nothing to be asked for.
  const SeedAsk question{step == SeedStep::next && !copy.writer ? SeedStep::open : step, copy.session, copy.piece + 1};
  Envelope envelope;
  envelope.type = seed_ask_type;
  envelope.shard = shard;
  envelope.body = encode(question);
  ask(this, parts_.link, limits::peer_answer_timeout + seconds(3), msg::AskPeer{copy.node_id, std::move(envelope)})
      .then([this, shard, number = copy.number](const msg::PeerAnswered& answered) { on_answered(shard, number, answered); },
            [this, shard, number = copy.number](const caf::error& error) {
              on_answered(shard, number, {Error{Errc::unavailable, "the link does not answer (" + caf::to_string(error) + ")"}, {}});
            });
}

SeedTakerActor::Copy* SeedTakerActor::copy_of(ShardIndex shard, std::uint64_t number) {
  const auto found = copies_.find(shard);
  return found == copies_.end() || found->second.number != number ? nullptr : &found->second;
}

void SeedTakerActor::on_answered(ShardIndex shard, std::uint64_t number, const msg::PeerAnswered& answered) {
  Copy* copy = copy_of(shard, number);
  if (copy == nullptr) return;
  is_own_fault_ = false;
  if (answered.error) return ask_again(shard, *copy, *answered.error);
  const auto answer = decode_seed_answer(answered.envelope.body);
  if (!answer) return fail(shard, answer.error());
  copy->repeats = 0;
  const auto taken = copy->writer ? take(shard, *copy, *answer) : open(shard, *copy, *answer);
  if (!taken) return fail(shard, taken.error());
  if (copies_.count(shard) == 0 || copy->digest) return tell_progress();
  const auto pause = throttle_.pause_after(answer->piece.size(), parts_.clock->now_mono());
  if (pause.ms < 1) ask_source(shard, SeedStep::next);
  else tell_after(this, pause, caf::actor_cast<caf::actor>(this), AskSource{shard, number});
}

/// A lost answer is asked for again, the same piece; any other refusal ends the copy.
void SeedTakerActor::ask_again(ShardIndex shard, Copy& copy, const Error& why) {
  const bool is_lost = why.code == Errc::unavailable && ++copy.repeats <= most_repeats;
  if (!is_lost) return fail(shard, why);
  tell_after(this, parts_.repeat_pause, caf::actor_cast<caf::actor>(this), AskSource{shard, copy.number});
}

Status SeedTakerActor::open(ShardIndex shard, Copy& copy, const SeedAnswer& answer) {
  copy.session = answer.session;
  copy.position = answer.position;
  auto writer = parts_.copies->write(shard, answer.position);
  if (!writer) {
    is_own_fault_ = is_own_disk(writer.error());
    return writer.error();
  }
  copy.writer = std::move(*writer);
  troubles_.erase(shard);
  log_info("cluster", "seed_begun", "shard={} from={} batch={}", shard, copy.node_id, copy.position.sequence);
  return Done{};
}

Status SeedTakerActor::take(ShardIndex shard, Copy& copy, const SeedAnswer& answer) {
  if (answer.session != copy.session || answer.number != copy.piece + 1 || answer.position != copy.position) {
    return Error{Errc::corrupt, "the source sent another piece than was asked for"};
  }
  progress_.bytes += answer.piece.size();
  copy.piece = answer.number;
  const auto taken = copy.writer->take(answer.piece);
  if (!taken) {
    is_own_fault_ = is_own_disk(taken.error());
    return taken;
  }
  if (!answer.is_last) return taken;
  copy.digest = answer.digest;
  return end(shard, copy);
}

/// The journal is asked before anything is put in place: what it has trimmed meanwhile would be missing behind the copy.
/// A journal that does not answer is asked again while the whole copy waits.
Status SeedTakerActor::end(ShardIndex shard, Copy& copy) {
  const auto joins = parts_.joins_journal(shard, copy.position);
  const bool is_silent = !joins && joins.error().code == Errc::unavailable;
  if (is_silent && ++copy.silences <= most_silences) {
    note(shard, at_copy(shard, copy.node_id, joins.error()).detail);
    tell_after(this, parts_.repeat_pause, caf::actor_cast<caf::actor>(this), EndCopy{shard, copy.number});
    return Done{};
  }
  if (!joins) {
    is_own_fault_ = is_silent;
    return joins;
  }
  const auto finished = copy.writer->finish(*copy.digest);
  if (!finished) {
    is_own_fault_ = is_own_disk(finished.error());
    return finished;
  }
  log_info("cluster", "seeded", "shard={} from={} batch={} bytes={}", shard, copy.node_id, copy.position.sequence, copy.writer->bytes());
  ask_source(shard, SeedStep::close);
  copies_.erase(shard);
  plan_.finish(shard);
  troubles_.erase(shard);
  ++progress_.seeded;
  parts_.on_seeded(shard);
  return Done{};
}

void SeedTakerActor::fail(ShardIndex shard, const Error& why) {
  const auto told = at_copy(shard, copies_.at(shard).node_id, why);
  if (copies_.at(shard).writer) ask_source(shard, SeedStep::close);
  copies_.erase(shard);
  ++progress_.failures;
  plan_.fail(shard, is_own_fault_ ? SeedFault::own : SeedFault::source, parts_.clock->now_mono());
  note(shard, told.detail);
  tell_progress();
}

void SeedTakerActor::note(ShardIndex shard, const std::string& trouble) {
  auto& known = troubles_[shard];
  if (trouble != known) log_warn("cluster", "seed_failed", "{}", trouble);
  known = trouble;
  last_trouble_ = shard;
}

void SeedTakerActor::tell_progress() {
  progress_.copying = plan_.copying();
  progress_.waiting = plan_.waiting();
  const auto last = troubles_.find(last_trouble_);
  const auto told = last != troubles_.end() ? last : troubles_.begin();
  progress_.trouble = told == troubles_.end() ? std::string() : told->second;
  parts_.on_progress(progress_);
}

}  // namespace dunlin
