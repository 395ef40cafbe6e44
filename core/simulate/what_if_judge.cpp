#include "core/simulate/what_if_judge.hpp"

#include <algorithm>

#include "core/compliance/outcome_mapping.hpp"
#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

/// What pacing promises of a whole run: within a fiftieth of the budget, and one person for the last calls on their way.
constexpr double budget_tolerance = 1.02;

std::string denying_rules(const Decision& decision) {
  std::string rules;
  for (const RuleFinding& finding : decision.findings) rules += (rules.empty() ? "" : ",") + finding.rule_id;
  return rules;
}

}  // namespace

void WhatIfJudge::complain(std::string what) {
  if (violations_.size() < most_listed) violations_.push_back(std::move(what));
  else ++unlisted_;
}

void WhatIfJudge::meet(const CaseRecord& record) {
  Life life;
  life.history = contact_history(record, AttemptId());
  for (const AttemptRow& row : record.attempts) {
    life.calls.push_back({row.attempt, row.reserved_at, row.number, uses_cap(row), !row.is_open()});
  }
  lives_.insert_or_assign(record.id, std::move(life));
}

void WhatIfJudge::on_attempt(const Attempt& attempt) {
  Life& life = lives_[attempt.record.id];
  judge_law(attempt, life);
  judge_caps(attempt, life);
  ContactFact fact;
  fact.at = attempt.at;
  fact.result = ContactResult::in_flight;
  fact.attempt = attempt.attempt.value();
  fact.number = contact_key(attempt.phone.number.e164());
  life.history.append(fact);
  life.calls.push_back({attempt.attempt, attempt.at, attempt.phone.number, true, false});
}

void WhatIfJudge::judge_law(const Attempt& attempt, const Life& life) {
  GateQuestion question{attempt.record, attempt.phone, channel_of(attempt.settings.mode, false), attempt.at, AttemptId()};
  question.ring_timeout_s = static_cast<int>(attempt.settings.ring_timeout_ms / 1000);
  question.is_predictive = attempt.settings.mode == DialingMode::predictive;
  question.rates = attempt.rates;
  const Decision decision = policy_->decide(contact_query(question, options_), life.history);
  if (decision.is_allowed()) return;
  complain(format_utc(attempt.at) + " " + attempt.record.id.str() + ": forbidden attempt, " + denying_rules(decision));
}

void WhatIfJudge::judge_caps(const Attempt& attempt, const Life& life) {
  std::uint32_t on_case = 0;
  std::uint32_t on_number = 0;
  std::uint32_t ever_on_number = 0;
  for (const Lived& call : life.calls) {
    if (!call.is_over) complain(format_utc(attempt.at) + " " + attempt.record.id.str() + ": called while a call is going on");
    const bool is_same_number = call.number == attempt.phone.number;
    ever_on_number += is_same_number ? 1 : 0;
    if (!call.uses_cap || call.at <= attempt.at - days(1)) continue;
    ++on_case;
    on_number += is_same_number ? 1 : 0;
  }
  const CampaignSettings& settings = attempt.settings;
  const auto judge_cap = [&](std::uint32_t used, std::uint32_t cap, const char* name) {
    if (used < cap) return;
    const std::string where = format_utc(attempt.at) + " " + attempt.record.id.str();
    complain(where + ": " + name + " is " + std::to_string(cap) + ", used " + std::to_string(used));
  };
  judge_cap(on_case, settings.max_attempts_per_case_day, "max_attempts_per_case_day");
  judge_cap(on_number, settings.max_attempts_per_number_day, "max_attempts_per_number_day");
  judge_cap(ever_on_number, settings.max_attempts_per_number, "max_attempts_per_number");
  judge_cap(static_cast<std::uint32_t>(life.calls.size()), settings.max_attempts_per_case, "max_attempts_per_case");
}

void WhatIfJudge::on_end(CaseId id, AttemptId attempt, Outcome outcome) {
  Life& life = lives_[id];
  const auto call =
      std::find_if(life.calls.rbegin(), life.calls.rend(), [attempt](const Lived& one) { return one.attempt == attempt; });
  if (call == life.calls.rend() || call->is_over) return complain(id.str() + ": an attempt ended that never began");
  call->is_over = true;
  call->uses_cap = outcome != Outcome::failed && outcome != Outcome::not_sent && outcome != Outcome::blocked_by_law;
  life.history.settle(attempt.value(), contact_result_of(outcome));
}

void WhatIfJudge::on_day_end(const CampaignSettings& settings, std::uint64_t connected, std::uint64_t abandoned) {
  const double share = budget_tolerance * settings.abandon_limit_permille / 1000.0;
  const double bound = share * static_cast<double>(connected + abandoned) + 1;
  if (static_cast<double>(abandoned) <= bound) return;
  const std::string heard = std::to_string(connected + abandoned);
  complain("abandoned " + std::to_string(abandoned) + " of " + heard + ", the budget bears " +
           std::to_string(static_cast<std::uint64_t>(bound)));
}

}  // namespace dunlin
