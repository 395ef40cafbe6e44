#include "tests/sim/judges.hpp"

#include <algorithm>

#include "core/case/attempt_index.hpp"
#include "core/case/case_fold.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin::sim {
namespace {

/// A pause reaches the cases through their shards; commits on a slow disk of a suspended process were decided before.
constexpr Duration pause_margin = seconds(60);
/// A day that was promised begins first in the east.
constexpr Duration eastmost_offset = hours(14);

bool is_talk(Outcome outcome) {
  return outcome == Outcome::answered || outcome == Outcome::abandoned || outcome == Outcome::hung_up_before_agent ||
         outcome == Outcome::unknown_after_failure;
}

bool is_bar(Outcome outcome) {
  return outcome == Outcome::deceased || outcome == Outcome::bankrupt || outcome == Outcome::represented || outcome == Outcome::cease_request;
}

/// R7: silence and a lost transport tell nothing, so they count.
bool may_have_been_a_talk(const NetworkCall& call) {
  return !call.is_answered && (call.end_origin == EndOrigin::timeout || call.end_origin == EndOrigin::transport);
}

LivedCall::End end_of(const NetworkCall& call) {
  if (call.person_answered_at) return LivedCall::End::talked;
  constexpr int busy_here = 486;
  const bool has_rung_out = call.has_rung && (call.is_live || call.end_status != busy_here);
  return has_rung_out || call.is_answered ? LivedCall::End::rang : LivedCall::End::never_rang;
}

/// What the store's own check makes of one case (`history rebuild --verify`).
Result<FoldedCase> fold_stored(CaseId, const std::vector<StoredEvent>& history) {
  auto record = rebuild(history);
  if (!record) return record.error();
  auto attempts = attempt_marks_of(history);
  if (!attempts) return attempts.error();
  return FoldedCase{encode_view(*record), lookups_of(*record), record->due, std::move(*attempts)};
}

}  // namespace

void Judges::on_durable(const CommitRequest& batch) {
  for (const EventDraft& draft : batch.events) {
    const auto event = decode(draft.type, draft.body);
    if (!event) {
      complain("undecodable event in " + batch.case_id.str());
      continue;
    }
    if (const auto* reserved = std::get_if<AttemptReserved>(&*event)) on_reserved(batch.case_id, *reserved, draft.at);
    if (const auto* settled = std::get_if<AttemptSettled>(&*event)) on_settled(*settled);
    if (const auto* alias = std::get_if<CaseAliased>(&*event)) aliases_[batch.case_id] = alias->into;
    if (const auto* second = std::get_if<SecondLegCommitted>(&*event)) {
      attempts_[second->attempt].legs = 2;
      attempts_[second->attempt].slot_expires_at = second->slot_expires_at;
    }
  }
}

CaseId Judges::root_of(CaseId id) const {
  for (auto next = aliases_.find(id); next != aliases_.end(); next = aliases_.find(id)) id = next->second;
  return id;
}

std::vector<Person*> Judges::known_as(CaseId id) {
  std::vector<Person*> found;
  for (Person& person : people_.all()) {
    if (root_of(person.case_id) == root_of(id)) found.push_back(&person);
  }
  return found;
}

// --- the law ------------------------------------------------------------------------------------------------------

/// The network knows what was lived; what nobody can know must count as a talk.
std::vector<LivedCall> Judges::lived_calls(CaseId root, AttemptId own) const {
  std::vector<LivedCall> lived;
  for (const auto& [id, attempt] : attempts_) {
    if (id == own || root_of(attempt.case_id) != root || attempt.invited_legs.empty()) continue;
    const NetworkCall* last = call_of(id, *attempt.invited_legs.rbegin());
    if (last == nullptr) continue;
    const bool is_lost = attempt.is_orphan || (!last->is_live && may_have_been_a_talk(*last));
    lived.push_back({call_of(id, *attempt.invited_legs.begin())->invited_at, is_lost ? LivedCall::End::lost : end_of(*last)});
  }
  return lived;
}

std::optional<std::string> Judges::why_unlawful(CaseId id, AttemptId own, UtcTime at) {
  const CaseId root = root_of(id);
  std::vector<Zone> candidates;
  for (const Person* person : known_as(id)) candidates.insert(candidates.end(), person->zones.begin(), person->zones.end());
  return why_forbidden(candidates, at, lived_calls(root, own));
}

/// A process that was suspended over the commit decided earlier than the disk took it.
void Judges::judge_reservation(const AttemptReserved& event, CaseId id, UtcTime decided_at) {
  const std::string name = event.attempt.str() + " of " + id.str();
  bool has_debt = false;
  const std::vector<Person*> twins = known_as(id);
  // The payment of one twin keeps what either has promised: the silence is over, and the other's debt may be worked.
  const bool is_promise_kept = std::any_of(twins.begin(), twins.end(), [](const Person* twin) { return twin->paid_at.has_value(); });
  for (const Person* known : twins) {
    has_debt = has_debt || !known->paid_at;
    if (known->stopped_at) complain("reserved after the bar was acknowledged: " + name);
    if (known->quiet_until && decided_at < *known->quiet_until && !is_promise_kept && !event.is_manual) complain("reserved before the promised day: " + name);
    if (known->blocked.count(event.number.e164()) != 0) complain("reserved a number acknowledged as wrong: " + name);
  }
  if (!has_debt) complain("reserved after the payment was acknowledged: " + name);
  if (const auto why = why_unlawful(id, event.attempt, decided_at)) complain("[I1] unlawful reservation " + name + ": " + *why);
}

