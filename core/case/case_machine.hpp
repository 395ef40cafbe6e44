#pragma once
// The decisions about one person. Each on_x judges one command or fact against the record and returns CaseEffects: the
// events to append and what follows from them. Nothing changes until the commit is done:
//   auto effects = machine.on_settled(now, fact, book);      // pure question
//   machine.begin(*effects);                                 // no further decision until the journal answers
//   journal.commit(make_commit(*effects), ...);              // then machine.finish() or machine.abort()
// While a commit is pending every on_x answers Errc::conflict; the actor keeps the message and asks again. Effects without
// events need no commit: their answer may be told at once. Facts about an attempt are never refused for reasons of
// ownership and a repeated fact is no error and no effect (attempt protocol R9). Runs in the case's actor; no clock.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/case/case_event.hpp"
#include "core/case/case_gate.hpp"
#include "core/case/case_record.hpp"
#include "core/case/journal.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

class EffectBuilder;

/// A request to reserve one attempt: who wants it and which slot an edge granted for it.
struct AttemptRequest {
  AttemptId attempt;
  CampaignId campaign;
  std::string trunk;
  std::string edge_node;
  std::uint64_t edge_incarnation = 0;
  UtcTime slot_expires_at;
  std::optional<PhoneNumber> number;       ///< A manual call names its number; else the campaign's order chooses.
  AgentId agent;                           ///< Of a manual or preview call.
  bool is_manual = false;
  bool is_clock_shifted = false;
  FactRates rates{};                       ///< The campaign's abandon shares at this instant.
  std::vector<AgentId> ready_agents{};     ///< Of the campaign, at this instant: a promised callback may wait for its own.
  std::vector<PhoneNumber> caller_ids{};   ///< Of the trunk's contract: one of them is shown; empty: one of the campaign's.
  std::vector<PhoneNumber> of_company{};   ///< Every number with a contract, asked when the trunk has none written down.
};

struct SecondLegRequest {
  AttemptId attempt;
  std::string trunk;
  UtcTime slot_expires_at;
  SettledCause first_leg_cause;
  bool has_rung = false;                   ///< The first leg saw an 18x: refused.
  bool is_clock_shifted = false;
  std::vector<PhoneNumber> caller_ids{};   ///< Of the second trunk, as in AttemptRequest.
  std::vector<PhoneNumber> of_company{};
};

/// Allowed: what to place. The permit comes from the commit.
struct AttemptView {
  AttemptId attempt;
  CaseId case_id;
  CampaignId campaign;
  PhoneNumber number;
  PartyRole role = PartyRole::debtor;
  std::string trunk;
  std::string caller_id;
  std::uint8_t leg_number = 1;
  UtcTime slot_expires_at;
  AgentId agent;
  bool is_manual = false;
  AgentId preferred_agent{};               ///< Promised the callback; bridged if ready at the answer, else anybody.
};

/// Not now, and why. `is_by_law`: the gate's decision, counted as blocked_by_law; else the plan (resting, stopped, …).
struct DenialView {
  CaseId case_id;
  CampaignId campaign;
  bool is_by_law = false;
  std::optional<UtcTime> until;
  std::string reason;                      ///< Rule ids or the state's name.
};

/// A reservation outlived its longest call: ask this edge, then settle or on_reservation_lost (R8).
struct UnsettledView {
  AttemptId attempt;
  std::string edge_node;
  std::uint64_t edge_incarnation = 0;
};

/// The case lives on under another id.
struct AliasView {
  CaseId into;
};

/// An import is not undone here: somebody has worked on the case since.
struct KeptView {
  std::string reason;
};

using CaseAnswer = std::variant<std::monostate, AttemptView, DenialView, UnsettledView, AliasView, AbsorbedFacts, KeptView>;

struct CaseEffects {
  UtcTime at;
  std::uint64_t expected_version = 0;
  std::vector<CaseEvent> events;           ///< Empty: nothing to commit.
  CaseRecord next;                         ///< The record after the events.
  std::vector<LookupKey> lookups_added;
  std::vector<LookupKey> lookups_removed;
  std::optional<std::vector<DueRow>> due;  ///< The complete new set; unset = unchanged.
  CaseAnswer answer;                       ///< To be told after the commit.

  bool has_events() const { return !events.empty(); }
};

/// The journal's request for the effects. The caller sets `reservation` when the answer is an AttemptView. Lookups and due
/// rows are moved out of the effects: nobody else needs them, and an import makes many.
CommitRequest make_commit(CaseEffects& effects);

struct CaseLimits {
  Duration longest_call = hours(2);        ///< The edge enforces it; a reservation older than this plus the margin is asked for.
  Duration settle_margin = minutes(5);
  Duration wrap_up = minutes(10);          ///< A bridged call without a disposition by then is marked as missed.
  Duration promise_tolerance = days(3);    ///< After the promised date, before it is kept or broken.
};

class CaseMachine {
 public:
  explicit CaseMachine(CaseRecord record, CaseLimits limits = {});

  const CaseRecord& record() const { return record_; }
  bool is_pending() const { return pending_.has_value(); }

