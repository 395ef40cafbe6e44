// Rows of an import inside one shard. A sleeping case is folded here: read, decided, committed, and left asleep; commands
// that come for it meanwhile are held. A case that is awake decides by its own actor.
#include <atomic>

#include "actors/case_actor.hpp"
#include "actors/shard_actor.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {

struct ShardActor::Fold {
  Fold(CaseId of, CaseRecord record) : id(of), machine(std::move(record)) {}
  CaseId id;
  CaseMachine machine;
  std::vector<CommitRequest> commits;        ///< One for each row that changes something, in order.
  std::vector<std::uint64_t> lines;          ///< Of the rows behind the commits.
  std::size_t first_answer = 0;              ///< Of its commits, in the batch's `answers`.
  bool is_new = false;
};

/// What the journal's thread writes, apart from the batch: the folded cases die on the shard's own thread.
struct FoldAnswers {
  std::atomic<std::size_t> open{0};
  std::vector<std::optional<Error>> errors;  ///< Each written by one completion.
  caf::actor shard;
  std::uint64_t batch = 0;

  void take(std::size_t index, const Result<CommitReceipt>& receipt) {
    if (!receipt) errors[index] = receipt.error();
    if (open.fetch_sub(1) == 1) post(shard, msg::RowsFolded{batch});
  }
};

struct ShardActor::ImportBatch {
  ImportId import;
  std::string source;
  msg::ImportRowsDone done;
  std::size_t open = 1;                      ///< Rows with actors or other shards, the folds together, and the start.
  std::deque<Fold> folds;                    ///< A deque: `by_case` points into it.
  std::unordered_map<CaseId, Fold*> by_case;
  std::shared_ptr<FoldAnswers> answers;
  caf::typed_response_promise<msg::ImportRowsDone> promise;

  void close_one() {
    if (--open == 0) promise.deliver(std::move(done));
  }
  void refuse(std::uint64_t line, Error error) { done.refused.push_back({line, std::move(error)}); }
};

caf::typed_response_promise<msg::ImportRowsDone> ShardActor::import_rows(msg::ImportRows& command) {
  auto batch = std::make_shared<ImportBatch>();
  batch->import = command.import;
  batch->source = command.source;
  batch->promise = make_response_promise<msg::ImportRowsDone>();
  for (auto& [id, row] : command.rows) {
    const auto folding = batch->by_case.find(id);
    if (folding != batch->by_case.end()) {
      if (!fold_row(*batch, *folding->second, row)) pass_row_on(batch, folding->second->machine.record().alias_of, std::move(row));
      continue;
    }
    const auto awake = awake_.find(id);
    if (awake != awake_.end()) {
      give_row_to_actor(batch, awake->second, id, std::move(row));
      continue;
    }
    auto record = stored_record(id);
    if (!record) {
      batch->refuse(row.line, record.error());
      continue;
    }
    Fold& fold = batch->folds.emplace_back(id, std::move(*record));
    fold.is_new = !fold.machine.record().is_opened();
    batch->by_case.emplace(id, &fold);
    if (!fold_row(*batch, fold, row)) pass_row_on(batch, fold.machine.record().alias_of, std::move(row));
  }
  const auto promise = batch->promise;
  commit_folds(batch);
  batch->close_one();
  return promise;
}

/// Takes the row. False: the case was merged, the row belongs to its survivor and is left as it was.
bool ShardActor::fold_row(ImportBatch& batch, Fold& fold, ImportRow& row) {
  if (fold.machine.record().alias_of.is_set()) return false;
  const std::uint64_t line = row.line;
  auto effects = fold.machine.on_import(context_->clock->now_utc(), fold.id,
                                        RowImported{batch.import, line, batch.source, std::nullopt, std::move(row.draft)}, *book_);
  if (!effects) {
    batch.refuse(line, effects.error());
    return true;
  }
  if (!effects->has_events()) {
    ++batch.done.unchanged;
    return true;
  }
  fold.commits.push_back(make_commit(*effects));
  fold.lines.push_back(line);
  // The commits of one case are queued in order and each names the version before it, so none can overtake another.
  fold.machine.begin(std::move(*effects));
  fold.machine.finish();
  return true;
}

void ShardActor::commit_folds(const std::shared_ptr<ImportBatch>& batch) {
  std::size_t count = 0;
  for (const Fold& fold : batch->folds) count += fold.commits.size();
  if (count == 0) return;
  const std::uint64_t number = next_batch_++;
  batches_.emplace(number, batch);
  ++batch->open;
  const auto answers = std::make_shared<FoldAnswers>();
  answers->open = count;
  answers->errors.resize(count);
  answers->shard = caf::actor_cast<caf::actor>(this);
  answers->batch = number;
  batch->answers = answers;
  std::size_t next = 0;
  const MonoTime now = context_->clock->now_mono();
  for (Fold& fold : batch->folds) {
    if (fold.commits.empty()) continue;
    AwakeCase& entry = awake_[fold.id];  // Commands for the case wait until its commits have ended.
    entry.used_at = now;
    entry.is_falling_asleep = true;
    fold.first_answer = next;
    for (CommitRequest& commit : fold.commits) {
      context_->journal->commit(std::move(commit), [answers, index = next++](const Result<CommitReceipt>& receipt) { answers->take(index, receipt); });
    }
  }
}

