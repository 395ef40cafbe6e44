#pragma once
// Collects the events of one decision while folding them into a copy of the record, so that later steps of the same
// decision see the earlier ones. Internal to the machine. Pure.
#include <utility>

#include "core/case/case_fold.hpp"
#include "core/case/case_machine.hpp"
#include "core/dialing/retry.hpp"

namespace dunlin {

class EffectBuilder {
 public:
  EffectBuilder(const CaseRecord& record, UtcTime now, const CaseLimits& limits)
      : before_(record), limits_(limits), next_(record), now_(now) {}

  /// The record with the events so far.
  const CaseRecord& next() const { return next_; }
  UtcTime now() const { return now_; }
  const CaseLimits& limits() const { return limits_; }

  void add(CaseEvent event);
  /// Plans anew and appends PlanChanged when rows, rest or finished campaigns differ from the record's.
  void replan(const CampaignBook& book, PlanInputs inputs);
  /// After data changed: the rest stays, postponed rows may become due again.
  void replan_data(const CampaignBook& book, std::string reason);
  /// Moves one campaign's row to an instant of the law; the others stay.
  void postpone(const CampaignBook& book, CampaignId campaign, UtcTime until, std::string reason);

  CaseEffects finish(CaseAnswer answer = {}) &&;

 private:
  void append_plan(PlanChanged plan);

  const CaseRecord& before_;
  const CaseLimits& limits_;
  CaseRecord next_;
  UtcTime now_;
  std::vector<CaseEvent> events_;
};

/// When the case itself must be looked at: the next promise, a missing disposition, an unsettled reservation.
std::optional<UtcTime> own_timer(const CaseRecord& record, const CaseLimits& limits);

/// The promise the terms make, or what is wrong with them.
/// Made in this call, whatever became of it.
bool has_promise_of(const CaseRecord& record, AttemptId attempt);

Result<Promise> promise_of(const CaseRecord& record, const PromiseTerms& terms, AttemptId attempt, UtcTime now,
                           const CaseLimits& limits);

/// Decides the open promises: kept as soon as enough is paid; broken once `check_at` has passed.
void decide_promises(EffectBuilder& builder);

/// What follows from an attempt's end or its late disposition: rest, next rows.
void plan_after_outcome(EffectBuilder& builder, const AttemptRow& row, Outcome outcome, const CampaignBook& book);

/// Answers that need no commit.
CaseEffects answer_only(const CaseRecord& record, UtcTime now, CaseAnswer answer);

}  // namespace dunlin
