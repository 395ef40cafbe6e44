// Calls without agents in a what-if run: the production's own FlowMachine walks the campaign's flow, a model of the person
// listens, presses keys and hangs up.
#include <algorithm>
#include <deque>

#include "core/base/check.hpp"
#include "core/simulate/what_if_run.hpp"

namespace dunlin {
namespace {

constexpr double pause_after_speech_s = 0.3;
constexpr double shortest_speech_s = 0.5;
constexpr std::int64_t minor_units = 100;

/// Bytes of UTF-8 that begin a character.
double characters_of(const std::string& text) {
  return static_cast<double>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_debtor(LineParty party) { return party == LineParty::right || party == LineParty::promise; }

/// Who is the debtor confirms it, nobody else does; who means to pay takes the first way offered, the others any.
std::string key_of(const flow_step::Menu& menu, LineParty party, double draw) {
  const bool asks_who = std::any_of(menu.choices.begin(), menu.choices.end(), [](const auto& choice) { return choice.confirms_person; });
  std::vector<const flow_step::Choice*> open;
  for (const flow_step::Choice& choice : menu.choices) {
    if (!choice.keys.empty() && (!asks_who || choice.confirms_person == is_debtor(party))) open.push_back(&choice);
  }
  if (open.empty()) return "";
  const auto any = std::min(open.size() - 1, static_cast<std::size_t>(draw * static_cast<double>(open.size())));
  return open[party == LineParty::promise ? 0 : any]->keys.substr(0, 1);
}

/// The whole overdue sum, or the least that is taken.
std::string key_of(const flow_step::AskAmount& ask, const FlowCard& card) {
  return std::to_string(std::max(ask.least, card.overdue.minor / minor_units)) + "#";
}

/// Day and month of the day by which the person means to pay.
std::string key_of(const flow_step::AskDate& ask, const FlowCard& card) {
  constexpr std::uint32_t usual_days = 3;
  const CivilDate date = civil_from_days(days_from_civil(card.today) + std::min(usual_days, ask.within_days));
  const auto two = [](unsigned value) { return std::string(value < 10 ? "0" : "") + std::to_string(value); };
  return two(static_cast<unsigned>(date.day)) + two(static_cast<unsigned>(date.month));
}

}  // namespace

double WhatIfRun::flow_draw(FlowTalk& talk, const Call& call) {
  return world_.robot_draw(record_of(call.case_index).id, call.ordinal, talk.draws++);
}

void WhatIfRun::start_flow(Calls::iterator call) {
  const CaseRecord& record = record_of(call->second.case_index);
  const auto flow = book_.find_flow(plan_.campaign.flow);
  DUNLIN_CHECK(flow != nullptr);
  FlowCard card = flow_card(*flow, plan_.campaign.filter, record, now_, &law_);
  auto [talk, is_new] = flows_.try_emplace(call->first, FlowTalk{FlowMachine(flow, card), card, 0, {}});
  DUNLIN_CHECK(is_new);
  perform_flow(call->first, talk->second.machine.on_start());
}

/// Orders in the order in which they are given; a promise is answered at once and may bring more of them.
void WhatIfRun::perform_flow(AttemptId attempt, FlowEffects effects) {
  std::deque<FlowEffect> pending(effects.begin(), effects.end());
  while (!pending.empty()) {
    const FlowEffect effect = std::move(pending.front());
    pending.pop_front();
    const auto call = calls_.find(attempt);
    const auto talk = flows_.find(attempt);
    if (call == calls_.end() || talk == flows_.end()) return;
    FlowEffects more;
    if (const auto* speak = std::get_if<flow_effect::Speak>(&effect)) say_in_flow(call, talk->second, *speak);
    else if (const auto* timer = std::get_if<flow_effect::StartTimer>(&effect)) push(now_ + timer->after, Due::flow_timer, attempt.value(), timer->round);
    else if (const auto* promise = std::get_if<flow_effect::RecordPromise>(&effect)) more = promise_in_flow(call, talk->second, promise->terms);
    else if (std::holds_alternative<flow_effect::AskForAgent>(effect)) ask_agent_in_flow(call);
    else if (std::holds_alternative<flow_effect::CancelAgentRequest>(effect)) waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), attempt), waiting_.end());
    else if (const auto* end = std::get_if<flow_effect::Finish>(&effect)) finish_flow(call, *end);
    pending.insert(pending.end(), more.begin(), more.end());
  }
}

void WhatIfRun::say_in_flow(Calls::iterator call, FlowTalk& talk, const flow_effect::Speak& speak) {
  const double length_s = std::max(shortest_speech_s, characters_of(spoken_text(speak.pieces)) / plan_.line.robot.characters_per_s);
  const bool is_enough = flow_draw(talk, call->second) < plan_.line.robot.hangs_up;
  const double heard = flow_draw(talk, call->second);
  const auto after = [this](double s) { return now_ + milliseconds(static_cast<std::int64_t>(s * 1000)); };
  if (is_enough) push(after(heard * length_s), Due::leaves_flow, call->first.value());
  push(after(length_s + pause_after_speech_s), Due::speech_end, call->first.value(), speak.round);
}

