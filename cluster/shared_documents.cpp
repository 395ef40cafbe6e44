#include "cluster/shared_documents.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "cluster/document_seal.hpp"
#include "cluster/etcd_sight.hpp"
#include "cluster/shard_txn.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"
#include "core/base/check.hpp"

namespace dunlin {
namespace {

using DocumentName = std::pair<std::string, std::string>;

DocumentName name_of(const SharedDocument& document) { return {document.kind, document.id}; }

std::string quoted(const SharedDocument& document) { return document.kind + " '" + document.id + "'"; }

Error nothing_changed(const Error& why) { return {why.code, "nothing was changed: " + why.detail}; }

/// How one try to write ended.
struct TryEnd {
  enum class Kind : std::uint8_t {
    stands,          ///< And nobody went on since.
    stands_behind,   ///< It stands, and others may have gone on.
    refused,         ///< It does not stand and never will.
    unknown,         ///< etcd did not say in time.
  };
  Kind kind = Kind::unknown;
  std::int64_t at = 0;               ///< Of `stands`.
  std::optional<Error> why;
};

}  // namespace

class SharedDocuments::Keeper {
 public:
  Keeper(Parts parts, const DocumentSight& sight)
      : copy_(parts.copy), keys_(parts.cluster), seal_(parts.secret), changed_(std::move(parts.changed)), options_(parts.options), sight_(sight),
        client_(std::move(parts.client), sight.cluster_id == 0 ? std::nullopt : std::optional(JournalSight{sight.cluster_id, sight.position})) {
    stats_.position = sight.position;
    thread_ = std::thread([this] { run(); });
  }
  ~Keeper() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  void write(SharedDocument document, std::int64_t decided_on, DocumentWritten done);
  SharedDocumentsStats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  struct Job {
    SharedDocument document;
    std::int64_t decided_on = 0;
    DocumentWritten done;
  };
  using News = std::vector<SharedDocument>;

  void run();
  void look();
  void serve(const Job& job);
  void settle(const Job& job, const TryEnd& end);
  DocumentOutcome refusal(const Job& job) const;
  void answer(const Job& job, DocumentOutcome outcome);
  void note_trouble(const std::optional<Error>& why);
  void note_change(const SharedDocument& document, std::int64_t at) { changed_at_[name_of(document)] = at; }
  Status keep(const News& documents, DocumentSight sight);

  Result<News> catch_up();
  Result<News> fetch(const News& brought_along);
  Status fetch_unsaid();
  Result<std::vector<EtcdRow>> rows_since(std::int64_t revision);
  Result<News> opened(const std::vector<EtcdRow>& rows);
  Result<std::int64_t> read_head();
  Result<News> join();
  Result<News> publish(const News& own);
  TryEnd attempt(const SharedDocument& document, bool only_if_new);
  std::optional<TryEnd> judge(const EtcdTxnAnswer& answer, const DocumentWriteId& write, bool was_lost);

  DocumentCopy& copy_;
  const JournalKeys keys_;
  const DocumentSeal seal_;
  const Changed changed_;
  const SharedDocumentsOptions options_;
  const SystemClock clock_;
  // Of the thread.
  DocumentSight sight_;
  SightedClient client_;
  DocumentHead head_;                                   ///< At sight_.position.
  bool is_joined_ = false;
  News unsaid_;                                         ///< On the disk already, told when the publishing they came by has ended.
  std::map<DocumentName, std::int64_t> changed_at_;     ///< What changed in this life, and when.

  mutable std::mutex mutex_;                            ///< Of all below.
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  SharedDocumentsStats stats_;
  bool is_stopping_ = false;
  std::thread thread_;
};

void SharedDocuments::Keeper::write(SharedDocument document, std::int64_t decided_on, DocumentWritten done) {
  std::optional<Error> refused;
  if (document.id.empty() || document.id.size() > max_shared_document_id || !is_shared_kind(document.kind)) {
    // What stands in etcd and cannot be read back would stop the documents of every node.
    refused = invalid_input("a shared document's name has 1 to " + std::to_string(max_shared_document_id) + " bytes");
  } else if (document.bytes && document.bytes->size() > max_shared_document_bytes) {
    refused = invalid_input(quoted(document) + " has " + std::to_string(document.bytes->size()) + " bytes; a cluster shares documents up to " +
                            std::to_string(max_shared_document_bytes));
  }
  {
    const std::lock_guard lock(mutex_);
    if (!refused && waiting_.size() >= options_.max_waiting) refused = Error{Errc::exhausted, "too many changes wait for the cluster; try again"};
    if (!refused) waiting_.push_back({std::move(document), decided_on, std::move(done)});
  }
  if (refused) return done({nothing_changed(*refused), 0, false});
  wake_.notify_one();
}

void SharedDocuments::Keeper::run() {
  pthread_setname_np(pthread_self(), "documents");
  changed_({}, sight_.position);
  look();
  for (;;) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(options_.look_every.ms), [this] { return is_stopping_ || !waiting_.empty(); });
      if (is_stopping_) break;
      if (!waiting_.empty()) {
        job = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (job) serve(*job);
    else look();
  }
  for (const Job& job : waiting_) job.done({Error{Errc::unavailable, "nothing was changed: this node stops"}, sight_.position, false});
}

