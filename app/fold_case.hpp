#pragma once
// What the events of one case say its view, lookups and due rows must be: the fold of `history rebuild`, with the node
// running or stopped. Pure, any thread.
#include "core/case/attempt_index.hpp"
#include "core/case/case_fold.hpp"
#include "core/case/event_codec.hpp"
#include "storage/projections.hpp"

namespace dunlin {

inline Result<FoldedCase> fold_case(CaseId, const std::vector<StoredEvent>& history) {
  auto record = rebuild(history);
  if (!record) return record.error();
  auto attempts = attempt_marks_of(history);
  if (!attempts) return attempts.error();
  return FoldedCase{encode_view(*record), lookups_of(*record), record->due, std::move(*attempts)};
}

}  // namespace dunlin
