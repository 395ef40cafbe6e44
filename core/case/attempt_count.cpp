#include "core/case/attempt_count.hpp"

namespace dunlin {

ContactStatus contact_status(const AttemptRow& row) {
  if (!row.outcome) return ContactStatus::reserved;
  if (*row.outcome == Outcome::unknown_after_failure) return ContactStatus::unknown;
  if (traits(*row.outcome).counts_as_contact) return ContactStatus::contact;
  const bool was_answered = row.times.answered_at.has_value();
  if (was_answered && row.answer == AnsweredBy::unclassified) return ContactStatus::contact;
  return ContactStatus::no_contact;
}

void complete_times(AttemptTimes& known, const AttemptTimes& given) {
  if (given.invited_at) known.invited_at = given.invited_at;
  if (given.ringing_at) known.ringing_at = given.ringing_at;
  if (given.answered_at) known.answered_at = given.answered_at;
  if (given.bridged_at) known.bridged_at = given.bridged_at;
  if (given.ended_at) known.ended_at = given.ended_at;
}

bool may_write(SettledBy by, Outcome outcome) {
  switch (by) {
    case SettledBy::edge: return !traits(outcome).is_agent_disposition && outcome != Outcome::blocked_by_law;
    case SettledBy::recovery: return outcome == Outcome::unknown_after_failure;
    case SettledBy::reconciliation:
      return !traits(outcome).is_agent_disposition && outcome != Outcome::unknown_after_failure &&
             outcome != Outcome::blocked_by_law;
  }
  return false;
}

DenialMark mark_of(const AttemptDenied& denial) {
  DenialMark mark{denial.campaign, denial.number, {}, denial.decision.until};
  for (const RuleFinding& finding : denial.decision.findings) {
    if (!mark.rules.empty()) mark.rules += ",";
    mark.rules += finding.rule_id;
  }
  return mark;
}

}  // namespace dunlin
