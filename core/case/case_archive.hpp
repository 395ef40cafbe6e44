#pragma once
// The fields of every stored value of a case, in their stored order. Changing an order or a type needs a new version in
// core/case/event_codec; fields of a new version go to the end. Internal to the codecs of core/case and
// core/dialing, and to the region's (actors/region_codec), whose version counts with the events'.
#include "core/base/archive.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_record.hpp"

namespace dunlin {

constexpr PhoneType last_of(PhoneType) { return PhoneType::other; }
constexpr PartyRole last_of(PartyRole) { return PartyRole::other; }
constexpr PersonKeyKind last_of(PersonKeyKind) { return PersonKeyKind::source_client; }
constexpr Currency last_of(Currency) { return Currency::gbp; }
constexpr Outcome last_of(Outcome) { return Outcome::agent_machine; }
constexpr Verdict last_of(Verdict) { return Verdict::deny; }
constexpr AnsweredBy last_of(AnsweredBy) { return AnsweredBy::silence; }
constexpr CallAct last_of(CallAct) { return CallAct::resume_recording; }
constexpr SettledBy last_of(SettledBy) { return SettledBy::reconciliation; }
constexpr ContactStatus last_of(ContactStatus) { return ContactStatus::no_contact; }
constexpr Channel last_of(Channel) { return Channel::post; }
constexpr ContactResult last_of(ContactResult) { return ContactResult::not_sent; }
constexpr PromiseState last_of(PromiseState) { return PromiseState::broken; }
constexpr CaseState last_of(CaseState) { return CaseState::aliased; }

#define DUNLIN_FIELDS(Type, name) \
  template <class A>              \
  void describe(A& archive, typename A::template Ref<Type> name)

DUNLIN_FIELDS(Money, m) { archive(m.minor, m.currency); }
DUNLIN_FIELDS(PersonKey, k) { archive(k.kind, k.value); }
DUNLIN_FIELDS(PersonName, n) { archive(n.full); }
DUNLIN_FIELDS(RestrictionFlag, f) { archive(f.name, f.effective_from, f.document_id); }
DUNLIN_FIELDS(ContactPhone, p) {
  archive(p.number, p.type, p.owner, p.owner_name, p.debtor_consent_at, p.owner_consent_at, p.is_blocked);
}
DUNLIN_FIELDS(Debt, d) {
  archive(d.external_id, d.portfolio, d.creditor, d.product, d.balance, d.overdue, d.days_past_due, d.stage, d.arrears_since,
          d.is_closed);
}
DUNLIN_FIELDS(CaseDraft, d) {
  archive(d.keys, d.name, d.birth_date, d.regions, d.zones, d.phones, d.debts, d.restrictions, d.language);
}
DUNLIN_FIELDS(RuleFinding, f) { archive(f.rule_id, f.until, f.reason); }
DUNLIN_FIELDS(Decision, d) {
  archive(d.verdict, d.until, d.findings, d.at, d.rule_set_version, d.calendar_version, d.tzdata_version, d.zones,
          d.history_length, d.clock_shifted);
  archive.since(2, d.inputs);
}
DUNLIN_FIELDS(DueRow, r) { archive(r.campaign, r.due_at, r.rank); }
DUNLIN_FIELDS(AttemptTimes, t) { archive(t.invited_at, t.ringing_at, t.answered_at, t.bridged_at, t.ended_at); }
DUNLIN_FIELDS(SettledCause, c) { archive(c.sip_status, c.q850, c.text); }
DUNLIN_FIELDS(AttemptRow, r) {
  archive(r.attempt, r.campaign, r.number, r.type, r.role, r.reserved_at, r.times, r.answer, r.status, r.outcome,
          r.disposition, r.agent, r.legs, r.is_manual, r.is_reconciled);
  archive.since(3, r.answer_score_permille);
}
DUNLIN_FIELDS(OpenAttempt, o) {
  archive(o.attempt, o.campaign, o.trunk, o.edge_node, o.edge_incarnation, o.slot_expires_at, o.legs, o.has_rung);
}
DUNLIN_FIELDS(OtherContact, c) { archive(c.id, c.at, c.channel, c.result, c.role, c.number, c.debt_external_id, c.is_by_debtor); }
DUNLIN_FIELDS(Promise, p) {
  archive(p.number, p.attempt, p.debt_external_id, p.amount, p.date, p.made_at, p.check_at, p.state);
}
DUNLIN_FIELDS(PromiseTerms, t) { archive(t.amount, t.date, t.debt_external_id); }
DUNLIN_FIELDS(Callback, c) { archive(c.at, c.agent, c.number); }
DUNLIN_FIELDS(PaymentFact, p) { archive(p.payment_id, p.debt_external_id, p.amount, p.paid_at); }
DUNLIN_FIELDS(NumberStats, s) {
  archive(s.number, s.attempts, s.answered, s.right_party, s.repeats, s.last_outcome, s.last_at);
}
DUNLIN_FIELDS(AttemptTotals, t) {
  archive(t.attempts, t.answered, t.humans, t.right_party, t.promises, t.unknown, t.last_attempt_at, t.last_right_party_at);
}
DUNLIN_FIELDS(DenialMark, d) { archive(d.campaign, d.number, d.rules, d.until); }
DUNLIN_FIELDS(ImportTrace, t) {
  archive(t.import, t.at, t.created_debts, t.previous_debts, t.created_phones, t.previous_phones, t.created_restrictions,
          t.created_keys, t.has_opened_case);
}
DUNLIN_FIELDS(AbsorbedFacts, f) {
  archive(f.keys, f.regions, f.zones, f.phones, f.debts, f.restrictions, f.promises, f.payments, f.attempts, f.contacts,
          f.number_stats, f.totals, f.callback, f.absorbed);
}

DUNLIN_FIELDS(CaseOpened, e) { archive(e.id, e.key); }
DUNLIN_FIELDS(RowImported, e) { archive(e.import, e.row_line, e.source, e.data_as_of, e.draft); }
DUNLIN_FIELDS(ImportUndone, e) { archive(e.import, e.author); }
DUNLIN_FIELDS(PaymentRecorded, e) { archive(e.payment); }
DUNLIN_FIELDS(DebtClosed, e) { archive(e.debt_external_id, e.reason); }
DUNLIN_FIELDS(StageChanged, e) { archive(e.debt_external_id, e.stage); }
DUNLIN_FIELDS(PlanChanged, e) { archive(e.rest_until, e.rows, e.finished_campaign, e.reason); }
DUNLIN_FIELDS(AttemptReserved, e) {
  archive(e.attempt, e.campaign, e.number, e.type, e.role, e.trunk, e.caller_id, e.slot_expires_at, e.edge_node,
          e.edge_incarnation, e.agent, e.is_manual, e.is_clock_shifted, e.answer_score_permille, e.proof);
  archive.since(3, e.answer_model_at);
}
DUNLIN_FIELDS(AttemptDenied, e) { archive(e.campaign, e.number, e.role, e.agent, e.is_manual, e.decision); }
DUNLIN_FIELDS(SecondLegCommitted, e) { archive(e.attempt, e.trunk, e.first_leg_cause, e.slot_expires_at, e.proof); }
DUNLIN_FIELDS(AttemptAnswered, e) { archive(e.attempt, e.answered_at, e.answer, e.confidence_permille, e.decision_ms); }
DUNLIN_FIELDS(AgentBridged, e) { archive(e.attempt, e.agent, e.bridged_at); }
DUNLIN_FIELDS(AttemptSettled, e) {
  archive(e.attempt, e.outcome, e.by, e.times, e.answer, e.cause, e.agent, e.recording_id, e.legs);
}
DUNLIN_FIELDS(DispositionSet, e) { archive(e.attempt, e.agent, e.outcome, e.promise, e.callback, e.note); }
DUNLIN_FIELDS(DispositionMissed, e) { archive(e.attempt, e.agent); }
DUNLIN_FIELDS(AttemptReconciled, e) { archive(e.attempt, e.outcome, e.by, e.times, e.cause, e.authors); }
DUNLIN_FIELDS(CallControlled, e) { archive(e.attempt, e.number, e.act, e.by, e.agent, e.author, e.at, e.media_ms); }
DUNLIN_FIELDS(PromiseMade, e) { archive(e.promise); }
DUNLIN_FIELDS(PromiseKept, e) { archive(e.number, e.paid); }
DUNLIN_FIELDS(PromiseBroken, e) { archive(e.number, e.paid); }
DUNLIN_FIELDS(CallbackAsked, e) { archive(e.callback, e.attempt); }
DUNLIN_FIELDS(CallbackCancelled, e) { archive(e.reason); }
DUNLIN_FIELDS(RestrictionSet, e) { archive(e.flag, e.author); }
DUNLIN_FIELDS(RestrictionCleared, e) { archive(e.name, e.document_id, e.author); }
DUNLIN_FIELDS(PhoneBlocked, e) { archive(e.number, e.reason); }
DUNLIN_FIELDS(PhoneUnblocked, e) { archive(e.number, e.document_id, e.author); }
DUNLIN_FIELDS(ConsentChanged, e) { archive(e.number, e.debtor_consent_at, e.owner_consent_at, e.document_id); }
DUNLIN_FIELDS(ContactRecorded, e) { archive(e.contact); }
DUNLIN_FIELDS(CaseMerged, e) { archive(e.absorbed, e.facts); }
DUNLIN_FIELDS(CaseAliased, e) { archive(e.into); }
DUNLIN_FIELDS(NoteAdded, e) { archive(e.author, e.text); }

DUNLIN_FIELDS(CaseRecord, r) {
  archive(r.id, r.state, r.version, r.opened_at, r.updated_at, r.keys, r.name, r.birth_date, r.language, r.regions, r.zones,
          r.phones, r.debts, r.restrictions, r.promises, r.promises_made, r.callback, r.payments, r.open_attempt, r.awaiting,
          r.awaiting_since, r.attempts, r.contacts, r.number_stats, r.totals, r.dispositions_missed, r.rest_until, r.due,
          r.plan_reason, r.finished_campaigns, r.denials, r.imports, r.debts_closed_at, r.absorbed, r.alias_of);
}

#undef DUNLIN_FIELDS

}  // namespace dunlin
