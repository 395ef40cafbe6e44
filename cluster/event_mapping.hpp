#pragma once
// From a stored fact of a case to what the world hears of it. Every fact becomes at least one event, so the feed has no
// holes; a settled attempt and a disposition become two (the attempt's end and the call's, the agent's word and who was
// reached). Pure, any thread. Leaves out names, sums, contract and document numbers, authors and free text; numbers of
// phones are masked.
#include <vector>

#include "cluster/event_envelope.hpp"
#include "core/case/case_event.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

/// The attempt the fact is about; unset when it is about the case alone.
AttemptId attempt_of(const CaseEvent& event);

/// `stored` gives the place and the time; its body is not read. `campaign` is that of the fact's attempt, if known.
std::vector<EventEnvelope> envelopes_of(const StoredEvent& stored, const CaseEvent& event, CampaignId campaign);

/// Every short type name envelopes_of can give, sorted: for help texts, documentation and tests.
std::vector<std::string_view> case_event_types();

}  // namespace dunlin
