#include "core/dialogue/flow_machine.hpp"

#include <algorithm>
#include <array>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr std::array<std::string_view, flow_state_count> flow_state_names{
    "ready", "speaking", "asking", "listening", "recording_promise", "transferring", "ended"};
constexpr std::array<std::string_view, 5> flow_end_names{"script_ended", "hung_up", "transferred", "step_limit", "cut_off"};
constexpr std::size_t date_digits = 4;
constexpr std::int64_t minor_units = 100;

bool is_key(char key) { return (key >= '0' && key <= '9') || key == '*' || key == '#'; }

int two_digits(const std::string& text, std::size_t from) { return (text[from] - '0') * 10 + (text[from + 1] - '0'); }

}  // namespace

std::string_view to_string(FlowState state) { return flow_state_names[static_cast<std::size_t>(state)]; }
std::string_view to_string(FlowEnd end) { return flow_end_names[static_cast<std::size_t>(end)]; }

FlowMachine::FlowMachine(std::shared_ptr<const Flow> flow, FlowCard card) : flow_(std::move(flow)), card_(std::move(card)) {
  DUNLIN_CHECK(flow_ != nullptr && !flow_->steps.empty());
  DUNLIN_CHECK(card_.branches.size() == flow_->steps.size());
}

FlowEffects FlowMachine::on_start() {
  FlowEffects out;
  if (state_ == FlowState::ready) go(0, out);
  return out;
}

FlowEffects FlowMachine::on_speech_finished(std::uint32_t round) {
  FlowEffects out;
  if (round != round_) return out;
  switch (state_) {
    case FlowState::speaking: go(std::get<flow_step::Say>(step().act).next, out); break;
    case FlowState::asking: listen(out); break;
    case FlowState::ready:
    case FlowState::listening:
    case FlowState::recording_promise:
    case FlowState::transferring:
    case FlowState::ended: break;
  }
  return out;
}

FlowEffects FlowMachine::on_key(char key) {
  FlowEffects out;
  if (!is_key(key)) return out;
  switch (state_) {
    case FlowState::speaking: {
      const auto& say = std::get<flow_step::Say>(step().act);
      if (!say.has_barge_in) break;
      if (keys_ahead_.size() < most_keys_ahead) keys_ahead_ += key;
      out.emplace_back(flow_effect::StopSpeaking{});
      go(say.next, out);
      break;
    }
    case FlowState::asking:
      if (asks_who()) break;
      out.emplace_back(flow_effect::StopSpeaking{});
      hear(key, out);
      break;
    case FlowState::listening: hear(key, out); break;
    case FlowState::ready:
    case FlowState::recording_promise:
    case FlowState::transferring:
    case FlowState::ended: break;
  }
  return out;
}

FlowEffects FlowMachine::on_timer(std::uint32_t round) {
  FlowEffects out;
  if (round != round_) return out;
  switch (state_) {
    case FlowState::listening:
      if (std::holds_alternative<flow_step::AskAmount>(step().act) && !typed_.empty()) complete(out);
      else ask_again(out);
      break;
    case FlowState::recording_promise: return on_promise_refused();
    case FlowState::transferring:
      out.emplace_back(flow_effect::CancelAgentRequest{});
      has_missed_agent_ = true;
      go(std::get<flow_step::Transfer>(step().act).nobody, out);
      break;
    case FlowState::ready:
    case FlowState::speaking:
    case FlowState::asking:
    case FlowState::ended: break;
  }
  return out;
}

FlowEffects FlowMachine::on_promise_recorded() {
  FlowEffects out;
  if (state_ != FlowState::recording_promise) return out;
  promise_ = asked_promise_;
  amount_ = promise_->amount;
  date_ = promise_->date;
  go(std::get<flow_step::Promise>(step().act).next, out);
  return out;
}

FlowEffects FlowMachine::on_promise_refused() {
  FlowEffects out;
  if (state_ == FlowState::recording_promise) go(std::get<flow_step::Promise>(step().act).refused, out);
  return out;
}

FlowEffects FlowMachine::on_agent_connected() {
  FlowEffects out;
  if (state_ == FlowState::transferring) finish(FlowEnd::transferred, std::nullopt, out);
  return out;
}

FlowEffects FlowMachine::on_no_agent() {
  FlowEffects out;
  if (state_ != FlowState::transferring) return out;
  has_missed_agent_ = true;
  go(std::get<flow_step::Transfer>(step().act).nobody, out);
  return out;
}

FlowEffects FlowMachine::on_hang_up() {
  FlowEffects out;
  switch (state_) {
    case FlowState::transferring:
      out.emplace_back(flow_effect::CancelAgentRequest{});
      has_missed_agent_ = true;
      break;
    case FlowState::ended: return out;
    case FlowState::ready:
    case FlowState::speaking:
    case FlowState::asking:
    case FlowState::listening:
    case FlowState::recording_promise: break;
  }
  auto outcome = earned_outcome();
  if (!outcome) outcome = outcome_ahead();
  if (!outcome && !is_person_confirmed_) outcome = Outcome::hung_up_at_identification;
  finish(FlowEnd::hung_up, outcome, out);
  return out;
}

