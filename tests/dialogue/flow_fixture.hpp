#pragma once
// A flow in a few words: greeting, confirmation, debt, promise by digits, transfer, callback.
#include <memory>

#include "core/dialogue/flow_check.hpp"
#include "core/dialogue/flow_machine.hpp"

namespace dunlin::test {

inline FlowText flow_text(const std::string& text) { return *parse_flow_text(text, "t"); }

/// Steps by the order in which they are given.
enum PayStep : FlowIndex { at_greeting, at_who, at_stranger, at_debt, at_menu, at_sum, at_day, at_promise, at_thanks, at_transfer, at_callback, at_later, at_refused, at_end };

inline Flow pay_flow() {
  namespace fs = flow_step;
  const FlowPatience patient{seconds(5), 1, at_later};
  Flow flow;
  flow.name = "pay";
  flow.steps = {
      {"greeting", fs::Say{flow_text("A robot of the bank, recorded."), {FlowDuty::caller, FlowDuty::robot, FlowDuty::recording}, false, at_who}, 1},
      {"who", fs::Menu{flow_text("Are you {name}?"), {{"1", true, at_debt}, {"2", false, at_stranger}}, {seconds(5), 1, at_later}}, 2},
      {"stranger", fs::End{Outcome::wrong_number}, 3},
      {"debt", fs::Say{flow_text("You owe {overdue}."), {}, true, at_menu}, 4},
      {"menu", fs::Menu{flow_text("1 pay, 0 human"), {{"1", false, at_sum}, {"0", false, at_transfer}}, {seconds(5), 1, at_callback}}, 5},
      {"sum", fs::AskAmount{flow_text("How much?"), 100, patient, at_day}, 6},
      {"day", fs::AskDate{flow_text("When?"), 14, patient, at_promise}, 7},
      {"promise", fs::Promise{3, at_thanks, at_refused}, 8},
      {"thanks", fs::Say{flow_text("Noted {amount} by {date}."), {}, false, at_end}, 9},
      {"transfer", fs::Transfer{"soft", seconds(20), at_callback}, 10},
      {"callback", fs::Callback{hours(2), at_later}, 11},
      {"later", fs::Say{flow_text("We call again."), {}, false, at_end}, 12},
      {"refused", fs::Say{flow_text("Not noted."), {}, false, at_end}, 13},
      {"end", fs::End{}, 14},
  };
  flow.language = SpokenLanguage::en;
  return flow;
}

inline FlowCard pay_card(const Flow& flow) {
  FlowCard card;
  card.name = "Ivan Petrov";
  card.overdue = {2'500'50, Currency::rub};
  card.balance = {10'000'50, Currency::rub};
  card.today = {2026, 3, 5};
  card.debt_external_id = "D-1";
  card.branches.assign(flow.steps.size(), 0);
  return card;
}

/// Plays events and keeps what the machine asked for last.
class FlowCall {
 public:
  explicit FlowCall(Flow flow = pay_flow()) : FlowCall(flow, pay_card(flow)) {}
  FlowCall(const Flow& flow, FlowCard card) : machine(std::make_shared<const Flow>(flow), std::move(card)) { take(machine.on_start()); }

  void heard() { take(machine.on_speech_finished(round)); }
  void keys(const std::string& typed) {
    for (const char key : typed) take(machine.on_key(key));
  }
  void silence() { take(machine.on_timer(round)); }
  void take(const FlowEffects& out) {
    for (const FlowEffect& effect : out) {
      if (const auto* speak = std::get_if<flow_effect::Speak>(&effect)) said += (said.empty() ? "" : " | ") + spoken_text(speak->pieces), round = speak->round;
      if (const auto* timer = std::get_if<flow_effect::StartTimer>(&effect)) round = timer->round;
      if (const auto* one = std::get_if<flow_effect::RecordPromise>(&effect)) promised.push_back(one->terms);
      if (const auto* one = std::get_if<flow_effect::AskForAgent>(&effect)) asked_skill = one->skill;
      if (std::holds_alternative<flow_effect::CancelAgentRequest>(effect)) ++cancelled;
      if (const auto* one = std::get_if<flow_effect::PlanCallback>(&effect)) callbacks.push_back(one->after);
      if (const auto* one = std::get_if<flow_effect::Finish>(&effect)) finishes.push_back(*one);
    }
    machine.check_invariants();
  }
  const std::string& at() const { return machine.step().name; }
  std::string new_words() { return std::exchange(said, {}); }

  FlowMachine machine;
  std::uint32_t round = 0;
  std::string said;
  std::vector<PromiseTerms> promised;
  std::optional<std::string> asked_skill;
  int cancelled = 0;
  std::vector<Duration> callbacks;
  std::vector<flow_effect::Finish> finishes;
};

}  // namespace dunlin::test
