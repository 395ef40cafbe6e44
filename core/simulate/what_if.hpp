#pragma once
// The what-if day: a campaign plays one or more days under virtual time with the production's own decisions — case machine,
// law, strategy, dial queue, pacing — against a model of lines, people and agents (line_model). No actors, no network, no
// store. The same plan and seed give the same day. Judges look over its shoulder: they keep a history of their own and ask
// the law again for every attempt, count the caps and the abandoned. Pure; one run uses one thread and about 3 kB a case.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/case/case_record.hpp"
#include "core/case/policy_gate.hpp"
#include "core/dialing/answer_odds.hpp"
#include "core/dialing/campaign.hpp"
#include "core/simulate/line_model.hpp"

namespace dunlin {

inline constexpr int most_what_if_agents = 1000;
inline constexpr int most_what_if_days = 31;
inline constexpr std::size_t most_what_if_cases = 200'000;

struct WhatIfPlan {
  CampaignSettings campaign;
  CampaignBook::Strategies strategies{};                 ///< The one the campaign names must be among them.
  CampaignBook::Flows flows{};                           ///< The one an agentless campaign names must be among them.
  std::shared_ptr<const ContactPolicy> policy{};
  PolicyGateOptions gate{};
  LineModel line{};
  int agents = 20;
  CivilDate day{};                                       ///< Of the work's zone.
  int days = 1;
  std::size_t synthetic_cases = 5000;                    ///< Without `cases`.
  std::shared_ptr<const std::vector<CaseRecord>> cases{};  ///< As they stood before the day; shared by all seeds.
  std::shared_ptr<const AnswerOdds> odds{};              ///< Dialing asks them, as on a node; unset or young: it asks nothing.
  bool answers_by_odds = false;                          ///< People answer as the odds say, not as the line model supposes.
  const ContactGate* gate_override = nullptr;            ///< Decides instead of the law: for proving the judges.
};

/// Errc::invalid_input names what is wrong: agents, days, zone of the work, campaign, strategy, facts newer than the day.
Status check_plan(const WhatIfPlan& plan);

/// One hour since the shift's beginning, over all days.
struct WhatIfHour {
  std::uint64_t attempts = 0;
  std::uint64_t connected = 0;
  double busy_s = 0;             ///< Agents in talk or wrap-up.
  double present_s = 0;
  bool operator==(const WhatIfHour&) const = default;
};

struct WhatIfZone {
  std::uint64_t cases = 0;       ///< With an open debt.
  std::uint64_t called = 0;      ///< Of them, at least once.
  std::uint64_t attempts = 0;
  double lawful_h = 0;           ///< Hours of the first day in which the law lets a person without a history be called …
  double worked_h = 0;           ///< … of them within the shift …
  double left_h = 0;             ///< … and of them after it.
  bool operator==(const WhatIfZone&) const = default;
};

struct WhatIfDay {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;
  std::uint64_t cases_called = 0;
  std::uint64_t attempts = 0;
  std::uint64_t picked_up = 0;   ///< Person or machine.
  std::uint64_t live = 0;        ///< Persons, as classified.
  std::uint64_t connected = 0;   ///< Brought to an agent, or served by the flow.
  std::uint64_t abandoned = 0;
  std::uint64_t right_party = 0;
  std::uint64_t promises = 0;
  std::map<std::string, std::uint64_t> outcomes{};
  double present_s = 0;          ///< Of all agents.
  double talk_s = 0;
  double wrap_s = 0;
  std::vector<double> idle_s{};  ///< Between two calls of an agent, ascending.
  std::map<std::string, std::uint64_t> denied_by_law{};   ///< Rule and how often it refused.
  std::map<std::string, std::uint64_t> denied_by_plan{};  ///< Caps, strategy, rest.
  std::uint64_t law_denials = 0;                          ///< Refusals; one may name several rules.
  std::map<std::string, WhatIfZone> zones{};
  std::vector<WhatIfHour> hours{};
  double billed_s = 0;
  double cost = 0;
  double promises_kept = 0;      ///< Expected, by the line's share: nobody pays in a simulated day.
  std::uint64_t list_left = 0;   ///< Cases that were due when the last shift ended.
  std::vector<std::string> violations{};                  ///< What the judges saw; a clean day has none.
  std::uint64_t violations_unlisted = 0;                  ///< Beyond the first hundred.
  std::uint64_t trace_hash = 0;  ///< Of every attempt and its end.
  bool operator==(const WhatIfDay&) const = default;

  double occupancy() const { return present_s > 0 ? (talk_s + wrap_s) / present_s : 0; }
  double abandon_share() const;
  /// Nearest rank; 0 without any.
  double idle_quantile(double share) const;
};

class WhatIfWitness;
/// `witness`, if any, is told of everything that happens to the cases; it changes nothing.
Result<WhatIfDay> run_what_if(const WhatIfPlan& plan, std::uint64_t seed, WhatIfWitness* witness = nullptr);

}  // namespace dunlin
