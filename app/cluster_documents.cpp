#include "app/cluster_documents.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>

namespace dunlin {
namespace {

/// How far the copy is; of this store alone.
constexpr const char* document_sight_kind = "document_sight";
/// Others may write other documents at every moment; so often is a whole document put again.
constexpr int overwrite_tries = 8;

Error no_shared_documents() { return {Errc::unavailable, "nothing was changed: this node has no part in its cluster's documents now"}; }

/// Waits for many writes together.
class WritesTogether {
 public:
  explicit WritesTogether(std::size_t count) : left_(count) {}
  void note(const Result<std::uint64_t>& written) {
    const std::lock_guard lock(mutex_);
    if (!written && !failure_) failure_ = written.error();
    if (--left_ == 0) all_done_.notify_one();
  }
  Status wait() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return left_ == 0; });
    return failure_ ? Status(*failure_) : Status(Done{});
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::size_t left_;
  std::optional<Error> failure_;
};

}  // namespace

Result<DocumentSight> StoredDocumentCopy::sight() {
  const auto stored = documents_.get(document_sight_kind, cluster_);
  if (!stored) return stored.error();
  DocumentSight sight;
  if (!stored->has_value()) return sight;
  std::istringstream words((*stored)->bytes);
  if (words >> sight.cluster_id >> sight.position >> sight.is_publishing) return sight;
  return Error{Errc::corrupt, "how far the shared documents were seen cannot be read"};
}

Status StoredDocumentCopy::store(const std::vector<SharedDocument>& documents, const DocumentSight& sight) {
  if (!documents.empty()) {
    const auto writes = std::make_shared<WritesTogether>(documents.size());
    for (const SharedDocument& document : documents) {
      documents_.put({document.kind, document.id, document.bytes, std::nullopt}, [writes](const Result<std::uint64_t>& written) { writes->note(written); });
    }
    if (const Status written = writes->wait(); !written) return written;
  }
  const std::string words = std::to_string(sight.cluster_id) + " " + std::to_string(sight.position) + (sight.is_publishing ? " 1" : " 0");
  const auto seen = documents_.put_and_wait({document_sight_kind, cluster_, words, std::nullopt});
  return seen ? Status(Done{}) : Status(seen.error());
}

Result<std::vector<SharedDocument>> StoredDocumentCopy::all() {
  std::vector<SharedDocument> all;
  for (const std::string_view kind : shared_document_kinds) {
    const Status read = documents_.each(kind, [&all](const Document& document) {
      all.push_back({document.kind, document.id, document.bytes});
      return true;
    });
    if (!read) return read.error();
  }
  return all;
}

Status StoredDocumentCopy::displace(const SharedDocument& document) {
  const auto aside = documents_.put_and_wait({"displaced_" + document.kind, document.id, document.bytes, std::nullopt});
  return aside ? Status(Done{}) : Status(aside.error());
}

Status ClusterDocuments::start(std::unique_ptr<EtcdClient> client, const ClusterSecret& secret, std::vector<caf::actor> desks) {
  const auto changed = [this, desks = std::move(desks)](const std::vector<SharedDocument>& documents, std::int64_t position) {
    const auto news = std::make_shared<const std::vector<SharedDocument>>(documents);
    for (const caf::actor& desk : desks) post(desk, msg::DocumentsChanged{news, position, this});
  };
  auto shared = SharedDocuments::start({std::move(client), copy_, cluster_, secret, changed});
  if (!shared) return shared.error();
  const std::unique_lock lock(mutex_);
  shared_ = std::move(*shared);
  return Done{};
}

void ClusterDocuments::stop() {
  std::unique_ptr<SharedDocuments> ending;
  {
    const std::unique_lock lock(mutex_);
    ending = std::move(shared_);
  }
  // Its thread may be asking for the lock until it has ended.
  ending.reset();
}

void ClusterDocuments::put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) {
  if (is_shared_kind(kind)) return overwrite({kind, id, std::move(bytes)}, overwrite_tries, std::move(done));
  store_.documents().put({kind, id, std::move(bytes), std::nullopt},
                         [done = std::move(done)](const Result<std::uint64_t>& revision) { done(revision ? Status(Done{}) : Status(revision.error())); });
}

void ClusterDocuments::overwrite(SharedDocument document, int tries_left, std::function<void(Status)> done) {
  const std::int64_t newest = stats().position;
  change(document, newest, [this, document, tries_left, done = std::move(done)](const DocumentOutcome& outcome) {
    if (!outcome.error) done(Done{});
    else if (outcome.is_stale && tries_left > 1) overwrite(document, tries_left - 1, done);
    else done(*outcome.error);
  });
}

Result<std::vector<std::pair<std::string, std::string>>> ClusterDocuments::list(const std::string& kind) const {
  auto documents = store_.documents().list(kind);
  if (!documents) return documents.error();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (Document& document : *documents) pairs.emplace_back(std::move(document.id), std::move(document.bytes));
  return pairs;
}

void ClusterDocuments::change(SharedDocument document, std::int64_t decided_on, DocumentWritten done) {
  {
    const std::shared_lock lock(mutex_);
    if (shared_) return shared_->write(std::move(document), decided_on, std::move(done));
  }
  done({no_shared_documents(), 0, false});
}

SharedDocumentsStats ClusterDocuments::stats() const {
  const std::shared_lock lock(mutex_);
  return shared_ ? shared_->stats() : SharedDocumentsStats{};
}

}  // namespace dunlin
