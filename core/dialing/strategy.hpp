#pragma once
// A strategy: an ordered table of rules by which ONE case is worked, the first fitting rule wins. A rule stops the work,
// lets the case rest, or overlays the settings of the campaign that names the strategy. It is data: written by people as
// TOML (config/strategy_loader), checked by strategy_check, stored as numbered revisions. The law is asked afterwards and
// has the last word. Pure values and functions, any thread, no clock.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/case/case_record.hpp"
#include "core/case/debtor_clock.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

inline constexpr std::size_t max_strategy_rules = 200;
inline constexpr std::size_t max_strategy_groups = 10;

/// Both ends included; an unset end does not bound.
struct WholeRange {
  std::optional<std::int64_t> from{};
  std::optional<std::int64_t> to{};
  bool operator==(const WholeRange&) const = default;
  bool is_any() const { return !from && !to; }
  bool is_empty() const { return from && to && *from > *to; }
  bool has(std::int64_t value) const { return (!from || value >= *from) && (!to || value <= *to); }
  bool covers(const WholeRange& other) const;
};

enum class PromiseFact : std::uint8_t { none, open, kept, broken };
std::string_view to_string(PromiseFact fact);
Result<PromiseFact> parse_promise_fact(std::string_view name);

/// Parts of the debtor's day: 8 to 12, 12 to 17, 17 to 22 o'clock.
enum class DayPart : std::uint8_t { morning, day, evening };
std::string_view to_string(DayPart part);
Result<DayPart> parse_day_part(std::string_view name);
std::optional<DayPart> day_part_of(const LocalTime& wall);

struct NumberPattern {
  PartyRole owner = PartyRole::debtor;
  std::optional<PhoneType> type{};         ///< Unset: any number of this owner.
  bool operator==(const NumberPattern&) const = default;
};

/// All given conditions must hold; an empty list or an unset value does not restrict. One open debt that the campaign takes
/// must satisfy all conditions on debts.
struct StrategyCondition {
  std::vector<std::string> stages{};
  std::vector<std::string> portfolios{};
  std::vector<std::string> products{};
  WholeRange dpd{};                        ///< Days past due.
  WholeRange overdue{};                    ///< Minor units of the strategy's currency; other currencies do not fit.
  std::vector<std::string> languages{};
  std::vector<Outcome> last_outcomes{};    ///< Of the case's last settled attempt.
  WholeRange attempts_today{};             ///< Of the debtor's day; attempts that reached no number do not count.
  WholeRange attempts_total{};             ///< Over the life of the case.
  std::optional<std::uint32_t> silent_attempts_from{};  ///< The last so many attempts, or more, reached no right party.
  std::optional<PromiseFact> promise{};    ///< Of the latest promise.
  std::optional<std::uint32_t> paid_within_days{};
  std::optional<NumberPattern> has_number{};            ///< Not blocked.
  std::vector<int> weekdays{};             ///< Monday = 0; in every zone the person may live in.
  std::optional<int> hour_from{};          ///< Of the debtor's day, this hour included …
  std::optional<int> hour_to{};            ///< … up to this one, excluded; 24 = midnight.
  std::string group{};
  bool operator==(const StrategyCondition&) const = default;
};

