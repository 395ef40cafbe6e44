#pragma once
// Which law packs and which zones a person may be under (TZ-01 … TZ-09). Addresses and statements name them; the number
// is only a hint, used when no address is known; when nothing is known every zone of the country is a candidate.
// Pure, any thread.
#include <string>
#include <string_view>

#include "core/base/bounded_list.hpp"
#include "core/compliance/contact_policy.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

inline constexpr std::size_t max_candidate_packs = 8;
inline constexpr std::size_t max_candidate_zones = 40;  ///< More than any country's unknown zones; beyond it, a problem.

struct Candidates {
  BoundedList<const LawPack*, max_candidate_packs> packs;
  BoundedList<const ZoneTable*, max_candidate_zones> zones;
  bool is_place_known = false;  ///< False: nothing tells the place, the zones are all of the country's (TZ-04).
  std::string problem;  ///< Not empty: the contact must be denied (GEN-03) and this says why.
};

/// The region a geographic code stands for (ISO 3166-2); empty for mobile and unknown codes. Valid as long as the rules.
std::string_view region_of_prefix(const RuleSet& rules, const std::string& e164);

Candidates find_candidates(const PersonFacts& person, const RuleSet& rules);

}  // namespace dunlin
