#pragma once
// The state of one case (one person): what its events fold to, and the view stored beside them. Pure value; only
// core/case/case_fold changes it. Personal data: never logged. Bounds are below; each says what happens there.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/case/case_draft.hpp"
#include "core/case/case_facts.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

/// Derived from the facts after every event. Listed by precedence from the end: aliased wins over everything.
enum class CaseState : std::uint8_t {
  open,                  ///< May be dialed as soon as the plan says.
  resting,               ///< Between attempts: the plan names an instant before which nothing is dialed.
  promised,              ///< Quiet until the promise's date and tolerance.
  closed,                ///< No open debt: nothing to collect, never dialed.
  stopped,               ///< A stop flag: nothing until a person clears it with a document.
  awaiting_disposition,  ///< The call ended after a bridge; the agent's word is to come.
  in_attempt,            ///< One attempt is reserved and not settled.
  aliased,               ///< Merged into another case; every command goes there.
};
std::string_view to_string(CaseState state);

/// The flag set when an agent's disposition stops contact: a pause for review (230-FZ art. 7 part 2, art. 8).
inline constexpr std::string_view contact_stop_flag = "contact_stop";

/// Rows of attempts and contacts younger than this are all kept: a month's limits with room for zones and late facts.
inline constexpr Duration history_window = days(45);
/// At this many rows within the window no new attempt is reserved: counting would no longer be complete.
inline constexpr std::size_t max_history_rows = 512;
/// An import row without a stamp cannot reopen a debt closed within this: its file may be older than the payment.
inline constexpr Duration stale_row_guard = hours(24);
inline constexpr std::size_t max_phones = 32;         ///< Further numbers of a row are refused with the row.
inline constexpr std::size_t max_debts = 64;
inline constexpr std::size_t max_restrictions = 64;
inline constexpr std::size_t max_keys = 32;
inline constexpr std::size_t max_places = 16;         ///< Regions, and zones: all of them are judged, so none is dropped.
inline constexpr std::size_t max_payments = 128;      ///< The oldest is forgotten; its debt keeps the lowered balance.
inline constexpr std::size_t max_promises = 32;       ///< The oldest decided one is forgotten.
inline constexpr std::size_t max_import_traces = 4;   ///< Older imports cannot be undone.
inline constexpr std::size_t max_denial_marks = 16;   ///< The oldest is forgotten: its refusal is stored once more.

struct CaseRecord {
  CaseId id;
  CaseState state = CaseState::open;
  std::uint64_t version = 0;               ///< Events folded so far.
  UtcTime opened_at;
  UtcTime updated_at;

  std::vector<PersonKey> keys;
  PersonName name;
  std::optional<CivilDate> birth_date;
  std::string language = "ru";
  std::vector<std::string> regions;
  std::vector<std::string> zones;
  std::vector<ContactPhone> phones;
  std::vector<Debt> debts;
  std::vector<RestrictionFlag> restrictions;

  std::vector<Promise> promises;
  std::uint32_t promises_made = 0;
  std::optional<Callback> callback;
  std::vector<PaymentFact> payments;

  std::optional<OpenAttempt> open_attempt;
  AttemptId awaiting;                      ///< The bridged attempt whose disposition is missing.
  std::optional<UtcTime> awaiting_since;
  std::vector<AttemptRow> attempts;        ///< By reservation, oldest first, within history_window.
  std::vector<OtherContact> contacts;       ///< Other contacts, oldest first, within history_window.
  std::vector<NumberStats> number_stats;
  AttemptTotals totals;
  std::uint32_t dispositions_missed = 0;

  std::optional<UtcTime> rest_until;
  std::vector<DueRow> due;
  std::string plan_reason;
  std::vector<CampaignId> finished_campaigns;  ///< Their retry table ended the work on this case.
  std::vector<DenialMark> denials;

  std::vector<ImportTrace> imports;
  std::vector<std::pair<std::string, UtcTime>> debts_closed_at;  ///< External id and instant, for stale rows.
  std::vector<CaseId> absorbed;
  CaseId alias_of;

  bool operator==(const CaseRecord&) const = default;

  bool is_opened() const { return version > 0; }
  bool has_open_debt() const;
  bool is_stopped() const;
  bool has_open_promise() const { return open_promise() != nullptr; }
  const Promise* open_promise() const;     ///< The one that is checked next.
  const ContactPhone* find_phone(const PhoneNumber& number) const;
  const Debt* find_debt(std::string_view external_id) const;
  const AttemptRow* find_attempt(AttemptId attempt) const;
  const AttemptRow* last_settled() const;  ///< The latest attempt that has an outcome; nullptr when none has.
  const NumberStats* find_stats(const PhoneNumber& number) const;
  /// Attempts reserved at or after `since`, on one number or on all.
  std::size_t attempts_since(UtcTime since) const;
  std::size_t attempts_since(UtcTime since, const PhoneNumber& number) const;
  /// D11: right-party contacts among the last `window` settled attempts, in permille; unset without attempts.
  std::optional<int> contactability_permille(std::size_t window) const;
};

/// The state the facts imply.
CaseState derive_state(const CaseRecord& record);

/// A name is no key: by it only namesakes are found, for a person to look at.
LookupKey name_lookup(std::string_view full_name);

/// Everything by which the case can be found: numbers, person keys, the name, contracts. Sorted, unique.
std::vector<LookupKey> lookups_of(const CaseRecord& record);

/// What a merged case hands over.
AbsorbedFacts absorbed_facts(const CaseRecord& record);

}  // namespace dunlin