  /// The decision is being committed; its expected version must be the record's.
  void begin(CaseEffects effects);
  /// The commit is durable: the record becomes effects.next.
  void finish();
  /// The commit was definitely refused: the record stays.
  void abort();

  // Data.
  Result<CaseEffects> on_import(UtcTime now, CaseId id, RowImported row, const CampaignBook& book) const;
  /// Answers KeptView when the case was worked on since that import.
  Result<CaseEffects> on_import_undone(UtcTime now, const ImportUndone& command, const CampaignBook& book) const;
  Result<CaseEffects> on_payment(UtcTime now, const PaymentFact& payment, const CampaignBook& book) const;
  Result<CaseEffects> on_debt_closed(UtcTime now, const DebtClosed& command, const CampaignBook& book) const;
  Result<CaseEffects> on_stage_changed(UtcTime now, const StageChanged& command, const CampaignBook& book) const;
  Result<CaseEffects> on_restriction_set(UtcTime now, const RestrictionSet& command, const CampaignBook& book) const;
  Result<CaseEffects> on_restriction_cleared(UtcTime now, const RestrictionCleared& command, const CampaignBook& book) const;
  Result<CaseEffects> on_phone_blocked(UtcTime now, const PhoneBlocked& command, const CampaignBook& book) const;
  Result<CaseEffects> on_phone_unblocked(UtcTime now, const PhoneUnblocked& command, const CampaignBook& book) const;
  Result<CaseEffects> on_consent_changed(UtcTime now, const ConsentChanged& command, const CampaignBook& book) const;
  Result<CaseEffects> on_contact_recorded(UtcTime now, const OtherContact& contact, const CampaignBook& book) const;
  Result<CaseEffects> on_callback_asked(UtcTime now, const Callback& callback, const CampaignBook& book, AttemptId attempt = {}) const;
  /// `attempt` is the open call it was made in; of one call the first promise stands, asked again it is no second one.
  Result<CaseEffects> on_promise_recorded(UtcTime now, const PromiseTerms& terms, const CampaignBook& book, AttemptId attempt = {}) const;
  Result<CaseEffects> on_note(UtcTime now, const NoteAdded& note) const;
  /// The set of running campaigns or their filters changed; with new rules also what postponed a row is asked again.
  Result<CaseEffects> on_campaigns_changed(UtcTime now, const CampaignBook& book, bool has_new_rules = false) const;

  // The attempt, in the order of its life.
  Result<CaseEffects> on_attempt_request(UtcTime now, const AttemptRequest& request, const CampaignBook& book,
                                         const ContactGate& gate) const;
  Result<CaseEffects> on_second_leg(UtcTime now, const SecondLegRequest& request, const CampaignBook& book,
                                    const ContactGate& gate) const;
  Result<CaseEffects> on_answered(UtcTime now, const AttemptAnswered& fact) const;
  Result<CaseEffects> on_bridged(UtcTime now, const AgentBridged& fact) const;
  /// Taken in whatever became of the attempt meanwhile: an audit is never too late.
  Result<CaseEffects> on_controlled(UtcTime now, const CallControlled& fact) const;
  /// A fact for an attempt that recovery settled as unknown becomes its reconciliation.
  Result<CaseEffects> on_settled(UtcTime now, const AttemptSettled& fact, const CampaignBook& book) const;
  Result<CaseEffects> on_disposition(UtcTime now, const DispositionSet& command, const CampaignBook& book) const;
  /// Nobody can say what became of the reservation: unknown after failure, counted, never redialed automatically.
  Result<CaseEffects> on_reservation_lost(UtcTime now, AttemptId attempt, const CampaignBook& book) const;
  /// Two persons and a carrier record settle an unknown attempt (R8).
  Result<CaseEffects> on_reconciled(UtcTime now, const AttemptReconciled& command, const CampaignBook& book) const;

  // Time: the case's own due row (promise check, missing disposition, unsettled reservation). An UnsettledView means: ask
  // that edge once; settle with its answer, or on_reservation_lost when it cannot be reached.
  Result<CaseEffects> on_due(UtcTime now, const CampaignBook& book) const;

  // Two cases turn out to be one person: first alias the absorbed one, then merge its facts into the survivor.
  Result<CaseEffects> on_alias(UtcTime now, CaseId into) const;
  Result<CaseEffects> on_merge(UtcTime now, CaseId absorbed, const AbsorbedFacts& facts, const CampaignBook& book) const;

 private:
  Status check_ready() const;
  /// A change of data: forwarded by an alias, taken in every other state; `body` adds the events.
  Result<CaseEffects> change(UtcTime now, const std::function<Status(EffectBuilder&)>& body) const;
  Result<CaseEffects> deny(UtcTime now, const AttemptRequest& request, std::optional<UtcTime> until, std::string reason,
                           const CampaignBook& book) const;
  Result<CaseEffects> ask_gate(UtcTime now, const AttemptRequest& request, const CampaignBook& book,
                               const ContactGate& gate) const;

  CaseRecord record_;
  CaseLimits limits_;
  std::optional<CaseRecord> pending_;
};

}  // namespace dunlin
