#include "core/dialing/campaign.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/check.hpp"
#include "core/dialing/caller_id_choice.hpp"
#include "core/dialing/campaign_trunks.hpp"

namespace dunlin {
namespace {

constexpr std::array<std::string_view, 4> mode_names{"progressive", "predictive", "agentless", "preview"};
constexpr std::array<std::string_view, 4> state_names{"created", "running", "paused", "stopped"};
constexpr std::array<std::string_view, rank_rule_count> rank_names{"oldest_first", "highest_overdue", "highest_dpd", "freshest_dpd"};
constexpr std::array<std::string_view, 4> command_names{"start", "pause", "resume", "stop"};
constexpr std::int64_t max_rank = 900'000;
/// Stored campaigns may have the mode; no node shows an agent the card and waits for the click, so none takes it anew.
constexpr std::string_view preview_refusal = "preview is not dialed by this version: no agent would be shown the card before the call; allowed: progressive, predictive, agentless";

template <class Enum>
std::string_view name_of(const std::array<std::string_view, 4>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  DUNLIN_CHECK(index < names.size());
  return names[index];
}

template <class Enum>
Result<Enum> parse_named(const std::array<std::string_view, 4>& names, std::string_view name, std::string_view what) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return invalid_input("unknown " + std::string(what) + " \"" + std::string(name.substr(0, 40)) + "\"");
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

Error conflict(CampaignState state, CampaignCommand command) {
  return {Errc::conflict, "a " + std::string(to_string(state)) + " campaign cannot " + std::string(to_string(command))};
}

Status check_retry(const std::vector<RetryRule>& rules) {
  std::set<Outcome> seen;
  for (const RetryRule& rule : rules) {
    const std::string place = "retry." + std::string(to_string(rule.outcome));
    if (!seen.insert(rule.outcome).second) return invalid_input(place + ": named twice");
    if (rule.first_delay < seconds(10) || rule.next_number_delay < seconds(10)) return invalid_input(place + ": under 10 s");
    if (rule.max_delay < rule.first_delay) return invalid_input(place + ": max_delay is below first_delay");
    if (rule.max_delay > days(366)) return invalid_input(place + ": over a year");
    if (rule.growth_percent < 100 || rule.growth_percent > 1000) return invalid_input(place + ": growth outside 100..1000 %");
  }
  return Done{};
}

Status check_prices(const CallPrices& prices) {
  for (const std::uint32_t price : {prices.attempt, prices.minute, prices.agent_hour, prices.rpc_value, prices.kept_value}) {
    if (price > most_price) return invalid_input("prices: over " + std::to_string(most_price / price_parts));
  }
  return Done{};
}

Status check_limits(const CampaignSettings& s) {
  if (s.ring_timeout_ms < 5'000 || s.ring_timeout_ms > 120'000) return invalid_input("ring_timeout_ms: outside 5000..120000");
  if (s.abandon_after_ms < 500 || s.abandon_after_ms > 10'000) return invalid_input("abandon_after_ms: outside 500..10000");
  if (s.abandon_limit_permille > 1000) return invalid_input("abandon_limit_permille: over 1000");
  if (s.max_attempts_per_number_day == 0 || s.max_attempts_per_case_day == 0) {
    return invalid_input("daily caps: must be positive");
  }
  if (s.max_attempts_per_number == 0 || s.max_attempts_per_case == 0) return invalid_input("total caps: must be positive");
  if (s.wrap_up_seconds > 3600) return invalid_input("wrap_up_seconds: over an hour");
  if (s.priority < -most_priority || s.priority > most_priority) {
    return invalid_input("priority: outside -" + std::to_string(most_priority) + ".." + std::to_string(most_priority));
  }
  if (s.weight > most_weight) return invalid_input("weight: over " + std::to_string(most_weight));
  if (s.guaranteed_agents > most_guaranteed_agents) {
    return invalid_input("guaranteed_agents: over " + std::to_string(most_guaranteed_agents));
  }
  if (s.target_idle_s > most_target_idle_s) return invalid_input("target_idle_s: over " + std::to_string(most_target_idle_s));
  if (s.odds_lead > most_odds_lead) return invalid_input("odds_lead: over " + std::to_string(most_odds_lead));
  return Done{};
}

}  // namespace

std::string_view to_string(DialingMode mode) { return name_of(mode_names, mode); }
Channel channel_of(DialingMode mode, bool is_manual) {
  return mode == DialingMode::agentless && !is_manual ? Channel::robot_call : Channel::call;
}

Result<DialingMode> parse_dialing_mode(std::string_view name) {
  if (name == to_string(DialingMode::preview)) return invalid_input(std::string(preview_refusal));
  return parse_named<DialingMode>(mode_names, name, "dialing mode");
}
std::string_view to_string(RankRule rule) { return name_of(rank_names, rule); }
Result<RankRule> parse_rank_rule(std::string_view name) { return parse_named<RankRule>(rank_names, name, "rank rule"); }
std::string_view to_string(NumberChoice choice) {
  switch (choice) {
    case NumberChoice::in_order: return "in_order";
    case NumberChoice::best_odds: return "best";
  }
  return "";
}
Result<NumberChoice> parse_number_choice(std::string_view name) {
  if (name == "in_order") return NumberChoice::in_order;
  if (name == "best") return NumberChoice::best_odds;
  return invalid_input("must be in_order or best");
}
std::string_view to_string(HourChoice choice) {
  switch (choice) {
    case HourChoice::as_planned: return "as_planned";
    case HourChoice::best_odds: return "best";
  }
  return "";
}
Result<HourChoice> parse_hour_choice(std::string_view name) {
  if (name == "as_planned") return HourChoice::as_planned;
  if (name == "best") return HourChoice::best_odds;
  return invalid_input("must be as_planned or best");
}
std::string_view to_string(CampaignState state) { return name_of(state_names, state); }
Result<CampaignState> parse_campaign_state(std::string_view name) {
  return parse_named<CampaignState>(state_names, name, "campaign state");
}
std::string_view to_string(CampaignCommand command) { return name_of(command_names, command); }

Result<CampaignState> next_state(CampaignState state, CampaignCommand command) {
  const bool is_created = state == CampaignState::created;
  const bool is_stopped = state == CampaignState::stopped;
  switch (command) {
    case CampaignCommand::start: return CampaignState::running;
    case CampaignCommand::pause:
      if (is_created || is_stopped) return conflict(state, command);
      return CampaignState::paused;
    case CampaignCommand::resume:
      if (is_created || is_stopped) return conflict(state, command);
      return CampaignState::running;
    case CampaignCommand::stop: return CampaignState::stopped;
  }
  return conflict(state, command);
}

Status validate(const CampaignSettings& s) {
  if (!s.id.is_set()) return invalid_input("id: not set");
  if (s.name.empty() || s.name.size() > 200) return invalid_input("name: 1 to 200 bytes");
  if (s.filter.dpd_from && s.filter.dpd_to && *s.filter.dpd_from > *s.filter.dpd_to) {
    return invalid_input("filter.dpd: from is above to");
  }
  if (s.filter.min_overdue && s.filter.min_overdue->minor < 0) return invalid_input("filter.min_overdue: negative");
  if (const Status trunks = check_trunks(s.trunks); !trunks) return invalid_input("trunks: " + trunks.error().detail);
  if (s.mode == DialingMode::preview) return invalid_input("mode: " + std::string(preview_refusal));
  if (const auto numbers = parse_caller_ids(s.caller_id); !numbers) return invalid_input("caller_id: " + numbers.error().detail);
  if (s.strategy.size() > 64) return invalid_input("strategy: at most 64 bytes");
  if (s.flow.size() > 64) return invalid_input("flow: at most 64 bytes");
  if (!s.flow.empty() && s.mode != DialingMode::agentless) return invalid_input("flow: only a campaign of mode agentless has one");
  return validate_work(s);
}

Status validate_work(const CampaignSettings& settings) {
  if (auto status = check_limits(settings); !status) return status;
  if (auto status = check_prices(settings.prices); !status) return status;
  return check_retry(settings.retry);
}

std::int32_t waiting_urgency(const CampaignSettings& settings) {
  const bool has_pool = settings.guaranteed_agents > 0 && settings.flow.empty();  // A flow paces for no agents, so none are kept.
  return has_pool ? settings.priority - 2 * most_priority - 1 : settings.priority;
}

bool takes_debt(const CaseFilter& filter, const Debt& debt) {
  if (debt.is_closed) return false;
  if (!contains(filter.portfolios, debt.portfolio) || !contains(filter.stages, debt.stage)) return false;
  if (!contains(filter.products, debt.product)) return false;
  if (filter.dpd_from && debt.days_past_due < *filter.dpd_from) return false;
  if (filter.dpd_to && debt.days_past_due > *filter.dpd_to) return false;
  if (!filter.min_overdue) return true;
  return debt.overdue.currency == filter.min_overdue->currency && debt.overdue.minor >= filter.min_overdue->minor;
}

const Debt* matching_debt(const CaseFilter& filter, const CaseRecord& record) {
  for (const Debt& debt : record.debts) {
    if (takes_debt(filter, debt)) return &debt;
  }
  return nullptr;
}

bool matches(const CaseFilter& filter, const CaseRecord& record) {
  return contains(filter.languages, record.language) && matching_debt(filter, record) != nullptr;
}

std::int32_t rank_of(const CampaignSettings& settings, const CaseRecord& record) {
  const Debt* debt = matching_debt(settings.filter, record);
  if (debt == nullptr) return 0;
  // Hundreds of the currency's units: finer steps would let a rouble outweigh a day of waiting.
  const std::int64_t hundreds = debt->overdue.minor / 10'000;
  std::int64_t rank = 0;
  switch (settings.rank) {
    case RankRule::oldest_first: rank = 0; break;
    case RankRule::highest_overdue: rank = -hundreds; break;
    case RankRule::highest_dpd: rank = -std::int64_t{debt->days_past_due}; break;
    case RankRule::freshest_dpd: rank = debt->days_past_due; break;
  }
  return static_cast<std::int32_t>(std::clamp(rank, -max_rank, max_rank));
}

const RetryRule* find_retry_rule(const CampaignSettings& settings, Outcome outcome) {
  for (const RetryRule& rule : settings.retry) {
    if (rule.outcome == outcome) return &rule;
  }
  return nullptr;
}

}  // namespace dunlin
