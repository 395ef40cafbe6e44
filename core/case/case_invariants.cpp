#include <algorithm>
#include <set>

#include "core/case/case_fold.hpp"

namespace dunlin {
namespace {

bool has_campaign_row(const CaseRecord& record) {
  return std::any_of(record.due.begin(), record.due.end(), [](const DueRow& row) { return row.campaign.is_set(); });
}

std::string broken_in_attempts(const CaseRecord& record) {
  std::set<AttemptId> seen;
  int open_rows = 0;
  for (const AttemptRow& row : record.attempts) {
    if (!seen.insert(row.attempt).second) return "an attempt is listed twice";
    if (row.is_open()) ++open_rows;
    if (row.is_open() != (row.status == ContactStatus::reserved)) return "a settled attempt still counts as reserved";
    if (row.status == ContactStatus::unknown && row.outcome != Outcome::unknown_after_failure) return "unknown with an outcome";
    if (row.legs < 1 || row.legs > 2) return "an attempt has neither one nor two legs";
  }
  if (open_rows > 1) return "two open attempts of one person";
  if ((open_rows == 1) != record.open_attempt.has_value()) return "the open attempt is not the open row";
  if (record.open_attempt) {
    const AttemptRow* row = record.find_attempt(record.open_attempt->attempt);
    if (row == nullptr || !row->is_open()) return "the open attempt has no open row";
  }
  if (!record.awaiting.is_set()) return {};
  const AttemptRow* row = record.find_attempt(record.awaiting);
  if (row == nullptr || row->is_open() || row->disposition) return "a disposition is awaited for no bridged attempt";
  return {};
}

std::string broken_in_plan(const CaseRecord& record) {
  const bool has_duplicates = std::adjacent_find(record.due.begin(), record.due.end(), [](const DueRow& a, const DueRow& b) {
                                return a.campaign >= b.campaign;
                              }) != record.due.end();
  if (has_duplicates) return "due rows are not sorted and unique by campaign";
  switch (record.state) {
    case CaseState::open:
    case CaseState::resting: return {};
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped:
    case CaseState::awaiting_disposition:
    case CaseState::in_attempt:
    case CaseState::aliased: break;
  }
  if (has_campaign_row(record)) return "a case in state " + std::string(to_string(record.state)) + " waits to be dialed";
  return {};
}

std::string broken_in_counts(const CaseRecord& record) {
  const AttemptTotals& totals = record.totals;
  if (totals.answered > totals.attempts || totals.humans > totals.answered) return "more answers than attempts";
  if (record.attempts.size() > totals.attempts) return "more attempts in the window than ever made";
  std::set<std::uint32_t> numbers;
  for (const Promise& promise : record.promises) {
    if (promise.number > record.promises_made || !numbers.insert(promise.number).second) return "a promise number twice";
  }
  std::uint64_t by_number = 0;
  for (const NumberStats& stats : record.number_stats) by_number += stats.attempts;
  if (by_number != totals.attempts) return "attempts by number do not sum up";
  return {};
}

std::string broken_in_bounds(const CaseRecord& record) {
  if (record.phones.size() > max_phones || record.debts.size() > max_debts) return "too many phones or debts";
  if (record.restrictions.size() > max_restrictions || record.keys.size() > max_keys) return "too many flags or keys";
  if (record.payments.size() > max_payments || record.promises.size() > max_promises) return "too many payments or promises";
  if (record.imports.size() > max_import_traces || record.denials.size() > max_denial_marks) return "too many traces";
  std::set<PhoneNumber> phones;
  for (const ContactPhone& phone : record.phones) {
    if (!phones.insert(phone.number).second) return "a number is listed twice";
  }
  std::set<std::string_view> debts;
  for (const Debt& debt : record.debts) {
    if (!debts.insert(debt.external_id).second) return "a debt is listed twice";
  }
  return {};
}

}  // namespace

std::string broken_invariant(const CaseRecord& record) {
  if (record.state != derive_state(record)) return "the state is not the one the facts imply";
  for (const auto& check : {broken_in_attempts, broken_in_plan, broken_in_counts, broken_in_bounds}) {
    if (auto broken = check(record); !broken.empty()) return broken;
  }
  return {};
}

}  // namespace dunlin
