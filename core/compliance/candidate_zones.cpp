#include "core/compliance/candidate_zones.hpp"

#include <algorithm>

namespace dunlin {
namespace {

constexpr std::string_view no_evidence_zone = "Etc/Unknown";  // What libphonenumber answers for an unknown number.

template <class T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

const PrefixEntry* prefix_of(const RuleSet& rules, const std::string& e164) {
  if (e164.size() < 2 || e164.front() != '+') return nullptr;
  const std::string_view digits = std::string_view(e164).substr(1);
  for (std::size_t length = digits.size(); length > 0; --length) {
    const auto found = rules.prefixes.find(digits.substr(0, length));
    if (found != rules.prefixes.end()) return &found->second;
  }
  return nullptr;
}

std::vector<std::string> jurisdictions_of(const PersonFacts& person, const RuleSet& rules, const PrefixEntry* prefix) {
  if (!person.jurisdictions.empty()) return person.jurisdictions;
  std::vector<std::string> names;
  for (const std::string& region : person.regions) {
    const auto found = rules.country_packs.find(region.substr(0, region.find('-')));
    add_once(names, found == rules.country_packs.end() ? region : found->second);
  }
  for (const std::string& zone : person.zones) {
    const auto found = rules.zone_packs.find(zone);
    if (found != rules.zone_packs.end()) add_once(names, found->second);
  }
  if (prefix != nullptr) add_once(names, prefix->jurisdiction);
  return names;
}

Candidates problem(std::string text) {
  Candidates candidates;
  candidates.problem = std::move(text);
  return candidates;
}

/// Names of the zones; empty when no address, statement or geographic number gives any. A zone that is told narrows the
/// region it belongs to (Yakutia has three); a region it does not belong to adds all its zones. A region unknown to the
/// table gives a name no zone has, so that it denies instead of vanishing, unless a zone is told.
std::vector<std::string> zone_names(const PersonFacts& person, const RuleSet& rules, const PrefixEntry* prefix) {
  std::vector<std::string> told;
  for (const std::string& zone : person.zones) {
    if (zone != no_evidence_zone) add_once(told, zone);
  }
  std::vector<std::string> names = told;
  const auto add_region = [&](const std::string& region) {
    const auto found = rules.region_zones.find(region);
    if (found == rules.region_zones.end()) {
      if (told.empty()) add_once(names, region);
      return;
    }
    const std::vector<std::string>& zones = found->second;
    const bool is_narrowed = std::find_first_of(zones.begin(), zones.end(), told.begin(), told.end()) != zones.end();
    if (is_narrowed) return;
    for (const std::string& zone : zones) add_once(names, zone);
  };
  for (const std::string& region : person.regions) add_region(region);
  if (names.empty() && prefix != nullptr && !prefix->region.empty()) add_region(prefix->region);
  return names;
}

}  // namespace

Candidates find_candidates(const PersonFacts& person, const RuleSet& rules) {
  const PrefixEntry* prefix = prefix_of(rules, person.phone_e164);
  Candidates candidates;
  for (const std::string& name : jurisdictions_of(person, rules, prefix)) {
    const auto found = rules.packs.find(name);
    if (found == rules.packs.end()) return problem("no law pack " + name);
    candidates.packs.push_back(&found->second);
  }
  if (candidates.packs.empty()) return problem("no jurisdiction known");
  std::vector<std::string> names = zone_names(person, rules, prefix);
  if (names.empty()) {
    for (const LawPack* pack : candidates.packs) {
      for (const std::string& zone : pack->unknown_zones) add_once(names, zone);
    }
  }
  for (const std::string& name : names) {
    const ZoneTable* zone = rules.zones ? rules.zones->find(name) : nullptr;
    if (zone == nullptr) return problem("unknown zone or region " + name);
    candidates.zones.push_back(zone);
  }
  if (candidates.zones.empty()) return problem("no zone known");
  return candidates;
}

}  // namespace dunlin
