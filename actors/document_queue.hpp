#pragma once
// Changes of a desk's documents, one at a time: a change is decided on what the disk has, written, and takes effect only
// when it is on disk; a disk that refuses leaves everything as it was. Lives in the desk's actor.
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "actors/contracts/messages.hpp"

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

 private:
  struct Waiting {
    Promise promise;
    Decide decide;
  };
  struct UnderWay {
    Promise promise;
    std::function<std::string()> apply;
  };
  void start(const caf::actor& desk, Waiting next);

  DocumentStore* documents_;
  std::optional<UnderWay> under_way_;
  std::deque<Waiting> waiting_;
};

}  // namespace dunlin
