#pragma once
// The values a case is made of beside its imported data: attempts, contacts, promises, callbacks, payments, plans.
// Shared by the events and by the record they fold into. Pure values, any thread. Times are wall time (UtcTime).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/time.hpp"
#include "core/case/case_draft.hpp"
#include "core/case/journal.hpp"
#include "core/case/outcome.hpp"
#include "core/compliance/contact_vocabulary.hpp"

namespace dunlin {

/// What picked up, as the classifier says (core/voice).
enum class AnsweredBy : std::uint8_t { unclassified, human, machine, fax, call_screening, announcement, silence };

/// Who writes a settlement. Attempt protocol R5 and R9: "not sent" and "no contact" are first-hand facts; recovery may
/// only write "unknown after failure"; an operator's reconciliation names two persons in `cause.text`.
enum class SettledBy : std::uint8_t { edge, recovery, reconciliation };

/// When each step happened, as far as it happened.
struct AttemptTimes {
  std::optional<UtcTime> invited_at;
  std::optional<UtcTime> ringing_at;
  std::optional<UtcTime> answered_at;
  std::optional<UtcTime> bridged_at;
  std::optional<UtcTime> ended_at;
  bool operator==(const AttemptTimes&) const = default;
};

/// Why the call ended: the SIP status (RFC 3261 section 21) and the Q.850 cause (RFC 3326), 0 = none.
struct SettledCause {
  std::uint16_t sip_status = 0;
  std::uint16_t q850 = 0;
  std::string text;
  bool operator==(const SettledCause&) const = default;
};

/// Reserved -> unknown -> contact | no contact (attempt protocol R9). Everything but no_contact counts for the law.
enum class ContactStatus : std::uint8_t { reserved, unknown, contact, no_contact };

/// One attempt of the last `history_window`: the dedupe state of facts and the law's history of calls.
struct AttemptRow {
  AttemptId attempt;
  CampaignId campaign;
  PhoneNumber number;
  PhoneType type = PhoneType::mobile;
  PartyRole role = PartyRole::debtor;
  UtcTime reserved_at;
  AttemptTimes times;
  AnsweredBy answer = AnsweredBy::unclassified;
  ContactStatus status = ContactStatus::reserved;
  std::optional<Outcome> outcome;          ///< The system's settlement; unset while the attempt is open.
  std::optional<Outcome> disposition;      ///< The agent's word; refines `answered`.
  AgentId agent;
  std::uint8_t legs = 1;
  bool is_manual = false;
  bool is_reconciled = false;              ///< An unknown outcome was later settled first-hand or by two persons.
  std::uint16_t answer_score_permille = 0; ///< Forecast of a live answer before it was dialed, 0 = none was made.
  bool operator==(const AttemptRow&) const = default;

