// Calls and agents of a what-if run, and what is measured of them.
#include <algorithm>

#include "core/base/check.hpp"
#include "core/compliance/rule_set.hpp"
#include "core/simulate/what_if_run.hpp"

namespace dunlin {
namespace {

constexpr std::size_t most_idle_samples = 1'000'000;
constexpr Duration promise_after = days(3);
constexpr Duration callback_after = hours(3);
constexpr Duration lawful_step = minutes(15);

Duration span_of(double length_s) { return milliseconds(static_cast<std::int64_t>(length_s * 1000)); }

std::uint16_t sip_status_of(LineEnding ending) {
  switch (ending) {
    case LineEnding::invalid: return 404;
    case LineEnding::failed: return 503;
    case LineEnding::busy: return 486;
    case LineEnding::no_answer: return 487;
    case LineEnding::person:
    case LineEnding::machine: return 200;
  }
  return 0;
}

PacingResult result_of_party(LineParty party) {
  switch (party) {
    case LineParty::wrong: return PacingResult::wrong_party;
    case LineParty::third: return PacingResult::third_party;
    case LineParty::right: return PacingResult::right_party;
    case LineParty::promise: return PacingResult::right_party_promise;
    case LineParty::machine: return PacingResult::machine;
  }
  return PacingResult::none;
}

}  // namespace

void WhatIfRun::handle(const Entry& entry) {
  const auto agent = static_cast<std::size_t>(entry.subject);
  const auto call = calls_.find(AttemptId(entry.subject));
  switch (entry.due) {
    case Due::ring:
      if (call != calls_.end()) on_ring(call);
      return;
    case Due::end:
      if (call != calls_.end()) on_call_end(call);
      return;
    case Due::verdict:
      if (call != calls_.end()) on_verdict(call);
      return;
    case Due::wait_limit:
      if (call != calls_.end()) on_wait_limit(call);
      return;
    case Due::talk_end: return on_talk_end(agent);
    case Due::wrap_end: return on_wrap_end(agent);
    case Due::login: return on_login(agent);
    case Due::speech_end:
      if (call != calls_.end()) on_speech_end(call, entry.round);
      return;
    case Due::flow_timer: return on_flow_timer(AttemptId(entry.subject), entry.round);
    case Due::keys: return on_keys(AttemptId(entry.subject));
    case Due::leaves_flow: return on_leaves_flow(AttemptId(entry.subject));
  }
}

void WhatIfRun::set_phase(Call& call, PacingCallPhase phase) {
  call.phase = phase;
  call.phase_at = now_;
}

PacingEvent WhatIfRun::event_of(PacingEventKind kind, Calls::const_iterator call) const {
  PacingEvent event;
  event.kind = kind;
  event.call = call->first.value();
  event.segment = call->second.segment;
  event.age_s = seconds_since(*call->second.times.invited_at);
  return event;
}

void WhatIfRun::on_ring(Calls::iterator call) {
  call->second.times.ringing_at = now_;
  set_phase(call->second, PacingCallPhase::ringing);
  tell(event_of(PacingEventKind::ringing, call));
}

void WhatIfRun::on_call_end(Calls::iterator call) {
  Call& one = call->second;
  switch (one.fate.ending) {
    case LineEnding::invalid: return settle(call, Outcome::invalid_number, PacingEventKind::failed);
    case LineEnding::failed: return settle(call, Outcome::failed, PacingEventKind::failed);
    case LineEnding::busy: return settle(call, Outcome::busy, PacingEventKind::busy);
    case LineEnding::no_answer: return settle(call, Outcome::no_answer, PacingEventKind::no_answer);
    case LineEnding::person:
    case LineEnding::machine: break;
  }
  ++day_.picked_up;
  one.times.answered_at = now_;
  set_phase(one, PacingCallPhase::detect);
  tell(event_of(PacingEventKind::answered, call));
  push(now_ + span_of(one.fate.detection_s), Due::verdict, call->first.value());
}

void WhatIfRun::on_verdict(Calls::iterator call) {
  Call& one = call->second;
  const bool is_classified = one.fate.detection_s > 0;
  one.answer = !is_classified ? AnsweredBy::unclassified : one.fate.is_judged_person ? AnsweredBy::human : AnsweredBy::machine;
  const auto decision_ms = static_cast<std::uint32_t>(one.fate.detection_s * 1000);
  const AttemptAnswered fact{call->first, *one.times.answered_at, one.answer, 900, decision_ms};
  commit(one.case_index, cases_[one.case_index].machine.on_answered(now_, fact));
  if (one.fate.hangs_up) return settle(call, Outcome::hung_up_before_agent, PacingEventKind::hung_up);
  if (!one.fate.is_judged_person) return settle(call, Outcome::machine, PacingEventKind::machine);
  ++day_.live;
  ++totals_.live;
  one.live_at = now_;
  set_phase(one, PacingCallPhase::queued);
  tell(event_of(PacingEventKind::human, call));
  if (has_flow()) return start_flow(call);
  if (!idle_.empty()) {
    const std::size_t agent = idle_.front();
    idle_.pop_front();
    return connect(agent, call);
  }
  waiting_.push_back(call->first);
  push(now_ + one.abandon_after, Due::wait_limit, call->first.value());
}

void WhatIfRun::on_wait_limit(Calls::iterator call) {
  if (call->second.phase != PacingCallPhase::queued) return;
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), call->first), waiting_.end());
  ++day_.abandoned;
  ++totals_.abandoned;
  abandons_.add(now_, true);
  settle(call, Outcome::abandoned, PacingEventKind::abandoned);
}