void Judges::on_disposition_told(AttemptId attempt, Outcome outcome, std::optional<CivilDate> promised) {
  told_dispositions_[attempt] = outcome;
  const auto known = attempts_.find(attempt);
  if (known == attempts_.end()) return complain("an outcome of an attempt nobody reserved was saved: " + attempt.str());
  Person* person = people_.by_case(known->second.case_id);
  if (person == nullptr) return;
  if (is_bar(outcome)) person->stopped_at = stage_.now();
  if (outcome == Outcome::wrong_number) person->blocked.insert(known->second.number);
  if (promised) person->quiet_until = UtcTime{days(days_from_civil(*promised)).ms} - eastmost_offset;
}

// --- the protocol -------------------------------------------------------------------------------------------------

void Judges::on_reserved(CaseId id, const AttemptReserved& event, UtcTime decided_at) {
  const std::string name = event.attempt.str() + " of " + id.str();
  if (attempts_.count(event.attempt) != 0) complain("attempt id used twice: " + name);
  const auto open = open_.find(root_of(id));
  if (open != open_.end()) complain("[I1] " + name + " reserved while " + open->second.str() + " is unresolved");
  if (people_.by_case(id) == nullptr) return complain("reservation for a case nobody imported: " + name);
  if (root_of(id) != id) complain("reservation of a case that was merged away: " + name);
  judge_reservation(event, id, decided_at);
  const auto paused = paused_since_.find(event.campaign);
  if (paused != paused_since_.end() && decided_at - paused->second > pause_margin) complain("reserved for a paused campaign: " + name);
  Attempt attempt;
  attempt.case_id = id;
  attempt.number = event.number.e164();
  attempt.slot_expires_at = event.slot_expires_at;
  attempts_[event.attempt] = attempt;
  open_[id] = event.attempt;
}

void Judges::on_settled(const AttemptSettled& event) {
  Attempt& attempt = attempts_[event.attempt];
  if (++attempt.settled > 1) complain("[I3] settled twice: " + event.attempt.str());
  attempt.outcome = event.outcome;
  const auto open = open_.find(attempt.case_id);
  if (open != open_.end() && open->second == event.attempt) open_.erase(open);
  if (event.outcome == Outcome::not_sent && !attempt.invited_legs.empty()) complain("[R5] settled not sent, but an INVITE left: " + event.attempt.str());
}

void Judges::on_death() {
  for (auto& [id, attempt] : attempts_) {
    if (attempt.settled == 0) attempt.is_orphan = true;
  }
}

bool Judges::is_called_now(CaseId root) const {
  for (const NetworkCall& call : network_.log()) {
    const auto attempt = attempts_.find(call.attempt);
    if (call.is_live && attempt != attempts_.end() && root_of(attempt->second.case_id) == root) return true;
  }
  return false;
}

void Judges::on_invite(const test::SentInvite& invite) {
  const AttemptId id = invite.request.attempt;
  const std::string name = id.str() + "-" + std::to_string(invite.request.leg_number);
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return complain("[I2] INVITE without a durable reservation: " + name);
  Attempt& attempt = found->second;
  if (attempt.number != invite.request.to.e164()) complain("[I2] INVITE to another number than reserved: " + name);
  if (attempt.settled > 0) complain("[I2] INVITE of an attempt that is settled: " + name);
  if (attempt.is_orphan) complain("[I2] INVITE of an attempt of a former life: " + name);
  if (invite.request.leg_number > attempt.legs) complain("[R6] INVITE of a leg that was not committed: " + name);
  if (!attempt.invited_legs.insert(invite.request.leg_number).second) complain("[I2] the same Call-ID twice: " + name);
  if (attempt.invited_legs.size() > 2) complain("[R6] a third leg: " + name);
  if (stage_.now() >= attempt.slot_expires_at) complain("[R4] INVITE after the slot expired: " + name);
  if (is_called_now(root_of(attempt.case_id))) complain("[I1] two calls to one person at once: " + name);
  const NetworkCall* first = invite.request.leg_number == 2 ? call_of(id, 1) : nullptr;
  if (first != nullptr && (first->has_rung || first->is_live)) complain("[R6] second leg after ringing: " + name);
  if (const auto why = why_unlawful(attempt.case_id, id, stage_.now())) complain("[I10] unlawful INVITE " + name + " to " + attempt.case_id.str() + ": " + *why);
}

void Judges::on_double_bridge(LegId agent, LegId debtor) {
  complain("[I15] a leg that talks was given another partner: agent " + agent.str() + " debtor " + debtor.str());
}

