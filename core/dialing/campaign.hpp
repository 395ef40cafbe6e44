#pragma once
// A campaign: which cases it wants, which of their numbers in which order, how it dials and what it does after each
// outcome. Settings are data, edited by people and stored as one versioned document; the state is a small machine.
// Pure values, any thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/case/case_draft.hpp"
#include "core/case/case_record.hpp"
#include "core/case/outcome.hpp"
#include "core/dialing/call_prices.hpp"

namespace dunlin {

class AnswerOdds;
class DebtorClock;
struct Flow;
struct Strategy;
struct StrategyRule;

enum class DialingMode : std::uint8_t { progressive, predictive, agentless, preview };
std::string_view to_string(DialingMode mode);
Result<DialingMode> parse_dialing_mode(std::string_view name);
/// What the law calls a call of this mode: a machine that speaks and listens is a robot's call (467-FZ; 47 CFR 64.1200), a
/// person's own dialing never is.
Channel channel_of(DialingMode mode, bool is_manual);

/// Which cases belong. An empty list or an unset bound does not restrict. One debt must satisfy all debt conditions.
struct CaseFilter {
  std::vector<std::string> portfolios;
  std::vector<std::string> stages;
  std::vector<std::string> products;
  std::vector<std::string> languages;
  std::optional<int> dpd_from;             ///< Days past due, both ends included.
  std::optional<int> dpd_to;
  std::optional<Money> min_overdue;        ///< Of the same currency.
  bool operator==(const CaseFilter&) const = default;
};

/// One step of the number order; numbers whose owner and type no rule names are not dialed by this campaign.
struct NumberRule {
  PartyRole owner = PartyRole::debtor;
  PhoneType type = PhoneType::mobile;
  bool operator==(const NumberRule&) const = default;
};

struct TrunkShare {
  std::string trunk;
  std::uint32_t weight = 1;
  bool operator==(const TrunkShare&) const = default;
};

enum class RetryKind : std::uint8_t {
  again,      ///< After a delay that grows with each repeat.
  stop_case,  ///< Nothing more from this campaign.
  wait,       ///< A timer of the case decides (promise, callback); quiet until then.
};

struct RetryRule {
  Outcome outcome = Outcome::no_answer;
  RetryKind kind = RetryKind::again;
  Duration first_delay = hours(2);
  std::uint32_t growth_percent = 100;      ///< 200 doubles the delay with each repeat in a row.
  Duration max_delay = hours(24);
  bool prefers_next_number = false;        ///< Another dialable number goes first.
  Duration next_number_delay = hours(2);   ///< When it does.
  bool operator==(const RetryRule&) const = default;
};

/// A rule for every outcome: busy a minute later on the next number, rung-out after two hours, machine after four, …
std::vector<RetryRule> default_retry_rules();

/// What makes one case more urgent than another inside the campaign; lower rank = sooner.
enum class RankRule : std::uint8_t { oldest_first, highest_overdue, highest_dpd, freshest_dpd };
inline constexpr int rank_rule_count = static_cast<int>(RankRule::freshest_dpd) + 1;
std::string_view to_string(RankRule rule);
Result<RankRule> parse_rank_rule(std::string_view name);

/// Which of the numbers that order, caps and retries leave goes first. The odds are those of the answer model; without a
/// grown one the order decides.
enum class NumberChoice : std::uint8_t { in_order, best_odds };
std::string_view to_string(NumberChoice choice);
Result<NumberChoice> parse_number_choice(std::string_view name);

/// When a retry goes: as the retry rule says, or into a clearly better hour of the same day of the debtor.
enum class HourChoice : std::uint8_t { as_planned, best_odds };
std::string_view to_string(HourChoice choice);
Result<HourChoice> parse_hour_choice(std::string_view name);

inline constexpr std::uint32_t most_odds_lead = 100'000;
inline constexpr std::int32_t most_priority = 1'000'000;
inline constexpr std::uint32_t most_weight = 1000;
inline constexpr std::uint32_t most_guaranteed_agents = 10'000;
inline constexpr std::uint32_t most_target_idle_s = 600;

struct CampaignSettings {
  CampaignId id;
  std::string name;
  std::uint32_t revision = 0;              ///< Grows with each edit.
  CaseFilter filter;
  std::vector<NumberRule> number_order;    ///< Empty: debtor mobile, home, other, work; then the guarantor's.
  DialingMode mode = DialingMode::progressive;
  std::vector<TrunkShare> trunks;
  std::string caller_id;                   ///< E.164, or several with commas: the nearest to the debtor is shown (caller_id_choice).
  std::uint32_t ring_timeout_ms = 25'000;
  std::uint32_t abandon_after_ms = 2'000;  ///< A person who waits longer for an agent is abandoned.
  std::uint32_t abandon_limit_permille = 30;
  std::uint32_t max_attempts_per_number_day = 2;
  std::uint32_t max_attempts_per_case_day = 2;
  std::uint32_t max_attempts_per_number = 30;
  std::uint32_t max_attempts_per_case = 60;
  std::vector<RetryRule> retry = default_retry_rules();
  std::string skill;                       ///< Agents need it; empty = any agent.
  std::int32_t priority = 100;             ///< Between campaigns; lower first. Within most_priority either way.
  RankRule rank = RankRule::oldest_first;
  std::uint32_t wrap_up_seconds = 60;
  bool classifies_answers = true;
  bool records_calls = true;
  std::string script_id;
  std::string announcement_id;             ///< Played to the abandoned, or the message of an agentless campaign.
  NumberChoice number_choice = NumberChoice::in_order;
  HourChoice hour_choice = HourChoice::as_planned;
  std::uint32_t odds_lead = 0;             ///< Ranks a certain answer by the debtor would be worth; half the chance, half of it.
  std::string strategy;                    ///< Rules that overlay these settings case by case (core/dialing/strategy); empty = none.
  std::uint32_t weight = 1;                ///< Of the agents shared with campaigns of the same priority; 0: only what they leave.
  std::uint32_t guaranteed_agents = 0;     ///< Of this node's agents with the skill, before any other campaign's share.
  std::string flow;                        ///< What a call of an agentless campaign says and asks (core/dialogue); empty = agents talk.
  CallPrices prices;                       ///< Nothing told: nothing is weighed.
  std::uint32_t target_idle_s = 0;         ///< Between two calls of an agent, on average: predictive pacing risks no more than it takes; 0 = none.
  bool operator==(const CampaignSettings&) const = default;
};

enum class CampaignState : std::uint8_t { created, running, paused, stopped };
std::string_view to_string(CampaignState state);
Result<CampaignState> parse_campaign_state(std::string_view name);

struct Campaign {
  CampaignSettings settings;
  CampaignState state = CampaignState::created;
  bool operator==(const Campaign&) const = default;
};

enum class CampaignCommand : std::uint8_t { start, pause, resume, stop };
std::string_view to_string(CampaignCommand command);

/// The state after the command; Errc::conflict when the state forbids it. Asking for the state already reached is fine.
Result<CampaignState> next_state(CampaignState state, CampaignCommand command);

/// Errc::invalid_input names the first wrong field: what start and every edit check.
Status validate(const CampaignSettings& settings);
/// Whose waiting persons are served first, lower first: campaigns with guaranteed agents, then by priority.
std::int32_t waiting_urgency(const CampaignSettings& settings);
/// The part of it a strategy may change: caps, ring timeout, retry rules.
Status validate_work(const CampaignSettings& settings);

/// Whether the filter takes the case (open debts only). Says nothing about the law.
bool matches(const CaseFilter& filter, const CaseRecord& record);
bool takes_debt(const CaseFilter& filter, const Debt& debt);
/// The first open debt that satisfies the filter, for the rank and the agent's card.
const Debt* matching_debt(const CaseFilter& filter, const CaseRecord& record);
std::int32_t rank_of(const CampaignSettings& settings, const CaseRecord& record);
const RetryRule* find_retry_rule(const CampaignSettings& settings, Outcome outcome);

/// How one campaign works one case at one instant. Points into the book.
struct WorkOrder {
  /// Why the campaign does not dial the case at all now. Mode and skill choose among the campaigns of one strategy.
  enum class Bar : std::uint8_t { none, stopped, other_mode, other_skill, no_strategy, no_flow };
  const CampaignSettings* settings = nullptr;   ///< With the rule's overlay.
  const Strategy* strategy = nullptr;
  const StrategyRule* rule = nullptr;           ///< Unset: no strategy, or none of its rules fits.
  Bar bar = Bar::none;
  std::optional<UtcTime> rest_until{};          ///< Only when it lies ahead; a callback the person asked for breaks it.
  std::optional<UtcTime> next_change{};         ///< When time alone may change this order.
  bool is_open() const { return bar == Bar::none; }
};
/// The agent who promised the callback that is due, as long as the rule lets it wait for that one; unset: anybody.
AgentId awaited_agent(const WorkOrder& order, const CaseRecord& record, UtcTime now);
/// "strategy soft_collection r3, rule \"early\": stop"; empty when no strategy has a say.
std::string order_text(const WorkOrder& order);

/// The campaigns a case may be dialed for, as its actor knows them, with the strategies they name. Immutable once built;
/// shared across actors. The clock outlives the book; without one no condition on the time of day holds.
class CampaignBook {
 public:
  using Strategies = std::vector<std::shared_ptr<const Strategy>>;
  CampaignBook() = default;
  using Flows = std::vector<std::shared_ptr<const Flow>>;
  explicit CampaignBook(std::vector<Campaign> campaigns, Strategies strategies = {}, const DebtorClock* clock = nullptr,
                        std::shared_ptr<const AnswerOdds> odds = {}, Flows flows = {});
  const Campaign* find(CampaignId id) const;
  /// Sorted by id.
  const std::vector<Campaign>& all() const { return campaigns_; }
  const Strategies& strategies() const { return strategies_; }
  const Strategy* find_strategy(std::string_view name) const;
  const Flows& flows() const { return flows_; }
  /// nullptr when no such flow is in force.
  std::shared_ptr<const Flow> find_flow(std::string_view name) const;
  const DebtorClock* clock() const { return clock_; }
  /// nullptr as long as the answer model is missing or young: then nothing is decided by it.
  const AnswerOdds* odds() const;
  /// `campaign` is one of all(). A campaign whose strategy or flow is not here is barred: nobody is worked by rules nobody
  /// wrote, and nobody is called to hear nothing.
  WorkOrder order(const Campaign& campaign, const CaseRecord& record, UtcTime at) const;

 private:
  /// The number of campaigns when there is none of this id.
  std::size_t place_of(CampaignId id) const;

  std::vector<Campaign> campaigns_;
  Strategies strategies_;
  /// Beside campaigns_: the settings under each rule, laid once and not for every case.
  std::vector<std::vector<CampaignSettings>> settings_by_rule_;
  const DebtorClock* clock_ = nullptr;
  std::shared_ptr<const AnswerOdds> odds_;
  Flows flows_;
};

/// One document: versioned bytes, as in core/case/event_codec.
std::string encode_campaign(const Campaign& campaign);
Result<Campaign> decode_campaign(std::string_view bytes);

}  // namespace dunlin