  bool is_open() const { return !outcome.has_value(); }
  /// The agent's disposition when there is one, else the system's outcome, else nothing.
  std::optional<Outcome> final_outcome() const { return disposition ? disposition : outcome; }
};

/// The one attempt that is reserved and not settled. What recovery needs to ask its edge.
struct OpenAttempt {
  AttemptId attempt;
  CampaignId campaign;
  std::string trunk;
  std::string edge_node;
  std::uint64_t edge_incarnation = 0;
  UtcTime slot_expires_at;
  std::uint8_t legs = 1;
  bool has_rung = false;                   ///< An 18x was seen: no second leg any more (R6).
  bool operator==(const OpenAttempt&) const = default;
};

/// A contact that was not an attempt of ours: a message, an incoming call, a row of an imported history.
struct OtherContact {
  std::string id;                          ///< Names the fact in its source; repeated facts are dropped.
  UtcTime at;
  Channel channel = Channel::call;
  ContactResult result = ContactResult::unknown;
  PartyRole role = PartyRole::debtor;
  PhoneNumber number;                      ///< May be unset (e-mail).
  std::string debt_external_id;            ///< Empty: counts for every debt.
  bool is_by_debtor = false;               ///< On the debtor's initiative: not counted (230-FZ art. 7).
  bool operator==(const OtherContact&) const = default;
};

enum class PromiseState : std::uint8_t { open, kept, broken };

struct Promise {
  std::uint32_t number = 0;                ///< 1, 2, … within the case.
  AttemptId attempt;                       ///< Where it was given; unset when recorded without a call.
  std::string debt_external_id;            ///< Empty: any debt of the person.
  Money amount;
  CivilDate date;
  UtcTime made_at;
  UtcTime check_at;                        ///< Date and tolerance have passed everywhere: kept or broken is decided.
  PromiseState state = PromiseState::open;
  bool operator==(const Promise&) const = default;
};

/// What the agent writes down of a promise; the machine makes the Promise.
struct PromiseTerms {
  Money amount;
  CivilDate date;
  std::string debt_external_id;
  bool operator==(const PromiseTerms&) const = default;
};

struct Callback {
  UtcTime at;
  AgentId agent;                           ///< Unset: any agent.
  PhoneNumber number;                      ///< Unset: as the campaign's order says.
  bool operator==(const Callback&) const = default;
};

struct PaymentFact {
  std::string payment_id;                  ///< The source's id: the same payment twice is one.
  std::string debt_external_id;
  Money amount;
  UtcTime paid_at;
  bool operator==(const PaymentFact&) const = default;
};

/// Per number of the case, over its whole life.
struct NumberStats {
  PhoneNumber number;
  std::uint32_t attempts = 0;
  std::uint32_t answered = 0;              ///< Somebody or something picked up.
  std::uint32_t right_party = 0;
  std::uint32_t repeats = 0;               ///< How often the last outcome came in a row.
  std::optional<Outcome> last_outcome;
  std::optional<UtcTime> last_at;
  bool operator==(const NumberStats&) const = default;
};

/// Over the life of the case and of those merged into it.
struct AttemptTotals {
  std::uint32_t attempts = 0;
  std::uint32_t answered = 0;
  std::uint32_t humans = 0;
  std::uint32_t right_party = 0;
  std::uint32_t promises = 0;
  std::uint32_t unknown = 0;
  std::optional<UtcTime> last_attempt_at;
  std::optional<UtcTime> last_right_party_at;
  bool operator==(const AttemptTotals&) const = default;
};

/// The last refusal told for a number: an equal one is not stored again.
struct DenialMark {
  CampaignId campaign;
  PhoneNumber number;
  std::string rules;                       ///< Denying rule ids, comma separated.
  std::optional<UtcTime> until;
  bool operator==(const DenialMark&) const = default;
};

/// What one import changed, kept for the last few imports so that they can be undone.
struct ImportTrace {
  ImportId import;
  UtcTime at;
  std::vector<std::string> created_debts;
  std::vector<Debt> previous_debts;        ///< As they were before the import first touched them.
  std::vector<PhoneNumber> created_phones;
  std::vector<ContactPhone> previous_phones;
  std::vector<RestrictionFlag> created_restrictions;
  std::vector<PersonKey> created_keys;
  bool has_opened_case = false;
  bool operator==(const ImportTrace&) const = default;
};

/// Everything a merged person brings along.
struct AbsorbedFacts {
  std::vector<PersonKey> keys;
  std::vector<std::string> regions;
  std::vector<std::string> zones;
  std::vector<ContactPhone> phones;
  std::vector<Debt> debts;
  std::vector<RestrictionFlag> restrictions;
  std::vector<Promise> promises;
  std::vector<PaymentFact> payments;
  std::vector<AttemptRow> attempts;
  std::vector<OtherContact> contacts;
  std::vector<NumberStats> number_stats;
  AttemptTotals totals;
  std::optional<Callback> callback;
  std::vector<CaseId> absorbed;
  bool operator==(const AbsorbedFacts&) const = default;
};

}  // namespace dunlin
