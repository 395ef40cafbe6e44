#pragma once
// The judge of a what-if day. It believes no record, plan or counter of what it judges: it writes down itself when each
// person was called and what came of it, and asks the law about that history before every attempt. It also counts the
// caps of the order the attempt was made under, and the abandoned. Pure; the run's thread.
#include <map>
#include <string>
#include <vector>

#include "core/case/policy_gate.hpp"
#include "core/dialing/campaign.hpp"

namespace dunlin {

class WhatIfJudge {
 public:
  static constexpr std::size_t most_listed = 100;

  WhatIfJudge(std::shared_ptr<const ContactPolicy> policy, PolicyGateOptions options)
      : policy_(std::move(policy)), options_(std::move(options)) {}

  /// Before the first attempt: what the case had lived through already.
  void meet(const CaseRecord& record);
  struct Attempt {
    const CaseRecord& record;            ///< As it was when the attempt was asked for.
    const ContactPhone& phone;
    AttemptId attempt;
    UtcTime at;
    const CampaignSettings& settings;    ///< Of the order: caps and ring timeout.
    FactRates rates{};
  };
  void on_attempt(const Attempt& attempt);
  /// The end of the call as the run lived it.
  void on_end(CaseId id, AttemptId attempt, Outcome outcome);
  /// Of one day: at most 1.02 of the budget's share of those who answered, and one.
  void on_day_end(const CampaignSettings& settings, std::uint64_t connected, std::uint64_t abandoned);
  void complain(std::string what);

  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t unlisted() const { return unlisted_; }

 private:
  struct Lived {
    AttemptId attempt;
    UtcTime at;
    PhoneNumber number;
    bool uses_cap = true;
    bool is_over = false;
  };
  struct Life {
    ContactHistory history;
    std::vector<Lived> calls;
  };
  void judge_law(const Attempt& attempt, const Life& life);
  void judge_caps(const Attempt& attempt, const Life& life);

  std::shared_ptr<const ContactPolicy> policy_;
  PolicyGateOptions options_;
  std::map<CaseId, Life> lives_;
  std::vector<std::string> violations_;
  std::uint64_t unlisted_ = 0;
};

}  // namespace dunlin
