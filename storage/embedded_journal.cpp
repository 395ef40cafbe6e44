#include "storage/embedded_journal.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <type_traits>
#include <variant>

#include "config/awaited_answer.hpp"
#include "core/case/case_event.hpp"
#include "storage/group_writer.hpp"

namespace dunlin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t fixed_cost_of_a_job = 256;  // Keys, envelopes and queue nodes, for the queue's byte bound.
constexpr auto recovery_pause = std::chrono::seconds(1);

struct CommitJob {
  CommitRequest request;
  CommitCompletion done;
};
struct DocumentJob {
  DocumentWrite write;
  DocumentCompletion done;
};
struct ErasureJob {
  CaseId case_id;
  std::function<void(Status)> done;
};
using Job = std::variant<CommitJob, DocumentJob, ErasureJob>;

std::size_t cost_of(const CommitRequest& request) {
  std::size_t cost = fixed_cost_of_a_job + request.case_view.size();
  for (const auto& event : request.events) cost += fixed_cost_of_a_job + event.body.size();
  for (const auto* keys : {&request.lookups_added, &request.lookups_removed}) {
    for (const auto& key : *keys) cost += fixed_cost_of_a_job + key.text.size();
  }
  return cost;
}
std::size_t cost_of(const DocumentWrite& write) {
  return fixed_cost_of_a_job + (write.bytes ? write.bytes->size() : 0);
}

std::size_t cost_of(const Job& job) {
  if (const auto* commit = std::get_if<CommitJob>(&job)) return cost_of(commit->request);
  if (const auto* document = std::get_if<DocumentJob>(&job)) return cost_of(document->write);
  return fixed_cost_of_a_job;
}

/// Rows of an import come by thousands and nobody's call waits for them.
bool is_patient(const Job& job) {
  const auto* commit = std::get_if<CommitJob>(&job);
  if (commit == nullptr || commit->request.reservation) return false;
  const auto& events = commit->request.events;
  return std::any_of(events.begin(), events.end(), [](const EventDraft& event) {
    return event.type == static_cast<std::uint16_t>(EventType::row_imported) ||
           event.type == static_cast<std::uint16_t>(EventType::import_undone);
  });
}

/// What waits for the writer. Reservations, facts of calls and documents overtake the rows of imports, which may be
/// thousands. Nobody commits to a case whose commit is queued, so no two commits of a case change places; an erasure
/// overtakes nothing and nothing overtakes it.
class JobQueue {
 public:
  void push(Job job) {
    erasures_ += std::holds_alternative<ErasureJob>(job) ? 1 : 0;
    auto& lane = is_patient(job) ? patient_ : urgent_;
    lane.push_back({next_ticket_++, std::move(job)});
  }
  bool is_empty() const { return urgent_.empty() && patient_.empty(); }
  std::size_t size() const { return urgent_.size() + patient_.size(); }

  /// The next one of a group that has taken so many already; nullopt: the group is full or nothing waits.
  std::optional<Job> pop(std::size_t taken, std::size_t max_group) {
    if (is_empty() || taken >= max_group) return std::nullopt;
    if (taken == 0) has_urgent_ = false;
    const bool is_in_order = erasures_ > 0;
    bool takes_urgent = !urgent_.empty();
    if (takes_urgent && !patient_.empty() && is_in_order) takes_urgent = urgent_.front().ticket < patient_.front().ticket;
    // A group that somebody's call waits for is kept short.
    if (!takes_urgent && has_urgent_ && !is_in_order && taken >= patient_beside_urgent) return std::nullopt;
    auto& lane = takes_urgent ? urgent_ : patient_;
    has_urgent_ = has_urgent_ || takes_urgent;
    Job job = std::move(lane.front().job);
    lane.pop_front();
    erasures_ -= std::holds_alternative<ErasureJob>(job) ? 1 : 0;
    return job;
  }

 private:
  static constexpr std::size_t patient_beside_urgent = 512;
  struct Waiting {
    std::uint64_t ticket = 0;
    Job job;
  };
  std::deque<Waiting> urgent_;
  std::deque<Waiting> patient_;
  std::uint64_t next_ticket_ = 0;
  std::size_t erasures_ = 0;
  bool has_urgent_ = false;  ///< In the group being taken.
};

