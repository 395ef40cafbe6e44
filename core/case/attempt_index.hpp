#pragma once
// What the index of attempts keeps of each: where it is, when, for which campaign, and what came of it; no secrets.
// Derived from the facts of a case alone, so that the live commit and a rebuild write the same rows. Pure, any thread.
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/case/case_event.hpp"
#include "core/case/journal.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {

/// The mark a fact leaves in the index; most facts leave none.
std::optional<AttemptMark> attempt_mark_of(const CaseEvent& event, UtcTime at);

/// Marks of a whole history, in its order: a later mark of the same attempt and kind replaces an earlier one.
Result<std::vector<AttemptMark>> attempt_marks_of(const std::vector<StoredEvent>& history);

/// One attempt as the index knows it.
struct AttemptEntry {
  AttemptId attempt;
  CaseId case_id;
  CampaignId campaign;
  UtcTime reserved_at;
  std::optional<Outcome> outcome;        ///< Unset: not settled yet.
  std::optional<Outcome> disposition;
  bool operator==(const AttemptEntry&) const = default;
};

/// A position in the list of attempts, which goes from the newest to the oldest.
struct AttemptCursor {
  UtcTime reserved_at;
  AttemptId attempt;
  bool operator==(const AttemptCursor&) const = default;
};

/// Which attempts to list.
struct AttemptRange {
  CampaignId campaign;                   ///< Unset: of all campaigns.
  std::optional<UtcTime> since;          ///< Not older than this.
  std::optional<AttemptCursor> after;    ///< Go on behind this one.
};

}  // namespace dunlin
