#include "core/compliance/candidate_zones.hpp"

#include <algorithm>

namespace dunlin {
namespace {

constexpr std::string_view no_evidence_zone = "Etc/Unknown";  // What libphonenumber answers for an unknown number.

/// Views of texts in the person's facts and the rule set, each once. A full list is a problem of the caller.
template <std::size_t most>
struct Names {
  BoundedList<std::string_view, most> list;
  bool is_full = false;
  void add(std::string_view name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) is_full = !list.push(name) || is_full;
  }
};
using PackNames = Names<max_candidate_packs>;
using ZoneNames = Names<max_candidate_zones>;

const PrefixEntry* prefix_of(const RuleSet& rules, const std::string& e164) {
  if (e164.size() < 2 || e164.front() != '+') return nullptr;
  const std::string_view digits = std::string_view(e164).substr(1);
  for (std::size_t length = digits.size(); length > 0; --length) {
    const auto found = rules.prefixes.find(digits.substr(0, length));
    if (found != rules.prefixes.end()) return &found->second;
  }
  return nullptr;
}

PackNames jurisdictions_of(const PersonFacts& person, const RuleSet& rules, const PrefixEntry* prefix) {
  PackNames names;
  for (const std::string& name : person.jurisdictions) names.add(name);
  if (!person.jurisdictions.empty()) return names;
  for (const std::string& region : person.regions) {
    const auto found = rules.country_packs.find(std::string_view(region).substr(0, region.find('-')));
    names.add(found == rules.country_packs.end() ? region : found->second);
  }
  for (const std::string& zone : person.zones) {
    const auto found = rules.zone_packs.find(zone);
    if (found != rules.zone_packs.end()) names.add(found->second);
  }
  if (prefix != nullptr) names.add(prefix->jurisdiction);
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
ZoneNames zone_names(const PersonFacts& person, const RuleSet& rules, const PrefixEntry* prefix) {
  ZoneNames names;
  for (const std::string& zone : person.zones) {
    if (zone != no_evidence_zone) names.add(zone);
  }
  const auto told = names.list;
  const auto add_region = [&](const std::string& region) {
    const auto found = rules.region_zones.find(region);
    if (found == rules.region_zones.end()) {
      if (told.empty()) names.add(region);
      return;
    }
    const std::vector<std::string>& zones = found->second;
    const bool is_narrowed = std::find_first_of(zones.begin(), zones.end(), told.begin(), told.end()) != zones.end();
    if (is_narrowed) return;
    for (const std::string& zone : zones) names.add(zone);
  };
  for (const std::string& region : person.regions) add_region(region);
  if (names.list.empty() && prefix != nullptr && !prefix->region.empty()) add_region(prefix->region);
  return names;
}

}  // namespace

std::string_view region_of_prefix(const RuleSet& rules, const std::string& e164) {
  const PrefixEntry* prefix = prefix_of(rules, e164);
  return prefix == nullptr ? std::string_view() : std::string_view(prefix->region);
}

Candidates find_candidates(const PersonFacts& person, const RuleSet& rules) {
  const PrefixEntry* prefix = prefix_of(rules, person.phone_e164);
  Candidates candidates;
  const PackNames packs = jurisdictions_of(person, rules, prefix);
  if (packs.is_full) return problem("too many jurisdictions");
  for (const std::string_view name : packs.list) {
    const auto found = rules.packs.find(name);
    if (found == rules.packs.end()) return problem("no law pack " + std::string(name));
    if (!candidates.packs.push(&found->second)) return problem("too many jurisdictions");
  }
  if (candidates.packs.empty()) return problem("no jurisdiction known");
  ZoneNames names = zone_names(person, rules, prefix);
  candidates.is_place_known = !names.list.empty();
  if (names.list.empty()) {
    for (const LawPack* pack : candidates.packs) {
      for (const std::string& zone : pack->unknown_zones) names.add(zone);
    }
  }
  if (names.is_full) return problem("too many zones");
  for (const std::string_view name : names.list) {
    const ZoneTable* zone = rules.zones ? rules.zones->find(name) : nullptr;
    if (zone == nullptr) return problem("unknown zone or region " + std::string(name));
    if (!candidates.zones.push(zone)) return problem("too many zones");
  }
  if (candidates.zones.empty()) return problem("no zone known");
  return candidates;
}

}  // namespace dunlin