/// The end of a call no agent had.
void WhatIfRun::settle(Calls::iterator call, Outcome outcome, PacingEventKind kind) {
  Call& one = call->second;
  const AttemptId attempt = call->first;
  PacingEvent event = event_of(kind, call);
  if (kind == PacingEventKind::abandoned) event.wait_s = seconds_since(one.live_at);
  tell(event);
  AttemptSettled fact;
  fact.attempt = attempt;
  fact.outcome = outcome;
  fact.times = one.times;
  fact.times.ended_at = now_;
  fact.answer = one.answer;
  fact.cause.sip_status = sip_status_of(one.fate.ending);
  if (one.times.answered_at) day_.billed_s += seconds_since(*one.times.answered_at);
  ++day_.outcomes[std::string(to_string(outcome))];
  trace(attempt.value() ^ static_cast<std::uint64_t>(now_.ms) << 8 ^ static_cast<std::uint64_t>(outcome));
  judge_.on_end(record_of(one.case_index).id, attempt, outcome);
  const std::size_t index = one.case_index;
  calls_.erase(call);
  --in_flight_;
  commit(index, cases_[index].machine.on_settled(now_, fact, book_));
}

void WhatIfRun::connect(std::size_t agent, Calls::iterator call) {
  Call& one = call->second;
  Agent& who = agents_[agent];
  flows_.erase(call->first);
  if (day_.idle_s.size() < most_idle_samples) day_.idle_s.push_back(seconds_since(who.since));
  ++day_.connected;
  ++totals_.connected;
  ++hour_at(now_).connected;
  abandons_.add(now_, false);
  --in_flight_;
  one.agent = agent;
  one.times.bridged_at = now_;
  set_phase(one, PacingCallPhase::talk);
  PacingEvent event = event_of(PacingEventKind::connected, call);
  event.agent = agent + 1;
  event.wait_s = seconds_since(one.live_at);
  tell(event);
  set_state(agent, AgentState::talk);
  who.attempt = call->first;
  who.case_index = one.case_index;
  who.fate = one.fate;
  commit(one.case_index, cases_[one.case_index].machine.on_bridged(now_, AgentBridged{call->first, AgentId(agent + 1), now_}));
  push(now_ + span_of(one.fate.talk_s * who.pace), Due::talk_end, agent);
}

void WhatIfRun::on_talk_end(std::size_t agent) {
  Agent& who = agents_[agent];
  const auto call = calls_.find(who.attempt);
  DUNLIN_CHECK(call != calls_.end());
  Call& one = call->second;
  PacingEvent event;
  event.kind = PacingEventKind::released;
  event.call = who.attempt.value();
  event.agent = agent + 1;
  event.age_s = seconds_since(who.since);
  tell(event);
  who.last_talk_s = event.age_s;
  set_state(agent, AgentState::wrap);
  AttemptSettled fact;
  fact.attempt = who.attempt;
  fact.outcome = Outcome::answered;
  fact.times = one.times;
  fact.times.ended_at = now_;
  fact.answer = one.answer;
  fact.agent = AgentId(agent + 1);
  fact.cause.sip_status = 200;
  day_.billed_s += seconds_since(*one.times.answered_at);
  judge_.on_end(record_of(who.case_index).id, who.attempt, Outcome::answered);
  calls_.erase(call);
  commit(who.case_index, cases_[who.case_index].machine.on_settled(now_, fact, book_));
  const double wrap_s = std::min(who.fate.wrap_s * who.pace, static_cast<double>(plan_.campaign.wrap_up_seconds));
  push(now_ + span_of(wrap_s), Due::wrap_end, agent);
}

void WhatIfRun::on_wrap_end(std::size_t agent) {
  Agent& who = agents_[agent];
  dispose(who, who.case_index);
  PacingEvent event;
  event.kind = PacingEventKind::agent_ready;
  event.agent = agent + 1;
  event.age_s = seconds_since(who.since);
  event.result = result_of_party(who.fate.party);
  tell(event);
  make_ready(agent);
}

DispositionSet WhatIfRun::disposition_of(const Agent& agent) const {
  DispositionSet command;
  command.attempt = agent.attempt;
  command.agent = AgentId(static_cast<std::uint64_t>(&agent - agents_.data()) + 1);
  command.outcome = agent.fate.disposition;
  const Debt* debt = matching_debt(plan_.campaign.filter, record_of(agent.case_index));
  if (command.outcome == Outcome::rpc_promise && debt == nullptr) command.outcome = Outcome::rpc_refusal;
  if (command.outcome == Outcome::rpc_promise) {
    const CivilDate date = civil_from_days((now_ + promise_after).ms / days(1).ms);
    const Money sum = debt->overdue.minor > 0 ? debt->overdue : debt->balance;
    command.promise = PromiseTerms{sum, date, debt->external_id};
  }
  if (command.outcome == Outcome::rpc_callback) command.callback = Callback{now_ + callback_after, AgentId(), {}};
  return command;
}