/// The question is said: an answer, or silence until the flow's own timer.
void WhatIfRun::on_speech_end(Calls::iterator call, std::uint32_t round) {
  const AttemptId attempt = call->first;
  const auto talk = flows_.find(attempt);
  if (talk == flows_.end()) return;
  FlowTalk& said = talk->second;
  perform_flow(attempt, said.machine.on_speech_finished(round));
  // The last words end the call, and both are gone.
  if (flows_.count(attempt) == 0 || said.machine.state() != FlowState::listening) return;
  if (flow_draw(said, call->second) < plan_.line.robot.silent) return;
  const FlowStep& step = said.machine.step();
  if (const auto* menu = std::get_if<flow_step::Menu>(&step.act)) said.keys = key_of(*menu, call->second.fate.party, flow_draw(said, call->second));
  else if (const auto* amount = std::get_if<flow_step::AskAmount>(&step.act)) said.keys = key_of(*amount, said.card);
  else if (const auto* date = std::get_if<flow_step::AskDate>(&step.act)) said.keys = key_of(*date, said.card);
  const double typing_s = plan_.line.robot.key_s * static_cast<double>(std::max<std::size_t>(1, said.keys.size()));
  if (!said.keys.empty()) push(now_ + milliseconds(static_cast<std::int64_t>(typing_s * 1000)), Due::keys, call->first.value());
}

void WhatIfRun::on_keys(AttemptId attempt) {
  const auto talk = flows_.find(attempt);
  if (talk == flows_.end()) return;
  const std::string keys = std::move(talk->second.keys);
  talk->second.keys.clear();
  for (const char key : keys) {
    const auto still = flows_.find(attempt);
    if (still == flows_.end()) return;
    perform_flow(attempt, still->second.machine.on_key(key));
  }
}

void WhatIfRun::on_flow_timer(AttemptId attempt, std::uint32_t round) {
  const auto talk = flows_.find(attempt);
  if (talk != flows_.end()) perform_flow(attempt, talk->second.machine.on_timer(round));
}

void WhatIfRun::on_leaves_flow(AttemptId attempt) {
  const auto talk = flows_.find(attempt);
  if (talk != flows_.end()) perform_flow(attempt, talk->second.machine.on_hang_up());
}

/// As the shard does it: a promise the case refuses is not told to be noted.
FlowEffects WhatIfRun::promise_in_flow(Calls::iterator call, FlowTalk& talk, const PromiseTerms& terms) {
  const std::size_t index = call->second.case_index;
  auto effects = cases_[index].machine.on_promise_recorded(now_, terms, book_, call->first);
  if (!effects) return talk.machine.on_promise_refused();
  commit(index, std::move(effects));
  return talk.machine.on_promise_recorded();
}

void WhatIfRun::ask_agent_in_flow(Calls::iterator call) {
  if (idle_.empty()) {
    waiting_.push_back(call->first);
    return;
  }
  const std::size_t agent = idle_.front();
  idle_.pop_front();
  connect(agent, call);
}

/// What the flow says came of it goes to the case before the end of the call does.
void WhatIfRun::finish_flow(Calls::iterator call, const flow_effect::Finish& end) {
  if (end.why == FlowEnd::transferred) return;
  const AttemptId attempt = call->first;
  const std::size_t index = call->second.case_index;
  flows_.erase(attempt);
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), attempt), waiting_.end());
  std::optional<Callback> callback;
  if (end.callback_after) callback = Callback{now_ + *end.callback_after, AgentId(), {}};
  const bool is_lost = !end.disposition && end.has_missed_agent && !end.callback_after;
  if (end.disposition) {
    DispositionSet said;
    said.attempt = attempt;
    said.outcome = *end.disposition;
    said.callback = callback;
    note_disposition(attempt, said.outcome);
    commit(index, cases_[index].machine.on_disposition(now_, said, book_));
  } else if (callback) {
    commit(index, cases_[index].machine.on_callback_asked(now_, *callback, book_, attempt));
  }
  ++(is_lost ? day_.abandoned : day_.connected);
  ++(is_lost ? totals_.abandoned : totals_.connected);
  abandons_.add(now_, is_lost);
  const Outcome outcome = end.disposition ? Outcome::answered : is_lost ? Outcome::abandoned : Outcome::hung_up_before_agent;
  settle(call, outcome, is_lost ? PacingEventKind::abandoned : PacingEventKind::hung_up);
}

}  // namespace dunlin
