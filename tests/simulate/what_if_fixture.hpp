#pragma once
// Plans for what-if tests: the shipped law, a small campaign, a shift that keeps the tests short.
#include <gtest/gtest.h>

#include <memory>

#include "config/rule_loader.hpp"
#include "core/case/home_zone.hpp"
#include "core/compliance/rule_set.hpp"
#include "core/simulate/what_if.hpp"

namespace dunlin::test {

inline std::shared_ptr<const ContactPolicy> shipped_policy() {
  static const std::shared_ptr<const ContactPolicy> policy = [] {
    const auto rules = load_rule_set();
    EXPECT_TRUE(rules.ok());
    return std::make_shared<const ContactPolicy>(*rules);
  }();
  return policy;
}

/// Where people live, as the shipped law reckons.
inline PersonZone shipped_zones() {
  return [policy = shipped_policy()](const CaseRecord& record) { return home_zone(record, policy->rules(), {}); };
}

inline CampaignSettings what_if_campaign(DialingMode mode) {
  CampaignSettings settings;
  settings.id = CampaignId(1);
  settings.name = "what-if";
  settings.mode = mode;
  settings.trunks = {TrunkShare{"line", 1}};
  settings.caller_id = "+74995550100";
  return settings;
}

/// Tuesday 2026-11-24, noon to three in Moscow.
inline WhatIfPlan what_if_plan(DialingMode mode = DialingMode::progressive) {
  WhatIfPlan plan;
  plan.campaign = what_if_campaign(mode);
  plan.policy = shipped_policy();
  plan.gate.organisation = Organisation::agency;
  plan.gate.jurisdictions = {"RU"};
  plan.day = {2026, 11, 24};
  plan.agents = 6;
  plan.synthetic_cases = 1500;
  plan.line.work_from_s = 12 * 3600;
  plan.line.work_to_s = 15 * 3600;
  return plan;
}

inline WhatIfDay played(const WhatIfPlan& plan, std::uint64_t seed) {
  const auto day = run_what_if(plan, seed);
  EXPECT_TRUE(day.ok()) << (day.ok() ? "" : day.error().detail);
  return day.ok() ? *day : WhatIfDay();
}

inline std::string first_violation(const WhatIfDay& day) { return day.violations.empty() ? "" : day.violations.front(); }

}  // namespace dunlin::test
