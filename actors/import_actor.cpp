#include "actors/import_actor.hpp"

#include <algorithm>
#include <map>

#include "actors/gather.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

/// Rows read in one step: a few milliseconds of work, so that calls on the same pool do not wait.
constexpr std::size_t rows_per_step = 256;
constexpr std::size_t jobs_kept = 100;

CivilDate date_of(UtcTime time) { return civil_from_days(time.ms / 86'400'000); }

}  // namespace

ImportActor::ImportActor(caf::actor_config& config, const NodeContext* context, ImportId id, msg::StartImport command)
    : caf::event_based_actor(config), context_(context), command_(std::move(command)), started_at_(context->clock->now_mono()) {
  state_.id = id;
  state_.file = command_.request.file;
  state_.portfolio = command_.request.portfolio;
  state_.is_dry_run = command_.is_dry_run;
}

caf::behavior ImportActor::make_behavior() {
  auto opened = context_->imports_door->open(command_.request, date_of(context_->clock->now_utc()));
  if (opened) {
    source_ = std::move(*opened);
    record("import.started");
    tell(this, caf::actor_cast<caf::actor>(this), msg::ImportStep{});
  } else {
    fail(opened.error());
  }
  return {
      [this](const msg::ImportStep&) { step(); },
      [this](const msg::CancelImport&) {
        if (state_.state == msg::JobState::running) {
          state_.state = msg::JobState::cancelled;
          record("import.cancelled");
        }
        return msg::Answer{};
      },
      [this](const msg::GetImport&) { return view(); },
  };
}

void ImportActor::step() {
  if (state_.state != msg::JobState::running || is_read_) return;
  if (in_flight_ >= limits::import_rows_in_flight) return;  // The next answer goes on.
  auto rows = source_->next(rows_per_step);
  if (!rows) return fail(rows.error());
  if (rows->empty()) {
    is_read_ = true;
    return finish_when_idle();
  }
  if (command_.is_dry_run) count_only(*rows);
  else send_rows(std::move(*rows));
  tell(this, caf::actor_cast<caf::actor>(this), msg::ImportStep{});
}

/// The strongest key that is known names the person; a person nobody knows gets the id of the strongest key.
CaseId ImportActor::find_person(const CaseDraft& draft) const {
  for (const PersonKey& key : draft.keys) {
    const auto found = context_->archive->find({LookupKind::person_key, std::string(to_string(key.kind)) + "|" + key.value});
    if (found && !found->empty()) return found->front();
  }
  return context_->archive->case_id_for(draft.keys.front());
}

void ImportActor::count_only(const std::vector<ImportRow>& rows) {
  for (const ImportRow& row : rows) {
    const auto known = context_->archive->view(find_person(row.draft));
    if (known && *known) ++state_.updated;
    else ++state_.created;
  }
}

void ImportActor::send_rows(std::vector<ImportRow> rows) {
  std::map<ShardIndex, std::vector<std::pair<CaseId, ImportRow>>> batches;
  for (ImportRow& row : rows) {
    const CaseId id = find_person(row.draft);
    batches[shard_of(id)].emplace_back(id, std::move(row));
  }
  for (auto& [shard, batch] : batches) send_batch(shard, std::move(batch));
}

void ImportActor::send_batch(ShardIndex shard, std::vector<std::pair<CaseId, ImportRow>> rows) {
  const std::size_t count = rows.size();
  in_flight_ += count;
  ask(this, context_->shards[shard], limits::commit_timeout + seconds(20), msg::ImportRows{state_.id, command_.request.portfolio, std::move(rows)})
      .then([this, count](const msg::ImportRowsDone& result) { on_done(result, count); },
            [this, count](const caf::error& error) {
              log_error("import", "batch_unanswered", "import={} rows={} {}", state_.id.str(), count, caf::to_string(error));
              state_.refused += count;
              on_done({}, count);
            });
}

void ImportActor::on_done(const msg::ImportRowsDone& result, std::size_t rows) {
  in_flight_ -= rows;
  state_.created += result.created;
  state_.updated += result.updated;
  state_.unchanged += result.unchanged;
  state_.refused += result.refused.size();
  for (const auto& [line, reason] : result.refused) log_warn("import", "row_refused", "import={} line={} {}", state_.id.str(), line, reason);
  if (is_read_) finish_when_idle();
  else if (in_flight_ < limits::import_rows_in_flight) step();
}

void ImportActor::finish_when_idle() {
  if (in_flight_ > 0 || state_.state != msg::JobState::running) return;
  auto rejects = source_->finish();
  if (!rejects) return fail(rejects.error());
  state_.reject_file = *rejects;
  state_.progress = source_->progress();
  state_.elapsed_s = static_cast<double>((context_->clock->now_mono() - started_at_).ms) / 1000.0;
  state_.state = msg::JobState::done;
  log_info("import", "done", "import={} created={} updated={} unchanged={} rejected={} seconds={:.1f}", state_.id.str(), state_.created,
           state_.updated, state_.unchanged, state_.progress.rows_rejected, state_.elapsed_s);
  record("import.finished");
}

void ImportActor::fail(const Error& error) {
  state_.state = msg::JobState::failed;
  state_.error = error.detail;
  log_error("import", "failed", "import={} {}", state_.id.str(), error.detail);
  record("import.failed");
}

/// Counts only: the file's name and its rows are nobody else's business. A dry run changes nothing and is no fact.
void ImportActor::record(const char* fact_type) const {
  if (state_.is_dry_run) return;
  const auto count = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  context_->facts->record({fact_type, state_.id.str(), {},
                           {{"portfolio", state_.portfolio}, {"created", count(state_.created)}, {"updated", count(state_.updated)},
                            {"unchanged", count(state_.unchanged)}, {"refused", count(state_.refused)},
                            {"rejected", count(state_.progress.rows_rejected)}}});
}

msg::ImportView ImportActor::view() const {
  msg::ImportView v = state_;
  if (source_) v.progress = source_->progress();
  if (v.state == msg::JobState::running) v.elapsed_s = static_cast<double>((context_->clock->now_mono() - started_at_).ms) / 1000.0;
  if (v.elapsed_s > 0) v.rows_per_s = static_cast<double>(v.progress.rows_read) / v.elapsed_s;
  return v;
}

caf::behavior ImportDeskActor::make_behavior() {
  return {
      [this](const msg::StartImport& command) {
        const ImportId id = context_->ids->next_import();
        jobs_.emplace_back(id, spawn<ImportActor>(context_, id, command));
        if (jobs_.size() > jobs_kept) {
          send_exit(jobs_.front().second, caf::exit_reason::user_shutdown);
          jobs_.erase(jobs_.begin());
        }
        return msg::Answer{std::nullopt, id.str()};
      },
      [this](const msg::CancelImport& command) {
        auto promise = make_response_promise();
        const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& entry) { return entry.first == command.id; });
        if (job == jobs_.end()) promise.deliver(msg::Answer{Error{Errc::not_found, "no import " + command.id.str()}, {}});
        else promise.delegate(job->second, command);
        return promise;
      },
      [this](const msg::GetImport& query) { return on_get(query); },
  };
}

caf::typed_response_promise<msg::ImportsView> ImportDeskActor::on_get(const msg::GetImport& query) {
  auto promise = make_response_promise<msg::ImportsView>();
  auto gathering = std::make_shared<Gathering<msg::ImportsView>>(promise);
  for (const auto& [id, job] : jobs_) {
    if (!query.id || *query.id == id) gather_from(this, job, gathering, &msg::ImportsView::imports, query);
  }
  return promise;
}

}  // namespace dunlin
