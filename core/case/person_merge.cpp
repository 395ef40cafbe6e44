#include "core/case/person_merge.hpp"

#include <algorithm>

#include "core/case/case_import.hpp"
#include "core/case/person_identity.hpp"

namespace dunlin {
namespace {

void merge_phone(CaseRecord& survivor, const ContactPhone& other) {
  for (ContactPhone& known : survivor.phones) {
    if (known.number != other.number) continue;
    known.is_blocked = known.is_blocked || other.is_blocked;
    if (!known.debtor_consent_at) known.debtor_consent_at = other.debtor_consent_at;
    if (!known.owner_consent_at) known.owner_consent_at = other.owner_consent_at;
    return;
  }
  survivor.phones.push_back(other);
}

void merge_debt(CaseRecord& survivor, const Debt& other) {
  for (Debt& known : survivor.debts) {
    if (known.external_id != other.external_id) continue;
    // The same contract under both: what one of them knows as paid is paid.
    if (other.is_closed && !known.is_closed) known = other;
    return;
  }
  survivor.debts.push_back(other);
}

void merge_restriction(CaseRecord& survivor, const RestrictionFlag& other) {
  for (RestrictionFlag& known : survivor.restrictions) {
    if (known.name != other.name) continue;
    if (other.effective_from < known.effective_from) known = other;
    return;
  }
  survivor.restrictions.push_back(other);
}

void merge_stats(CaseRecord& survivor, const NumberStats& other) {
  for (NumberStats& known : survivor.number_stats) {
    if (known.number != other.number) continue;
    known.attempts += other.attempts;
    known.answered += other.answered;
    known.right_party += other.right_party;
    if (!other.last_at || (known.last_at && *known.last_at >= *other.last_at)) return;
    known.last_at = other.last_at;
    known.last_outcome = other.last_outcome;
    known.repeats = other.repeats;
    return;
  }
  survivor.number_stats.push_back(other);
}

std::optional<UtcTime> later(std::optional<UtcTime> a, std::optional<UtcTime> b) {
  if (!a) return b;
  if (!b) return a;
  return std::max(*a, *b);
}

void add_totals(AttemptTotals& survivor, const AttemptTotals& other) {
  survivor.attempts += other.attempts;
  survivor.answered += other.answered;
  survivor.humans += other.humans;
  survivor.right_party += other.right_party;
  survivor.promises += other.promises;
  survivor.unknown += other.unknown;
  survivor.last_attempt_at = later(survivor.last_attempt_at, other.last_attempt_at);
  survivor.last_right_party_at = later(survivor.last_right_party_at, other.last_right_party_at);
}

void merge_history(CaseRecord& survivor, const AbsorbedFacts& other) {
  for (const AttemptRow& row : other.attempts) {
    if (survivor.find_attempt(row.attempt) == nullptr) survivor.attempts.push_back(row);
  }
  std::stable_sort(survivor.attempts.begin(), survivor.attempts.end(),
                   [](const AttemptRow& a, const AttemptRow& b) { return a.reserved_at < b.reserved_at; });
  for (const OtherContact& contact : other.contacts) add_unique(survivor.contacts, contact);
  std::stable_sort(survivor.contacts.begin(), survivor.contacts.end(),
                   [](const OtherContact& a, const OtherContact& b) { return a.at < b.at; });
  for (const PaymentFact& payment : other.payments) add_unique(survivor.payments, payment);
  while (survivor.payments.size() > max_payments) survivor.payments.erase(survivor.payments.begin());
}

void merge_promises(CaseRecord& survivor, const AbsorbedFacts& other) {
  for (Promise promise : other.promises) {
    promise.number = ++survivor.promises_made;
    survivor.promises.push_back(promise);
  }
}

}  // namespace

Status check_merge(const CaseRecord& survivor, const AbsorbedFacts& other) {
  for (const AttemptRow& row : other.attempts) {
    if (row.is_open()) return Error{Errc::conflict, "the other case has an open attempt"};
  }
  CaseRecord next = survivor;
  merge_facts(next, other);
  const auto refuse = [](std::string_view what) { return Error{Errc::exhausted, "too many " + std::string(what)}; };
  if (next.phones.size() > max_phones) return refuse("phones of one person");
  if (next.debts.size() > max_debts) return refuse("debts of one person");
  if (next.restrictions.size() > max_restrictions) return refuse("restrictions of one person");
  if (next.keys.size() > max_keys) return refuse("keys of one person");
  if (next.regions.size() > max_places || next.zones.size() > max_places) return refuse("places of one person");
  if (next.promises.size() > max_promises) return refuse("promises of one person");
  if (next.attempts.size() + next.contacts.size() > 2 * max_history_rows) return refuse("contacts of one person");
  return Done{};
}

Status check_one_person(const CaseRecord& survivor, const CaseRecord& other) {
  if (!are_contradicting(survivor.keys, other.keys)) return Done{};
  return Error{Errc::denied, "the INN or SNILS of " + survivor.id.str() + " and " + other.id.str() + " are two people's"};
}

void merge_facts(CaseRecord& survivor, const AbsorbedFacts& other) {
  for (const PersonKey& key : other.keys) add_unique(survivor.keys, key);
  for (const std::string& region : other.regions) add_unique(survivor.regions, region);
  for (const std::string& zone : other.zones) add_unique(survivor.zones, zone);
  for (const ContactPhone& phone : other.phones) merge_phone(survivor, phone);
  for (const Debt& debt : other.debts) merge_debt(survivor, debt);
  for (const RestrictionFlag& flag : other.restrictions) merge_restriction(survivor, flag);
  for (const NumberStats& stats : other.number_stats) merge_stats(survivor, stats);
  for (const CaseId absorbed : other.absorbed) add_unique(survivor.absorbed, absorbed);
  add_totals(survivor.totals, other.totals);
  merge_history(survivor, other);
  merge_promises(survivor, other);
  const bool is_other_sooner = other.callback && (!survivor.callback || other.callback->at < survivor.callback->at);
  if (is_other_sooner) survivor.callback = other.callback;
}

}  // namespace dunlin
