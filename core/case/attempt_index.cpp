#include "core/case/attempt_index.hpp"

#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

AttemptMark mark(AttemptId attempt, AttemptMark::Kind kind, Outcome outcome) {
  AttemptMark made;
  made.attempt = attempt;
  made.kind = kind;
  made.outcome = outcome;
  return made;
}

}  // namespace

std::optional<AttemptMark> attempt_mark_of(const CaseEvent& event, UtcTime at) {
  if (const auto* reserved = std::get_if<AttemptReserved>(&event)) {
    AttemptMark made = mark(reserved->attempt, AttemptMark::Kind::reserved, Outcome::failed);
    made.campaign = reserved->campaign;
    made.reserved_at = at;
    return made;
  }
  if (const auto* settled = std::get_if<AttemptSettled>(&event)) {
    return mark(settled->attempt, AttemptMark::Kind::outcome, settled->outcome);
  }
  if (const auto* reconciled = std::get_if<AttemptReconciled>(&event)) {
    return mark(reconciled->attempt, AttemptMark::Kind::outcome, reconciled->outcome);
  }
  if (const auto* disposition = std::get_if<DispositionSet>(&event)) {
    return mark(disposition->attempt, AttemptMark::Kind::disposition, disposition->outcome);
  }
  return std::nullopt;
}

Result<std::vector<AttemptMark>> attempt_marks_of(const std::vector<StoredEvent>& history) {
  std::vector<AttemptMark> marks;
  for (const StoredEvent& stored : history) {
    const auto event = decode(stored.type, stored.body);
    if (!event) return Error{Errc::corrupt, "version " + std::to_string(stored.version) + ": " + event.error().detail};
    if (const auto made = attempt_mark_of(*event, stored.at)) marks.push_back(*made);
  }
  return marks;
}

}  // namespace dunlin
