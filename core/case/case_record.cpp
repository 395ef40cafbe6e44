#include "core/case/case_record.hpp"

#include <algorithm>
#include <array>

#include "core/base/check.hpp"
#include "core/base/folded_name.hpp"
#include "core/case/hashed_key.hpp"

namespace dunlin {
namespace {

LookupKey name_lookup_of(const CaseRecord& record) {
  // The key of name and birth date begins with the folded name: cutting it out is cheaper than folding again.
  for (const PersonKey& key : record.keys) {
    if (key.kind == PersonKeyKind::name_birth) return {LookupKind::person_key, std::string(name_lookup_prefix) + key.value.substr(0, key.value.rfind('|'))};
  }
  return name_lookup(record.name.full);
}

}  // namespace

std::string_view to_string(CaseState state) {
  constexpr std::array<std::string_view, 8> names{"open",    "resting",              "promised",   "closed",
                                                  "stopped", "awaiting_disposition", "in_attempt", "aliased"};
  const auto index = static_cast<std::size_t>(state);
  DUNLIN_CHECK(index < names.size());
  return names[index];
}

bool CaseRecord::has_open_debt() const {
  return std::any_of(debts.begin(), debts.end(), [](const Debt& debt) { return !debt.is_closed; });
}

bool CaseRecord::is_stopped() const {
  return std::any_of(restrictions.begin(), restrictions.end(),
                     [](const RestrictionFlag& flag) { return flag.name == contact_stop_flag; });
}

const Promise* CaseRecord::open_promise() const {
  const Promise* next = nullptr;
  for (const Promise& promise : promises) {
    if (promise.state != PromiseState::open) continue;
    if (next == nullptr || promise.check_at < next->check_at) next = &promise;
  }
  return next;
}

const ContactPhone* CaseRecord::find_phone(const PhoneNumber& number) const {
  for (const ContactPhone& phone : phones) {
    if (phone.number == number) return &phone;
  }
  return nullptr;
}

const Debt* CaseRecord::find_debt(std::string_view external_id) const {
  for (const Debt& debt : debts) {
    if (debt.external_id == external_id) return &debt;
  }
  return nullptr;
}

const AttemptRow* CaseRecord::find_attempt(AttemptId attempt) const {
  for (auto row = attempts.rbegin(); row != attempts.rend(); ++row) {
    if (row->attempt == attempt) return &*row;
  }
  return nullptr;
}

const AttemptRow* CaseRecord::last_settled() const {
  const auto row = std::find_if(attempts.rbegin(), attempts.rend(), [](const AttemptRow& one) { return one.outcome.has_value(); });
  return row == attempts.rend() ? nullptr : &*row;
}

const NumberStats* CaseRecord::find_stats(const PhoneNumber& number) const {
  for (const NumberStats& stats : number_stats) {
    if (stats.number == number) return &stats;
  }
  return nullptr;
}

std::size_t CaseRecord::attempts_since(UtcTime since) const {
  return static_cast<std::size_t>(std::count_if(attempts.begin(), attempts.end(),
                                                [since](const AttemptRow& row) { return row.reserved_at >= since; }));
}

std::size_t CaseRecord::attempts_since(UtcTime since, const PhoneNumber& number) const {
  return static_cast<std::size_t>(std::count_if(attempts.begin(), attempts.end(), [&](const AttemptRow& row) {
    return row.reserved_at >= since && row.number == number;
  }));
}

std::optional<int> CaseRecord::contactability_permille(std::size_t window) const {
  int seen = 0;
  int reached = 0;
  for (auto row = attempts.rbegin(); row != attempts.rend() && static_cast<std::size_t>(seen) < window; ++row) {
    const auto outcome = row->final_outcome();
    if (!outcome) continue;
    ++seen;
    if (traits(*outcome).right_party) ++reached;
  }
  if (seen == 0) return std::nullopt;
  return reached * 1000 / seen;
}

CaseState derive_state(const CaseRecord& record) {
  if (record.alias_of.is_set()) return CaseState::aliased;
  if (record.open_attempt) return CaseState::in_attempt;
  if (record.awaiting.is_set()) return CaseState::awaiting_disposition;
  if (record.is_stopped()) return CaseState::stopped;
  if (!record.has_open_debt()) return CaseState::closed;
  // A callback the person asked for breaks the silence of the promise.
  if (record.has_open_promise() && !record.callback) return CaseState::promised;
  if (record.rest_until && *record.rest_until > record.updated_at) return CaseState::resting;
  return CaseState::open;
}

LookupKey name_lookup(std::string_view full_name) { return {LookupKind::person_key, std::string(name_lookup_prefix) + fold_name(full_name)}; }

std::vector<LookupKey> lookups_of(const CaseRecord& record) {
  std::vector<LookupKey> keys;
  // An absorbed case keeps no way to itself: the survivor answers for its numbers and contracts.
  if (record.alias_of.is_set()) return keys;
  for (const ContactPhone& phone : record.phones) keys.push_back({LookupKind::phone, phone.number.e164()});
  for (const PersonKey& key : record.keys) {
    keys.push_back({LookupKind::person_key, std::string(to_string(key.kind)) + "|" + key.value});
  }
  if (!record.name.full.empty()) keys.push_back(name_lookup_of(record));
  for (const Debt& debt : record.debts) keys.push_back({LookupKind::external_id, debt.external_id});
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

AbsorbedFacts absorbed_facts(const CaseRecord& record) {
  AbsorbedFacts facts;
  facts.keys = record.keys;
  facts.regions = record.regions;
  facts.zones = record.zones;
  facts.phones = record.phones;
  facts.debts = record.debts;
  facts.restrictions = record.restrictions;
  facts.promises = record.promises;
  facts.payments = record.payments;
  facts.attempts = record.attempts;
  facts.contacts = record.contacts;
  facts.number_stats = record.number_stats;
  facts.totals = record.totals;
  facts.callback = record.callback;
  facts.absorbed = record.absorbed;
  return facts;
}

}  // namespace dunlin