void SharedDocuments::Keeper::look() {
  const auto news = catch_up();
  if (news && !news->empty()) changed_(*news, sight_.position);
}

/// A change is decided on the newest, or it is not tried.
void SharedDocuments::Keeper::serve(const Job& job) {
  const std::int64_t before = sight_.position;
  const auto news = catch_up();
  if (!news) return answer(job, {nothing_changed(news.error()), sight_.position, false});
  if (!news->empty() || sight_.position != before) changed_(*news, sight_.position);
  if (job.decided_on != sight_.position) return answer(job, refusal(job));
  settle(job, attempt(job.document, false));
}

void SharedDocuments::Keeper::settle(const Job& job, const TryEnd& end) {
  switch (end.kind) {
    case TryEnd::Kind::stands: {
      DocumentSight sight = sight_;
      sight.position = end.at;
      if (const Status kept = keep({job.document}, sight); !kept) {
        return answer(job, {Error{Errc::unavailable, "it stands in the cluster, but this node's disk did not take it; it follows when the disk does: " + kept.error().detail},
                            sight_.position, false});
      }
      note_change(job.document, end.at);
      changed_({}, sight_.position);
      return answer(job, {std::nullopt, sight_.position, false});
    }
    case TryEnd::Kind::stands_behind: {
      const auto news = catch_up();
      if (!news) return answer(job, {Error{Errc::unavailable, "it stands in the cluster, but this node does not follow now: " + news.error().detail}, sight_.position, false});
      // The asker first: what others made of it afterwards must not be undone by its own, older, effect.
      answer(job, {std::nullopt, job.decided_on, false});
      return changed_(*news, sight_.position);
    }
    case TryEnd::Kind::refused: {
      if (end.why) return answer(job, {nothing_changed(*end.why), sight_.position, false});
      const auto news = catch_up();
      if (!news) return answer(job, {nothing_changed(news.error()), sight_.position, false});
      changed_(*news, sight_.position);
      return answer(job, refusal(job));
    }
    case TryEnd::Kind::unknown:
      return answer(job, {Error{Errc::unavailable, "etcd did not say in time whether " + quoted(job.document) +
                                                       " was changed: look at it when the cluster answers" + (end.why ? " (" + end.why->detail + ")" : std::string())},
                          sight_.position, false});
  }
  DUNLIN_CHECK(false);
}

DocumentOutcome SharedDocuments::Keeper::refusal(const Job& job) const {
  const auto changed = changed_at_.find(name_of(job.document));
  const bool is_stale = changed == changed_at_.end() || changed->second <= job.decided_on;
  const std::string why = is_stale ? "other documents of the cluster were changed at the same moment: try again"
                                   : quoted(job.document) + " was changed on another node at the same time: look at it and try again";
  return {Error{Errc::conflict, "nothing was changed: " + why}, sight_.position, is_stale};
}

void SharedDocuments::Keeper::answer(const Job& job, DocumentOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    ++(outcome.error ? stats_.refused : stats_.changes_written);
  }
  job.done(std::move(outcome));
}

void SharedDocuments::Keeper::note_trouble(const std::optional<Error>& why) {
  const std::string trouble = why ? why->detail : std::string();
  {
    const std::lock_guard lock(mutex_);
    if (stats_.trouble == trouble) return;
    stats_.trouble = trouble;
  }
  if (why) log_warn("cluster", "documents_not_followed", "{}", trouble);
  else log_info("cluster", "documents_followed", "position={}", sight_.position);
}

/// On the disk first; only then does the position move.
Status SharedDocuments::Keeper::keep(const News& documents, DocumentSight sight) {
  sight.cluster_id = client_.sight().cluster_id;
  if (const Status stored = copy_.store(documents, sight); !stored) return stored;
  sight_ = sight;
  const std::lock_guard lock(mutex_);
  stats_.position = sight.position;
  return Done{};
}

// --- reading ------------------------------------------------------------------------------------------------------

Result<SharedDocuments::Keeper::News> SharedDocuments::Keeper::catch_up() {
  auto news = is_joined_ ? fetch({}) : join();
  note_trouble(news ? std::nullopt : std::optional(news.error()));
  return news;
}