const NetworkCall* Judges::call_of(AttemptId attempt, int leg_number) const {
  for (const NetworkCall& call : network_.log()) {
    if (call.attempt == attempt && call.leg_number == leg_number) return &call;
  }
  return nullptr;
}

// --- when all is quiet --------------------------------------------------------------------------------------------

void Judges::judge_store() {
  const auto report = disk_.store().projections().run(ProjectionMode::verify, fold_stored);
  if (!report) complain("the history cannot be verified: " + report.error().detail);
  else if (!report->differences.empty()) complain(report->differences.front().case_id.str() + ": " + report->differences.front().what);
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const Status chain = disk_.store().history().verify_chain(shard);
    if (!chain) complain("[I6] shard " + std::to_string(shard) + ": " + chain.error().detail);
  }
}

void Judges::judge_cases() {
  for (const CaseId id : disk_.cases()) {
    const auto rebuilt = rebuild(disk_.events_of(id));
    if (!rebuilt) {
      complain("history of " + id.str() + " cannot be rebuilt: " + rebuilt.error().detail);
      continue;
    }
    if (rebuilt->open_attempt) complain("[I3] " + id.str() + " is still in an attempt");
    const std::string broken = broken_invariant(*rebuilt);
    if (!broken.empty()) complain(id.str() + ": " + broken);
  }
  for (const Person& person : people_.all()) {
    if (person.is_imported && !disk_.view_of(person.case_id)) complain("imported and lost: " + person.case_id.str());
  }
}

void Judges::judge_no_attempt_is_open() {
  for (const CaseId id : disk_.cases()) {
    const auto view = disk_.view_of(id);
    const auto record = view ? decode_view(*view) : Result<CaseRecord>(CaseRecord{});
    if (!record) complain("the view of " + id.str() + " cannot be read");
    else if (record->open_attempt) complain("[I3] " + record->open_attempt->attempt.str() + " is over and waits for a restart");
  }
}

void Judges::judge_attempts() {
  for (const auto& [id, attempt] : attempts_) {
    if (attempt.settled != 1) complain("[I3] " + id.str() + " settled " + std::to_string(attempt.settled) + " times");
    bool has_talked = false;
    for (const int leg : attempt.invited_legs) {
      const NetworkCall* call = call_of(id, leg);
      has_talked = has_talked || (call != nullptr && call->person_answered_at);
    }
    if (has_talked && !is_talk(attempt.outcome)) {
      complain("[R7] a person answered " + id.str() + ", settled as " + std::string(to_string(attempt.outcome)));
    }
    const bool may_be_unsent = attempt.outcome == Outcome::not_sent || attempt.outcome == Outcome::unknown_after_failure || attempt.outcome == Outcome::failed;
    if (attempt.invited_legs.empty() && !may_be_unsent) complain(id.str() + " was never sent, settled as " + std::string(to_string(attempt.outcome)));
  }
}

std::vector<CaseEvent> Judges::events_of(CaseId id) const {
  std::vector<CaseEvent> events;
  for (const CaseId each : std::set<CaseId>{id, root_of(id)}) {
    for (const StoredEvent& stored : disk_.events_of(each)) {
      auto event = decode(stored.type, stored.body);
      if (event) events.push_back(std::move(*event));
    }
  }
  return events;
}

void Judges::judge_told() {
  for (const auto& [attempt, outcome] : told_dispositions_) {
    const auto known = attempts_.find(attempt);
    const auto events = known == attempts_.end() ? std::vector<CaseEvent>{} : events_of(known->second.case_id);
    const bool is_found = std::any_of(events.begin(), events.end(), [id = attempt, said = outcome](const CaseEvent& event) {
      const auto* set = std::get_if<DispositionSet>(&event);
      return set != nullptr && set->attempt == id && set->outcome == said;
    });
    if (!is_found) complain("an outcome told as saved is not in the history: " + attempt.str());
  }
  for (const auto& [id, word] : told_words_) {
    const auto events = events_of(id);
    const bool is_found = std::any_of(events.begin(), events.end(), [&told = word](const CaseEvent& event) {
      const auto* payment = std::get_if<PaymentRecorded>(&event);
      const auto* bar = std::get_if<RestrictionSet>(&event);
      const auto* row = std::get_if<RowImported>(&event);  // Who sets a bar that a file brought before sets nothing new.
      const bool is_of_file = row != nullptr && std::any_of(row->draft.restrictions.begin(), row->draft.restrictions.end(),
                                                            [&told](const RestrictionFlag& flag) { return flag.name == told; });
      return is_of_file || (payment != nullptr && payment->payment.payment_id == told) || (bar != nullptr && bar->flag.name == told);
    });
    if (!is_found) complain("a fact told as recorded is not in the history of " + id.str() + ": " + word);
  }
}

void Judges::at_end() {
  judge_store();
  judge_cases();
  judge_attempts();
  judge_told();
}

std::map<std::string, int> Judges::outcomes() const {
  std::map<std::string, int> counts;
  for (const auto& [id, attempt] : attempts_) ++counts[attempt.settled > 0 ? std::string(to_string(attempt.outcome)) : "open"];
  return counts;
}

}  // namespace dunlin::sim
