#pragma once
// State = fold(events): the only code that changes a CaseRecord. Deterministic: no clock, no randomness, no campaign
// settings; everything it needs is in the event. Used live after each commit, by rebuild and by replicas. Pure.
#include <vector>

#include "core/base/result.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_record.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

/// Applies one committed fact. An event that contradicts the record is an illegal state (DUNLIN_CHECK): the machine
/// makes no such events, and damaged bytes are refused by the codec and the journal's chain before.
void fold(CaseRecord& record, const CaseEvent& event, UtcTime at);

/// Rebuilds a record from its stored history, in version order. Errc::corrupt for undecodable bytes or a version gap.
Result<CaseRecord> rebuild(const std::vector<StoredEvent>& history);

/// Invariants of a record: one open attempt, settled once, closed and stopped cases have no dialing rows, …
/// An empty text when all hold, else the first broken one (no personal data).
std::string broken_invariant(const CaseRecord& record);

}  // namespace dunlin
