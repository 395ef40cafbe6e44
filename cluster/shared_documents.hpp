#pragma once
// The documents all nodes of a cluster share (docs/cluster.md, documents): a change is one etcd transaction that compares the
// head of all changes, so a change decided on what is not the newest is refused and nothing is lost; every node keeps a copy
// on its own disk, from which it starts and reads without etcd.
// Threads: write, position and stats from any; everything else, and the callbacks, on one thread of its own, which blocks on
// etcd and the disk. At the bounds: with 1 000 changes waiting, Errc::exhausted; etcd away: Errc::unavailable for changes.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/etcd_client.hpp"
#include "cluster/secret_box.hpp"
#include "core/cluster/shared_document.hpp"

namespace dunlin {

/// How far a node's copy is. Kept beside the copy, written after it.
struct DocumentSight {
  std::uint64_t cluster_id = 0;      ///< etcd's own; 0: none seen yet.
  std::int64_t position = 0;         ///< Revision of the last change the copy holds; 0: it never held any.
  bool is_publishing = false;        ///< The documents this node brought along are on their way into the cluster.
  bool operator==(const DocumentSight&) const = default;
};

/// The copy on the node's own disk. Used by one thread; blocks.
class DocumentCopy {
 public:
  virtual ~DocumentCopy() = default;
  virtual Result<DocumentSight> sight() = 0;
  /// All of it durable before it returns, the sight last.
  virtual Status store(const std::vector<SharedDocument>& documents, const DocumentSight& sight) = 0;
  /// All documents of shared kinds that the node has.
  virtual Result<std::vector<SharedDocument>> all() = 0;
  /// Puts a document aside that the cluster does not have, or has otherwise: it stays readable, and works no more.
  virtual Status displace(const SharedDocument& document) = 0;
};

struct SharedDocumentsOptions {
  Duration look_every = milliseconds(250);
  Duration patience = seconds(4);          ///< With a change whose answer was lost.
  std::size_t max_waiting = 1'000;
  std::size_t page = 10;                   ///< Documents read at a time: etcd's answers are bounded.
};

struct SharedDocumentsStats {
  std::int64_t position = 0;
  std::uint64_t changes_written = 0;
  std::uint64_t changes_followed = 0;
  std::uint64_t refused = 0;
  std::string trouble;                     ///< Why the copy does not follow; empty: it does.
};

class SharedDocuments {
 public:
  /// Hears of what others changed, in their order, when the copy on disk has it; an empty list tells of a new position.
  using Changed = std::function<void(const std::vector<SharedDocument>&, std::int64_t position)>;
  struct Parts {
    std::unique_ptr<EtcdClient> client;
    DocumentCopy& copy;
    std::string cluster;
    ClusterSecret secret;
    Changed changed;
    SharedDocumentsOptions options{};
  };
  /// Errors: what the copy on disk says.
  static Result<std::unique_ptr<SharedDocuments>> start(Parts parts);
  /// Changes that wait are answered by Errc::unavailable.
  ~SharedDocuments();

  /// `decided_on`: the position of what the decision was made on. `done` runs when the change is durable on a majority of
  /// etcd's disks and on this node's, or was refused: conflict (stale, or the document itself was changed meanwhile),
  /// unavailable (etcd; the detail says whether it may have been done), invalid_input (too large).
  void write(SharedDocument document, std::int64_t decided_on, DocumentWritten done);
  std::int64_t position() const;
  SharedDocumentsStats stats() const;

 private:
  class Keeper;
  explicit SharedDocuments(std::unique_ptr<Keeper> keeper);
  std::unique_ptr<Keeper> keeper_;
};

}  // namespace dunlin
