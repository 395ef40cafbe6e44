#include "core/case/case_fold.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/case/attempt_count.hpp"
#include "core/case/case_import.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/person_merge.hpp"

namespace dunlin {
namespace {

/// One overload per fact.
class Fold {
 public:
  Fold(CaseRecord& record, UtcTime at) : r_(record), at_(at) {}

  void operator()(const CaseOpened& e) {
    DUNLIN_CHECK(!r_.id.is_set());
    r_.id = e.id;
    r_.opened_at = at_;
    add_unique(r_.keys, e.key);
  }
  void operator()(const RowImported& e) { apply_row(r_, e, at_); }
  void operator()(const ImportUndone& e) { undo_import(r_, e.import); }
  void operator()(const PaymentRecorded& e) { apply_payment(r_, e.payment, at_); }
  void operator()(const DebtClosed& e) { close_debt(r_, e.debt_external_id, at_); }
  void operator()(const StageChanged& e) {
    for (Debt& debt : r_.debts) {
      if (debt.external_id == e.debt_external_id) debt.stage = e.stage;
    }
  }
  void operator()(const PlanChanged& e) {
    r_.rest_until = e.rest_until;
    r_.due = e.rows;
    r_.plan_reason = e.reason;
    if (e.finished_campaign.is_set()) add_unique(r_.finished_campaigns, e.finished_campaign);
  }

  void operator()(const AttemptReserved& e) {
    DUNLIN_CHECK(!r_.open_attempt && r_.find_attempt(e.attempt) == nullptr);
    r_.open_attempt = OpenAttempt{e.attempt, e.campaign, e.trunk, e.edge_node, e.edge_incarnation, e.slot_expires_at, 1, false};
    AttemptRow& row = r_.attempts.emplace_back();
    row.attempt = e.attempt;
    row.campaign = e.campaign;
    row.number = e.number;
    row.type = e.type;
    row.role = e.role;
    row.reserved_at = at_;
    row.agent = e.agent;
    row.is_manual = e.is_manual;
    row.answer_score_permille = e.answer_score_permille;
    ++r_.totals.attempts;
    r_.totals.last_attempt_at = at_;
    NumberStats& stats = stats_of(e.number);
    ++stats.attempts;
    stats.last_at = at_;
    if (r_.callback && r_.callback->at <= at_) r_.callback.reset();
    forget_denials(e.number);
  }

  void operator()(const AttemptDenied& e) {
    forget_denials(e.number);
    if (r_.denials.size() >= max_denial_marks) r_.denials.erase(r_.denials.begin());
    r_.denials.push_back(mark_of(e));
  }

  void operator()(const SecondLegCommitted& e) {
    DUNLIN_CHECK(r_.open_attempt && r_.open_attempt->attempt == e.attempt && r_.open_attempt->legs == 1);
    r_.open_attempt->legs = 2;
    r_.open_attempt->trunk = e.trunk;
    r_.open_attempt->slot_expires_at = e.slot_expires_at;
    row_of(e.attempt).legs = 2;
  }

  void operator()(const AttemptAnswered& e) {
    AttemptRow& row = row_of(e.attempt);
    row.times.answered_at = e.answered_at;
    row.answer = e.answer;
    if (r_.open_attempt && r_.open_attempt->attempt == e.attempt) r_.open_attempt->has_rung = true;
  }

  void operator()(const AgentBridged& e) {
    AttemptRow& row = row_of(e.attempt);
    row.times.bridged_at = e.bridged_at;
    row.agent = e.agent;
  }

