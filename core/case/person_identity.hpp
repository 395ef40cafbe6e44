#pragma once
// Whether keys that were learned at different times name one person. An INN or a SNILS belongs to one person only: two
// different ones contradict, whatever else agrees. A passport is replaced and a name is shared, so a second one of those
// contradicts nothing. Pure, any thread. Keys are personal data: never logged.
#include <vector>

#include "core/base/ids.hpp"
#include "core/case/case_draft.hpp"

namespace dunlin {

/// True when both lists hold an INN, or both a SNILS, and they share none of that kind.
bool are_contradicting(const std::vector<PersonKey>& a, const std::vector<PersonKey>& b);

/// A case that a key of the row led to.
struct KnownPerson {
  CaseId id;
  std::vector<PersonKey> keys;
};

/// What the row's keys say about the cases they led to.
struct PersonMatch {
  CaseId survivor;               ///< The case of the row's strongest key; unset when no case was found.
  std::vector<CaseId> absorbed;  ///< Turn out to be the same person.
  bool is_contradicting = false; ///< Two strong keys disagree: for a person to decide, nothing is merged.
};

/// `found` in the order of the row's keys, strongest first; repeated ids count once. The result depends on nothing but
/// the row and the cases, so every node and every repetition chooses the same survivor.
PersonMatch match_person(const std::vector<PersonKey>& row_keys, const std::vector<KnownPerson>& found);

}  // namespace dunlin
