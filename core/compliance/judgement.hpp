#pragma once
// Inside of the gate: one rule judged at one instant in one zone. Each judge_* answers nothing when its rule allows,
// else a Denial whose `until` is not later than the first instant at which the rule allows. Pure.
#include <optional>
#include <string>
#include <vector>

#include "core/compliance/candidate_zones.hpp"
#include "core/compliance/contact_policy.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

/// Everything that stays the same while the first lawful instant is searched.
struct Question {
  const ContactQuery& query;
  const ContactHistory& history;
  const OperatorOptions& options;
  FactSet facts;                 ///< Of the person and of the contact.
  bool wants_reasons = false;    ///< Texts are made for the decision only, not for the search.
};

/// One instant in one zone under one pack.
struct Moment {
  Moment(const LawPack& of_pack, const ZoneTable& in_zone, UtcTime instant, const Question& question)
      : pack(of_pack), zone(in_zone), at(instant), local(in_zone.local(instant)),
        day_type(of_pack.calendar.type_of(local.day, question.query.person.regions, question.facts.has(Fact::calendar_missing))) {}
  const LawPack& pack;
  const ZoneTable& zone;
  UtcTime at;
  LocalTime local;
  DayType day_type;              ///< Of the local date.
};

struct Denial {
  std::optional<UtcTime> until;  ///< Unset: time does not heal it.
  std::string reason;
};

/// The rule speaks about this contact on this date.
bool is_in_force(const Rule& rule, const Question& question, const Moment& moment);

// Hours (judge_hours.cpp).
std::optional<Denial> judge_window(const CallingWindow& window, const Question& question, const Moment& moment);
std::optional<Denial> judge_tail(const Question& question, const Moment& moment);
std::optional<Denial> judge_delivery(const Question& question, const Moment& moment);
std::optional<Denial> judge_stated_times(const Question& question, const Moment& moment);
/// The window's day types and weekdays include the date of the moment.
bool is_window_of_day(const CallingWindow& window, const Moment& moment);
/// Denies when the pack has hours for the channel, but none for this date (a gap of validity): fail closed.
std::optional<Denial> judge_missing_window(const Question& question, const Moment& moment);

// Counters (judge_frequency.cpp).
struct PeriodUse {
  int limit = 0;
  int used = 0;                       ///< Counted facts within the period, at most `cap`.
  std::optional<UtcTime> frees_at;    ///< First instant with fewer than `limit`; unset = not by time.
};
/// Nothing when the rule sleeps (option not set, facts not given, exempt).
std::optional<PeriodUse> use_of(const FrequencyRule& rule, const Question& question, const Moment& moment, int cap);
std::optional<Denial> judge_frequency(const FrequencyRule& rule, const Question& question, const Moment& moment);
std::optional<Denial> judge_quiet_period(const QuietPeriod& rule, const Question& question, const Moment& moment);
std::optional<Denial> judge_in_flight(const InFlightRule& rule, const Question& question);
std::string describe_use(const PeriodUse& use, const FrequencyRule& rule, const Moment& moment);

// Facts (judge_facts.cpp).
std::optional<Denial> judge_flag(const FlagRule& rule, const Question& question, const Moment& moment);
std::optional<Denial> judge_organisation(const OrganisationRule& rule, const Question& question);
std::optional<Denial> judge_third_party(const ThirdPartyRule& rule, const Question& question);
std::optional<Denial> judge_refusal(const RefusalRule& rule, const Question& question, const Moment& moment);
std::optional<Denial> judge_medium(const Question& question);
std::optional<Denial> judge_consent(const ConsentRule& rule, const Question& question);
std::optional<Denial> judge_abandon_limit(const AbandonLimit& rule, const Question& question);
std::optional<Denial> judge_ring_time(const RingTime& rule, const Question& question);

/// Same day number, else the last day of the month (RU-REF-01).
CivilDate add_months(CivilDate date, int months);

}  // namespace dunlin