void refuse(Job& job, const Error& error) {
  std::visit([&error](auto& held) { held.done(error); }, job);
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

Result<std::uint64_t> free_space_of(const std::filesystem::path& folder) {
  std::error_code failure;
  const auto space = std::filesystem::space(folder, failure);
  if (failure) return Error{Errc::unavailable, "cannot measure the free space of " + folder.string()};
  return static_cast<std::uint64_t>(space.available);
}

/// The queue and its thread. `mutex_` guards the queue and the stats; the group is the thread's own.
class EmbeddedJournal::Writer {
 public:
  Writer(Database& database, Vault& vault, PermitDesk& desk, std::filesystem::path folder, JournalOptions options)
      : database_(database),
        vault_(vault),
        desk_(desk),
        folder_(std::move(folder)),
        options_(std::move(options)),
        group_(database, vault, options_.max_cached_versions) {}
  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Status start() {
    const auto loaded = group_.load();
    if (!loaded) return loaded;
    thread_ = std::thread([this] { run(); });
    return Done{};
  }

  void enqueue(Job job) {
    const auto cost = cost_of(job);
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() < options_.max_queued_commits && queued_bytes_ + cost <= options_.max_queued_bytes) {
        queue_.push(std::move(job));
        queued_bytes_ += cost;
        wake_.notify_one();
        return;
      }
      ++stats_.refused;
    }
    refuse(job, {Errc::exhausted, "the journal's queue is full"});
  }

  void listen(CommitListener listener) { listeners_.add(std::move(listener)); }
  JournalStats stats() const {
    const std::lock_guard lock(mutex_);
    auto stats = stats_;
    stats.queued = queue_.size();
    return stats;
  }
  Status purge_destroyed() { return vault_.purge_destroyed(); }

 private:
  /// What a job came to before the group is on disk. A commit that nothing refused yet is staged with the whole group.
  struct Staged {
    Job job;
    std::variant<Result<CommitReceipt>, Result<std::uint64_t>> result;
    bool is_to_stage = false;
  };

  void run();
  std::vector<Job> take_group();
  void process(std::vector<Job> jobs);
  Staged stage(Job job);
  void stage_commits(std::vector<Staged>& staged);
  std::optional<Error> refusal_of(const CommitRequest& request) const;
  Error no_room() const;
  void write_group(std::vector<Staged>& staged);
  void finish(Staged& done);
  void erase(ErasureJob& job);
  void measure_space();
  bool may_write();
  void note_refusal(const Error& error);
  void note_write(double sync_ms, const std::vector<Staged>& staged);

  Database& database_;
  Vault& vault_;
  PermitDesk& desk_;
  const std::filesystem::path folder_;
  const JournalOptions options_;
  GroupWriter group_;
  bool is_low_on_space_ = false;
  std::optional<Error> refusal_;
  Clock::time_point last_recovery_try_{};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  JobQueue queue_;
  std::size_t queued_bytes_ = 0;
  bool is_stopping_ = false;
  CommitListeners listeners_;
  JournalStats stats_;
  std::thread thread_;
};

void EmbeddedJournal::Writer::run() {
  pthread_setname_np(pthread_self(), "journal");
  for (;;) {
    auto jobs = take_group();
    if (jobs.empty()) return;
    process(std::move(jobs));
  }
}

/// Waits for work, then takes all that is queued up to the group's bounds; empty = the end.
std::vector<Job> EmbeddedJournal::Writer::take_group() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return is_stopping_ || !queue_.is_empty(); });
  std::vector<Job> jobs;
  std::size_t bytes = 0;
  while (bytes < options_.max_group_bytes) {
    auto job = queue_.pop(jobs.size(), options_.max_group_commits);
    if (!job) break;
    const auto cost = cost_of(*job);
    bytes += cost;
    queued_bytes_ -= cost;
    jobs.push_back(std::move(*job));
  }
  return jobs;
}

