#pragma once
// The gate: may this person be contacted this way at this instant, and if not, when. Judges every law pack and every
// zone the person may be in; all must allow. Pure: same query, history and rule set give the same decision, so a stored
// decision can be replayed. Any thread; a ContactPolicy is immutable. Fails closed: whatever is unknown denies.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/compliance/contact_history.hpp"
#include "core/compliance/contact_vocabulary.hpp"
#include "core/compliance/decision.hpp"

namespace dunlin {

struct RuleSet;

/// What a written agreement with the person allows instead of the pack's numbers (RU-AGR-01).
struct AgreedFrequency {
  int per_day = 0;
  int per_week = 0;
  int per_month = 0;
};

/// Times the person called inconvenient, in the person's own wall clock (US-HRS-02, UK-CONC-01).
struct StatedTimes {
  std::uint8_t closed_weekdays = 0;          ///< Bit 0 = Monday … bit 6 = Sunday.
  std::optional<int> not_before_s;           ///< Seconds of the day; earlier is inconvenient.
  std::optional<int> not_after_s;            ///< Seconds of the day; this second and later is inconvenient.
};

/// What is known of the person at the instant of the decision.
struct PersonFacts {
  std::vector<std::string> jurisdictions;    ///< Pack ids ("RU"); empty = derived from regions, then from the number.
  std::vector<std::string> zones;            ///< IANA names from addresses or told in a talk. All must be open.
  std::vector<std::string> regions;          ///< ISO 3166-2 ("RU-BA"): give zones (all of the region) and holidays.
  std::string phone_e164;                    ///< Hint only; used when neither zone nor region is known.
  FactSet facts;
  std::array<CivilDate, fact_date_count> dates{};   ///< Unset date = not known.
  ChannelSet opted_out;
  std::optional<AgreedFrequency> agreed_calls;
  std::optional<AgreedFrequency> agreed_messages;
  StatedTimes stated_times;

  CivilDate date(FactDate which) const { return dates[static_cast<std::size_t>(which)]; }
  PersonFacts& set_date(FactDate which, CivilDate value) {
    dates[static_cast<std::size_t>(which)] = value;
    return *this;
  }
};

/// The contact that is wanted.
struct ContactQuery {
  UtcTime at;
  Channel channel = Channel::call;
  Counterparty counterparty = Counterparty::debtor;
  PersonFacts person;
  FactSet facts;                             ///< About this contact: autodial, predictive, cli_hidden, no_recording …
  Organisation organisation = Organisation::unknown;
  std::uint64_t debt = 0;                    ///< contact_key of the debt it is about; 0 = any.
  std::uint64_t party = 0;                   ///< contact_key of the other person when the counterparty is not the debtor.
  std::uint64_t number = 0;                  ///< contact_key of the number to be dialed; 0 = any.
  std::optional<UtcTime> expected_delivery;  ///< Messages: when it is expected to arrive; unset = at once.
  std::optional<int> ring_timeout_s;         ///< Calls: how long it will ring; unset = long enough.
  FactRates rates{};                         ///< Abandon shares of the campaign.
  bool clock_shifted = false;                ///< Copied into the decision.
};

/// Operator's choices on top of the law. They can only make it stricter; unset means the rule sleeps.
struct OperatorOptions {
  bool strict_weekend = false;               ///< RU-CAL-04.
  bool strict_rolling = false;               ///< RU-FRQ-ROLL.
  std::optional<int> tail_s;                 ///< RU-HRS-TAIL.
  std::optional<int> max_unanswered_day;     ///< RU-CNT-05 …
  std::optional<int> max_unanswered_week;
  std::optional<int> max_unanswered_month;
  std::optional<int> unanswered_gap_s;       ///< Between attempts that rang out.
  std::optional<int> next_number_gap_s;      ///< After busy, invalid number or network failure.
};

/// One counter of one zone as a screen shows it.
struct BudgetLine {
  std::string rule_id;
  std::string pool;       ///< "talk", "message", "visit" … as the pack names it.
  std::string period;     ///< "day", "week", "month", "rolling", "dates".
  int used = 0;           ///< Contacts in flight included.
  int limit = 0;
  UtcTime resets_at;      ///< When the oldest counted contact leaves the period; the query's instant if none counts.
  int remaining() const { return used < limit ? limit - used : 0; }
};

/// Remaining lawful contacts of one channel, strictest zone first.
struct ContactBudget {
  std::vector<BudgetLine> lines;
  int remaining = 0;      ///< The smallest remaining of all lines; 0 also when no pack or zone is known.
  bool is_limited = true; ///< False: the packs count nothing for this channel (post), remaining says nothing.
};

class ContactPolicy {
 public:
  /// Options default to those the rule set carries.
  explicit ContactPolicy(std::shared_ptr<const RuleSet> rules);
  ContactPolicy(std::shared_ptr<const RuleSet> rules, OperatorOptions options);

  /// Judges at query.at. History must hold the facts up to that instant; a later fact denies (GEN-03).
  Decision decide(const ContactQuery& query, const ContactHistory& history) const;
  /// Counters of the query's channel, equal to what decide() uses.
  ContactBudget budget(const ContactQuery& query, const ContactHistory& history) const;

  const RuleSet& rules() const { return *rules_; }

 private:
  std::shared_ptr<const RuleSet> rules_;
  OperatorOptions options_;
};

}  // namespace dunlin