FlowEffects FlowMachine::on_cut_off() {
  FlowEffects out;
  if (state_ == FlowState::ended) return out;
  if (state_ == FlowState::transferring) has_missed_agent_ = true;
  finish(FlowEnd::cut_off, earned_outcome(), out);
  return out;
}

void FlowMachine::go(FlowIndex to, FlowEffects& out) {
  std::optional<FlowIndex> next = to;
  while (next) {
    if (steps_ == flow_->most_steps) return finish(FlowEnd::step_limit, earned_outcome(), out);
    ++steps_;
    at_ = *next;
    // The round of the step left behind must not move the one begun.
    ++round_;
    next = std::visit([&](const auto& act) { return enter(act, out); }, step().act);
  }
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Say& act, FlowEffects& out) {
  SpokenPieces pieces = words(act.text);
  if (pieces.empty() || (act.has_barge_in && !keys_ahead_.empty())) return act.next;
  state_ = FlowState::speaking;
  speak(std::move(pieces), out);
  return std::nullopt;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Menu&, FlowEffects& out) {
  if (asks_who()) keys_ahead_.clear();
  begin_question(out);
  return std::nullopt;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::AskAmount&, FlowEffects& out) {
  amount_.reset();
  begin_question(out);
  return std::nullopt;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::AskDate&, FlowEffects& out) {
  date_.reset();
  begin_question(out);
  return std::nullopt;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Branch&, FlowEffects&) { return card_.branches[at_]; }

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Promise& act, FlowEffects& out) {
  // A second promise in one call is a slip of the script or of the finger: the first one stands, and is what is said.
  if (promise_) {
    amount_ = promise_->amount;
    date_ = promise_->date;
    return act.next;
  }
  asked_promise_ = terms_of(act);
  if (asked_promise_->amount.minor <= 0) return act.refused;
  state_ = FlowState::recording_promise;
  out.emplace_back(flow_effect::RecordPromise{*asked_promise_});
  start_timer(promise_answer_time, out);
  return std::nullopt;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Transfer& act, FlowEffects& out) {
  state_ = FlowState::transferring;
  keys_ahead_.clear();
  out.emplace_back(flow_effect::AskForAgent{act.skill, act.wait});
  start_timer(act.wait, out);
  return std::nullopt;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Callback& act, FlowEffects& out) {
  if (!callback_after_) out.emplace_back(flow_effect::PlanCallback{act.after});
  if (!callback_after_) callback_after_ = act.after;
  return act.next;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::Message& act, FlowEffects& out) {
  out.emplace_back(flow_effect::SendMessage{act.text_id});
  return act.next;
}

std::optional<FlowIndex> FlowMachine::enter(const flow_step::End& act, FlowEffects& out) {
  finish(FlowEnd::script_ended, act.outcome ? act.outcome : earned_outcome(), out);
  return std::nullopt;
}

/// Who confirms to be the person must have heard whom: a key pressed before or into such a question says nothing (230-FZ
/// art. 6).
bool FlowMachine::asks_who() const {
  const auto* menu = std::get_if<flow_step::Menu>(&step().act);
  return menu != nullptr && std::any_of(menu->choices.begin(), menu->choices.end(), [](const flow_step::Choice& one) { return one.confirms_person; });
}

void FlowMachine::begin_question(FlowEffects& out) {
  repeats_ = 0;
  typed_.clear();
  if (keys_ahead_.empty()) return put_question(out);
  state_ = FlowState::listening;
  const std::uint32_t question = steps_;
  // What ends this question leaves the rest of the keys to the next one, which takes them on the way.
  while (steps_ == question && state_ == FlowState::listening && !keys_ahead_.empty()) {
    const char key = keys_ahead_.front();
    keys_ahead_.erase(0, 1);
    hear(key, out);
  }
}

void FlowMachine::put_question(FlowEffects& out) {
  state_ = FlowState::asking;
  speak(words(text_of(step().act)), out);
}

void FlowMachine::listen(FlowEffects& out) {
  state_ = FlowState::listening;
  start_timer(patience()->wait, out);
}

void FlowMachine::hear(char key, FlowEffects& out) {
  const FlowAct& act = step().act;
  if (const auto* menu = std::get_if<flow_step::Menu>(&act)) return hear_choice(*menu, key, out);
  hear_digit(key, std::holds_alternative<flow_step::AskDate>(act) ? date_digits : most_amount_digits, out);
}

void FlowMachine::hear_choice(const flow_step::Menu& menu, char key, FlowEffects& out) {
  const auto choice = std::find_if(menu.choices.begin(), menu.choices.end(),
                                   [key](const flow_step::Choice& one) { return one.keys.find(key) != std::string::npos; });
  if (choice == menu.choices.end()) return ask_again(out);
  if (choice->confirms_person) is_person_confirmed_ = true;
  go(choice->next, out);
}

void FlowMachine::hear_digit(char key, std::size_t most, FlowEffects& out) {
  if (key == '#') return complete(out);
  if (key == '*') typed_.clear();
  else if (typed_.size() == most) return ask_again(out);
  else typed_ += key;
  if (most == date_digits && typed_.size() == most) return complete(out);
  listen(out);
}