void EmbeddedJournal::Writer::process(std::vector<Job> jobs) {
  if (!may_write()) {
    for (auto& job : jobs) refuse(job, *refusal_);
    const std::lock_guard lock(mutex_);
    stats_.refused += jobs.size();
    return;
  }
  measure_space();
  std::vector<Staged> staged;
  staged.reserve(jobs.size());
  for (auto& job : jobs) {
    if (auto* erasure = std::get_if<ErasureJob>(&job)) {
      write_group(staged);
      erase(*erasure);
      continue;
    }
    staged.push_back(stage(std::move(job)));
  }
  write_group(staged);
}

EmbeddedJournal::Writer::Staged EmbeddedJournal::Writer::stage(Job job) {
  if (const auto* commit = std::get_if<CommitJob>(&job)) {
    auto refused = refusal_of(commit->request);
    const bool is_to_stage = !refused;
    return {std::move(job), refused ? Result<CommitReceipt>(std::move(*refused)) : Result<CommitReceipt>(CommitReceipt{}), is_to_stage};
  }
  const DocumentWrite& write = std::get<DocumentJob>(job).write;
  auto result = is_low_on_space_ && write.reservation ? Result<std::uint64_t>(no_room()) : group_.add(write);
  return {std::move(job), std::move(result)};
}

void EmbeddedJournal::Writer::stage_commits(std::vector<Staged>& staged) {
  std::vector<const CommitRequest*> requests;
  requests.reserve(staged.size());
  for (const Staged& each : staged) {
    if (each.is_to_stage) requests.push_back(&std::get<CommitJob>(each.job).request);
  }
  auto receipts = group_.add(requests);
  auto next = receipts.begin();
  for (Staged& each : staged) {
    if (each.is_to_stage) each.result = std::move(*next++);
  }
}

Error EmbeddedJournal::Writer::no_room() const {
  return {Errc::exhausted, "no room for new attempts or cases: the disk of " + folder_.string() + " is below its reserve of " +
                               std::to_string(options_.min_free_bytes) + " bytes"};
}

std::optional<Error> EmbeddedJournal::Writer::refusal_of(const CommitRequest& request) const {
  if (options_.takes_documents_only) return Error{Errc::denied, "this node is a cluster's: its cases are committed to the shared journal"};
  if (is_low_on_space_ && (request.reservation || request.expected_version == 0)) {
    return no_room();
  }
  return std::nullopt;
}

/// Stages the commits, writes what is staged and answers everybody, in order. Leaves `staged` empty.
void EmbeddedJournal::Writer::write_group(std::vector<Staged>& staged) {
  if (staged.empty()) return;
  stage_commits(staged);
  const auto start = Clock::now();
  const auto written = group_.write();
  const auto sync_ms = ms_since(start);
  if (!written) note_refusal(written.error());
  note_write(sync_ms, staged);
  for (auto& each : staged) {
    if (!written) {
      refuse(each.job, *refusal_);
    } else {
      finish(each);
    }
  }
  staged.clear();
  if (written) listeners_.tell(group_.moved_heads());
}

void EmbeddedJournal::Writer::finish(Staged& done) {
  if (auto* document = std::get_if<DocumentJob>(&done.job)) {
    auto& revision = std::get<Result<std::uint64_t>>(done.result);
    if (revision && document->write.reservation) desk_.put(make_permit(*document->write.reservation));
    document->done(std::move(revision));
    return;
  }
  auto& commit = std::get<CommitJob>(done.job);
  auto& receipt = std::get<Result<CommitReceipt>>(done.result);
  if (receipt && commit.request.reservation) desk_.put(make_permit(*commit.request.reservation));
  commit.done(std::move(receipt));
}

void EmbeddedJournal::Writer::erase(ErasureJob& job) {
  if (refusal_) return job.done(*refusal_);
  if (options_.takes_documents_only) return job.done(Error{Errc::denied, "a case of a cluster is erased on all its nodes at once"});
  const auto erased = group_.erase_case(job.case_id);
  if (!erased && erased.error().code != Errc::not_found) note_refusal(erased.error());
  job.done(erased);
}

/// A disk that cannot be measured counts as full: better no new attempt than one without room for its outcome.
void EmbeddedJournal::Writer::measure_space() {
  const auto free_bytes = options_.free_space(folder_);
  is_low_on_space_ = !free_bytes || *free_bytes < options_.min_free_bytes;
}