void ShardActor::on_rows_folded(const msg::RowsFolded& news) {
  const auto found = batches_.find(news.batch);
  if (found == batches_.end()) return;
  const auto batch = std::move(found->second);
  batches_.erase(found);
  for (Fold& fold : batch->folds) {
    if (!fold.commits.empty()) finish_fold(*batch, fold);
  }
  batch->close_one();
}

void ShardActor::finish_fold(ImportBatch& batch, Fold& fold) {
  bool is_whole = true;
  for (std::size_t i = 0; i < fold.lines.size(); ++i) {
    if (const auto& error = batch.answers->errors[fold.first_answer + i]) {
      is_whole = false;
      batch.refuse(fold.lines[i], *error);
    } else if (fold.is_new && i == 0) {
      ++batch.done.created;
    } else {
      ++batch.done.updated;
    }
  }
  // After a refused commit the record in memory is ahead of the disk: the next command reads the disk.
  if (!is_whole) return on_lost(fold.id);
  on_due_changed({fold.id, fold.machine.record().due});
  batch.done.line_quiet_at = std::max(batch.done.line_quiet_at, line_quiet_at(fold.machine.record()));
  on_fell_asleep(fold.id, true);
}

void ShardActor::give_row_to_actor(const std::shared_ptr<ImportBatch>& batch, AwakeCase& entry, CaseId id, ImportRow row) {
  ++batch->open;
  const std::uint64_t line = row.line;
  const msg::ImportOne one{batch->import, batch->source, id, line, std::move(row.draft)};
  const Delivery deliver = [this, one, batch](const caf::actor& actor) {
    ask(this, actor, limits::commit_timeout, one)
        .then(
            [this, batch, one](const msg::ImportOneDone& result) {
              if (result.alias_of.is_set()) pass_row_on(batch, result.alias_of, {one.line, one.draft, 0, {}});
              else on_row_done(batch, one.line, result);
              batch->close_one();
            },
            [batch, line = one.line](const caf::error&) {
              batch->refuse(line, {Errc::unavailable, "the case did not answer"});
              batch->close_one();
            });
  };
  if (entry.is_falling_asleep) entry.held.push_back(deliver);
  else deliver(entry.actor);
  entry.used_at = context_->clock->now_mono();
}

void ShardActor::on_row_done(const std::shared_ptr<ImportBatch>& batch, std::uint64_t line, const msg::ImportOneDone& result) {
  if (result.error) batch->refuse(line, *result.error);
  else if (result.is_created) ++batch->done.created;
  else if (result.is_changed) ++batch->done.updated;
  else ++batch->done.unchanged;
  batch->done.line_quiet_at = std::max(batch->done.line_quiet_at, result.line_quiet_at);
}

/// The case was merged between the look-up and now: the survivor's shard takes the row.
void ShardActor::pass_row_on(const std::shared_ptr<ImportBatch>& batch, CaseId to, ImportRow row) {
  ++batch->open;
  const std::uint64_t line = row.line;
  msg::ImportRows command{batch->import, batch->source, {}};
  command.rows.emplace_back(to, std::move(row));
  ask(this, context_->shard_for(to), limits::commit_timeout + seconds(5), std::move(command))
      .then(
          [batch](const msg::ImportRowsDone& result) {
            batch->done.created += result.created;
            batch->done.updated += result.updated;
            batch->done.unchanged += result.unchanged;
            batch->done.line_quiet_at = std::max(batch->done.line_quiet_at, result.line_quiet_at);
            for (const msg::RefusedRow& refused : result.refused) batch->done.refused.push_back(refused);
            batch->close_one();
          },
          [batch, line](const caf::error&) {
            batch->refuse(line, {Errc::unavailable, "the merged case did not answer"});
            batch->close_one();
          });
}

msg::CasesJudged ShardActor::on_judge_cases(const msg::JudgeCases& query) const {
  msg::CasesJudged judged;
  const CensusQuestion question{context_->clock->now_utc(), context_->clock->is_shifted()};
  for (const CaseId id : query.ids) {
    const auto record = stored_record(id);
    if (record) count_case(judged.census, *record, *context_->gate, question);
    else log_error("shard", "case_unreadable", "case={} {}", id.str(), record.error().detail);
  }
  return judged;
}

}  // namespace dunlin
