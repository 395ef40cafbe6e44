#include "core/dialogue/flow_check.hpp"

#include <algorithm>
#include <set>

#include "core/dialing/strategy_check.hpp"

namespace dunlin {
namespace {

constexpr std::string_view dtmf_keys = "0123456789*#";

constexpr const char* untold_duty[flow_duty_count] = {
    "comes before it is told who calls (230-FZ art. 7 part 4): a say step with tells = \"caller\" goes first",
    "comes before it is told that a robot speaks (467-FZ): a say step with tells = \"robot\" goes first",
    "comes before it is told that the call is recorded (230-FZ art. 17): a say step with tells = \"recording\" goes first",
};

bool waits_for_person(const FlowAct& act) {
  return std::holds_alternative<flow_step::Menu>(act) || std::holds_alternative<flow_step::AskAmount>(act) ||
         std::holds_alternative<flow_step::AskDate>(act) || std::holds_alternative<flow_step::Transfer>(act);
}

/// Recordings are files of one folder: no name leads out of it.
bool is_fragment_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

bool fulfils(const FlowAct& act, FlowDuty duty) {
  const auto* say = std::get_if<flow_step::Say>(&act);
  return say != nullptr && std::find(say->tells.begin(), say->tells.end(), duty) != say->tells.end();
}

/// Greetings may be cut into several steps: those that tell something may come in any order.
bool is_greeting(const FlowAct& act) {
  const auto* say = std::get_if<flow_step::Say>(&act);
  return say != nullptr && !say->tells.empty();
}

/// What the person notices: speech, an agent, the end.
bool is_noticed(const FlowAct& act) {
  return !text_of(act).empty() || std::holds_alternative<flow_step::Transfer>(act) || std::holds_alternative<flow_step::End>(act);
}

class FlowCheck {
 public:
  explicit FlowCheck(const Flow& flow) : flow_(flow) {}

  std::vector<FlowFinding> run() {
    check_frame();
    if (!findings_.empty()) return std::move(findings_);
    for (const FlowStep& step : flow_.steps) std::visit([&](const auto& act) { check_act(step, act); }, step.act);
    check_reach();
    check_duties();
    check_person();
    check_dates();
    check_human();
    check_loops();
    check_ends();
    return std::move(findings_);
  }

 private:
  void say(const FlowStep& step, std::string what) {
    findings_.push_back({step.line, "step \"" + step.name + "\"", std::move(what)});
  }
  void say_flow(std::string what) { findings_.push_back({1, "flow", std::move(what)}); }

  void check_frame() {
    if (!is_strategy_name(flow_.name)) say_flow("name: 1 to 64 of a-z, 0-9, _ and -");
    if (flow_.steps.empty()) say_flow("at least one [[step]] is needed");
    if (flow_.steps.size() > max_flow_steps) say_flow("more than 200 steps");
    if (flow_.most_steps < 1 || flow_.most_steps > most_steps_per_call) say_flow("most_steps: must lie between 1 and 1000");
    std::set<std::string> names;
    for (const FlowStep& step : flow_.steps) {
      if (!is_strategy_name(step.name)) say(step, "name: 1 to 64 of a-z, 0-9, _ and -");
      if (!names.insert(step.name).second) say(step, "another step has this name");
      for (const FlowWay& way : ways_of(step.act)) {
        if (way.to >= flow_.steps.size()) say(step, "leads to a step that is not there");
      }
    }
  }

