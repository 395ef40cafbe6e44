#include "actors/merge_desk_actor.hpp"

#include <algorithm>

#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

constexpr const char* merge_kind = "case_merge";
constexpr Duration retry_pause = seconds(2);
constexpr int longest_alias_chain = 32;
constexpr std::size_t max_waiting = 100'000;

}  // namespace

caf::behavior MergeDeskActor::make_behavior() {
  load();
  return {
      [this](const msg::MergeCases& command) { return on_merge(command); },
      [this](const msg::MergeNoted& news) {
        for (Merge& merge : waiting_) merge.is_noted = merge.is_noted || merge.absorbed == news.absorbed;
        run_next();
      },
      [this](const msg::MergeTick&) { run_next(); },
  };
}

/// Merges of a former life, one of which may be half done: they come before any new one.
void MergeDeskActor::load() {
  const auto stored = context_->documents->list(merge_kind);
  if (!stored) return log_error("merges", "unreadable", "{}", stored.error().detail);
  for (const auto& [absorbed, survivor] : *stored) {
    const auto from = CaseId::parse(absorbed);
    const auto into = CaseId::parse(survivor);
    if (from && into) waiting_.push_back({*into, *from, {}, true, false, {}});
    else log_error("merges", "damaged", "id={}", absorbed);
  }
  tell(this, caf::actor_cast<caf::actor>(this), msg::MergeTick{});
}

MergeDeskActor::Promise MergeDeskActor::on_merge(const msg::MergeCases& command) {
  auto promise = make_response_promise<msg::MergeAnswered>();
  if (waiting_.size() >= max_waiting) {
    promise.deliver(msg::MergeAnswered{false, Error{Errc::exhausted, "too many merges wait"}});
    return promise;
  }
  waiting_.push_back({command.survivor, command.absorbed, promise, false, false, {}});
  context_->documents->put(merge_kind, command.absorbed.str(), command.survivor.str(),
                           [self = caf::actor_cast<caf::actor>(this), absorbed = command.absorbed](Status saved) {
                             if (saved) post(self, msg::MergeNoted{absorbed});
                             else log_error("merges", "not_noted", "absorbed={} {}", absorbed.str(), saved.error().detail);
                           });
  return promise;
}

Result<CaseRecord> MergeDeskActor::stored(CaseId id) const {
  const auto view = context_->archive->view(id);
  if (!view) return view.error();
  if (!*view) return Error{Errc::not_found, "no case " + id.str()};
  return decode_view(**view);
}

/// `missing` becomes the case when it has to be asked for first.
Result<CaseRecord> MergeDeskActor::record_of(CaseId id, const Records& known, CaseId& missing) const {
  if (context_->region == nullptr) return stored(id);
  const auto told = known.find(id);
  if (told == known.end()) {
    missing = id;
    return Error{Errc::unavailable, "nobody was asked for " + id.str()};
  }
  if (!told->second.is_opened()) return Error{Errc::not_found, "no case " + id.str()};
  return told->second;
}

Result<CaseRecord> MergeDeskActor::root_of(CaseRecord record, const Records& known, CaseId& missing) const {
  for (int step = 0; step < longest_alias_chain; ++step) {
    if (!record.alias_of.is_set()) return record;
    auto next = record_of(record.alias_of, known, missing);
    if (!next) return next;
    record = std::move(*next);
  }
  return Error{Errc::corrupt, "aliases of " + record.id.str() + " go in a circle"};
}

/// A crash may have left either case closed while its survivor has not yet taken the facts: that comes first.
Result<MergeDeskActor::Standing> MergeDeskActor::standing_of(const Merge& merge, const Records& known_cases, CaseId& missing) const {
  Standing standing;
  std::vector<CaseId> roots;
  for (const CaseId id : {merge.survivor, merge.absorbed}) {
    const auto record = record_of(id, known_cases, missing);
    if (!record) return record.error();
    const auto root = root_of(*record, known_cases, missing);
    if (!root) return root.error();
    const auto& known = root->absorbed;
    const bool is_missing = root->id != id && std::find(known.begin(), known.end(), id) == known.end();
    if (is_missing) standing.unfinished = msg::AbsorbCase{root->id, id, record->alias_of};
    roots.push_back(root->id);
  }
  standing.survivor = roots.front();
  standing.absorbed = roots.back();
  return standing;
}

void MergeDeskActor::run_next() {
  const MonoTime now = context_->clock->now_mono();
  const auto next = std::find_if(waiting_.begin(), waiting_.end(), [now](const Merge& merge) { return merge.is_noted && merge.not_before <= now; });
  if (is_busy_ || next == waiting_.end()) return;
  Merge merge = std::move(*next);
  waiting_.erase(next);
  start(std::move(merge));
}

