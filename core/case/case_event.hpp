#pragma once
// The facts a case is made of. State = fold(events); a fact is never changed or removed. The type numbers are stored:
// append only, never reuse. Each struct has a versioned encoding in core/case/event_codec. Pure values.
// Ringing is live news, not a fact of its own: whether it rang is in the settlement (and in SecondLegCommitted's absence).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/case/case_draft.hpp"
#include "core/case/case_facts.hpp"
#include "core/case/outcome.hpp"
#include "core/compliance/decision.hpp"

namespace dunlin {

enum class EventType : std::uint16_t {
  case_opened = 1,
  row_imported = 2,
  import_undone = 3,
  payment_recorded = 4,
  debt_closed = 5,
  stage_changed = 6,
  plan_changed = 7,
  attempt_reserved = 10,
  attempt_denied = 11,
  second_leg_committed = 12,
  attempt_answered = 13,
  agent_bridged = 14,
  attempt_settled = 15,
  disposition_set = 16,
  disposition_missed = 17,
  attempt_reconciled = 18,
  call_controlled = 19,
  promise_made = 20,
  promise_kept = 21,
  promise_broken = 22,
  callback_asked = 23,
  callback_cancelled = 24,
  restriction_set = 30,
  restriction_cleared = 31,
  phone_blocked = 32,
  phone_unblocked = 33,
  consent_changed = 34,
  contact_recorded = 40,
  case_merged = 50,
  case_aliased = 51,
  note_added = 60,
};

/// First event of every case.
struct CaseOpened {
  CaseId id;
  PersonKey key;                           ///< Made the id; compared on every import to detect a hash collision.
  bool operator==(const CaseOpened&) const = default;
};

struct RowImported {
  ImportId import;
  std::uint64_t row_line = 0;
  std::string source;                      ///< Portfolio file or REST client.
  std::optional<UtcTime> data_as_of;       ///< The source's own stamp: an older row cannot reopen a paid debt.
  CaseDraft draft;
  bool operator==(const RowImported&) const = default;
};

struct ImportUndone {
  ImportId import;
  std::string author;
  bool operator==(const ImportUndone&) const = default;
};

struct PaymentRecorded {
  PaymentFact payment;
  bool operator==(const PaymentRecorded&) const = default;
};

struct DebtClosed {
  std::string debt_external_id;
  std::string reason;                      ///< "paid", "withdrawn", "sold".
  bool operator==(const DebtClosed&) const = default;
};

struct StageChanged {
  std::string debt_external_id;
  std::string stage;
  bool operator==(const StageChanged&) const = default;
};

/// When the case wants to be looked at next, and why. The complete new plan.
struct PlanChanged {
  std::optional<UtcTime> rest_until;
  std::vector<DueRow> rows;                ///< Sorted by campaign; the row without a campaign is the case's own timer.
  CampaignId finished_campaign;            ///< Set when its retry table ended the work on this case.
  std::string reason;
  bool operator==(const PlanChanged&) const = default;
};

/// Committed before anything rings. Names the slot and the edge that may use it (R4).
struct AttemptReserved {
  AttemptId attempt;
  CampaignId campaign;
  PhoneNumber number;
  PhoneType type = PhoneType::mobile;
  PartyRole role = PartyRole::debtor;
  std::string trunk;
  std::string caller_id;
  UtcTime slot_expires_at;
  std::string edge_node;
  std::uint64_t edge_incarnation = 0;
  AgentId agent;                           ///< Of a manual or preview call.
  bool is_manual = false;
  bool is_clock_shifted = false;
  std::uint16_t answer_score_permille = 0; ///< Forecast of a live answer, 0 = none was made.
  Decision proof;
  std::optional<UtcTime> answer_model_at;  ///< When the model of the forecast was learned: its revision.
  bool operator==(const AttemptReserved&) const = default;
};

/// Stored when the denying rules or `until` differ from the last stored refusal of this number.
struct AttemptDenied {
  CampaignId campaign;
  PhoneNumber number;                      ///< Unset when no number could be chosen.
  PartyRole role = PartyRole::debtor;
  AgentId agent;
  bool is_manual = false;
  Decision decision;
  bool operator==(const AttemptDenied&) const = default;
};

/// Leg 2 after a final failure without 18x (R6); yields its own permit.
struct SecondLegCommitted {
  AttemptId attempt;
  std::string trunk;
  SettledCause first_leg_cause;
  UtcTime slot_expires_at;
  Decision proof;
  bool operator==(const SecondLegCommitted&) const = default;
};

struct AttemptAnswered {
  AttemptId attempt;
  UtcTime answered_at;
  AnsweredBy answer = AnsweredBy::unclassified;
  std::uint16_t confidence_permille = 0;
  std::uint32_t decision_ms = 0;           ///< From the 200 OK to the class.
  bool operator==(const AttemptAnswered&) const = default;
};

struct AgentBridged {
  AttemptId attempt;
  AgentId agent;
  UtcTime bridged_at;
  bool operator==(const AgentBridged&) const = default;
};

/// The one end of an attempt.
struct AttemptSettled {
  AttemptId attempt;
  Outcome outcome = Outcome::failed;
  SettledBy by = SettledBy::edge;
  AttemptTimes times;
  AnsweredBy answer = AnsweredBy::unclassified;
  SettledCause cause;
  AgentId agent;
  std::string recording_id;                ///< Empty: nothing was recorded.
  std::uint8_t legs = 1;
  bool operator==(const AttemptSettled&) const = default;
};

/// What the agent says came of it. Non-final parts are optional.
struct DispositionSet {
  AttemptId attempt;
  AgentId agent;
  Outcome outcome = Outcome::rpc_callback;
  std::optional<PromiseTerms> promise;
  std::optional<Callback> callback;
  std::string note;
  bool operator==(const DispositionSet&) const = default;
};

/// The wrap-up limit passed without an agent's word: the call is unprocessed and somebody must look.
struct DispositionMissed {
  AttemptId attempt;
  AgentId agent;
  bool operator==(const DispositionMissed&) const = default;
};

/// An "unknown after failure" became known: first-hand from the edge's spool, or by two persons (R8, R9). Once.
struct AttemptReconciled {
  AttemptId attempt;
  Outcome outcome = Outcome::no_answer;
  SettledBy by = SettledBy::edge;
  AttemptTimes times;
  SettledCause cause;
  std::string authors;                     ///< Two names for a reconciliation.
  bool operator==(const AttemptReconciled&) const = default;
};

/// What somebody did to a talk beside talking. A supervisor's voice and every pause of a recording can be found again on
/// the recording's time line.
enum class CallAct : std::uint8_t { listen, whisper, barge, take_over, leave, pause_recording, resume_recording };
/// "take_over". Stable: feeds and the shell use it.
std::string_view to_string(CallAct act);

struct CallControlled {
  AttemptId attempt;
  std::uint32_t number = 0;                ///< 1, 2, … within the attempt: a fact told again after a doubtful commit keeps it.
  CallAct act = CallAct::listen;
  AgentId by;                              ///< The supervisor; unset where none is part of it.
  AgentId agent;                           ///< Who talked with the debtor at that moment.
  std::string author;                      ///< Who gave the order.
  UtcTime at;
  std::uint32_t media_ms = 0;              ///< On the recording's time line; without a recording since the answer.
  bool operator==(const CallControlled&) const = default;
};

struct PromiseMade {
  Promise promise;
  bool operator==(const PromiseMade&) const = default;
};
struct PromiseKept {
  std::uint32_t number = 0;
  Money paid;
  bool operator==(const PromiseKept&) const = default;
};
struct PromiseBroken {
  std::uint32_t number = 0;
  Money paid;
  bool operator==(const PromiseBroken&) const = default;
};

struct CallbackAsked {
  Callback callback;
  AttemptId attempt;
  bool operator==(const CallbackAsked&) const = default;
};
struct CallbackCancelled {
  std::string reason;
  bool operator==(const CallbackCancelled&) const = default;
};

struct RestrictionSet {
  RestrictionFlag flag;
  std::string author;
  bool operator==(const RestrictionSet&) const = default;
};
/// Clearing needs a document.
struct RestrictionCleared {
  std::string name;
  std::string document_id;
  std::string author;
  bool operator==(const RestrictionCleared&) const = default;
};

struct PhoneBlocked {
  PhoneNumber number;
  std::string reason;
  bool operator==(const PhoneBlocked&) const = default;
};
struct PhoneUnblocked {
  PhoneNumber number;
  std::string document_id;
  std::string author;
  bool operator==(const PhoneUnblocked&) const = default;
};

/// Consents of a third party's number as they stand from now on; an unset one is withdrawn.
struct ConsentChanged {
  PhoneNumber number;
  std::optional<UtcTime> debtor_consent_at;
  std::optional<UtcTime> owner_consent_at;
  std::string document_id;
  bool operator==(const ConsentChanged&) const = default;
};

struct ContactRecorded {
  OtherContact contact;
  bool operator==(const ContactRecorded&) const = default;
};

/// On the survivor: another case was the same person.
struct CaseMerged {
  CaseId absorbed;
  AbsorbedFacts facts;
  bool operator==(const CaseMerged&) const = default;
};
/// On the absorbed case: its last event.
struct CaseAliased {
  CaseId into;
  bool operator==(const CaseAliased&) const = default;
};

struct NoteAdded {
  std::string author;
  std::string text;
  bool operator==(const NoteAdded&) const = default;
};

/// Written by a newer version: kept as bytes, changes nothing but the version count.
struct UnknownEvent {
  std::uint16_t type = 0;
  std::string body;
  bool operator==(const UnknownEvent&) const = default;
};

using CaseEvent =
    std::variant<CaseOpened, RowImported, ImportUndone, PaymentRecorded, DebtClosed, StageChanged, PlanChanged, AttemptReserved,
                 AttemptDenied, SecondLegCommitted, AttemptAnswered, AgentBridged, AttemptSettled, DispositionSet,
                 DispositionMissed, AttemptReconciled, CallControlled, PromiseMade, PromiseKept, PromiseBroken, CallbackAsked,
                 CallbackCancelled, RestrictionSet, RestrictionCleared, PhoneBlocked, PhoneUnblocked, ConsentChanged,
                 ContactRecorded, CaseMerged, CaseAliased, NoteAdded, UnknownEvent>;

/// The stored number of the alternative at an index of CaseEvent (not of UnknownEvent, which carries its own).
std::uint16_t event_type_at(std::size_t variant_index);
/// The stored number of the event's type.
std::uint16_t event_type(const CaseEvent& event);
/// "attempt_reserved"; "unknown" for a number of a newer version. Names are stable: feeds and the shell use them.
std::string_view event_name(std::uint16_t type);

}  // namespace dunlin
