#pragma once
// The law as data: packs of rules, calendars, regions. Made by config/rule_loader from TOML; core knows only the kinds
// of rules below, never a number of any law. Immutable after loading, shared between threads. Sources: docs/law.md.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/compliance/contact_policy.hpp"
#include "core/compliance/contact_vocabulary.hpp"
#include "core/compliance/zone_table.hpp"

namespace dunlin {

/// What a date is in the production calendar of the pack and region.
enum class DayType : std::uint8_t {
  working,           ///< Monday-Friday, not off.
  weekend,           ///< Saturday, Sunday.
  holiday,           ///< Off by the calendar, also on a weekend if the calendar lists it.
  working_weekend,   ///< Saturday or Sunday declared working.
  regional_holiday,  ///< Would be working, but off in the person's region.
  unknown,           ///< The calendar of that year is not loaded.
};
inline constexpr std::size_t day_type_count = static_cast<std::size_t>(DayType::unknown) + 1;
using DayTypeSet = EnumSet<DayType, day_type_count>;
std::string_view to_string(DayType type);
std::optional<DayType> parse_day_type(std::string_view name);

/// Production calendar of one country. A pack without one treats every year as known.
struct DayCalendar {
  bool is_required = false;                                    ///< False: no calendar, weekends only.
  std::string version;
  std::set<int> years;
  std::set<std::int64_t> days_off;                             ///< Days since epoch.
  std::set<std::int64_t> working_weekends;
  std::map<std::string, std::set<std::int64_t>, std::less<>> regional_days_off;  ///< By ISO 3166-2.
  DayType type_of(std::int64_t day, const std::vector<std::string>& regions, bool is_missing) const;
  /// Days from `day` on, itself included, whose type is known without a gap. Empty: weekends are all there is to know.
  std::optional<std::int64_t> days_known_from(std::int64_t day) const;
};

/// calling_window: on these days contact is open in [open, close) of the wall clock; open == close means closed.
struct CallingWindow {
  DayTypeSet day_types;
  std::uint8_t weekdays = 0x7f;
  int open_s = 0;
  int close_s = 0;
};
/// window_tail: the last seconds of a window are reserved for ending the talk; seconds come from the operator.
struct WindowTail {};
/// delivery_window: sending and expected delivery lie inside one open window.
struct DeliveryWindow {};
/// stated_times: hours and days the person called inconvenient are closed.
struct StatedTimesRule {};

/// Which facts of the history a rule looks at: any group matches.
struct FactGroup {
  ChannelSet channels;
  ResultSet results;
};
struct Pool {
  std::string name;
  std::vector<FactGroup> groups;
  bool has(Channel channel, ContactResult result) const;
};

enum class Period : std::uint8_t {
  day, week, month,  ///< Calendar periods of the person's zone; the week begins on Monday.
  rolling,           ///< `length` seconds back from the instant.
  dates,             ///< `length` consecutive dates of the zone, the date of the attempt included.
  lifetime,          ///< Ever.
};
std::string_view to_string(Period period);

/// Where a number comes from when the operator sets it.
enum class OptionValue : std::uint8_t {
  none, max_unanswered_day, max_unanswered_week, max_unanswered_month, unanswered_gap_s, next_number_gap_s,
};
/// Which agreement replaces a limit, and which of its numbers.
enum class Agreement : std::uint8_t { none, calls, messages };

/// frequency: at most `limit` facts of the pool within the period.
struct FrequencyRule {
  Pool pool;
  Period period = Period::day;
  std::int64_t length = 0;
  int limit = 0;
  OptionValue limit_option = OptionValue::none;
  bool is_per_debt = false;
  FactSet requires_facts;                ///< Applies only when all are true.
  FactSet exempt_facts;                  ///< Any of them exempts (a consent); void after `revoked`.
  Agreement agreement = Agreement::none;
  Period agreement_period = Period::day;
  bool can_reply = false;                ///< A reply to the person's own contact is not counted (exemption rule).
  bool uses_direct_consent = false;      ///< consent_window rules of the pack lift it.
  bool skips_consented = false;          ///< Facts inside the consent window are not counted either.
};
/// quiet_period: no contact for some seconds after such a fact.
struct QuietPeriod {
  Pool pool;
  std::int64_t seconds = 0;
  OptionValue seconds_option = OptionValue::none;
  FactSet unless;
  bool is_per_number = false;            ///< Only for the same number, when both numbers are known.
};
/// in_flight: an unsettled contact of the same pool blocks.
struct InFlightRule {
  ChannelSet pool;
};
/// person_flag, caller_id, disclosure, recording, mass_call: denied while the facts say so.
struct FlagRule {
  FactSet all;                           ///< All of them …
  FactSet any;                           ///< … and any of these (if not empty) or an implied channel …
  ChannelSet implied_channels;
  FactSet unless;                        ///< … and none of these.
  std::optional<FactDate> from_date;     ///< Also denied from this date on, inclusive.
};
/// organisation_channel: these organisations may not use the channel when the facts say so.
struct OrganisationRule {
  OrganisationSet organisations;
  FactSet all;
};
/// third_party: needs every consent, void when revoked; some facts open the door by themselves.
struct ThirdPartyRule {
  FactSet consents;
  FactSet open_facts;
  FactSet silent_facts;                  ///< Another rule speaks then.
};
/// refusal: the person's statement, valid from a number of months after arrears, suspended after a judgment.
struct RefusalRule {
  int months_after_arrears = 0;
  int suspended_months = 0;
};
/// medium_optout: a channel the person has excluded.
struct MediumOptout {};
/// consent: the channel needs a consent.
struct ConsentRule {
  FactSet consents;                      ///< Any of them is enough.
  FactSet unless;
  FactSet only_when;                     ///< If not empty: only when any of them is true or the channel is implied.
  ChannelSet implied_channels;
};
/// abandon_limit: share of abandoned calls above the limit stops this kind of dialing.
struct AbandonLimit {
  FactRate rate = FactRate::abandoned_24h;
  int limit = 0;                         ///< Thousandths of a percent; exactly the limit is allowed.
  FactSet all;
};
/// ring_time: a call must ring at least so long.
struct RingTime {
  int seconds = 0;
};
/// reply_exemption: a reply to the person's own contact within the time is not the creditor's initiative.
struct ReplyExemption {
  std::int64_t within_s = 0;
};
/// consent_window: direct consent lifts marked frequency rules for so many dates, until a new conversation.
struct ConsentWindow {
  int dates = 0;
  Pool ended_by;
};
/// agreement: written agreements replace the limits of marked frequency rules.
struct AgreementRule {};

using RuleBody =
    std::variant<CallingWindow, WindowTail, DeliveryWindow, StatedTimesRule, FrequencyRule, QuietPeriod, InFlightRule,
                 FlagRule, OrganisationRule, ThirdPartyRule, RefusalRule, MediumOptout, ConsentRule, AbandonLimit,
                 RingTime, ReplyExemption, ConsentWindow, AgreementRule>;

/// Which operator option wakes the rule.
enum class WakingOption : std::uint8_t { always, strict_weekend, strict_rolling };

struct Rule {
  std::string id;             ///< "RU-FRQ-C1".
  std::string kind;           ///< The pack's word for the kind.
  std::string part;           ///< Distinguishes rules of one id.
  std::string source;         ///< Paragraph.
  std::string certainty;      ///< V1, V2, M or P.
  CivilDate valid_from;       ///< First date of validity in the person's zone.
  CivilDate valid_to;         ///< Last date; unset = open.
  std::int64_t first_day = 0; ///< valid_from as days.
  std::int64_t last_day = 0;  ///< valid_to as days; the largest number when open.
  ChannelSet channels;
  CounterpartySet counterparties;
  WakingOption wakes_with = WakingOption::always;
  RuleBody body;
};

struct LawPack {
  std::string id;                            ///< "RU".
  std::string version;
  std::string sha256;                        ///< Of the file's text.
  std::vector<std::string> unknown_zones;    ///< Candidates when nothing is known (TZ-04).
  DayCalendar calendar;
  std::vector<Rule> rules;
};

/// What a phone prefix says: which pack, and for geographic codes which region. Longest prefix wins.
struct PrefixEntry {
  std::string jurisdiction;
  std::string region;                        ///< May be empty.
};

struct RuleSet {
  std::map<std::string, LawPack, std::less<>> packs;
  std::map<std::string, std::vector<std::string>, std::less<>> region_zones;  ///< ISO 3166-2 -> IANA names.
  std::map<std::string, std::string, std::less<>> zone_packs;                 ///< IANA name -> pack id.
  std::map<std::string, std::string, std::less<>> country_packs;              ///< ISO 3166-1 -> pack id ("GB" -> "UK").
  std::map<std::string, PrefixEntry, std::less<>> prefixes;                   ///< E.164 digits without the plus.
  std::shared_ptr<const ZoneBook> zones;
  OperatorOptions default_options;
  std::string version;                       ///< SHA-256 over all files in name order.
  std::string calendar_version;
};

}  // namespace dunlin