/// What a fitting rule orders. Mode and skill choose the campaign, because pacing counts the agents of a campaign: the case
/// is dialed by those campaigns of the strategy whose mode and skill these are. Everything else overlays the settings.
struct StrategyOrders {
  bool stops = false;
  bool keeps = false;                      ///< The campaign's own settings, and no later rule is asked.
  std::optional<std::uint32_t> rest_days{};                 ///< At least so long after the last attempt.
  std::optional<std::uint32_t> quiet_after_payment_days{};  ///< At least so long after the last payment.
  std::optional<DialingMode> mode{};
  std::optional<std::string> skill{};
  std::vector<NumberRule> number_order{};
  std::optional<NumberChoice> number_choice{};  ///< Unset beside a number_order: as ordered.
  std::optional<std::uint32_t> max_attempts_per_number_day{};
  std::optional<std::uint32_t> max_attempts_per_case_day{};
  std::optional<std::uint32_t> max_attempts_per_number{};
  std::optional<std::uint32_t> max_attempts_per_case{};
  std::optional<RankRule> rank{};
  std::optional<std::uint32_t> odds_lead{};
  std::int32_t sooner_by = 0;              ///< Taken off the rank: goes before the campaign's other cases.
  std::optional<std::int32_t> priority{};
  std::optional<std::string> script_id{};
  std::optional<std::uint32_t> ring_timeout_ms{};
  std::vector<RetryRule> retry{};          ///< Each replaces the campaign's rule for its outcome.
  /// A due callback waits so long for the agent who promised it to be ready; then anybody calls. Unset: anybody at once.
  std::optional<Duration> callback_own_for{};
  std::optional<HourChoice> hour_choice{};
  std::vector<DayPart> day_parts{};        ///< The next attempt goes into the part that follows the last one's, in turn.
  bool operator==(const StrategyOrders&) const = default;
};

struct StrategyRule {
  std::string name;
  StrategyCondition when{};
  StrategyOrders then{};
  int line = 0;                            ///< Of the file, for findings.
  bool operator==(const StrategyRule&) const = default;
};

/// One branch of a comparison. Who belongs is a hash of case and strategy name: stable over restarts and edits of rules.
struct StrategyGroup {
  std::string name;
  std::uint32_t share = 1;                 ///< Of the sum of all shares.
  bool operator==(const StrategyGroup&) const = default;
};

struct Strategy {
  std::string name;
  std::uint32_t revision = 0;
  Currency currency = Currency::rub;
  std::vector<StrategyGroup> groups{};
  std::vector<StrategyRule> rules{};
  bool operator==(const Strategy&) const = default;
};

/// What the conditions look at, gathered once for one case. Points into the record and the strategy.
struct StrategyFacts {
  const CaseRecord* record = nullptr;
  UtcTime at;
  Currency currency = Currency::rub;
  std::vector<const Debt*> debts{};        ///< Open, and taken by the campaign.
  std::optional<Outcome> last_outcome{};
  std::uint32_t attempts_today = 0;
  std::uint32_t silent_attempts = 0;
  PromiseFact promise = PromiseFact::none;
  std::optional<UtcTime> last_paid_at{};
  std::vector<LocalTime> walls{};          ///< Empty when no rule looks at the clock.
  std::string_view group{};
};
StrategyFacts strategy_facts(const Strategy& strategy, const CaseFilter& filter, const CaseRecord& record, UtcTime now,
                             const DebtorClock* clock);

/// The conditions in the order they are asked; the first that fails is what `strategy explain` tells.
enum class StrategyTest : std::uint8_t {
  group, stage, portfolio, product, dpd, overdue, language, last_outcome, attempts_today, attempts_total, silent_attempts,
  promise, paid_within_days, has_number, clock,
};
std::optional<StrategyTest> first_failed(const StrategyCondition& condition, const StrategyFacts& facts);

struct StrategyDecision {
  std::optional<std::size_t> rule{};       ///< Unset: none fits, the campaign's own settings hold.
  bool is_stopped = false;
  std::optional<UtcTime> rest_until{};     ///< Only when it lies ahead.
};
StrategyDecision decide(const Strategy& strategy, const StrategyFacts& facts);

/// The settings of the campaign as the rule changes them. A rule without overlays gives them back as they are.
CampaignSettings overlaid(CampaignSettings settings, const StrategyRule& rule);

/// When time alone may change which rule fits, given that `decision` holds now; unset: it cannot.
std::optional<UtcTime> next_change(const Strategy& strategy, const StrategyFacts& facts, const StrategyDecision& decision);

/// Empty when the strategy has no groups.
std::string_view group_of(const Strategy& strategy, CaseId id);

}  // namespace dunlin
