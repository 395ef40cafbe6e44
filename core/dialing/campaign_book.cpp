#include <algorithm>

#include "core/dialing/answer_odds.hpp"
#include "core/dialing/strategy.hpp"
#include "core/dialogue/flow.hpp"

namespace dunlin {
namespace {

std::string_view bar_text(WorkOrder::Bar bar) {
  switch (bar) {
    case WorkOrder::Bar::none: return "";
    case WorkOrder::Bar::stopped: return "stop";
    case WorkOrder::Bar::other_mode: return "a campaign of another mode";
    case WorkOrder::Bar::other_skill: return "a campaign of another skill";
    case WorkOrder::Bar::no_strategy:
    case WorkOrder::Bar::no_flow: return "not stored";
  }
  return "";
}

std::vector<CampaignSettings> settings_under(const CampaignSettings& settings, const Strategy* strategy) {
  std::vector<CampaignSettings> laid;
  if (strategy == nullptr) return laid;
  for (const StrategyRule& rule : strategy->rules) laid.push_back(overlaid(settings, rule));
  return laid;
}

}  // namespace

std::string order_text(const WorkOrder& order) {
  if (order.bar == WorkOrder::Bar::no_strategy) return "strategy " + order.settings->strategy + ": not stored";
  if (order.bar == WorkOrder::Bar::no_flow) return "flow " + order.settings->flow + ": not stored";
  if (order.strategy == nullptr) return {};
  std::string text = "strategy " + order.strategy->name + " r" + std::to_string(order.strategy->revision) + ", ";
  if (order.rule == nullptr) return text + "no rule fits";
  text += "rule \"" + order.rule->name + "\"";
  if (!order.is_open()) text += ": " + std::string(bar_text(order.bar));
  return text;
}

AgentId awaited_agent(const WorkOrder& order, const CaseRecord& record, UtcTime now) {
  const bool is_due = record.callback && record.callback->at <= now;
  if (!is_due || order.rule == nullptr || !order.rule->then.callback_own_for) return {};
  return now < record.callback->at + *order.rule->then.callback_own_for ? record.callback->agent : AgentId();
}

CampaignBook::CampaignBook(std::vector<Campaign> campaigns, Strategies strategies, const DebtorClock* clock,
                           std::shared_ptr<const AnswerOdds> odds, Flows flows)
    : campaigns_(std::move(campaigns)), strategies_(std::move(strategies)), clock_(clock), odds_(std::move(odds)), flows_(std::move(flows)) {
  std::sort(campaigns_.begin(), campaigns_.end(),
            [](const Campaign& a, const Campaign& b) { return a.settings.id < b.settings.id; });
  for (const Campaign& campaign : campaigns_) {
    settings_by_rule_.push_back(settings_under(campaign.settings, find_strategy(campaign.settings.strategy)));
  }
}

const AnswerOdds* CampaignBook::odds() const { return odds_ && odds_->has_grown() ? odds_.get() : nullptr; }

std::size_t CampaignBook::place_of(CampaignId id) const {
  const auto place = std::lower_bound(campaigns_.begin(), campaigns_.end(), id,
                                      [](const Campaign& campaign, CampaignId wanted) { return campaign.settings.id < wanted; });
  const bool is_found = place != campaigns_.end() && place->settings.id == id;
  return is_found ? static_cast<std::size_t>(place - campaigns_.begin()) : campaigns_.size();
}

const Campaign* CampaignBook::find(CampaignId id) const {
  const std::size_t place = place_of(id);
  return place < campaigns_.size() ? &campaigns_[place] : nullptr;
}

const Strategy* CampaignBook::find_strategy(std::string_view name) const {
  if (name.empty()) return nullptr;
  for (const auto& strategy : strategies_) {
    if (strategy->name == name) return strategy.get();
  }
  return nullptr;
}

std::shared_ptr<const Flow> CampaignBook::find_flow(std::string_view name) const {
  const auto found = std::find_if(flows_.begin(), flows_.end(), [name](const auto& flow) { return flow->name == name; });
  return name.empty() || found == flows_.end() ? nullptr : *found;
}

WorkOrder CampaignBook::order(const Campaign& campaign, const CaseRecord& record, UtcTime at) const {
  WorkOrder order;
  order.settings = &campaign.settings;
  if (!campaign.settings.flow.empty() && find_flow(campaign.settings.flow) == nullptr) {
    order.bar = WorkOrder::Bar::no_flow;
    return order;
  }
  if (campaign.settings.strategy.empty()) return order;
  order.strategy = find_strategy(campaign.settings.strategy);
  if (order.strategy == nullptr) {
    order.bar = WorkOrder::Bar::no_strategy;
    return order;
  }
  const StrategyFacts facts = strategy_facts(*order.strategy, campaign.settings.filter, record, at, clock_);
  const StrategyDecision decision = decide(*order.strategy, facts);
  order.next_change = next_change(*order.strategy, facts, decision);
  if (!decision.rule) return order;
  order.rule = &order.strategy->rules[*decision.rule];
  order.settings = &settings_by_rule_[place_of(campaign.settings.id)][*decision.rule];
  if (decision.is_stopped) order.bar = WorkOrder::Bar::stopped;
  else if (order.settings->mode != campaign.settings.mode) order.bar = WorkOrder::Bar::other_mode;
  else if (order.settings->skill != campaign.settings.skill) order.bar = WorkOrder::Bar::other_skill;
  if (!record.callback) order.rest_until = decision.rest_until;
  return order;
}

}  // namespace dunlin