void FlowMachine::complete(FlowEffects& out) {
  const FlowAct& act = step().act;
  if (const auto* ask = std::get_if<flow_step::AskAmount>(&act)) return take_amount(*ask) ? go(ask->next, out) : ask_again(out);
  const auto& ask = std::get<flow_step::AskDate>(act);
  return take_date(ask) ? go(ask.next, out) : ask_again(out);
}

/// Nobody promises more than is owed: it would be a slip of the finger.
bool FlowMachine::take_amount(const flow_step::AskAmount& ask) {
  if (typed_.empty()) return false;
  std::int64_t whole = 0;
  for (const char digit : typed_) whole = whole * 10 + (digit - '0');
  const Money amount{whole * minor_units, flow_->currency};
  const std::int64_t most = std::max(card_.balance.minor, card_.overdue.minor);
  // The balance may end in minor units; whoever rounds it up wants to pay all of it.
  if (amount.minor < ask.least * minor_units || (most > 0 && amount.minor >= most + minor_units)) return false;
  amount_ = most > 0 && amount.minor > most ? Money{most, flow_->currency} : amount;
  return true;
}

bool FlowMachine::take_date(const flow_step::AskDate& ask) {
  if (typed_.size() != date_digits) return false;
  CivilDate date{card_.today.year, two_digits(typed_, 2), two_digits(typed_, 0)};
  if (!is_valid(date) || date < card_.today) ++date.year;
  if (!is_valid(date)) return false;
  if (days_from_civil(date) - days_from_civil(card_.today) > ask.within_days) return false;
  date_ = date;
  return true;
}

void FlowMachine::ask_again(FlowEffects& out) {
  typed_.clear();
  keys_ahead_.clear();
  const FlowPatience& patient = *patience();
  if (repeats_ == patient.repeats) return go(patient.otherwise, out);
  ++repeats_;
  put_question(out);
}

const FlowPatience* FlowMachine::patience() const {
  const FlowAct& act = step().act;
  if (const auto* menu = std::get_if<flow_step::Menu>(&act)) return &menu->patience;
  if (const auto* ask = std::get_if<flow_step::AskAmount>(&act)) return &ask->patience;
  const auto* ask = std::get_if<flow_step::AskDate>(&act);
  DUNLIN_CHECK(ask != nullptr);
  return &ask->patience;
}

void FlowMachine::speak(SpokenPieces pieces, FlowEffects& out) {
  out.emplace_back(flow_effect::Speak{std::move(pieces), ++round_});
}

void FlowMachine::start_timer(Duration after, FlowEffects& out) { out.emplace_back(flow_effect::StartTimer{after, ++round_}); }

SpokenPieces FlowMachine::words(const FlowText& text) const { return spoken_flow_text(*flow_, card_, text, amount_, date_); }

PromiseTerms FlowMachine::terms_of(const flow_step::Promise& act) const {
  PromiseTerms terms;
  terms.amount = amount_.value_or(card_.overdue);
  terms.debt_external_id = card_.debt_external_id;
  terms.date = date_ ? *date_ : civil_from_days(days_from_civil(card_.today) + act.in_days.value_or(0));
  return terms;
}

std::optional<Outcome> FlowMachine::earned_outcome() const {
  if (promise_) return Outcome::rpc_promise;
  if (callback_after_ && is_person_confirmed_) return Outcome::rpc_callback;
  return std::nullopt;
}

/// Who hangs up while only a farewell was left has said what there was to say: "not me" stays "not me".
std::optional<Outcome> FlowMachine::outcome_ahead() const {
  if (state_ != FlowState::speaking) return std::nullopt;
  FlowIndex at = at_;
  // Bounded by the number of steps: check_flow refuses loops of speech.
  for (std::size_t i = 0; i < flow_->steps.size(); ++i) {
    const FlowAct& act = flow_->steps[at].act;
    if (const auto* end = std::get_if<flow_step::End>(&act)) return end->outcome;
    const auto* say = std::get_if<flow_step::Say>(&act);
    if (say == nullptr) return std::nullopt;
    at = say->next;
  }
  return std::nullopt;
}

void FlowMachine::finish(FlowEnd why, std::optional<Outcome> disposition, FlowEffects& out) {
  DUNLIN_CHECK(state_ != FlowState::ended);
  state_ = FlowState::ended;
  ++round_;
  flow_effect::Finish end;
  end.why = why;
  end.disposition = disposition;
  end.is_person_confirmed = is_person_confirmed_;
  end.has_missed_agent = has_missed_agent_;
  end.promise = promise_;
  end.callback_after = callback_after_;
  out.emplace_back(std::move(end));
}

void FlowMachine::check_invariants() const {
  DUNLIN_CHECK(at_ < flow_->steps.size());
  DUNLIN_CHECK(steps_ <= flow_->most_steps);
  DUNLIN_CHECK(keys_ahead_.size() <= most_keys_ahead);
  DUNLIN_CHECK(typed_.size() <= most_amount_digits);
  DUNLIN_CHECK(!promise_ || asked_promise_);
}

}  // namespace dunlin