  void check_text(const FlowStep& step, const FlowText& text) {
    std::size_t size = 0;
    for (const FlowTextPart& part : text) {
      size += part.phrase.size();
      if (part.value || is_fragment_name(part.fragment)) continue;
      say(step, "recording: 1 to 100 of a-z, 0-9, _, - and a dot that is not the first");
    }
    if (text.empty()) say(step, "text: says nothing");
    if (size > max_flow_text_bytes) say(step, "text: longer than 2000 bytes; nobody listens so long");
  }
  void check_patience(const FlowStep& step, const FlowPatience& patience) {
    if (patience.wait < seconds(1) || patience.wait > seconds(60)) say(step, "wait: must lie between 1s and 60s");
    if (patience.repeats > most_flow_repeats) say(step, "repeats: at most 5");
  }
  void check_act(const FlowStep& step, const flow_step::Say& act) {
    check_text(step, act.text);
    if (!act.tells.empty() && act.has_barge_in) say(step, "barge_in: what the law wants told is not cut short by a key");
  }
  void check_act(const FlowStep& step, const flow_step::Menu& act) {
    check_text(step, act.text);
    check_patience(step, act.patience);
    if (act.choices.empty()) say(step, "at least one [[step.choice]] is needed");
    std::string taken;
    for (const flow_step::Choice& choice : act.choices) {
      if (choice.keys.empty()) say(step, "choice: keys is empty");
      for (const char key : choice.keys) {
        if (dtmf_keys.find(key) == std::string_view::npos) say(step, "choice: keys are of 0123456789*#");
        else if (taken.find(key) != std::string::npos) say(step, std::string("choice: key ") + key + " is taken twice");
        taken += key;
      }
    }
  }
  void check_act(const FlowStep& step, const flow_step::AskAmount& act) {
    check_text(step, act.text);
    check_patience(step, act.patience);
    if (act.least < 1 || act.least > 1'000'000) say(step, "least: must lie between 1 and 1000000");
  }
  void check_act(const FlowStep& step, const flow_step::AskDate& act) {
    check_text(step, act.text);
    check_patience(step, act.patience);
    if (act.within_days < 1 || act.within_days > 365) say(step, "within_days: must lie between 1 and 365");
  }
  /// The conditions are those of a strategy's rules, and so is what can be wrong with them.
  void check_act(const FlowStep& step, const flow_step::Branch& act) {
    if (act.cases.empty()) say(step, "at least one [[step.case]] is needed");
    if (act.cases.size() > max_flow_cases) say(step, "more than 20 cases");
    Strategy rules;
    rules.name = "flow";
    for (std::size_t i = 0; i < act.cases.size(); ++i) {
      StrategyRule rule;
      rule.name = "case " + std::to_string(i + 1);
      rule.when = act.cases[i].when;
      rule.then.keeps = true;
      rule.line = step.line;
      if (rule.when == StrategyCondition{}) say(step, rule.name + ": has no condition; that is what otherwise is for");
      rules.rules.push_back(std::move(rule));
    }
    if (act.cases.empty()) return;
    for (const StrategyFinding& finding : check_strategy(rules)) say(step, finding.place + ": " + finding.what);
  }
  void check_act(const FlowStep& step, const flow_step::Promise& act) {
    if (act.in_days && *act.in_days > 365) say(step, "in_days: at most 365");
  }
  void check_act(const FlowStep& step, const flow_step::Transfer& act) {
    if (act.wait < seconds(1) || act.wait > minutes(5)) say(step, "wait: must lie between 1s and 5m");
  }
  void check_act(const FlowStep& step, const flow_step::Callback& act) {
    if (act.after < minutes(5) || act.after > days(14)) say(step, "after: must lie between 5m and 14d");
  }
  void check_act(const FlowStep& step, const flow_step::Message& act) {
    if (!is_strategy_name(act.text_id)) say(step, "template: 1 to 64 of a-z, 0-9, _ and -");
  }
  void check_act(const FlowStep& step, const flow_step::End& act) {
    if (act.outcome && !traits(*act.outcome).is_agent_disposition) {
      const std::string name(to_string(*act.outcome));
      say(step, "outcome: \"" + name + "\" is the network's word; a flow says what the person said");
    }
    if (act.outcome == Outcome::rpc_promise || act.outcome == Outcome::rpc_callback) {
      say(step, "outcome: a promise or callback step brings this outcome by itself, with its date");
    }
  }

  /// The steps reached from the first one by ways that `may_go` allows; what it forbids is not walked through.
  template <class MayGo>
  std::vector<bool> reached(MayGo may_go) const {
    std::vector<bool> seen(flow_.steps.size(), false);
    std::vector<FlowIndex> open{0};
    seen[0] = true;
    while (!open.empty()) {
      const FlowIndex at = open.back();
      open.pop_back();
      for (const FlowWay& way : ways_of(flow_.steps[at].act)) {
        if (seen[way.to] || !may_go(flow_.steps[at], way)) continue;
        seen[way.to] = true;
        open.push_back(way.to);
      }
    }
    return seen;
  }

