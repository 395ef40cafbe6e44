#include "api/strategy_cases.hpp"

#include <algorithm>

#include "api/strategy_text.hpp"
#include "core/case/event_codec.hpp"
#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

/// A person waits for the answer: about 20 µs a case.
constexpr std::size_t effect_cases_most = 50'000;
constexpr std::size_t result_cases_most = 200'000;

template <class Visit>
Result<std::size_t> visit_open_cases(const CommandContext& context, std::size_t most, Visit visit) {
  std::size_t looked_at = 0;
  for (ShardIndex shard = 0; shard < shard_count && looked_at < most; ++shard) {
    const Status scanned = context.node.archive->each_view(shard, [&](CaseId, const std::string& bytes) {
      const auto record = decode_view(bytes);
      if (record && !record->alias_of.is_set()) visit(*record);
      return ++looked_at < most;
    });
    if (!scanned) return scanned.error();
  }
  return looked_at;
}

/// The filters of the campaigns that name the strategy; with none the one that takes everybody.
std::vector<CaseFilter> filters_of(const CampaignBook& book, const std::string& strategy) {
  std::vector<CaseFilter> filters;
  for (const Campaign& campaign : book.all()) {
    if (campaign.settings.strategy == strategy) filters.push_back(campaign.settings.filter);
  }
  return filters;
}

std::string rule_taking(const Strategy* strategy, const CaseFilter& filter, const CaseRecord& record, UtcTime now, const DebtorClock* clock) {
  if (strategy == nullptr) return "";
  const StrategyDecision decision = decide(*strategy, strategy_facts(*strategy, filter, record, now, clock));
  return decision.rule ? strategy->rules[*decision.rule].name : "";
}

std::vector<RuleEffect> empty_effects(const Strategy& proposed, const Strategy* present) {
  std::vector<RuleEffect> effects;
  for (const StrategyRule& rule : proposed.rules) effects.push_back({rule.name, orders_text(rule.then), 0, 0});
  const std::size_t kept = effects.size();
  for (std::size_t i = 0; present != nullptr && i < present->rules.size(); ++i) {
    const std::string& name = present->rules[i].name;
    const auto end = effects.begin() + static_cast<std::ptrdiff_t>(kept);
    const bool stays = std::any_of(effects.begin(), end, [&name](const RuleEffect& effect) { return effect.rule == name; });
    if (!stays) effects.push_back({name, "goes away", 0, 0});
  }
  effects.push_back({"", "the campaign's own settings", 0, 0});
  return effects;
}

/// What the law counts as the same person's attempts of campaigns under this strategy, from `since` on.
void count_attempts(GroupResult& result, const CaseRecord& record, const std::vector<CampaignId>& campaigns, UtcTime since) {
  std::uint64_t attempts = 0;
  for (const AttemptRow& row : record.attempts) {
    const bool is_ours = std::find(campaigns.begin(), campaigns.end(), row.campaign) != campaigns.end();
    if (!is_ours || row.reserved_at < since || !uses_cap(row)) continue;
    ++attempts;
    const auto outcome = row.final_outcome();
    if (outcome && traits(*outcome).right_party) ++result.right_party;
  }
  result.attempts += attempts;
  result.worked += attempts > 0 ? 1 : 0;
  for (const Promise& promise : record.promises) {
    if (promise.made_at < since) continue;
    ++result.promises;
    result.kept += promise.state == PromiseState::kept ? 1 : 0;
  }
  const auto& payments = record.payments;
  const bool has_paid = std::any_of(payments.begin(), payments.end(), [since](const PaymentFact& payment) { return payment.paid_at >= since; });
  result.payers += has_paid ? 1 : 0;
}

}  // namespace

Result<StrategyEffect> strategy_effect(const CommandContext& context, const CampaignBook& book, const Strategy& proposed) {
  std::vector<CaseFilter> filters = filters_of(book, proposed.name);
  StrategyEffect effect;
  effect.campaigns = filters.size();
  const Strategy* present = filters.empty() ? nullptr : book.find_strategy(proposed.name);
  if (filters.empty()) filters.emplace_back();
  effect.rules = empty_effects(proposed, present);
  const auto row = [&effect](const std::string& name) -> RuleEffect& {
    return *std::find_if(effect.rules.begin(), effect.rules.end(), [&name](const RuleEffect& known) { return known.rule == name; });
  };
  const UtcTime now = context.node.clock->now_utc();
  const auto looked_at = visit_open_cases(context, effect_cases_most, [&](const CaseRecord& record) {
    const auto filter = std::find_if(filters.begin(), filters.end(), [&record](const CaseFilter& known) { return matches(known, record); });
    if (filter == filters.end()) return;
    const std::string before = rule_taking(present, *filter, record, now, book.clock());
    const std::string after = rule_taking(&proposed, *filter, record, now, book.clock());
    ++effect.cases;
    ++row(before).before;
    ++row(after).after;
    effect.changed += before == after ? 0 : 1;
  });
  if (!looked_at) return looked_at.error();
  effect.looked_at = *looked_at;
  return effect;
}

Result<StrategyResults> strategy_results(const CommandContext& context, const CampaignBook& book, const Strategy& strategy, UtcTime since) {
  StrategyResults results;
  for (const StrategyGroup& group : strategy.groups) results.groups.push_back({group.name, group.share});
  if (results.groups.empty()) results.groups.push_back({"", 1});
  std::vector<CampaignId> campaigns;
  for (const Campaign& campaign : book.all()) {
    if (campaign.settings.strategy == strategy.name) campaigns.push_back(campaign.settings.id);
  }
  const std::vector<CaseFilter> filters = filters_of(book, strategy.name);
  const auto looked_at = visit_open_cases(context, result_cases_most, [&](const CaseRecord& record) {
    // Who has paid everything belongs to no filter any more: an attempt of the campaign is enough.
    const bool was_worked = std::any_of(record.attempts.begin(), record.attempts.end(), [&](const AttemptRow& row) {
      return row.reserved_at >= since && std::find(campaigns.begin(), campaigns.end(), row.campaign) != campaigns.end();
    });
    const bool belongs = was_worked || std::any_of(filters.begin(), filters.end(), [&record](const CaseFilter& f) { return matches(f, record); });
    if (!belongs) return;
    const std::string_view name = group_of(strategy, record.id);
    const auto group = std::find_if(results.groups.begin(), results.groups.end(), [name](const GroupResult& known) { return known.group == name; });
    ++group->cases;
    count_attempts(*group, record, campaigns, since);
  });
  if (!looked_at) return looked_at.error();
  results.looked_at = *looked_at;
  return results;
}

}  // namespace dunlin
