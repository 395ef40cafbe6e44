#pragma once
// A strategy in words: what a rule waits for, what it orders, and why it did not take a case. Fields carry the names they
// have in the file, so that what is read can be found and changed there. Pure.
#include <string>

#include "core/dialing/strategy.hpp"

namespace dunlin {

/// "stage soft, late; dpd 1–30"; empty for a default rule.
std::string condition_text(const StrategyCondition& condition, Currency currency);

/// "number_order debtor.mobile, debtor.home; rest_days 4".
std::string orders_text(const StrategyOrders& orders);

/// "dpd: 12; wanted ≥ 30". `language`: "en", everything else is Russian.
std::string unmet_text(StrategyTest test, const StrategyCondition& condition, const StrategyFacts& facts, const std::string& language);

/// Why this campaign does not dial the case, or from when on it does; empty: it dials by the rule.
std::string order_words(const WorkOrder& order, const CampaignSettings& campaign, const std::string& language);

}  // namespace dunlin
