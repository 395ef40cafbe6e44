#include "core/simulate/what_if.hpp"

#include <algorithm>
#include <cmath>

#include "core/compliance/rule_set.hpp"
#include "core/dialing/strategy.hpp"
#include "core/dialogue/flow.hpp"
#include "core/simulate/what_if_run.hpp"

namespace dunlin {
namespace {

/// The newest thing that is known of the person, so that a day before it is refused.
UtcTime newest_fact(const CaseRecord& record) {
  UtcTime newest = record.updated_at;
  for (const AttemptRow& row : record.attempts) newest = std::max(newest, row.times.ended_at.value_or(row.reserved_at));
  for (const OtherContact& contact : record.contacts) newest = std::max(newest, contact.at);
  return newest;
}

Status check_campaign(const WhatIfPlan& plan) {
  if (auto status = validate(plan.campaign); !status) return status;
  switch (plan.campaign.mode) {
    case DialingMode::progressive:
    case DialingMode::predictive: break;
    case DialingMode::agentless:
      if (plan.campaign.flow.empty()) return invalid_input("mode: agentless is played with a flow, and this campaign names none");
      break;
    case DialingMode::preview: return invalid_input("mode: preview is not played: people choose its calls");
  }
  const auto has_flow = [&plan](const auto& flow) { return flow->name == plan.campaign.flow; };
  const bool is_flow_known = plan.campaign.flow.empty() || std::any_of(plan.flows.begin(), plan.flows.end(), has_flow);
  if (!is_flow_known) return Error{Errc::not_found, "flow " + plan.campaign.flow + " is not given"};
  const std::string& name = plan.campaign.strategy;
  const bool has_strategy =
      std::any_of(plan.strategies.begin(), plan.strategies.end(), [&name](const auto& one) { return one->name == name; });
  if (!name.empty() && !has_strategy) return Error{Errc::not_found, "strategy " + name + " is not given"};
  return Done{};
}

}  // namespace

UtcTime wall_instant(const ZoneTable& zone, std::int64_t day, int second_of_day) {
  const UtcTime guess = zone.day_start(day) + seconds(second_of_day);
  const LocalTime shown = zone.local(guess);
  // On the day of a jump the guess is off by the jump.
  return shown.day == day ? guess + seconds(second_of_day - shown.second_of_day) : guess;
}

int channels_of(const WhatIfPlan& plan) {
  constexpr int agentless_channels = 30;
  if (plan.line.channels > 0) return plan.line.channels;
  return plan.campaign.flow.empty() ? 6 * plan.agents : agentless_channels;
}

Status check_plan(const WhatIfPlan& plan) {
  if (plan.policy == nullptr) return invalid_input("no law");
  const bool is_staffed = plan.agents >= 0 && plan.agents <= most_what_if_agents;
  if (!is_staffed) return invalid_input("agents: 0 to " + std::to_string(most_what_if_agents));
  if (plan.days < 1 || plan.days > most_what_if_days) return invalid_input("days: 1 to " + std::to_string(most_what_if_days));
  if (!is_valid(plan.day)) return invalid_input("day: not a date");
  const std::size_t cases = plan.cases ? plan.cases->size() : plan.synthetic_cases;
  if (cases > most_what_if_cases) return invalid_input("cases: at most " + std::to_string(most_what_if_cases));
  const auto& book = plan.policy->rules().zones;
  const ZoneTable* zone = book == nullptr ? nullptr : book->find(plan.line.zone);
  if (zone == nullptr) return invalid_input("work.zone: " + plan.line.zone + " is not a zone of tzdata");
  const LineModel& line = plan.line;
  const bool is_shift = line.work_from_s >= 0 && line.work_from_s < line.work_to_s && line.work_to_s <= 86'400;
  if (!is_shift) return invalid_input("work: from must lie before to, both within one day");
  if (auto status = check_campaign(plan); !status) return status;
  if (plan.cases == nullptr) return Done{};
  const UtcTime begin = wall_instant(*zone, days_from_civil(plan.day), plan.line.work_from_s) - hours(1);
  const bool is_past = std::any_of(plan.cases->begin(), plan.cases->end(),
                                   [begin](const CaseRecord& record) { return newest_fact(record) > begin; });
  const std::string day = format_date(plan.day);
  if (is_past) return Error{Errc::conflict, "the history has facts later than the shift of " + day + ": name a later day"};
  return Done{};
}

double WhatIfDay::abandon_share() const {
  const auto heard = static_cast<double>(connected + abandoned);
  return heard > 0 ? static_cast<double>(abandoned) / heard : 0;
}

double WhatIfDay::idle_quantile(double share) const {
  if (idle_s.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(idle_s.size())));
  return idle_s[std::clamp<std::size_t>(rank, 1, idle_s.size()) - 1];
}

Result<WhatIfDay> run_what_if(const WhatIfPlan& plan, std::uint64_t seed, WhatIfWitness* witness) {
  if (auto status = check_plan(plan); !status) return status.error();
  return WhatIfRun(plan, seed, witness).run();
}

}  // namespace dunlin
