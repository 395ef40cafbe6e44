#include <algorithm>

#include "core/case/case_import.hpp"
#include "core/case/case_machine.hpp"
#include "core/case/effect_builder.hpp"
#include "core/case/person_identity.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_text = 4000;

/// Whether the row says anything the record does not know yet.
bool changes_anything(const CaseRecord& record, const RowImported& row, UtcTime now) {
  CaseRecord next = record;
  apply_row(next, row, now);
  next.imports = record.imports;
  return !(next == record);
}

bool shares_key(const CaseRecord& record, const CaseDraft& draft) {
  return std::any_of(draft.keys.begin(), draft.keys.end(), [&record](const PersonKey& key) {
    return std::find(record.keys.begin(), record.keys.end(), key) != record.keys.end();
  });
}

Error unknown_number() { return {Errc::not_found, "not a number of this person"}; }
Error unknown_debt() { return {Errc::not_found, "not a debt of this person"}; }

}  // namespace

Result<CaseEffects> CaseMachine::change(UtcTime now, const std::function<Status(EffectBuilder&)>& body) const {
  if (auto status = check_ready(); !status) return status.error();
  switch (record_.state) {
    case CaseState::aliased: return answer_only(record_, now, AliasView{record_.alias_of});
    case CaseState::open:
    case CaseState::resting:
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped:
    case CaseState::awaiting_disposition:
    case CaseState::in_attempt: break;
  }
  EffectBuilder builder(record_, now, limits_);
  if (auto status = body(builder); !status) return status.error();
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_import(UtcTime now, CaseId id, RowImported row, const CampaignBook& book) const {
  if (row.draft.keys.empty()) return invalid_input("row " + std::to_string(row.row_line) + ": no person key");
  if (!record_.is_opened()) {
    if (pending_) return Error{Errc::conflict, "a decision of this case is being committed"};
    if (auto status = check_room(CaseRecord{}, row.draft); !status) return status.error();
    EffectBuilder builder(record_, now, limits_);
    builder.add(CaseOpened{id, row.draft.keys.front()});
    builder.add(std::move(row));
    builder.replan_data(book, "imported");
    return std::move(builder).finish();
  }
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (record_.id != id) return Error{Errc::conflict, "the row belongs to another case"};
    if (!shares_key(record_, row.draft)) return Error{Errc::conflict, "another person's key gave the same case id"};
    if (are_contradicting(record_.keys, row.draft.keys)) return Error{Errc::conflict, "the INN or SNILS of the row is not the known one"};
    if (!changes_anything(record_, row, now)) return Done{};
    if (auto status = check_room(record_, row.draft); !status) return status;
    builder.add(std::move(row));
    builder.replan_data(book, "imported");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_import_undone(UtcTime now, const ImportUndone& command, const CampaignBook& book) const {
  const auto trace = std::find_if(record_.imports.begin(), record_.imports.end(),
                                  [&command](const ImportTrace& known) { return known.import == command.import; });
  if (!pending_ && trace != record_.imports.end()) {
    if (record_.alias_of.is_set()) return answer_only(record_, now, KeptView{"merged"});
    const std::string reason = worked_since(record_, *trace);
    if (!reason.empty()) return answer_only(record_, now, KeptView{reason});
  }
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (trace == record_.imports.end()) return Done{};
    builder.add(command);
    builder.replan_data(book, "import undone");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_payment(UtcTime now, const PaymentFact& payment, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (payment.amount.minor <= 0) return invalid_input("payment.amount: must be positive");
    if (record_.find_debt(payment.debt_external_id) == nullptr) return unknown_debt();
    const bool is_repeated = std::any_of(record_.payments.begin(), record_.payments.end(), [&payment](const PaymentFact& known) {
      return payment.payment_id.empty() ? known == payment : known.payment_id == payment.payment_id;
    });
    if (is_repeated) return Done{};
    builder.add(PaymentRecorded{payment});
    decide_promises(builder);
    builder.replan_data(book, "payment");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_debt_closed(UtcTime now, const DebtClosed& command, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    const Debt* debt = record_.find_debt(command.debt_external_id);
    if (debt == nullptr) return unknown_debt();
    if (debt->is_closed) return Done{};
    builder.add(command);
    builder.replan_data(book, "debt closed");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_stage_changed(UtcTime now, const StageChanged& command, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    const Debt* debt = record_.find_debt(command.debt_external_id);
    if (debt == nullptr) return unknown_debt();
    if (debt->stage == command.stage) return Done{};
    builder.add(command);
    builder.replan_data(book, "stage changed");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_restriction_set(UtcTime now, const RestrictionSet& command, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (command.flag.name.empty() || command.flag.name.size() > 64) return invalid_input("restriction.name: 1 to 64 bytes");
    const auto& flags = record_.restrictions;
    if (std::find(flags.begin(), flags.end(), command.flag) != flags.end()) return Done{};
    if (flags.size() >= max_restrictions) return Error{Errc::exhausted, "too many restrictions of one person"};
    builder.add(command);
    builder.replan_data(book, "restriction set");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_restriction_cleared(UtcTime now, const RestrictionCleared& command,
                                                        const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (command.document_id.empty()) return invalid_input("restriction.document: clearing needs one");
    const bool is_set = std::any_of(record_.restrictions.begin(), record_.restrictions.end(),
                                    [&command](const RestrictionFlag& flag) { return flag.name == command.name; });
    if (!is_set) return Done{};
    builder.add(command);
    builder.replan_data(book, "restriction cleared");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_phone_blocked(UtcTime now, const PhoneBlocked& command, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    const ContactPhone* phone = record_.find_phone(command.number);
    if (phone == nullptr) return unknown_number();
    if (phone->is_blocked) return Done{};
    builder.add(command);
    builder.replan_data(book, "number blocked");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_phone_unblocked(UtcTime now, const PhoneUnblocked& command, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (command.document_id.empty()) return invalid_input("number.document: unblocking needs one");
    const ContactPhone* phone = record_.find_phone(command.number);
    if (phone == nullptr) return unknown_number();
    if (!phone->is_blocked) return Done{};
    builder.add(command);
    builder.replan_data(book, "number unblocked");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_consent_changed(UtcTime now, const ConsentChanged& command, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    const ContactPhone* phone = record_.find_phone(command.number);
    if (phone == nullptr) return unknown_number();
    const bool is_same =
        phone->debtor_consent_at == command.debtor_consent_at && phone->owner_consent_at == command.owner_consent_at;
    if (is_same) return Done{};
    builder.add(command);
    builder.replan_data(book, "consent changed");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_contact_recorded(UtcTime now, const OtherContact& contact, const CampaignBook& book) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (contact.at > now + minutes(1)) return invalid_input("contact.at: in the future");
    if (contact.at < now - history_window) return Done{};
    const bool is_repeated = std::any_of(record_.contacts.begin(), record_.contacts.end(), [&contact](const OtherContact& known) {
      return contact.id.empty() ? known == contact : known.id == contact.id;
    });
    if (is_repeated) return Done{};
    if (record_.contacts.size() >= max_history_rows) return Error{Errc::exhausted, "too many contacts of one person"};
    builder.add(ContactRecorded{contact});
    builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), "contact recorded"});
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_callback_asked(UtcTime now, const Callback& callback, const CampaignBook& book, AttemptId attempt) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (callback.at <= now || callback.at > now + days(366)) return invalid_input("callback.at: not within a year from now");
    if (callback.number.is_set() && record_.find_phone(callback.number) == nullptr) return unknown_number();
    if (record_.callback == callback) return Done{};
    builder.add(CallbackAsked{callback, attempt});
    builder.replan_data(book, "callback asked");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_promise_recorded(UtcTime now, const PromiseTerms& terms, const CampaignBook& book, AttemptId attempt) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (attempt.is_set() && record_.find_attempt(attempt) == nullptr) return Error{Errc::not_found, "the attempt was never reserved here"};
    if (attempt.is_set() && has_promise_of(record_, attempt)) return Done{};
    auto promise = promise_of(record_, terms, attempt, now, limits_);
    if (!promise) return promise.error();
    builder.add(PromiseMade{*promise});
    builder.replan_data(book, "promise recorded");
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_note(UtcTime now, const NoteAdded& note) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    if (note.text.empty() || note.text.size() > max_text) return invalid_input("note.text: 1 to 4000 bytes");
    builder.add(note);
    return Done{};
  });
}

Result<CaseEffects> CaseMachine::on_campaigns_changed(UtcTime now, const CampaignBook& book, bool has_new_rules) const {
  return change(now, [&](EffectBuilder& builder) -> Status {
    const char* reason = has_new_rules ? "rules of a campaign changed" : "campaigns changed";
    // A strategy changes nothing of the law: whom it refused a moment ago would only be refused again.
    builder.replan(book, PlanInputs{record_.rest_until, has_new_rules, CampaignId(), reason, true});
    return Done{};
  });
}

}  // namespace dunlin