  void check_reach() {
    const auto seen = reached([](const FlowStep&, const FlowWay&) { return true; });
    for (FlowIndex i = 0; i < seen.size(); ++i) {
      if (!seen[i]) say(flow_.steps[i], "is unreachable: no way leads to it");
    }
  }
  /// A step is at fault when a way without the duty leads to it: each duty must lie on every way.
  void check_duties() {
    for (int i = 0; i < flow_duty_count; ++i) {
      const auto duty = static_cast<FlowDuty>(i);
      const auto untold = reached([duty](const FlowStep& from, const FlowWay&) { return !fulfils(from.act, duty); });
      report_first(untold, [](const FlowStep& step) { return is_noticed(step.act) && !is_greeting(step.act); }, untold_duty[i]);
    }
  }
  void check_person() {
    const auto unconfirmed = reached([](const FlowStep&, const FlowWay& way) { return !way.confirms_person; });
    for (FlowIndex i = 0; i < unconfirmed.size(); ++i) {
      const FlowStep& step = flow_.steps[i];
      if (!unconfirmed[i]) continue;
      for (const FlowTextPart& part : text_of(step.act)) {
        if (!part.value || !tells_of_debt(*part.value)) continue;
        say(step, "speaks {" + std::string(to_string(*part.value)) + "} before the person is confirmed (230-FZ art. 6): "
                  "a choice with confirms_person = true goes before it on every way");
        break;
      }
      if (std::holds_alternative<flow_step::Promise>(step.act) || std::holds_alternative<flow_step::AskAmount>(step.act) ||
          std::holds_alternative<flow_step::AskDate>(step.act)) {
        say(step, "takes a promise before the person is confirmed: "
                  "a choice with confirms_person = true goes before it on every way");
      }
    }
  }
  /// The date is known behind an ask_date step that was answered, and behind a promise.
  void check_dates() {
    const auto undated = reached([](const FlowStep&, const FlowWay& way) { return !way.brings_date; });
    for (FlowIndex i = 0; i < undated.size(); ++i) {
      const FlowStep& step = flow_.steps[i];
      if (!undated[i]) continue;
      const auto* promise = std::get_if<flow_step::Promise>(&step.act);
      if (promise != nullptr && !promise->in_days) {
        say(step, "has no date on some way: give in_days, or let an ask_date step go before it");
      }
      const FlowText& text = text_of(step.act);
      if (std::any_of(text.begin(), text.end(), [](const FlowTextPart& part) { return part.value == FlowValue::date; })) {
        say(step, "speaks {date} where none is known yet: an ask_date or promise step goes before it on every way");
      }
    }
  }
  /// 467-FZ: who talks to a robot may ask for a human.
  void check_human() {
    const bool has_human = std::any_of(flow_.steps.begin(), flow_.steps.end(), [](const FlowStep& step) {
      return std::holds_alternative<flow_step::Transfer>(step.act) || std::holds_alternative<flow_step::Callback>(step.act);
    });
    if (!has_human) say_flow("no way to a human: the person may ask for one (467-FZ); a transfer or a callback step is needed");
  }
  /// A circle of steps of which none waits would talk to nobody for ever.
  void check_loops() {
    std::vector<std::uint8_t> colour(flow_.steps.size(), 0);
    for (FlowIndex i = 0; i < flow_.steps.size(); ++i) walk_unwaited(i, colour);
  }
  void walk_unwaited(FlowIndex start, std::vector<std::uint8_t>& colour) {
    constexpr std::uint8_t open = 1;
    constexpr std::uint8_t done = 2;
    struct Frame { FlowIndex at; std::size_t way; };
    if (colour[start] != 0) return;
    std::vector<Frame> path{{start, 0}};
    colour[start] = open;
    while (!path.empty()) {
      Frame& frame = path.back();
      const FlowAct& act = flow_.steps[frame.at].act;
      const auto ways = waits_for_person(act) ? std::vector<FlowWay>() : ways_of(act);
      if (frame.way == ways.size()) {
        colour[frame.at] = done;
        path.pop_back();
        continue;
      }
      const FlowIndex to = ways[frame.way++].to;
      if (colour[to] == open) {
        say(flow_.steps[frame.at], "closes a loop back to \"" + flow_.steps[to].name + "\" in which nothing waits for the person");
      }
      if (colour[to] != 0) continue;
      colour[to] = open;
      path.push_back({to, 0});
    }
  }
  /// A call ends with an end step, or with an agent.
  void check_ends() {
    std::vector<bool> ends(flow_.steps.size(), false);
    bool is_growing = true;
    while (is_growing) {
      is_growing = false;
      for (FlowIndex i = 0; i < ends.size(); ++i) {
        const FlowAct& act = flow_.steps[i].act;
        const auto ways = ways_of(act);
        const bool can_end = std::holds_alternative<flow_step::End>(act) ||
                             std::any_of(ways.begin(), ways.end(), [&ends](const FlowWay& way) { return ends[way.to]; });
        if (ends[i] || !can_end) continue;
        ends[i] = true;
        is_growing = true;
      }
    }
    const auto lost = std::find(ends.begin(), ends.end(), false);
    if (lost == ends.end()) return;
    say(flow_.steps[static_cast<FlowIndex>(lost - ends.begin())], "is a dead end: no way from it leads to an end step");
  }
  template <class IsAtFault>
  void report_first(const std::vector<bool>& seen, IsAtFault is_at_fault, const char* what) {
    for (FlowIndex i = 0; i < seen.size(); ++i) {
      if (seen[i] && is_at_fault(flow_.steps[i])) return say(flow_.steps[i], what);
    }
  }

  const Flow& flow_;
  std::vector<FlowFinding> findings_;
};

}  // namespace

std::vector<FlowFinding> check_flow(const Flow& flow) { return FlowCheck(flow).run(); }

}  // namespace dunlin
