#pragma once
// Changes of a desk's documents, one at a time: a change is decided on what the disk has, written, and takes effect only
// when it is on disk; a disk that refuses leaves everything as it was. In a cluster the change is written for all nodes: it is
// decided anew when others have changed other documents meanwhile, and refused when they changed this one. Lives in the
// desk's actor.
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/contracts/messages.hpp"
#include "actors/contracts/shared_documents.hpp"

namespace dunlin {

/// A decided change: what to write and what to do once it is durable.
struct DocumentChange {
  std::string kind;
  std::string id;
  std::optional<std::string> bytes;          ///< nullopt removes the document.
  std::function<std::string()> apply;        ///< Runs in the desk's actor; its text is the answer.
};

class DocumentQueue {
 public:
  using Promise = caf::typed_response_promise<msg::Answer>;
  using Decide = std::function<Result<DocumentChange>()>;

  explicit DocumentQueue(DocumentStore* documents) : documents_(documents) {}

  /// `decide` runs when the changes before it are done. Above the bound the answer is Errc::exhausted.
  void submit(const caf::actor& desk, Promise promise, Decide decide);
  /// The desk passes msg::DocumentSaved on to this.
  void on_saved(const caf::actor& desk, const msg::DocumentSaved& saved);
  /// The desk has applied what other nodes changed.
  void on_heard(const msg::DocumentsChanged& news);

 private:
  struct Waiting {
    Promise promise;
    Decide decide;
    int tries = 0;
  };
  struct UnderWay {
    Waiting change;
    std::function<std::string()> apply;
    std::shared_ptr<DocumentOutcome> outcome;  ///< Written by the door's thread before DocumentSaved is sent.
  };
  void start(const caf::actor& desk, Waiting next);
  void write(const caf::actor& desk, DocumentChange change, const std::shared_ptr<DocumentOutcome>& outcome);

  DocumentStore* documents_;
  SharedDocumentDoor* door_ = nullptr;         ///< Null: documents are this node's own.
  std::int64_t heard_ = 0;                     ///< Everything shared up to this position has been applied.
  std::optional<UnderWay> under_way_;
  std::deque<Waiting> waiting_;
};

}  // namespace dunlin
