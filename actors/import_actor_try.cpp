// A dry run: each row is decided as its shard would decide it, on a copy of the stored case; nothing is sent and nothing is
// written.
#include "actors/import_actor.hpp"
#include "core/case/case_machine.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {
namespace {

/// Rows of one person mostly stand together. Beyond that a case is decided from what is stored: some tens of megabytes.
constexpr std::size_t cases_kept = 16'384;
/// A case may have been merged into one that was merged later. A longer way than this is no way: the row is decided where it ends.
constexpr int max_aliases = 16;

}  // namespace

/// The case as the rows before have left it.
CaseRecord ImportActor::tried(CaseId id) const {
  const auto changed = tried_.find(id);
  if (changed != tried_.end()) return changed->second;
  return stored(id).value_or(CaseRecord{});
}

void ImportActor::try_row(CaseId id, ImportRow row) {
  CaseRecord record = tried(id);
  for (int i = 0; record.alias_of.is_set() && i < max_aliases; ++i) {
    id = record.alias_of;
    record = tried(id);
  }
  const bool is_known = record.is_opened() || opened_.count(id) > 0;
  const CaseMachine machine(std::move(record));
  const std::uint64_t line = row.line;
  // Campaigns decide when the case is due, never whether the row changes it.
  auto effects = machine.on_import(context_->clock->now_utc(), id,
                                   RowImported{state_.id, line, command_.request.portfolio, std::nullopt, std::move(row.draft)}, CampaignBook());
  if (!effects) return give_back_refused({line, effects.error()});
  if (!effects->has_events()) {
    ++state_.unchanged;
    return;
  }
  ++(is_known ? state_.updated : state_.created);
  if (!is_known) opened_.insert(id);
  if (tried_.size() >= cases_kept) tried_.clear();
  tried_.insert_or_assign(id, std::move(effects->next));
}

}  // namespace dunlin
