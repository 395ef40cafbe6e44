#include "app/cli/flow.hpp"

#include <functional>
#include <iostream>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "app/speech_maker.hpp"
#include "config/clock.hpp"
#include "config/field_table.hpp"
#include "config/flow_loader.hpp"
#include "core/dialogue/flow_machine.hpp"

namespace dunlin {
namespace {

constexpr const char* flow_usage = R"(usage: dunlin flow check FILE          what is wrong, with line and field
       dunlin flow play FILE [OPTION…]   talk to it: type keys, an empty line is silence, hangup hangs up
       dunlin flow fragments FILE        what a studio records for it, one a line: name, tab, words
       dunlin flow render FILE --to FOLDER   speaks those that nobody recorded with espeak-ng, as FRAGMENT.wav
On a running node (dunlin help flow): flow put FILE, list, show NAME, history NAME, rollback NAME REVISION
Options of play, the person at the other end and the world behind:
  --overdue SUM  --balance SUM  --dpd DAYS  --stage S  --product P  --portfolio P  --creditor C  --name N
  --promise open|kept|broken   the latest promise     --caller-number +7…   the number we call from
  --agents none                nobody is free          --promises refused    the case takes no promise
)";
/// Lines of one call; whoever plays on has found a loop.
constexpr int most_play_lines = 1'000;
constexpr std::size_t most_keys_of_line = 64;

int flow_failure(const Error& error, int code) {
  std::fprintf(stderr, "dunlin: %s\n", error.detail.c_str());
  return code;
}

Promise promise_in_state(const std::string& name, Money amount, UtcTime now) {
  Promise promise;
  promise.number = 1;
  promise.amount = amount;
  promise.made_at = now - days(5);
  promise.date = civil_from_days((now - days(1)).ms / days(1).ms);
  promise.state = name == "kept" ? PromiseState::kept : name == "broken" ? PromiseState::broken : PromiseState::open;
  return promise;
}

/// One call with a terminal in place of the line.
class FlowStage {
 public:
  FlowStage(const Flow& flow, const FlowPlay& play, UtcTime now, std::istream& in, std::ostream& out)
      : play_(play), in_(in), out_(out), machine_(std::make_shared<const Flow>(flow), card_for(flow, play, now)) {}

  void run() {
    perform(machine_.on_start());
    for (int line = 0; line < most_play_lines && !machine_.is_ended(); ++line) {
      out_ << "keys> " << std::flush;
      std::string keys;
      if (!std::getline(in_, keys) || keys == "hangup") return perform(machine_.on_hang_up());
      if (keys.empty()) perform(machine_.on_timer(round_));
      for (const char key : keys.substr(0, most_keys_of_line)) perform(machine_.on_key(key));
    }
    if (!machine_.is_ended()) perform(machine_.on_hang_up());
  }

 private:
  static FlowCard card_for(const Flow& flow, const FlowPlay& play, UtcTime now) {
    FlowCard card = flow_card(flow, CaseFilter(), play.record, now, nullptr);
    card.caller_number = play.caller_number;
    return card;
  }

