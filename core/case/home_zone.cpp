#include "core/case/home_zone.hpp"

namespace dunlin {

Candidates places_of(const CaseRecord& record, const RuleSet& rules, const PolicyGateOptions& options) {
  PersonFacts person;
  person.jurisdictions = options.jurisdictions;
  person.zones = record.zones;
  person.regions = record.regions;
  if (!record.phones.empty()) {
    const PhoneNumber& number = record.phones.front().number;
    person.phone_e164 = number.e164();
    if (options.number_regions && is_placed_by_number(record)) person.regions = options.number_regions(number);
  }
  return find_candidates(person, rules);
}

const ZoneTable* home_zone(const CaseRecord& record, const RuleSet& rules, const PolicyGateOptions& options) {
  const Candidates candidates = places_of(record, rules, options);
  return candidates.is_place_known && !candidates.zones.empty() ? *candidates.zones.begin() : nullptr;
}

}  // namespace dunlin
