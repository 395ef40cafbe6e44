#include "core/dialing/strategy_check.hpp"

#include <algorithm>
#include <set>

namespace dunlin {
namespace {

constexpr std::size_t longest_rule_name = 100;

/// Whether the values one list allows include all the other one allows; an empty list allows every value.
template <class T>
bool list_covers(const std::vector<T>& outer, const std::vector<T>& inner) {
  if (outer.empty()) return true;
  if (inner.empty()) return false;
  return std::all_of(inner.begin(), inner.end(), [&outer](const T& value) {
    return std::find(outer.begin(), outer.end(), value) != outer.end();
  });
}

template <class T>
bool value_covers(const std::optional<T>& outer, const std::optional<T>& inner) {
  return !outer || outer == inner;
}

bool number_covers(const std::optional<NumberPattern>& outer, const std::optional<NumberPattern>& inner) {
  if (!outer) return true;
  return inner && inner->owner == outer->owner && value_covers(outer->type, inner->type);
}

/// Orders beside `stop` and `keep`.
bool changes_work(const StrategyOrders& then) {
  StrategyOrders rest = then;
  rest.stops = false;
  rest.keeps = false;
  return !(rest == StrategyOrders{});
}

class RuleCheck {
 public:
  RuleCheck(const Strategy& strategy, std::vector<StrategyFinding>& findings) : strategy_(strategy), findings_(findings) {}

  void check(const StrategyRule& rule) {
    rule_ = &rule;
    check_ranges(rule.when);
    check_group(rule.when.group);
    check_orders(rule.then);
    check_values(rule);
  }
  void say(const StrategyRule& rule, std::string what) {
    findings_.push_back({rule.line, "rule \"" + rule.name + "\"", std::move(what)});
  }

 private:
  void range(const WholeRange& range, const char* name) {
    if (range.is_empty()) say(*rule_, std::string(name) + ": _from is above _to, so no case can fit");
  }
  void check_ranges(const StrategyCondition& when) {
    range(when.dpd, "dpd");
    range(when.overdue, "overdue");
    range(when.attempts_today, "attempts_today");
    range(when.attempts_total, "attempts_total");
    if (when.hour_from.value_or(0) >= when.hour_to.value_or(24)) say(*rule_, "hour_from must be below hour_to, so no hour fits");
    const auto& total = when.attempts_total.to;
    if (total && when.attempts_today.from.value_or(0) > *total) {
      say(*rule_, "attempts_today_from is above attempts_total_to, so no case can fit");
    }
    if (total && std::int64_t{when.silent_attempts_from.value_or(0)} > *total) {
      say(*rule_, "silent_attempts_from is above attempts_total_to, so no case can fit");
    }
  }
  void check_group(const std::string& name) {
    if (name.empty()) return;
    std::string known;
    for (const StrategyGroup& group : strategy_.groups) {
      if (group.name == name) return;
      known += (known.empty() ? "" : ", ") + group.name;
    }
    say(*rule_, "group: there is no [[group]] \"" + name + "\"" + (known.empty() ? "" : "; allowed: " + known));
  }
  void check_orders(const StrategyOrders& then) {
    const bool is_changing = changes_work(then);
    if (then.stops && (is_changing || then.keeps)) {
      say(*rule_, "stop contradicts the other orders: a stopped case is not worked at all");
    }
    if (then.keeps && is_changing) say(*rule_, "keep contradicts the other orders: they change the campaign's settings");
    if (!then.stops && !then.keeps && !is_changing) {
      say(*rule_, "[rule.then] orders nothing; a rule that leaves the campaign's settings as they are says keep = true");
    }
  }
  void check_values(const StrategyRule& rule) {
    CampaignSettings settings;
    const Status status = validate_work(overlaid(settings, rule));
    if (!status) say(rule, status.error().detail);
  }

  const Strategy& strategy_;
  std::vector<StrategyFinding>& findings_;
  const StrategyRule* rule_ = nullptr;
};

void check_groups(const Strategy& strategy, std::vector<StrategyFinding>& findings) {
  std::set<std::string> names;
  for (const StrategyGroup& group : strategy.groups) {
    const std::string place = "group \"" + group.name + "\"";
    if (!names.insert(group.name).second) findings.push_back({0, place, "is named twice"});
  }
  if (strategy.groups.size() == 1) findings.push_back({0, "group", "a comparison needs two groups or none"});
  if (strategy.groups.size() > max_strategy_groups) findings.push_back({0, "group", "more than 10 groups"});
}

}  // namespace

bool is_strategy_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool covers(const StrategyCondition& outer, const StrategyCondition& inner) {
  const bool is_debt_covered = list_covers(outer.stages, inner.stages) && list_covers(outer.portfolios, inner.portfolios) &&
                               list_covers(outer.products, inner.products) && outer.dpd.covers(inner.dpd) &&
                               outer.overdue.covers(inner.overdue);
  const bool is_past_covered = list_covers(outer.last_outcomes, inner.last_outcomes) &&
                               outer.attempts_today.covers(inner.attempts_today) &&
                               outer.attempts_total.covers(inner.attempts_total) && value_covers(outer.promise, inner.promise) &&
                               (!outer.silent_attempts_from || inner.silent_attempts_from.value_or(0) >= *outer.silent_attempts_from) &&
                               (!outer.paid_within_days || (inner.paid_within_days && *inner.paid_within_days <= *outer.paid_within_days));
  const bool is_day_covered = list_covers(outer.weekdays, inner.weekdays) &&
                              outer.hour_from.value_or(0) <= inner.hour_from.value_or(0) &&
                              outer.hour_to.value_or(24) >= inner.hour_to.value_or(24);
  return is_debt_covered && is_past_covered && is_day_covered && list_covers(outer.languages, inner.languages) &&
         number_covers(outer.has_number, inner.has_number) && (outer.group.empty() || outer.group == inner.group);
}

std::vector<StrategyFinding> check_strategy(const Strategy& strategy) {
  std::vector<StrategyFinding> findings;
  if (!is_strategy_name(strategy.name)) findings.push_back({1, "strategy", "name: 1 to 64 of a-z, 0-9, _ and -"});
  if (strategy.rules.empty()) findings.push_back({1, "strategy", "at least one [[rule]] is needed"});
  if (strategy.rules.size() > max_strategy_rules) findings.push_back({1, "strategy", "more than 200 rules"});
  check_groups(strategy, findings);
  RuleCheck check(strategy, findings);
  std::set<std::string> names;
  const StrategyRule* default_rule = nullptr;
  for (std::size_t i = 0; i < strategy.rules.size(); ++i) {
    const StrategyRule& rule = strategy.rules[i];
    if (rule.name.empty() || rule.name.size() > longest_rule_name) check.say(rule, "name: 1 to 100 bytes");
    if (!names.insert(rule.name).second) check.say(rule, "another rule has this name");
    check.check(rule);
    const bool is_default = rule.when == StrategyCondition{};
    if (is_default && default_rule != nullptr) {
      check.say(rule, "two default rules: rule \"" + default_rule->name + "\" has no conditions either");
      continue;
    }
    if (is_default) default_rule = &rule;
    const auto end = strategy.rules.begin() + static_cast<std::ptrdiff_t>(i);
    const auto hides = std::find_if(strategy.rules.begin(), end, [&rule](const StrategyRule& earlier) { return covers(earlier.when, rule.when); });
    if (hides != end) {
      check.say(rule, "is unreachable: rule \"" + hides->name + "\" (line " + std::to_string(hides->line) + ") takes every case that fits it");
    }
  }
  return findings;
}

}  // namespace dunlin
