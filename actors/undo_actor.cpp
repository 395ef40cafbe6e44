#include "actors/undo_actor.hpp"

#include <algorithm>

#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

constexpr std::size_t cases_in_flight = 64;
constexpr std::size_t kept_listed = 1000;

bool has_trace(const CaseRecord& record, ImportId id) {
  return std::any_of(record.imports.begin(), record.imports.end(), [id](const ImportTrace& trace) { return trace.import == id; });
}

}  // namespace

UndoActor::UndoActor(caf::actor_config& config, const NodeContext* context, caf::actor desk, ImportId id, msg::UndoView state)
    : caf::event_based_actor(config), context_(context), desk_(std::move(desk)), id_(id), state_(std::move(state)) {}

caf::behavior UndoActor::make_behavior() {
  tell(this, caf::actor_cast<caf::actor>(this), msg::UndoStep{});
  return {[this](const msg::UndoStep&) { next_shard(); }};
}

void UndoActor::next_shard() {
  state_.share_done = static_cast<double>(shard_) / static_cast<double>(shard_count);
  if (shard_ == shard_count) {
    state_.state = msg::UndoView::State::done;
    log_info("import", "undone", "import={} cases={} kept={} failed={}", id_.str(), state_.undone, state_.kept, state_.failed);
    tell(this, desk_, msg::UndoProgressed{id_, state_});
    return quit();
  }
  tell(this, desk_, msg::UndoProgressed{id_, state_});
  const Status walked = context_->archive->each_view(shard_, [this](CaseId id, const std::string& bytes) {
    const auto record = decode_view(bytes);
    if (record && has_trace(*record, id_)) waiting_.push_back(id);
    return true;
  });
  if (!walked) {
    ++state_.failed;
    log_error("import", "undo_unreadable", "import={} shard={} {}", id_.str(), shard_, walked.error().detail);
  }
  ask_next();
}

void UndoActor::ask_next() {
  while (open_ < cases_in_flight && !waiting_.empty()) {
    ++open_;
    const CaseId id = waiting_.back();
    waiting_.pop_back();
    ask(this, context_->shards[shard_], limits::commit_timeout, msg::UndoImportOfCase{id_, id, state_.author})
        .then([this, id](const msg::ImportOfCaseUndone& answer) { on_answer(id, answer); },
              [this, id](const caf::error& error) { on_answer(id, {false, {}, Error{Errc::unavailable, caf::to_string(error)}}); });
  }
  if (open_ > 0) return;
  ++shard_;
  tell(this, caf::actor_cast<caf::actor>(this), msg::UndoStep{});
}

void UndoActor::on_answer(CaseId id, const msg::ImportOfCaseUndone& answer) {
  --open_;
  if (answer.error) {
    ++state_.failed;
    log_warn("import", "undo_failed", "import={} case={} {}", id_.str(), id.str(), answer.error->detail);
  } else if (!answer.kept_because.empty()) {
    ++state_.kept;
    if (state_.kept_cases.size() < kept_listed) state_.kept_cases.emplace_back(id, answer.kept_because);
  } else if (answer.is_undone) {
    ++state_.undone;
  }
  ask_next();
}

}  // namespace dunlin
