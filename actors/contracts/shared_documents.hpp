#pragma once
// The protocol book, part four: documents that all nodes of a cluster share. A desk decides a change on what it has heard of,
// hands it to the door with the position of that, and hears of what other nodes changed as it would hear of its own start.
#include <cstdint>
#include <memory>
#include <vector>

#include "actors/contracts/caf.hpp"
#include "core/cluster/shared_document.hpp"

namespace dunlin {

/// Takes changes of shared documents. Any thread; outlives the actors.
class SharedDocumentDoor {
 public:
  virtual ~SharedDocumentDoor() = default;
  /// `decided_on`: the position of the last DocumentsChanged the decision knew. `done` runs on another thread; what it says
  /// of an error is a whole sentence.
  virtual void change(SharedDocument document, std::int64_t decided_on, DocumentWritten done) = 0;
};

namespace msg {

/// To a desk: what other nodes changed, in their order, of all kinds; nothing to do with its own changes. The first one comes at
/// the start, and from then on changes go through the door.
struct DocumentsChanged {
  std::shared_ptr<const std::vector<SharedDocument>> documents;
  std::int64_t position = 0;
  SharedDocumentDoor* door = nullptr;
};

}  // namespace msg
}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::DocumentsChanged)