/// The position of the newest change in etcd, 0 for none; what it holds goes to head_.
Result<std::int64_t> SharedDocuments::Keeper::read_head() {
  const auto answers = client_.run({EtcdTxn{{}, {EtcdRead{keys_.document_head(), {}, 1}}, {}}});
  if (!answers) return answers.error();
  const auto& reads = answers->each.front().reads;
  if (reads.empty() || reads.front().empty()) {
    if (sight_.position > 0) return client_.close("the shared documents are gone from etcd, though this node has held changes of them: etcd was restored from an older copy");
    head_ = {};
    return std::int64_t{0};
  }
  const EtcdRow& row = reads.front().front();
  if (row.modified_at < sight_.position) return client_.close("etcd holds older documents than this node: etcd was restored from an older copy");
  auto head = seal_.open_head(row.value);
  if (!head) return head.error();
  head_ = std::move(*head);
  return row.modified_at;
}

/// Changed at this revision or later, in the order of the changes.
Result<std::vector<EtcdRow>> SharedDocuments::Keeper::rows_since(std::int64_t revision) {
  std::vector<EtcdRow> all;
  std::string from = keys_.documents();
  for (;;) {
    const auto answers = client_.run({EtcdTxn{{}, {EtcdRead{from, range_end_of(keys_.documents()), static_cast<std::int64_t>(options_.page), revision}}, {}}});
    if (!answers) return answers.error();
    if (answers->each.front().reads.empty()) return Error{Errc::corrupt, "etcd's answer tells of no documents"};
    const auto& rows = answers->each.front().reads.front();
    all.insert(all.end(), rows.begin(), rows.end());
    if (rows.size() < options_.page) break;
    from = rows.back().key + '\0';
  }
  std::sort(all.begin(), all.end(), [](const EtcdRow& a, const EtcdRow& b) { return a.modified_at < b.modified_at; });
  return all;
}

Result<SharedDocuments::Keeper::News> SharedDocuments::Keeper::opened(const std::vector<EtcdRow>& rows) {
  News news;
  for (const EtcdRow& row : rows) {
    auto document = seal_.open(std::string_view(row.key).substr(keys_.documents().size()), row.value);
    if (!document) return document.error();
    news.push_back(std::move(*document));
  }
  return news;
}

/// What changed since the copy's position, stored. `brought_along`: what this node has and the cluster may not know of; it
/// is displaced.
Result<SharedDocuments::Keeper::News> SharedDocuments::Keeper::fetch(const News& brought_along) {
  const auto newest = read_head();
  if (!newest) return newest.error();
  if (*newest == sight_.position) return News{};
  // What is changed while the pages are read may come too early; it comes again with the next look.
  const auto rows = rows_since(sight_.position + 1);
  if (!rows) return rows.error();
  auto news = opened(*rows);
  if (!news) return news.error();
  for (const SharedDocument& own : brought_along) {
    const auto same = std::find_if(news->begin(), news->end(), [&own](const SharedDocument& d) { return name_of(d) == name_of(own); });
    if (same != news->end() && *same == own) continue;
    log_warn("cluster", "document_displaced", "{} of this node {}", quoted(own), same == news->end() ? "is not the cluster's" : "differs from the cluster's");
    if (const Status aside = copy_.displace(own); !aside) return aside.error();
    if (same == news->end()) news->push_back({own.kind, own.id, std::nullopt});
  }
  DocumentSight sight = sight_;
  sight.position = *newest;
  if (const Status kept = keep(*news, sight); !kept) return kept.error();
  for (std::size_t i = 0; i < rows->size(); ++i) note_change((*news)[i], (*rows)[i].modified_at);
  const std::lock_guard lock(mutex_);
  stats_.changes_followed += rows->size();
  return news;
}

// --- the first look of a life -------------------------------------------------------------------------------------

/// A node that comes with documents of its own gives them to a cluster that has none, and else puts them aside.
Result<SharedDocuments::Keeper::News> SharedDocuments::Keeper::join() {
  const bool is_new = sight_.position == 0 && !sight_.is_publishing;
  const auto own = is_new || sight_.is_publishing ? copy_.all() : Result<News>(News{});
  if (!own) return own.error();
  const auto newest = read_head();
  if (!newest) return newest.error();
  const bool has_cluster_some = is_new && *newest > 0;
  auto news = has_cluster_some || own->empty() ? fetch(*own) : publish(*own);
  is_joined_ = news.ok();
  return news;
}

Status SharedDocuments::Keeper::fetch_unsaid() {
  const auto fetched = fetch({});
  if (!fetched) return fetched.error();
  unsaid_.insert(unsaid_.end(), fetched->begin(), fetched->end());
  return Done{};
}

