#include "core/case/case_machine.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/case/attempt_index.hpp"
#include "core/case/case_fold.hpp"
#include "core/case/effect_builder.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/person_merge.hpp"

namespace dunlin {

namespace {

std::optional<LineMark> line_mark_of(const CaseEvent& event, const CaseRecord& after) {
  if (const auto* reserved = std::get_if<AttemptReserved>(&event)) return LineMark{reserved->attempt, reserved->number.e164(), true};
  const auto* settled = std::get_if<AttemptSettled>(&event);
  // Of an unknown end only that much is known: it may be ringing still.
  if (settled == nullptr || settled->outcome == Outcome::unknown_after_failure) return std::nullopt;
  const AttemptRow* row = after.find_attempt(settled->attempt);
  if (row == nullptr) return std::nullopt;
  return LineMark{settled->attempt, row->number.e164(), false};
}

}  // namespace

CommitRequest make_commit(CaseEffects& effects) {
  CommitRequest request;
  request.case_id = effects.next.id;
  request.expected_version = effects.expected_version;
  request.events.reserve(effects.events.size());
  for (const CaseEvent& event : effects.events) {
    request.events.push_back(encode(event, effects.at));
    if (const auto mark = attempt_mark_of(event, effects.at)) request.attempts.push_back(*mark);
    if (auto line = line_mark_of(event, effects.next)) request.lines.push_back(std::move(*line));
  }
  request.case_view = encode_view(effects.next);
  request.lookups_added = std::move(effects.lookups_added);
  request.lookups_removed = std::move(effects.lookups_removed);
  request.due = std::move(effects.due);
  return request;
}

CaseMachine::CaseMachine(CaseRecord record, CaseLimits limits) : record_(std::move(record)), limits_(limits) {}

void CaseMachine::begin(CaseEffects effects) {
  DUNLIN_CHECK(!pending_);
  DUNLIN_CHECK(effects.expected_version == record_.version);
  pending_ = std::move(effects.next);
}

void CaseMachine::finish() {
  DUNLIN_CHECK(pending_);
  record_ = std::move(*pending_);
  pending_.reset();
  DUNLIN_CHECK(broken_invariant(record_).empty());
}

void CaseMachine::abort() { pending_.reset(); }

Status CaseMachine::check_ready() const {
  if (pending_) return Error{Errc::conflict, "a decision of this case is being committed"};
  if (!record_.is_opened()) return Error{Errc::not_found, "no such case"};
  return Done{};
}

Result<CaseEffects> CaseMachine::on_due(UtcTime now, const CampaignBook& book) const {
  if (auto status = check_ready(); !status) return status.error();
  EffectBuilder builder(record_, now, limits_);
  switch (record_.state) {
    case CaseState::aliased: return answer_only(record_, now, AliasView{record_.alias_of});
    case CaseState::in_attempt: {
      const AttemptRow* row = record_.find_attempt(record_.open_attempt->attempt);
      decide_promises(builder);
      builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), record_.plan_reason});
      if (row->reserved_at + limits_.longest_call + limits_.settle_margin > now) return std::move(builder).finish();
      const OpenAttempt& open = *record_.open_attempt;
      return std::move(builder).finish(UnsettledView{open.attempt, open.edge_node, open.edge_incarnation});
    }
    case CaseState::awaiting_disposition: {
      decide_promises(builder);
      if (*record_.awaiting_since + limits_.wrap_up > now) break;
      const AttemptRow row = *record_.find_attempt(record_.awaiting);
      builder.add(DispositionMissed{row.attempt, row.agent});
      plan_after_outcome(builder, row, Outcome::answered, book);
      return std::move(builder).finish();
    }
    case CaseState::open:
    case CaseState::resting:
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped: decide_promises(builder); break;
  }
  const bool had_promise = record_.has_open_promise();
  const bool is_free = had_promise && !builder.next().has_open_promise();
  // A decided promise ends its silence at once: a broken one is the reason to call, the law permitting.
  const std::optional<UtcTime> rest = is_free ? std::optional<UtcTime>(now) : record_.rest_until;
  builder.replan(book, PlanInputs{rest, is_free, CampaignId(), is_free ? "promise decided" : record_.plan_reason});
  return std::move(builder).finish();
}

Result<CaseEffects> CaseMachine::on_alias(UtcTime now, CaseId into) const {
  if (auto status = check_ready(); !status) return status.error();
  if (into == record_.id || !into.is_set()) return invalid_input("a case cannot become an alias of itself");
  switch (record_.state) {
    case CaseState::aliased:
      if (record_.alias_of != into) return Error{Errc::conflict, "already an alias of another case"};
      return answer_only(record_, now, absorbed_facts(record_));
    case CaseState::in_attempt:
    case CaseState::awaiting_disposition:
      return Error{Errc::conflict, "a call is in progress; merge after its disposition"};
    case CaseState::open:
    case CaseState::resting:
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped: break;
  }
  // A command that was long on its way: meanwhile it went the other way round, and each an alias of the other would be nobody.
  const auto& known = record_.absorbed;
  if (std::find(known.begin(), known.end(), into) != known.end()) return Error{Errc::conflict, "that case is part of this one"};
  EffectBuilder builder(record_, now, limits_);
  builder.add(CaseAliased{into});
  builder.replan(CampaignBook(), PlanInputs{record_.rest_until, false, CampaignId(), "merged"});
  return std::move(builder).finish(absorbed_facts(record_));
}

Result<CaseEffects> CaseMachine::on_merge(UtcTime now, CaseId absorbed, const AbsorbedFacts& facts,
                                          const CampaignBook& book) const {
  if (auto status = check_ready(); !status) return status.error();
  if (absorbed == record_.id) return invalid_input("a case cannot absorb itself");
  switch (record_.state) {
    case CaseState::aliased: return answer_only(record_, now, AliasView{record_.alias_of});
    case CaseState::open:
    case CaseState::resting:
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped:
    case CaseState::awaiting_disposition:
    case CaseState::in_attempt: break;
  }
  EffectBuilder builder(record_, now, limits_);
  const auto& known = record_.absorbed;
  if (std::find(known.begin(), known.end(), absorbed) == known.end()) {
    if (auto status = check_merge(record_, facts); !status) return status.error();
    builder.add(CaseMerged{absorbed, facts});
    builder.replan_data(book, "merged with another case");
  }
  return std::move(builder).finish();
}

}  // namespace dunlin