/// On a node of its own this reads the disk and goes on at once.
void MergeDeskActor::look(Merge merge, std::shared_ptr<Records> known, Looked then) {
  CaseId missing;
  const auto standing = standing_of(merge, *known, missing);
  if (missing.is_set()) return ask_owner(std::move(merge), std::move(known), missing, std::move(then));
  then(std::move(merge), standing);
}

/// A copy on this node may be behind, or there is none: the shard's owner knows.
void MergeDeskActor::ask_owner(Merge merge, std::shared_ptr<Records> known, CaseId id, Looked then) {
  ask(this, context_->shard_for(id), limits::peer_answer_timeout + limits::request_timeout, msg::GetCase{id})
      .then(
          [this, merge, known, id, then](const msg::CaseView& view) {
            known->insert_or_assign(id, view.record ? *view.record : CaseRecord{});
            look(merge, known, then);
          },
          [merge, then](const caf::error& error) { then(merge, Error{Errc::unavailable, caf::to_string(error)}); });
}

void MergeDeskActor::start(Merge merge) {
  is_busy_ = true;
  look(std::move(merge), std::make_shared<Records>(), [this](Merge looked, const Result<Standing>& standing) { on_standing(std::move(looked), standing); });
}

void MergeDeskActor::on_standing(Merge merge, const Result<Standing>& standing) {
  if (!standing && standing.error().code == Errc::unavailable) return put_off(std::move(merge), standing.error());
  if (!standing) return end(merge, standing.error());
  if (!standing->unfinished && standing->survivor == standing->absorbed) return end(merge, std::nullopt);
  msg::AbsorbCase command{standing->survivor, standing->absorbed, standing->survivor};
  // A case in a call cannot be closed; its call goes on when it is the one that survives.
  if (merge.is_swapped) command = {standing->absorbed, standing->survivor, standing->absorbed};
  if (standing->unfinished) command = *standing->unfinished;
  ask(this, context_->shard_for(command.case_id), limits::commit_timeout + limits::request_timeout, command)
      .then([this, merge](const msg::Answer& answer) { on_answer(merge, answer); },
            [this, merge](const caf::error& error) { on_answer(merge, {Error{Errc::unavailable, caf::to_string(error)}, {}}); });
}

void MergeDeskActor::on_answer(Merge merge, const msg::Answer& answer) {
  // Once more: after the half that a crash had left, the merge itself may still be to do.
  if (!answer.error) return start(std::move(merge));
  if (answer.error->code == Errc::conflict && !merge.is_swapped) {
    merge.is_swapped = true;
    return start(std::move(merge));
  }
  look(std::move(merge), std::make_shared<Records>(),
       [this, why = *answer.error](Merge looked, const Result<Standing>& standing) { on_refused(std::move(looked), why, standing); });
}

void MergeDeskActor::on_refused(Merge merge, const Error& why, const Result<Standing>& standing) {
  const bool is_whole = standing && !standing->unfinished;
  const bool is_hopeless = why.code == Errc::exhausted || why.code == Errc::not_found || why.code == Errc::denied;
  if (is_whole && is_hopeless) return end(merge, why);
  put_off(std::move(merge), why);
}

/// Done, or never possible: the note is taken away.
void MergeDeskActor::end(Merge& merge, std::optional<Error> error) {
  if (error) log_error("merges", "impossible", "survivor={} absorbed={} {}", merge.survivor.str(), merge.absorbed.str(), error->detail);
  else log_info("merges", "done", "survivor={} absorbed={}", merge.survivor.str(), merge.absorbed.str());
  context_->documents->put(merge_kind, merge.absorbed.str(), std::nullopt, [](Status) {});
  if (merge.promise.pending()) merge.promise.deliver(msg::MergeAnswered{!error.has_value(), error});
  is_busy_ = false;
  run_next();
}

void MergeDeskActor::put_off(Merge merge, const Error& why) {
  log_info("merges", "waits", "survivor={} absorbed={} {}", merge.survivor.str(), merge.absorbed.str(), why.detail);
  if (merge.promise.pending()) merge.promise.deliver(msg::MergeAnswered{false, why});
  merge.is_swapped = false;
  merge.not_before = context_->clock->now_mono() + retry_pause;
  waiting_.push_back(std::move(merge));
  tell_after(this, retry_pause + milliseconds(10), caf::actor_cast<caf::actor>(this), msg::MergeTick{});
  is_busy_ = false;
  run_next();
}

}  // namespace dunlin
