#pragma once
// From the call machine's words to the case's stored facts. Pure functions; the two vocabularies stay apart on purpose:
// one follows the line, the other is kept for years.
#include "core/call/call_effects.hpp"
#include "core/case/case_event.hpp"
#include "core/dialing/pacing.hpp"

namespace dunlin {

AnsweredBy answered_by(AnswerClass answer);
SettledCause settled_cause(const EndCause& cause);
AttemptAnswered answered_fact(AttemptId attempt, const call_effect::FactClassified& fact, UtcTime answered_at);
AttemptSettled settled_fact(AttemptId attempt, const call_effect::FactSettled& fact, std::optional<VoiceVerdict> verdict, bool is_recorded);
/// The last step of a call as pacing counts it.
PacingEventKind last_step(Outcome outcome, bool was_bridged);

}  // namespace dunlin