  /// Whatever needs no person is answered at once: speech is over when it is printed, the case and the agents as told.
  void perform(const FlowEffects& effects) {
    for (const FlowEffect& effect : effects) std::visit([this](const auto& one) { show(one); }, effect);
    while (pending_) std::exchange(pending_, nullptr)();
  }
  void show(const flow_effect::Speak& speak) {
    out_ << "[" << machine_.step().name << "] " << spoken_text(speak.pieces) << "\n";
    round_ = speak.round;
    pending_ = [this, round = speak.round] { perform(machine_.on_speech_finished(round)); };
  }
  void show(const flow_effect::StopSpeaking&) { pending_ = nullptr; }
  void show(const flow_effect::StartTimer& timer) { round_ = timer.round; }
  void show(const flow_effect::RecordPromise& record) {
    out_ << "  promise of " << format_money(record.terms.amount) << " by " << format_date(record.terms.date)
         << (play_.takes_promises ? ": the case takes it\n" : ": the case refuses it\n");
    pending_ = [this] { perform(play_.takes_promises ? machine_.on_promise_recorded() : machine_.on_promise_refused()); };
  }
  void show(const flow_effect::AskForAgent& ask) {
    out_ << "  asks for an agent" << (ask.skill.empty() ? "" : " who knows " + ask.skill) << ", waits " << span_text(ask.wait)
         << (play_.has_agents ? ": one takes the call\n" : ": nobody is free\n");
    pending_ = [this] { perform(play_.has_agents ? machine_.on_agent_connected() : machine_.on_no_agent()); };
  }
  void show(const flow_effect::CancelAgentRequest&) { out_ << "  takes back the wish for an agent\n"; }
  void show(const flow_effect::PlanCallback& plan) { out_ << "  callback in " << span_text(plan.after) << "\n"; }
  void show(const flow_effect::SendMessage& message) { out_ << "  message by template " << message.text_id << "\n"; }
  void show(const flow_effect::Finish& end) {
    out_ << "  end: " << to_string(end.why);
    if (end.disposition) out_ << ", outcome " << to_string(*end.disposition);
    out_ << (end.is_person_confirmed ? ", the person was confirmed" : ", the person was not confirmed");
    if (end.has_missed_agent) out_ << ", wanted an agent and got none";
    out_ << "\n";
  }

  const FlowPlay& play_;
  std::istream& in_;
  std::ostream& out_;
  FlowMachine machine_;
  std::uint32_t round_ = 0;
  std::function<void()> pending_;
};

Result<Flow> load_flow(const std::string& file) {
  const auto text = read_flow_text(file);
  if (!text) return text.error();
  return parse_flow(file, *text);
}

int check_flow_file(const Flow& flow, const std::string& file, const LocalContext& context) {
  if (context.output == "json") {
    const nlohmann::ordered_json good{{"flow", flow.name}, {"language", to_string(flow.language)}, {"steps", flow.steps.size()}};
    std::printf("%s\n", good.dump(2).c_str());
  } else {
    std::printf("%s: good (flow %s, %zu steps)\n", file.c_str(), flow.name.c_str(), flow.steps.size());
  }
  return 0;
}

int print_fragments(const Flow& flow) {
  for (const SpokenPiece& piece : flow_fragments(flow)) std::printf("%s\t%s\n", piece.fragment.c_str(), piece.text.c_str());
  return 0;
}

int render_flow(const Flow& flow, const std::vector<std::string>& words) {
  if (words.size() != 5 || words[3] != "--to") return std::fputs(flow_usage, stderr), 2;
  const auto maker = espeak_speech_maker();
  if (!maker) return flow_failure(maker.error(), 1);
  const auto count = render_speech(**maker, flow.language, flow_fragments(flow), words[4]);
  if (!count) return flow_failure(count.error(), 1);
  std::printf("%s: %zu spoken by espeak-ng, %zu kept as they were\n", words[4].c_str(), count->made, count->kept);
  return 0;
}

Result<std::int64_t> whole_days(const std::string& text) {
  const bool is_number = !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) return invalid_input("a whole number of days is needed");
  return std::stoll(text);
}

using FlowOptions = std::map<std::string, std::function<Status(const std::string&)>>;

FlowOptions text_options(FlowPlay& play) {
  Debt& debt = play.record.debts.front();
  const auto into = [](std::string& field) {
    return [&field](const std::string& value) -> Status { return field = value, Done{}; };
  };
  return {{"--stage", into(debt.stage)}, {"--product", into(debt.product)}, {"--portfolio", into(debt.portfolio)},
          {"--creditor", into(debt.creditor)}, {"--name", into(play.record.name.full)}};
}

Status take_word(const std::string& value, const char* word, bool& claim) {
  if (value != word) return invalid_input(std::string("only ") + word + " is known");
  claim = false;
  return Done{};
}