  void operator()(const AttemptSettled& e) {
    DUNLIN_CHECK(r_.open_attempt && r_.open_attempt->attempt == e.attempt);
    AttemptRow& row = row_of(e.attempt);
    DUNLIN_CHECK(row.is_open());
    complete_times(row.times, e.times);
    if (e.answer != AnsweredBy::unclassified) row.answer = e.answer;
    if (e.agent.is_set()) row.agent = e.agent;
    row.legs = std::max(row.legs, e.legs);
    row.outcome = e.outcome;
    row.status = contact_status(row);
    r_.open_attempt.reset();
    if (row.status == ContactStatus::unknown) ++r_.totals.unknown;
    count_end(row);
    if (e.outcome != Outcome::answered || row.disposition) return;
    r_.awaiting = e.attempt;
    r_.awaiting_since = at_;
  }

  void operator()(const DispositionSet& e) {
    AttemptRow& row = row_of(e.attempt);
    DUNLIN_CHECK(!row.disposition);
    row.disposition = e.outcome;
    if (e.agent.is_set()) row.agent = e.agent;
    // A contact is final (R9): the agent's word can make one, never unmake it.
    if (row.status == ContactStatus::no_contact && traits(e.outcome).counts_as_contact) row.status = ContactStatus::contact;
    if (r_.awaiting == e.attempt) end_waiting();
    NumberStats& stats = stats_of(row.number);
    stats.last_outcome = e.outcome;
    stats.repeats = 1;
    if (!traits(e.outcome).right_party) return;
    ++stats.right_party;
    ++r_.totals.right_party;
    r_.totals.last_right_party_at = at_;
  }

  void operator()(const DispositionMissed& e) {
    if (r_.awaiting == e.attempt) end_waiting();
    ++r_.dispositions_missed;
  }

  void operator()(const AttemptReconciled& e) {
    AttemptRow& row = row_of(e.attempt);
    DUNLIN_CHECK(row.status == ContactStatus::unknown && !row.is_reconciled);
    complete_times(row.times, e.times);
    row.outcome = e.outcome;
    row.status = contact_status(row);
    row.is_reconciled = true;
    if (r_.totals.unknown > 0) --r_.totals.unknown;
    count_end(row);
  }

  void operator()(const CallControlled&) {}

  void operator()(const PromiseMade& e) {
    if (r_.promises.size() >= max_promises) forget_promise();
    r_.promises.push_back(e.promise);
    r_.promises_made = std::max(r_.promises_made, e.promise.number);
    ++r_.totals.promises;
  }
  void operator()(const PromiseKept& e) { decide_promise(e.number, PromiseState::kept); }
  void operator()(const PromiseBroken& e) { decide_promise(e.number, PromiseState::broken); }
  void operator()(const CallbackAsked& e) { r_.callback = e.callback; }
  void operator()(const CallbackCancelled&) { r_.callback.reset(); }

  void operator()(const RestrictionSet& e) {
    for (RestrictionFlag& flag : r_.restrictions) {
      if (flag.name != e.flag.name) continue;
      flag = e.flag;
      return;
    }
    r_.restrictions.push_back(e.flag);
  }
  void operator()(const RestrictionCleared& e) {
    auto& list = r_.restrictions;
    list.erase(std::remove_if(list.begin(), list.end(), [&e](const RestrictionFlag& flag) { return flag.name == e.name; }),
               list.end());
  }
  void operator()(const PhoneBlocked& e) { set_blocked(e.number, true); }
  void operator()(const PhoneUnblocked& e) { set_blocked(e.number, false); }
  void operator()(const ConsentChanged& e) {
    for (ContactPhone& phone : r_.phones) {
      if (phone.number != e.number) continue;
      phone.debtor_consent_at = e.debtor_consent_at;
      phone.owner_consent_at = e.owner_consent_at;
    }
  }

  void operator()(const ContactRecorded& e) {
    const auto place = std::upper_bound(r_.contacts.begin(), r_.contacts.end(), e.contact,
                                        [](const OtherContact& a, const OtherContact& b) { return a.at < b.at; });
    r_.contacts.insert(place, e.contact);
  }
  void operator()(const CaseMerged& e) {
    merge_facts(r_, e.facts);
    add_unique(r_.absorbed, e.absorbed);
  }
  void operator()(const CaseAliased& e) { r_.alias_of = e.into; }
  void operator()(const NoteAdded&) {}
  void operator()(const UnknownEvent&) {}

