#pragma once
// The small documents of a node of a cluster: what operators made is shared with the other nodes (cluster/shared_documents),
// all else is the node's own; both lie in its store, and are read there. Any thread; start and stop on the main thread.
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/contracts/doors.hpp"
#include "actors/contracts/shared_documents.hpp"
#include "cluster/shared_documents.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// The copy in the node's store.
class StoredDocumentCopy final : public DocumentCopy {
 public:
  StoredDocumentCopy(Documents& documents, std::string cluster) : documents_(documents), cluster_(std::move(cluster)) {}
  Result<DocumentSight> sight() override;
  Status store(const std::vector<SharedDocument>& documents, const DocumentSight& sight) override;
  Result<std::vector<SharedDocument>> all() override;
  /// Its kind reads "displaced_campaign" afterwards.
  Status displace(const SharedDocument& document) override;

 private:
  Documents& documents_;
  const std::string cluster_;
};

class ClusterDocuments final : public DocumentStore, public SharedDocumentDoor {
 public:
  ClusterDocuments(Store& store, const std::string& cluster) : store_(store), copy_(store.documents(), cluster), cluster_(cluster) {}

  /// The desks hear of what other nodes change (msg::DocumentsChanged) from now on.
  Status start(std::unique_ptr<EtcdClient> client, const ClusterSecret& secret, std::vector<caf::actor> desks);
  /// Changes of shared documents are answered by Errc::unavailable from now on.
  void stop();

  /// A shared document is overwritten unless another node changed it at the same time.
  void put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) override;
  Result<std::vector<std::pair<std::string, std::string>>> list(const std::string& kind) const override;
  void change(SharedDocument document, std::int64_t decided_on, DocumentWritten done) override;
  SharedDocumentsStats stats() const;

 private:
  void overwrite(SharedDocument document, int tries_left, std::function<void(Status)> done);

  Store& store_;
  StoredDocumentCopy copy_;
  const std::string cluster_;
  mutable std::shared_mutex mutex_;        ///< Of the pointer.
  std::unique_ptr<SharedDocuments> shared_;
};

}  // namespace dunlin