void WhatIfRun::dispose(const Agent& agent, std::size_t index) {
  const DispositionSet command = disposition_of(agent);
  note_disposition(agent.attempt, command.outcome);
  commit(index, cases_[index].machine.on_disposition(now_, command, book_));
}

void WhatIfRun::note_disposition(AttemptId attempt, Outcome outcome) {
  ++day_.outcomes[std::string(to_string(outcome))];
  day_.right_party += traits(outcome).right_party ? 1 : 0;
  day_.promises += outcome == Outcome::rpc_promise ? 1 : 0;
  trace(attempt.value() ^ static_cast<std::uint64_t>(now_.ms) << 8 ^ static_cast<std::uint64_t>(outcome));
}

void WhatIfRun::on_login(std::size_t agent) {
  PacingEvent event;
  event.kind = PacingEventKind::agent_login;
  event.agent = agent + 1;
  tell(event);
  make_ready(agent);
}

void WhatIfRun::make_ready(std::size_t agent) {
  set_state(agent, AgentState::ready);
  if (waiting_.empty()) {
    idle_.push_back(agent);
    return;
  }
  const auto call = calls_.find(waiting_.front());
  waiting_.pop_front();
  DUNLIN_CHECK(call != calls_.end());
  connect(agent, call);
}

/// After the shift, once nobody can be brought to an agent any more.
void WhatIfRun::send_idle_home() {
  if (in_flight_ > 0) return;
  while (!idle_.empty()) {
    set_state(idle_.front(), AgentState::off);
    idle_.pop_front();
  }
}

void WhatIfRun::set_state(std::size_t agent, AgentState next) {
  Agent& who = agents_[agent];
  const double spent_s = seconds_since(who.since);
  switch (who.state) {
    case AgentState::off: break;
    case AgentState::ready: day_.present_s += spent_s; break;
    case AgentState::talk:
      day_.present_s += spent_s;
      day_.talk_s += spent_s;
      break;
    case AgentState::wrap:
      day_.present_s += spent_s;
      day_.wrap_s += spent_s;
      break;
  }
  if (who.state != AgentState::off) add_span(&WhatIfHour::present_s, who.since, now_);
  if (who.state == AgentState::talk || who.state == AgentState::wrap) add_span(&WhatIfHour::busy_s, who.since, now_);
  who.state = next;
  who.since = now_;
}

WhatIfHour& WhatIfRun::hour_at(UtcTime at) {
  const auto hour = static_cast<std::size_t>(std::max<std::int64_t>(0, (at - shift_from_).ms) / hours(1).ms);
  if (day_.hours.size() <= hour) day_.hours.resize(hour + 1);
  return day_.hours[hour];
}

void WhatIfRun::add_span(double WhatIfHour::*member, UtcTime from, UtcTime to) {
  while (from < to) {
    const std::int64_t passed = (from - shift_from_).ms / hours(1).ms;
    const UtcTime end = std::min(to, shift_from_ + hours(passed + 1));
    hour_at(from).*member += static_cast<double>((end - from).ms) / 1000.0;
    from = end;
  }
}

/// The law's hours of the first day for a person of the zone nobody has called yet.
void WhatIfRun::measure_zones() {
  const ZoneTable& work = *plan_.policy->rules().zones->find(plan_.line.zone);
  const std::int64_t day = days_from_civil(plan_.day);
  const UtcTime from = wall_instant(work, day, plan_.line.work_from_s);
  const UtcTime to = wall_instant(work, day, plan_.line.work_to_s);
  for (auto& [name, measured] : day_.zones) {
    const ZoneTable* zone = plan_.policy->rules().zones->find(name);
    if (zone == nullptr) continue;
    CaseRecord person;
    person.zones = {name};
    ContactPhone phone;
    for (UtcTime at = zone->day_start(day); at < zone->day_start(day + 1); at = at + lawful_step) {
      GateQuestion question{person, phone, channel_of(plan_.campaign.mode, false), at, AttemptId()};
      question.is_predictive = plan_.campaign.mode == DialingMode::predictive;
      if (!plan_.policy->decide(contact_query(question, plan_.gate), ContactHistory()).is_allowed()) continue;
      const double length_h = static_cast<double>(lawful_step.ms) / static_cast<double>(hours(1).ms);
      measured.lawful_h += length_h;
      if (at >= from && at < to) measured.worked_h += length_h;
      if (at >= to) measured.left_h += length_h;
    }
  }
}

/// FNV-1a over 64-bit words.
void WhatIfRun::trace(std::uint64_t value) { day_.trace_hash = (day_.trace_hash ^ value) * 0x100000001B3ULL; }

}  // namespace dunlin