/// Goes on after a stop in the middle: what the cluster has by now is not written again.
Result<SharedDocuments::Keeper::News> SharedDocuments::Keeper::publish(const News& own) {
  DocumentSight sight = sight_;
  sight.is_publishing = true;
  if (const Status kept = keep({}, sight); !kept) return kept.error();
  for (const SharedDocument& document : own) {
    TryEnd end;
    do {
      if (const Status fetched = fetch_unsaid(); !fetched) return fetched.error();
      end = attempt(document, true);
      if (end.kind == TryEnd::Kind::unknown || end.why) return end.why.value_or(Error{Errc::unavailable, "etcd does not answer"});
    } while (end.kind == TryEnd::Kind::refused);
  }
  if (const Status fetched = fetch_unsaid(); !fetched) return fetched.error();
  sight = sight_;
  sight.is_publishing = false;
  if (const Status kept = keep({}, sight); !kept) return kept.error();
  log_info("cluster", "documents_published", "count={}", own.size());
  return std::exchange(unsaid_, {});
}

// --- writing ------------------------------------------------------------------------------------------------------

/// The same transaction again and again until etcd says what became of it: it compares the head, so of all its copies one
/// can stand, and the head names those that stood.
TryEnd SharedDocuments::Keeper::attempt(const SharedDocument& document, bool only_if_new) {
  const DocumentWriteId write = random_write_id();
  const std::string key = keys_.document(seal_.name_of(document.kind, document.id));
  DocumentHead next = head_after(head_, write);
  EtcdTxn txn;
  txn.compares = {EtcdCompare::modified(keys_.document_head(), sight_.position)};
  if (only_if_new) txn.compares.push_back(EtcdCompare::absent(key));
  txn.then = {EtcdPut{keys_.document_head(), seal_.seal(next, write), 0}, EtcdPut{key, seal_.seal(document, write), 0}};
  txn.otherwise = {EtcdRead{keys_.document_head(), {}, 1}, EtcdRead{key, {}, 1}};
  const MonoTime until = clock_.now_mono() + options_.patience;
  for (bool was_lost = false;; was_lost = true) {
    const auto answers = client_.run({txn});
    if (answers && answers->each.front().is_done) {
      head_ = std::move(next);
      return {TryEnd::Kind::stands, answers->revision, std::nullopt};
    }
    if (answers) {
      if (const auto end = judge(answers->each.front(), write, was_lost)) return *end;
      // Only the document is there already: nothing is to be done.
      return {TryEnd::Kind::stands_behind, 0, std::nullopt};
    }
    if (client_.gone_back() || answers.error().code == Errc::denied) {
      return {was_lost ? TryEnd::Kind::unknown : TryEnd::Kind::refused, 0, answers.error()};
    }
    if (clock_.now_mono() >= until) return {TryEnd::Kind::unknown, 0, answers.error()};
    SystemClock::wait(milliseconds(100));
  }
}

/// nullopt: the head is still where it was.
std::optional<TryEnd> SharedDocuments::Keeper::judge(const EtcdTxnAnswer& answer, const DocumentWriteId& write, bool was_lost) {
  if (answer.reads.size() != 2) return TryEnd{TryEnd::Kind::unknown, 0, Error{Errc::corrupt, "etcd's answer does not tell of the documents"}};
  const auto& rows = answer.reads.front();
  if (rows.empty()) return sight_.position == 0 ? std::nullopt : std::optional(TryEnd{TryEnd::Kind::refused, 0, std::nullopt});
  if (rows.front().modified_at == sight_.position) return std::nullopt;
  const auto head = seal_.open_head(rows.front().value);
  if (!head) return TryEnd{was_lost ? TryEnd::Kind::unknown : TryEnd::Kind::refused, 0, head.error()};
  if (stands_in(*head, write)) return TryEnd{TryEnd::Kind::stands_behind, 0, std::nullopt};
  if (was_lost && head->changes > head_.changes + max_remembered_writes) return TryEnd{TryEnd::Kind::unknown, 0, std::nullopt};
  return TryEnd{TryEnd::Kind::refused, 0, std::nullopt};
}

// --- the face -----------------------------------------------------------------------------------------------------

Result<std::unique_ptr<SharedDocuments>> SharedDocuments::start(Parts parts) {
  const auto sight = parts.copy.sight();
  if (!sight) return sight.error();
  return std::unique_ptr<SharedDocuments>(new SharedDocuments(std::make_unique<Keeper>(std::move(parts), *sight)));
}

SharedDocuments::SharedDocuments(std::unique_ptr<Keeper> keeper) : keeper_(std::move(keeper)) {}
SharedDocuments::~SharedDocuments() = default;

void SharedDocuments::write(SharedDocument document, std::int64_t decided_on, DocumentWritten done) {
  keeper_->write(std::move(document), decided_on, std::move(done));
}

SharedDocumentsStats SharedDocuments::stats() const { return keeper_->stats(); }
std::int64_t SharedDocuments::position() const { return stats().position; }

}  // namespace dunlin