FlowOptions options_of_play(FlowPlay& play, const Flow& flow, UtcTime now) {
  Debt& debt = play.record.debts.front();
  FlowOptions options = text_options(play);
  const auto sum_into = [&flow](Money& field) {
    return [&field, &flow](const std::string& value) -> Status {
      const auto money = parse_money(value, flow.currency);
      if (!money) return money.error();
      field = *money;
      return Done{};
    };
  };
  options["--overdue"] = sum_into(debt.overdue);
  options["--balance"] = sum_into(debt.balance);
  options["--dpd"] = [&debt](const std::string& value) -> Status {
    const auto number = whole_days(value);
    if (!number) return number.error();
    debt.days_past_due = static_cast<int>(*number);
    return Done{};
  };
  options["--promise"] = [&play, &debt, now](const std::string& value) -> Status {
    if (value != "open" && value != "kept" && value != "broken") return invalid_input("allowed are open, kept, broken");
    play.record.promises = {promise_in_state(value, debt.overdue, now)};
    return Done{};
  };
  options["--caller-number"] = [&play](const std::string& value) -> Status {
    const auto number = PhoneNumber::from_e164(value);
    if (!number) return number.error();
    play.caller_number = *number;
    return Done{};
  };
  options["--agents"] = [&play](const std::string& value) { return take_word(value, "none", play.has_agents); };
  options["--promises"] = [&play](const std::string& value) { return take_word(value, "refused", play.takes_promises); };
  return options;
}

Debt invented_debt(const Flow& flow) {
  Debt debt;
  debt.external_id = "invented";
  debt.portfolio = "invented";
  debt.creditor = flow.language == SpokenLanguage::ru ? "банк «Пример»" : "Example Bank";
  debt.product = flow.language == SpokenLanguage::ru ? "кредит" : "loan";
  debt.stage = "soft";
  debt.overdue = {12'345'60, flow.currency};
  debt.balance = {98'765'40, flow.currency};
  debt.days_past_due = 21;
  return debt;
}

}  // namespace

Result<FlowPlay> parse_flow_play(const std::vector<std::string>& words, const Flow& flow, UtcTime now) {
  FlowPlay play;
  play.record.name.full = flow.language == SpokenLanguage::ru ? "Иван Петрович" : "Ivan Petrov";
  play.record.debts = {invented_debt(flow)};
  const FlowOptions options = options_of_play(play, flow, now);
  FieldNames known;
  for (const auto& [name, take] : options) known.push_back(name);
  for (std::size_t i = 3; i < words.size(); i += 2) {
    const auto option = options.find(words[i]);
    if (option == options.end()) return invalid_input(words[i] + " is not known" + guess_text(words[i], known));
    if (i + 1 == words.size()) return invalid_input(words[i] + " needs a value");
    const Status taken = option->second(words[i + 1]);
    if (!taken) return invalid_input(words[i] + ": " + taken.error().detail);
  }
  return play;
}

void play_flow(const Flow& flow, const FlowPlay& play, UtcTime now, std::istream& in, std::ostream& out) {
  FlowStage(flow, play, now, in, out).run();
}

std::optional<int> run_flow(const std::vector<std::string>& words, const LocalContext& context) {
  const std::string verb = words.size() > 1 ? words[1] : "";
  const std::set<std::string> verbs{"check", "play", "fragments", "render"};
  // What is stored is the node's matter.
  if (std::set<std::string>{"put", "list", "show", "history", "rollback"}.count(verb) != 0) return std::nullopt;
  const bool has_options = verb == "play" || verb == "render";
  if (verbs.count(verb) == 0 || words.size() < 3 || (!has_options && words.size() > 3)) return std::fputs(flow_usage, stderr), 2;
  const auto flow = load_flow(words[2]);
  if (!flow) return flow_failure(flow.error(), flow.error().code == Errc::not_found ? 3 : 2);
  if (verb == "check") return check_flow_file(*flow, words[2], context);
  if (verb == "fragments") return print_fragments(*flow);
  if (verb == "render") return render_flow(*flow, words);
  const UtcTime now = SystemClock().now_utc();
  const auto play = parse_flow_play(words, *flow, now);
  if (!play) return flow_failure(play.error(), 2);
  play_flow(*flow, *play, now, std::cin, std::cout);
  return 0;
}

}  // namespace dunlin
