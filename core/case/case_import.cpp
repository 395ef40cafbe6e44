#include "core/case/case_import.hpp"

#include <algorithm>

namespace dunlin {
namespace {

ImportTrace& trace_of(CaseRecord& record, ImportId import, UtcTime at) {
  for (ImportTrace& trace : record.imports) {
    if (trace.import == import) return trace;
  }
  if (record.imports.size() >= max_import_traces) record.imports.erase(record.imports.begin());
  ImportTrace& trace = record.imports.emplace_back();
  trace.import = import;
  trace.at = at;
  trace.has_opened_case = record.debts.empty() && record.phones.empty();
  return trace;
}

template <class List, class Match>
auto find_in(List& list, Match match) -> decltype(&*list.begin()) {
  const auto found = std::find_if(list.begin(), list.end(), match);
  return found == list.end() ? nullptr : &*found;
}

auto has_id(std::string_view id) {
  return [id](const Debt& debt) { return debt.external_id == id; };
}
auto has_number(const PhoneNumber& number) {
  return [&number](const ContactPhone& phone) { return phone.number == number; };
}

std::optional<UtcTime> closed_at(const CaseRecord& record, std::string_view id) {
  for (const auto& closed : record.debts_closed_at) {
    if (closed.first == id) return closed.second;
  }
  return std::nullopt;
}

void forget_closing(CaseRecord& record, std::string_view id) {
  auto& list = record.debts_closed_at;
  list.erase(std::remove_if(list.begin(), list.end(), [id](const auto& closed) { return closed.first == id; }), list.end());
}

void subtract(Money& from, Money amount) {
  if (from.currency == amount.currency) from.minor = std::max<std::int64_t>(0, from.minor - amount.minor);
}

/// Lowers the debt; says whether nothing is left to collect: the balance or the whole arrears are paid.
bool pay(Debt& debt, Money amount) {
  const bool had_arrears = debt.overdue.minor > 0;
  subtract(debt.balance, amount);
  subtract(debt.overdue, amount);
  if (debt.overdue.minor == 0 && had_arrears) {
    debt.days_past_due = 0;
    return true;
  }
  return debt.balance.minor == 0;
}

void repeat_payments(CaseRecord& record, Debt& debt, UtcTime after, UtcTime at) {
  for (const PaymentFact& payment : record.payments) {
    if (payment.debt_external_id != debt.external_id || payment.paid_at <= after || debt.is_closed) continue;
    if (!pay(debt, payment.amount)) continue;
    debt.is_closed = true;
    forget_closing(record, debt.external_id);
    record.debts_closed_at.emplace_back(debt.external_id, at);
  }
}

void remember_debt(ImportTrace& trace, const Debt& before) {
  const bool is_own = std::find(trace.created_debts.begin(), trace.created_debts.end(), before.external_id) !=
                      trace.created_debts.end();
  if (is_own || find_in(trace.previous_debts, has_id(before.external_id)) != nullptr) return;
  trace.previous_debts.push_back(before);
}

void apply_debt(CaseRecord& record, const RowImported& row, const Debt& given, UtcTime at) {
  ImportTrace& trace = trace_of(record, row.import, at);
  Debt* known = find_in(record.debts, has_id(given.external_id));
  const auto closed = closed_at(record, given.external_id);
  const UtcTime stamp = row.data_as_of.value_or(at - stale_row_guard);
  if (known != nullptr && known->is_closed && !given.is_closed && closed && stamp <= *closed) return;
  if (known == nullptr) {
    known = &record.debts.emplace_back(given);
    trace.created_debts.push_back(given.external_id);
  } else if (*known != given) {
    remember_debt(trace, *known);
    *known = given;
  }
  if (!known->is_closed) {
    forget_closing(record, given.external_id);
    if (row.data_as_of) repeat_payments(record, *known, *row.data_as_of, at);
  } else if (!closed) {
    record.debts_closed_at.emplace_back(given.external_id, at);
  }
}

void apply_phone(CaseRecord& record, ImportTrace& trace, const ContactPhone& given) {
  ContactPhone* known = find_in(record.phones, has_number(given.number));
  if (known == nullptr) {
    record.phones.push_back(given);
    trace.created_phones.push_back(given.number);
    return;
  }
  ContactPhone merged = given;
  merged.is_blocked = given.is_blocked || known->is_blocked;
  if (merged.owner_name.empty()) merged.owner_name = known->owner_name;
  // A row without consents does not withdraw those written down before; withdrawal is an event of its own.
  if (!merged.debtor_consent_at) merged.debtor_consent_at = known->debtor_consent_at;
  if (!merged.owner_consent_at) merged.owner_consent_at = known->owner_consent_at;
  if (merged == *known) return;
  const bool is_own = std::find(trace.created_phones.begin(), trace.created_phones.end(), given.number) !=
                      trace.created_phones.end();
  if (!is_own && find_in(trace.previous_phones, has_number(given.number)) == nullptr) {
    trace.previous_phones.push_back(*known);
  }
  *known = merged;
}

void apply_person(CaseRecord& record, ImportTrace& trace, const CaseDraft& draft) {
  for (const PersonKey& key : draft.keys) {
    if (add_unique(record.keys, key)) trace.created_keys.push_back(key);
  }
  if (!draft.name.full.empty()) record.name = draft.name;
  if (draft.birth_date) record.birth_date = draft.birth_date;
  if (!draft.language.empty()) record.language = draft.language;
  for (const std::string& region : draft.regions) add_unique(record.regions, region);
  for (const std::string& zone : draft.zones) add_unique(record.zones, zone);
  for (const RestrictionFlag& flag : draft.restrictions) {
    const bool is_known = std::any_of(record.restrictions.begin(), record.restrictions.end(),
                                      [&flag](const RestrictionFlag& known) { return known.name == flag.name; });
    if (is_known) continue;
    record.restrictions.push_back(flag);
    trace.created_restrictions.push_back(flag);
  }
}

/// The later import took over what this one had made: its own undo must go back to before both.
void hand_debt_over(ImportTrace& later, const std::string& id, const Debt* previous) {
  auto& list = later.previous_debts;
  list.erase(std::remove_if(list.begin(), list.end(), has_id(id)), list.end());
  if (previous != nullptr) list.push_back(*previous);
  else later.created_debts.push_back(id);
}

ImportTrace* later_trace(std::vector<ImportTrace>& later, const std::string& id) {
  return find_in(later, [&id](const ImportTrace& trace) {
    return std::any_of(trace.previous_debts.begin(), trace.previous_debts.end(), has_id(id));
  });
}

void undo_debts(CaseRecord& record, const ImportTrace& trace, std::vector<ImportTrace>& later) {
  for (const std::string& id : trace.created_debts) {
    if (ImportTrace* heir = later_trace(later, id)) {
      hand_debt_over(*heir, id, nullptr);
      continue;
    }
    record.debts.erase(std::remove_if(record.debts.begin(), record.debts.end(), has_id(id)), record.debts.end());
    forget_closing(record, id);
  }
  for (const Debt& previous : trace.previous_debts) {
    if (ImportTrace* heir = later_trace(later, previous.external_id)) {
      hand_debt_over(*heir, previous.external_id, &previous);
      continue;
    }
    Debt* known = find_in(record.debts, has_id(previous.external_id));
    if (known == nullptr) continue;
    const bool was_closed = known->is_closed && closed_at(record, previous.external_id).has_value();
    *known = previous;
    if (!previous.is_closed) {
      forget_closing(record, previous.external_id);
      repeat_payments(record, *known, trace.at, record.updated_at);
    } else if (!was_closed) {
      record.debts_closed_at.emplace_back(previous.external_id, record.updated_at);
    }
  }
}

void undo_phones(CaseRecord& record, const ImportTrace& trace) {
  for (const PhoneNumber& number : trace.created_phones) {
    const ContactPhone* known = record.find_phone(number);
    // A number that was blocked meanwhile stays as a blocked one: the next import must not bring it back to life.
    if (known == nullptr || known->is_blocked) continue;
    record.phones.erase(std::remove_if(record.phones.begin(), record.phones.end(), has_number(number)), record.phones.end());
  }
  for (const ContactPhone& previous : trace.previous_phones) {
    ContactPhone* known = find_in(record.phones, has_number(previous.number));
    if (known == nullptr) continue;
    const bool is_blocked = known->is_blocked;
    *known = previous;
    known->is_blocked = known->is_blocked || is_blocked;
  }
}

/// Even if nothing of the row is known yet, there is room for it.
bool has_ample_room(const CaseRecord& record, const CaseDraft& draft) {
  return record.phones.size() + draft.phones.size() <= max_phones && record.debts.size() + draft.debts.size() <= max_debts &&
         record.restrictions.size() + draft.restrictions.size() <= max_restrictions &&
         record.keys.size() + draft.keys.size() <= max_keys && record.regions.size() + draft.regions.size() <= max_places &&
         record.zones.size() + draft.zones.size() <= max_places;
}

}  // namespace

Status check_room(const CaseRecord& record, const CaseDraft& draft) {
  if (has_ample_room(record, draft)) return Done{};
  CaseRecord next = record;
  apply_row(next, RowImported{ImportId(1), 0, {}, std::nullopt, draft}, record.updated_at);
  const auto refuse = [](std::string_view what) { return Error{Errc::exhausted, "too many " + std::string(what)}; };
  if (next.phones.size() > max_phones) return refuse("phones of one person");
  if (next.debts.size() > max_debts) return refuse("debts of one person");
  if (next.restrictions.size() > max_restrictions) return refuse("restrictions of one person");
  if (next.keys.size() > max_keys) return refuse("keys of one person");
  if (next.regions.size() > max_places || next.zones.size() > max_places) return refuse("places of one person");
  return Done{};
}

void apply_row(CaseRecord& record, const RowImported& row, UtcTime at) {
  ImportTrace& trace = trace_of(record, row.import, at);
  apply_person(record, trace, row.draft);
  for (const ContactPhone& phone : row.draft.phones) apply_phone(record, trace, phone);
  for (const Debt& debt : row.draft.debts) apply_debt(record, row, debt, at);
}

void undo_import(CaseRecord& record, ImportId import) {
  const auto found = std::find_if(record.imports.begin(), record.imports.end(),
                                  [import](const ImportTrace& trace) { return trace.import == import; });
  if (found == record.imports.end()) return;
  const ImportTrace trace = *found;
  std::vector<ImportTrace> later(found + 1, record.imports.end());
  undo_debts(record, trace, later);
  undo_phones(record, trace);
  for (const RestrictionFlag& flag : trace.created_restrictions) {
    auto& list = record.restrictions;
    list.erase(std::remove(list.begin(), list.end(), flag), list.end());
  }
  for (const PersonKey& key : trace.created_keys) {
    // The first key made the case's id and stays.
    if (record.keys.empty() || key == record.keys.front()) continue;
    record.keys.erase(std::remove(record.keys.begin(), record.keys.end(), key), record.keys.end());
  }
  record.imports.erase(found, record.imports.end());
  record.imports.insert(record.imports.end(), later.begin(), later.end());
}

std::string worked_since(const CaseRecord& record, const ImportTrace& trace) {
  const auto is_since = [&trace](UtcTime at) { return at >= trace.at; };
  const auto any = [](const auto& list, const auto& test) { return std::any_of(list.begin(), list.end(), test); };
  if (record.open_attempt || any(record.attempts, [&](const AttemptRow& row) { return is_since(row.reserved_at); })) return "dialed";
  if (any(record.promises, [&](const Promise& promise) { return is_since(promise.made_at); })) return "promise";
  if (any(record.contacts, [&](const OtherContact& contact) { return is_since(contact.at); })) return "contact";
  const auto& brought = trace.created_debts;
  const bool is_paid = any(record.payments, [&](const PaymentFact& payment) {
    return is_since(payment.paid_at) && std::find(brought.begin(), brought.end(), payment.debt_external_id) != brought.end();
  });
  if (is_paid) return "payment";
  return record.callback ? "callback" : "";
}

void apply_payment(CaseRecord& record, const PaymentFact& payment, UtcTime at) {
  if (record.payments.size() >= max_payments) record.payments.erase(record.payments.begin());
  record.payments.push_back(payment);
  Debt* debt = find_in(record.debts, has_id(payment.debt_external_id));
  if (debt == nullptr || debt->is_closed) return;
  if (pay(*debt, payment.amount)) close_debt(record, payment.debt_external_id, at);
}

void close_debt(CaseRecord& record, std::string_view external_id, UtcTime at) {
  Debt* debt = find_in(record.debts, has_id(external_id));
  if (debt == nullptr) return;
  debt->is_closed = true;
  forget_closing(record, external_id);
  record.debts_closed_at.emplace_back(debt->external_id, at);
}

}  // namespace dunlin
