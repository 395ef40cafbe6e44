#pragma once
// All revisions of all strategies the campaigns' desk keeps: which texts are stored, which revision is in force, what a
// change writes. Lives in the desk's actor. A text is compiled once, when it comes onto the shelf.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/contracts/messages.hpp"
#include "actors/document_queue.hpp"

namespace dunlin {

inline constexpr std::size_t max_strategies = 200;
/// Of one strategy; beyond it a new name is needed.
inline constexpr std::size_t max_strategy_revisions = 1'000;

class StrategyShelf {
 public:
  StrategyShelf() = default;
  /// Stored revisions; a damaged or no longer valid one is logged and left alone, and an older one does not step in for it.
  static StrategyShelf load(const DocumentStore& documents);

  /// The revisions in force.
  CampaignBook::Strategies in_force() const;
  bool has(const std::string& name) const { return shelf_.count(name) != 0; }
  /// One strategy's revisions, oldest first; the latest of each for an empty name.
  msg::StrategiesView view(const std::string& name) const;

  /// What to write; `added` runs after add(), when the disk has it.
  Result<StrategyRevision> next_revision(const msg::PutStrategy& command, UtcTime now) const;
  Result<StrategyRevision> rollback(const msg::RollbackStrategy& command, UtcTime now) const;
  /// The revision is durable: from here on it is in force.
  void add(const StrategyRevision& revision);

 private:
  struct Kept {
    std::vector<StrategyRevision> revisions;          ///< Oldest first.
    std::shared_ptr<const Strategy> latest;           ///< Unset: its text is not valid any more.
  };
  Result<StrategyRevision> check_room(StrategyRevision revision) const;
  std::map<std::string, Kept> shelf_;
};

/// The document of one revision: ids sort by revision.
DocumentChange strategy_document(const StrategyRevision& revision);

}  // namespace dunlin
