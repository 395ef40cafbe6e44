#pragma once
// All revisions of all texts of one kind (strategies, flows) the campaigns' desk keeps: which are stored, which revision is
// in force, what a change writes. Lives in the desk's actor. A text is compiled once, when it comes onto the shelf.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/contracts/messages.hpp"
#include "actors/document_queue.hpp"
#include "core/dialogue/flow.hpp"

namespace dunlin {

/// Strategies; also of flows.
inline constexpr std::size_t max_shelf_texts = 200;
/// Of one text; beyond it a new name is needed.
inline constexpr std::size_t max_text_revisions = 1'000;

/// What the shelf has to know of a kind: its words and how a text becomes the thing.
struct StrategyKind {
  using Text = Strategy;
  static constexpr const char* noun = "strategy";     ///< Also the kind of its documents.
  static constexpr const char* plural = "strategies";
  static Result<Strategy> compile(const std::string& origin, const std::string& text);
};
struct FlowKind {
  using Text = Flow;
  static constexpr const char* noun = "flow";
  static constexpr const char* plural = "flows";
  /// Refuses also what a live node cannot do.
  static Result<Flow> compile(const std::string& origin, const std::string& text);
};

template <class Kind>
class TextShelf {
 public:
  using Text = typename Kind::Text;
  TextShelf() = default;
  /// Stored revisions; a damaged or no longer valid one is logged and left alone, and an older one does not step in for it.
  static TextShelf load(const DocumentStore& documents);

  /// The revisions in force.
  std::vector<std::shared_ptr<const Text>> in_force() const;
  bool has(const std::string& name) const { return shelf_.count(name) != 0; }
  /// As it is in force; nullptr when it is not.
  std::shared_ptr<const Text> find(const std::string& name) const {
    const auto kept = shelf_.find(name);
    return kept == shelf_.end() ? nullptr : kept->second.latest;
  }
  /// One text's revisions, oldest first; the latest of each for an empty name.
  std::vector<TextRevision> view(const std::string& name) const;

  /// What to write; add() follows when the disk has it.
  Result<TextRevision> next_revision(const std::string& text, const std::string& origin, const std::string& author, UtcTime now) const;
  Result<TextRevision> rollback(const std::string& name, std::uint32_t revision, const std::string& author, UtcTime now) const;
  /// The revision is durable: from here on it is in force.
  void add(const TextRevision& revision);
  /// The document of a revision is gone; "soft.000012".
  void remove(const std::string& document_id);
  /// The document of one revision: ids sort by revision.
  static DocumentChange document_of(const TextRevision& revision);

 private:
  struct Kept {
    std::vector<TextRevision> revisions;              ///< Oldest first.
    std::shared_ptr<const Text> latest;               ///< Unset: its text is not valid any more.
  };
  static std::shared_ptr<const Text> compiled(const TextRevision& revision);
  Result<TextRevision> check_room(TextRevision revision) const;
  std::map<std::string, Kept> shelf_;
};

extern template class TextShelf<StrategyKind>;
extern template class TextShelf<FlowKind>;
using StrategyShelf = TextShelf<StrategyKind>;
using FlowShelf = TextShelf<FlowKind>;

}  // namespace dunlin
