#include "actors/strategy_shelf.hpp"

#include <algorithm>

#include "config/log.hpp"
#include "config/strategy_loader.hpp"

namespace dunlin {
namespace {

constexpr const char* strategy_kind = "strategy";

/// "soft.000012"
std::string strategy_document_id(const StrategyRevision& revision) {
  const std::string digits = std::to_string(revision.revision);
  return revision.name + "." + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

std::shared_ptr<const Strategy> compiled(const StrategyRevision& revision) {
  auto strategy = parse_strategy(revision.name, revision.text);
  if (!strategy) {
    log_error("strategies", "invalid", "strategy={} revision={} {}", revision.name, revision.revision, strategy.error().detail);
    return nullptr;
  }
  strategy->revision = revision.revision;
  return std::make_shared<const Strategy>(std::move(*strategy));
}

}  // namespace

DocumentChange strategy_document(const StrategyRevision& revision) {
  return {strategy_kind, strategy_document_id(revision), encode_strategy_revision(revision), nullptr};
}

StrategyShelf StrategyShelf::load(const DocumentStore& documents) {
  StrategyShelf shelf;
  const auto stored = documents.list(strategy_kind);
  if (!stored) {
    log_error("strategies", "unreadable", "{}", stored.error().detail);
    return shelf;
  }
  for (const auto& [id, bytes] : *stored) {
    auto revision = decode_strategy_revision(bytes);
    if (revision) shelf.shelf_[revision->name].revisions.push_back(std::move(*revision));
    else log_error("strategies", "damaged", "id={} {}", id, revision.error().detail);
  }
  for (auto& [name, kept] : shelf.shelf_) {
    std::sort(kept.revisions.begin(), kept.revisions.end(),
              [](const StrategyRevision& a, const StrategyRevision& b) { return a.revision < b.revision; });
    kept.latest = compiled(kept.revisions.back());
  }
  return shelf;
}

CampaignBook::Strategies StrategyShelf::in_force() const {
  CampaignBook::Strategies strategies;
  for (const auto& [name, kept] : shelf_) {
    if (kept.latest) strategies.push_back(kept.latest);
  }
  return strategies;
}

msg::StrategiesView StrategyShelf::view(const std::string& name) const {
  msg::StrategiesView view;
  for (const auto& [known, kept] : shelf_) {
    if (name.empty()) view.revisions.push_back(kept.revisions.back());
    else if (known == name) view.revisions = kept.revisions;
  }
  return view;
}

Result<StrategyRevision> StrategyShelf::check_room(StrategyRevision revision) const {
  const auto known = shelf_.find(revision.name);
  revision.revision = 1;
  if (known == shelf_.end()) {
    if (shelf_.size() >= max_strategies) return Error{Errc::exhausted, "200 strategies are stored; no further one fits"};
    return revision;
  }
  if (known->second.revisions.size() >= max_strategy_revisions) {
    return Error{Errc::exhausted, "1000 revisions of " + revision.name + " are stored; go on under another name"};
  }
  revision.revision = known->second.revisions.back().revision + 1;
  return revision;
}

Result<StrategyRevision> StrategyShelf::next_revision(const msg::PutStrategy& command, UtcTime now) const {
  const auto strategy = parse_strategy(command.origin, command.text);
  if (!strategy) return strategy.error();
  return check_room({strategy->name, 0, command.author, now, command.origin, command.text});
}

Result<StrategyRevision> StrategyShelf::rollback(const msg::RollbackStrategy& command, UtcTime now) const {
  const auto known = shelf_.find(command.name);
  if (known == shelf_.end()) return Error{Errc::not_found, "no strategy " + command.name};
  const auto& revisions = known->second.revisions;
  const auto wanted = std::find_if(revisions.begin(), revisions.end(), [&command](const StrategyRevision& r) { return r.revision == command.revision; });
  if (wanted == revisions.end()) {
    return Error{Errc::not_found, command.name + " has no revision " + std::to_string(command.revision)};
  }
  const bool is_in_force = wanted + 1 == revisions.end();
  if (is_in_force) return Error{Errc::conflict, "revision " + std::to_string(command.revision) + " of " + command.name + " is in force already"};
  const std::string origin = "rollback to " + std::to_string(command.revision);
  // What was valid once may not be any more: bounds may have become tighter since.
  const auto strategy = parse_strategy(origin, wanted->text);
  if (!strategy) return strategy.error();
  return check_room({command.name, 0, command.author, now, origin, wanted->text});
}

void StrategyShelf::add(const StrategyRevision& revision) {
  Kept& kept = shelf_[revision.name];
  kept.latest = compiled(revision);
  kept.revisions.push_back(revision);
}

}  // namespace dunlin
