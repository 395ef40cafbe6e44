#include "api/job_board.hpp"

#include <algorithm>

#include "config/limits.hpp"
#include "core/base/ids.hpp"

namespace dunlin {

std::string_view to_string(NodeJobState state) {
  switch (state) {
    case NodeJobState::running: return "running";
    case NodeJobState::done: return "done";
    case NodeJobState::failed: return "failed";
    case NodeJobState::cancelled: return "cancelled";
  }
  return "unknown";
}

JobBoard::~JobBoard() {
  std::list<std::shared_ptr<Job>> all;
  {
    const std::lock_guard lock(mutex_);
    all = jobs_;
  }
  for (const auto& job : all) job->handle.is_cancelled_ = true;
  for (const auto& job : all) {
    if (job->thread.joinable()) job->thread.join();
  }
}

Result<std::string> JobBoard::start(std::string kind, std::string author, UtcTime now, Work work) {
  const std::lock_guard lock(mutex_);
  const auto running = std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job->view.state == NodeJobState::running; });
  if (static_cast<std::size_t>(running) >= limits::node_jobs_running) {
    return Error{Errc::exhausted, std::to_string(running) + " jobs run already; `job list` shows them"};
  }
  forget_old();
  auto job = std::make_shared<Job>();
  job->view.id = format_id("job", ++last_);
  job->view.kind = std::move(kind);
  job->view.author = std::move(author);
  job->view.started_at = now;
  jobs_.push_back(job);
  job->thread = std::thread([this, job, work = std::move(work)] { run(job, work); });
  return job->view.id;
}

void JobBoard::run(const std::shared_ptr<Job>& job, const Work& work) {
  auto outcome = work(job->handle);
  const std::lock_guard lock(mutex_);
  if (outcome) {
    job->view.state = NodeJobState::done;
    job->view.share_done = 1;
    job->view.result = std::move(outcome->result);
    job->view.exit = outcome->exit;
  } else {
    job->view.state = job->handle.is_cancelled_ ? NodeJobState::cancelled : NodeJobState::failed;
    job->view.error = outcome.error().detail;
    job->view.exit = 1;
  }
}

/// Called with the lock held. A thread that has set its state touches nothing of the board any more but the lock it
/// is about to release, so it is let go instead of joined.
void JobBoard::forget_old() {
  while (jobs_.size() >= limits::jobs_kept) {
    const auto ended = std::find_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job->view.state != NodeJobState::running; });
    if (ended == jobs_.end()) return;
    if ((*ended)->thread.joinable()) (*ended)->thread.detach();
    jobs_.erase(ended);
  }
}

std::vector<NodeJobView> JobBoard::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<NodeJobView> views;
  for (const auto& job : jobs_) {
    views.push_back(job->view);
    if (job->view.state == NodeJobState::running) views.back().share_done = job->handle.share_done_;
  }
  return views;
}

Result<NodeJobView> JobBoard::find(const std::string& id) const {
  for (NodeJobView& view : list()) {
    if (view.id == id) return std::move(view);
  }
  return Error{Errc::not_found, "no job " + id + "; `job list` shows them"};
}

Status JobBoard::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) {
    if (job->view.id != id) continue;
    if (job->view.state != NodeJobState::running) return Error{Errc::conflict, "job " + id + " has ended: " + std::string(to_string(job->view.state))};
    job->handle.is_cancelled_ = true;
    return Done{};
  }
  return Error{Errc::not_found, "no job " + id + "; `job list` shows them"};
}

}  // namespace dunlin
