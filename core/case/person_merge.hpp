#pragma once
// Merge of two cases that turn out to be one person. The survivor keeps its own word where both speak (a name, a debt of
// the same contract), takes everything else, and sums the counters: the law counts per person, so
// after a merge both histories count. A stop or a block of either stays. Pure, deterministic.
#include "core/base/result.hpp"
#include "core/case/case_facts.hpp"
#include "core/case/case_record.hpp"

namespace dunlin {

/// Whether the survivor has room for the other's facts; Errc::exhausted names the bound.
Status check_merge(const CaseRecord& survivor, const AbsorbedFacts& other);

/// Errc::denied when an INN or a SNILS of the two says that they are two people. Asked while both are still cases: of a merge that is
/// half done the other half must follow.
Status check_one_person(const CaseRecord& survivor, const CaseRecord& other);

/// Adds the other's facts to the survivor (called by fold).
void merge_facts(CaseRecord& survivor, const AbsorbedFacts& other);

}  // namespace dunlin