/// True when the disk has not refused, or has recovered since.
bool EmbeddedJournal::Writer::may_write() {
  if (!refusal_) return true;
  const auto now = Clock::now();
  if (now - last_recovery_try_ < recovery_pause) return false;
  last_recovery_try_ = now;
  if (!database_.recover() || !vault_.recover() || !group_.load()) return false;
  refusal_.reset();
  const std::lock_guard lock(mutex_);
  stats_.is_refusing = false;
  return true;
}

void EmbeddedJournal::Writer::note_refusal(const Error& error) {
  refusal_ = Error{Errc::unavailable, "the journal takes nothing until the disk recovers: " + error.detail};
  last_recovery_try_ = Clock::now();
  group_.discard();
}

void EmbeddedJournal::Writer::note_write(double sync_ms, const std::vector<Staged>& staged) {
  const std::lock_guard lock(mutex_);
  stats_.is_refusing = refusal_.has_value();
  stats_.is_low_on_space = is_low_on_space_;
  if (refusal_) {
    stats_.refused += staged.size();
    return;
  }
  ++stats_.groups;
  stats_.sync_total_ms += sync_ms;
  const auto& bounds = JournalStats::sync_bounds_ms;
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), sync_ms) - bounds.begin();
  ++stats_.sync_histogram[static_cast<std::size_t>(bucket)];
  for (const auto& each : staged) {
    const bool is_stored = std::visit([](const auto& result) { return result.ok(); }, each.result);
    if (!is_stored) {
      ++stats_.refused;
    } else if (const auto* commit = std::get_if<CommitJob>(&each.job)) {
      ++stats_.commits;
      stats_.events += commit->request.events.size();
    } else {
      ++stats_.documents;
    }
  }
}

EmbeddedJournal::EmbeddedJournal(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
EmbeddedJournal::~EmbeddedJournal() = default;

Result<std::unique_ptr<EmbeddedJournal>> EmbeddedJournal::start(Database& database, Vault& vault, PermitDesk& desk,
                                                                std::filesystem::path folder, JournalOptions options) {
  auto writer = std::make_unique<Writer>(database, vault, desk, std::move(folder), std::move(options));
  const auto started = writer->start();
  if (!started) return started.error();
  return std::unique_ptr<EmbeddedJournal>(new EmbeddedJournal(std::move(writer)));
}

void EmbeddedJournal::commit(CommitRequest request, CommitCompletion done) {
  writer_->enqueue(CommitJob{std::move(request), std::move(done)});
}
void EmbeddedJournal::commit_document(DocumentWrite write, DocumentCompletion done) {
  writer_->enqueue(DocumentJob{std::move(write), std::move(done)});
}
void EmbeddedJournal::erase_case(CaseId case_id, std::function<void(Status)> done) {
  writer_->enqueue(ErasureJob{case_id, std::move(done)});
}

Result<CommitReceipt> EmbeddedJournal::commit_and_wait(CommitRequest request) {
  AwaitedAnswer<Result<CommitReceipt>> answer;
  commit(std::move(request), [&answer](Result<CommitReceipt> result) { answer.set(std::move(result)); });
  return answer.wait();
}
Result<std::uint64_t> EmbeddedJournal::commit_document_and_wait(DocumentWrite write) {
  AwaitedAnswer<Result<std::uint64_t>> answer;
  commit_document(std::move(write), [&answer](Result<std::uint64_t> result) { answer.set(std::move(result)); });
  return answer.wait();
}
Status EmbeddedJournal::erase_case_and_wait(CaseId case_id) {
  AwaitedAnswer<Status> answer;
  erase_case(case_id, [&answer](Status status) { answer.set(std::move(status)); });
  const auto erased = answer.wait();
  if (!erased) return erased;
  return writer_->purge_destroyed();
}

void EmbeddedJournal::listen(CommitListener listener) { writer_->listen(std::move(listener)); }
JournalStats EmbeddedJournal::stats() const { return writer_->stats(); }

}  // namespace dunlin
