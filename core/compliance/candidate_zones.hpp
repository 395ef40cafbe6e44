#pragma once
// Which law packs and which zones a person may be under (TZ-01 … TZ-09). Addresses and statements name them; the number
// is only a hint, used when no address is known; when nothing is known every zone of the country is a candidate.
// Pure, any thread.
#include <string>
#include <vector>

#include "core/compliance/contact_policy.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

struct Candidates {
  std::vector<const LawPack*> packs;
  std::vector<const ZoneTable*> zones;
  std::string problem;  ///< Not empty: the contact must be denied (GEN-03) and this says why.
};

Candidates find_candidates(const PersonFacts& person, const RuleSet& rules);

}  // namespace dunlin
