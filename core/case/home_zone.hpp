#pragma once
// Where a person lives, as the law reckons: told zones, else those of the address's region, else those of the first number.
// One reading for the gate, the plan and the answer model. Pure, any thread.
#include "core/case/case_record.hpp"
#include "core/case/policy_gate.hpp"
#include "core/compliance/candidate_zones.hpp"

namespace dunlin {

/// Packs and zones of the person, without a contact in mind.
Candidates places_of(const CaseRecord& record, const RuleSet& rules, const PolicyGateOptions& options);

/// The first of these zones; nullptr when nothing tells the place: an hour guessed among all of a country is worth nothing.
/// The zone belongs to the rule set.
const ZoneTable* home_zone(const CaseRecord& record, const RuleSet& rules, const PolicyGateOptions& options);

}  // namespace dunlin
