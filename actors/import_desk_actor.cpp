#include "actors/import_desk_actor.hpp"

#include <algorithm>

#include "actors/gather.hpp"
#include "actors/import_actor.hpp"
#include "actors/import_codec.hpp"
#include "actors/undo_actor.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr const char* import_kind = "import";
constexpr std::size_t jobs_kept = 1000;
/// Shorter than the wait of whoever asked the desk.
constexpr Duration answer_wait = seconds(2);

/// Rows that are taken back, or never went in, leave nothing to look at. An item does not say which case its row went to, so
/// where a case stayed the doubts about rows that went in stay as well.
void drop_reviews(msg::ImportView& view) {
  const bool is_whole = view.undo.kept == 0 && view.undo.failed == 0;
  const auto is_over = [is_whole](const ImportReview& item) { return is_whole || !item.is_taken; };
  view.reviews.erase(std::remove_if(view.reviews.begin(), view.reviews.end(), is_over), view.reviews.end());
  view.review_count = view.reviews.size();
}

Error unknown_import(ImportId id) { return {Errc::not_found, "no import " + id.str()}; }

}  // namespace

caf::behavior ImportDeskActor::make_behavior() {
  load();
  return {
      [this](const msg::StartImport& command) { return on_start(command); },
      [this](const msg::ImportFinished& news) {
        Job* job = find(news.view.id);
        if (job == nullptr) return;
        job->view = news.view;
        job->actor = nullptr;
        save(job->view);
      },
      [this](const msg::CancelImport& command) {
        auto promise = make_response_promise();
        const Job* job = find(command.id);
        if (job == nullptr) promise.deliver(msg::Answer{unknown_import(command.id), {}});
        else if (!job->actor) promise.deliver(msg::Answer{Error{Errc::conflict, command.id.str() + " is over"}, {}});
        else promise.delegate(job->actor, command);
        return promise;
      },
      [this](const msg::UndoImport& command) { return on_undo(command); },
      [this](const msg::UndoProgressed& news) {
        Job* job = find(news.id);
        if (job == nullptr) return;
        job->view.undo = news.undo;
        if (news.undo.state != msg::UndoView::State::done) return;
        drop_reviews(job->view);
        save(job->view);
      },
      [this](const msg::GetImport& query) { return on_get(query); },
  };
}

/// What a former life of the process left: a job it could not finish is named so, an undo goes on.
void ImportDeskActor::load() {
  const auto stored = context_->documents->list(import_kind);
  if (!stored) return log_error("imports", "unreadable", "{}", stored.error().detail);
  for (const auto& [id, bytes] : *stored) {
    auto view = decode_import(bytes);
    if (!view) {
      log_error("imports", "damaged", "id={} {}", id, view.error().detail);
      continue;
    }
    jobs_.push_back({std::move(*view), nullptr});
  }
  std::sort(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.view.started_at < b.view.started_at; });
  for (Job& job : jobs_) {
    if (job.view.state == msg::JobState::running) {
      job.view.state = msg::JobState::interrupted;
      job.view.error = "the node stopped during this import; import the file again: rows that are in change nothing";
      save(job.view);
    }
    if (job.view.undo.state == msg::UndoView::State::running) start_undo(job);
  }
}

void ImportDeskActor::save(const msg::ImportView& view) {
  context_->documents->put(import_kind, view.id.str(), encode_import(view), [id = view.id](Status saved) {
    if (!saved) log_error("imports", "not_saved", "import={} {}", id.str(), saved.error().detail);
  });
}

ImportDeskActor::Job* ImportDeskActor::find(ImportId id) {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [id](const Job& job) { return job.view.id == id; });
  return found == jobs_.end() ? nullptr : &*found;
}

void ImportDeskActor::drop_oldest() {
  const auto oldest = std::find_if(jobs_.begin(), jobs_.end(), [](const Job& job) {
    return !job.actor && job.view.undo.state != msg::UndoView::State::running;
  });
  if (jobs_.size() < jobs_kept || oldest == jobs_.end()) return;
  context_->documents->put(import_kind, oldest->view.id.str(), std::nullopt, [](Status) {});
  jobs_.erase(oldest);
}

/// The document comes first: an import nobody could name afterwards could not be undone.
/// Jobs block on files and disks, so each has a thread of its own, but for virtual time.
template <class Actor, class What>
caf::actor ImportDeskActor::spawn_job(ImportId id, const What& what) {
  const caf::actor self = caf::actor_cast<caf::actor>(this);
  if (context_->is_on_one_thread) return spawn<Actor>(context_, self, id, what);
  return spawn<Actor, caf::detached>(context_, self, id, what);
}

caf::typed_response_promise<msg::Answer> ImportDeskActor::on_start(const msg::StartImport& command) {
  auto promise = make_response_promise<msg::Answer>();
  drop_oldest();
  msg::ImportView view;
  view.id = context_->ids->next_import();
  view.file = command.request.file;
  view.portfolio = command.request.portfolio;
  view.is_dry_run = command.is_dry_run;
  view.started_at = context_->clock->now_utc();
  if (!command.is_dry_run) save(view);
  jobs_.push_back({view, spawn_job<ImportActor>(view.id, command)});
  promise.deliver(msg::Answer{std::nullopt, view.id.str()});
  return promise;
}

caf::typed_response_promise<msg::Answer> ImportDeskActor::on_undo(const msg::UndoImport& command) {
  auto promise = make_response_promise<msg::Answer>();
  const auto refuse = [&promise](Errc code, std::string why) {
    promise.deliver(msg::Answer{Error{code, std::move(why)}, {}});
    return promise;
  };
  Job* job = find(command.id);
  if (job == nullptr) return refuse(Errc::not_found, unknown_import(command.id).detail);
  if (job->actor) return refuse(Errc::conflict, command.id.str() + " is still running: stop it with `import cancel` or wait");
  if (job->view.is_dry_run) return refuse(Errc::conflict, command.id.str() + " was a dry run: there is nothing to undo");
  if (job->view.undo.state == msg::UndoView::State::running) return refuse(Errc::conflict, command.id.str() + " is being undone");
  job->view.undo = msg::UndoView{};
  job->view.undo.state = msg::UndoView::State::running;
  job->view.undo.author = command.author;
  job->view.undo.asked_at = context_->clock->now_utc();
  // Durable before the first case is touched: after a crash the undo goes on by itself.
  context_->documents->put(import_kind, job->view.id.str(), encode_import(job->view), [id = job->view.id](Status saved) {
    if (!saved) log_error("imports", "not_saved", "import={} {}", id.str(), saved.error().detail);
  });
  start_undo(*job);
  promise.deliver(msg::Answer{std::nullopt, job->view.id.str()});
  return promise;
}

void ImportDeskActor::start_undo(Job& job) {
  spawn_job<UndoActor>(job.view.id, job.view.undo);
}

caf::typed_response_promise<msg::ImportsView> ImportDeskActor::on_get(const msg::GetImport& query) {
  auto promise = make_response_promise<msg::ImportsView>();
  auto gathering = std::make_shared<Gathering<msg::ImportsView>>(promise);
  for (const Job& job : jobs_) {
    if (query.id && *query.id != job.view.id) continue;
    if (!job.actor) {
      gathering->collected.imports.push_back(job.view);
      continue;
    }
    // A job that is busy opening a large file answers late: what was known of it is better than "no such import".
    ask(this, job.actor, answer_wait, query)
        .then([gathering](const msg::ImportView& view) { gathering->collected.imports.push_back(view); },
              [gathering, last = job.view](const caf::error&) { gathering->collected.imports.push_back(last); });
  }
  return promise;
}

}  // namespace dunlin
