#pragma once
// What an ended attempt means for the counters: attempt protocol R7 and R9. Pure functions.
#include "core/case/case_event.hpp"
#include "core/case/case_facts.hpp"

namespace dunlin {

/// R7: a 200 without classification is a contact; a classified one takes the outcome's count; a final answer before it is
/// no contact; an unknown end may have rung and counts. The law pack has the last word on each outcome.
ContactStatus contact_status(const AttemptRow& row);

/// The fact's word completes what is known: its times win where it has them.
void complete_times(AttemptTimes& known, const AttemptTimes& given);

/// Whether this writer may write this outcome (R5): "not sent" only the edge; recovery only unknown.
bool may_write(SettledBy by, Outcome outcome);

/// What is remembered of a refusal, to tell whether the next one says anything new.
DenialMark mark_of(const AttemptDenied& denial);

}  // namespace dunlin