 private:
  AttemptRow& row_of(AttemptId attempt) {
    const auto row = std::find_if(r_.attempts.rbegin(), r_.attempts.rend(),
                                  [attempt](const AttemptRow& known) { return known.attempt == attempt; });
    DUNLIN_CHECK(row != r_.attempts.rend());
    return *row;
  }

  NumberStats& stats_of(const PhoneNumber& number) {
    for (NumberStats& stats : r_.number_stats) {
      if (stats.number == number) return stats;
    }
    NumberStats& stats = r_.number_stats.emplace_back();
    stats.number = number;
    return stats;
  }

  void count_end(const AttemptRow& row) {
    const OutcomeTraits& t = traits(*row.outcome);
    const bool was_answered = row.times.answered_at.has_value() || t.human_answered;
    NumberStats& stats = stats_of(row.number);
    // An unknown end is counted as an answer, if it was one, when it is reconciled.
    if (was_answered && row.status != ContactStatus::unknown) {
      ++r_.totals.answered;
      ++stats.answered;
    }
    if (t.human_answered) ++r_.totals.humans;
    // A disposition during the call has spoken already.
    if (row.disposition) return;
    stats.repeats = stats.last_outcome == row.outcome ? stats.repeats + 1 : 1;
    stats.last_outcome = row.outcome;
  }

  void end_waiting() {
    r_.awaiting = AttemptId();
    r_.awaiting_since.reset();
  }

  void forget_denials(const PhoneNumber& number) {
    auto& list = r_.denials;
    list.erase(std::remove_if(list.begin(), list.end(), [&number](const DenialMark& mark) { return mark.number == number; }),
               list.end());
  }

  void forget_promise() {
    const auto decided = std::find_if(r_.promises.begin(), r_.promises.end(),
                                      [](const Promise& promise) { return promise.state != PromiseState::open; });
    r_.promises.erase(decided == r_.promises.end() ? r_.promises.begin() : decided);
  }

  void decide_promise(std::uint32_t number, PromiseState state) {
    for (Promise& promise : r_.promises) {
      if (promise.number == number) promise.state = state;
    }
  }

  void set_blocked(const PhoneNumber& number, bool is_blocked) {
    for (ContactPhone& phone : r_.phones) {
      if (phone.number == number) phone.is_blocked = is_blocked;
    }
  }

  CaseRecord& r_;
  UtcTime at_;
};

/// Forgets what no counter looks at any more. By event time, so that every replay forgets the same.
void prune(CaseRecord& record) {
  const UtcTime oldest = record.updated_at - history_window;
  auto& rows = record.attempts;
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const AttemptRow& row) {
                              return row.reserved_at < oldest && !row.is_open() && row.attempt != record.awaiting;
                            }),
             rows.end());
  auto& contacts = record.contacts;
  contacts.erase(std::remove_if(contacts.begin(), contacts.end(),
                                [oldest](const OtherContact& contact) { return contact.at < oldest; }),
                 contacts.end());
}

}  // namespace

void fold(CaseRecord& record, const CaseEvent& event, UtcTime at) {
  std::visit(Fold(record, at), event);
  ++record.version;
  record.updated_at = std::max(record.updated_at, at);
  prune(record);
  record.state = derive_state(record);
}

Result<CaseRecord> rebuild(const std::vector<StoredEvent>& history) {
  CaseRecord record;
  for (const StoredEvent& stored : history) {
    if (stored.version != record.version + 1) {
      return Error{Errc::corrupt, "version " + std::to_string(stored.version) + " after " + std::to_string(record.version)};
    }
    auto event = decode(stored.type, stored.body);
    if (!event) return Error{Errc::corrupt, "version " + std::to_string(stored.version) + ": " + event.error().detail};
    fold(record, *event, stored.at);
  }
  return record;
}

}  // namespace dunlin
