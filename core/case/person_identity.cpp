#include "core/case/person_identity.hpp"

#include <algorithm>

namespace dunlin {
namespace {

bool disagree_about(PersonKeyKind kind, const std::vector<PersonKey>& a, const std::vector<PersonKey>& b) {
  bool has_a = false;
  bool has_b = std::any_of(b.begin(), b.end(), [kind](const PersonKey& key) { return key.kind == kind; });
  for (const PersonKey& key : a) {
    if (key.kind != kind) continue;
    has_a = true;
    if (std::find(b.begin(), b.end(), key) != b.end()) return false;
  }
  return has_a && has_b;
}

}  // namespace

bool are_contradicting(const std::vector<PersonKey>& a, const std::vector<PersonKey>& b) {
  return disagree_about(PersonKeyKind::inn, a, b) || disagree_about(PersonKeyKind::snils, a, b);
}

PersonMatch match_person(const std::vector<PersonKey>& row_keys, const std::vector<KnownPerson>& found) {
  PersonMatch match;
  std::vector<PersonKey> all = row_keys;
  for (const KnownPerson& person : found) {
    const auto& absorbed = match.absorbed;
    const bool is_repeated = person.id == match.survivor || std::find(absorbed.begin(), absorbed.end(), person.id) != absorbed.end();
    if (is_repeated) continue;
    if (are_contradicting(all, person.keys)) match.is_contradicting = true;
    all.insert(all.end(), person.keys.begin(), person.keys.end());
    if (match.survivor.is_set()) match.absorbed.push_back(person.id);
    else match.survivor = person.id;
  }
  if (match.is_contradicting) match.absorbed.clear();
  return match;
}

}  // namespace dunlin
