#include "config/flow_loader.hpp"

#include <map>

#include "config/condition_reader.hpp"
#include "config/text_file.hpp"
#include "core/dialogue/flow_check.hpp"

namespace dunlin {
namespace {

const FieldNames flow_file_fields{"name", "language", "currency", "most_steps", "step"};
const FieldNames flow_choice_fields{"keys", "confirms_person", "next"};
const FieldNames flow_case_fields{"when", "next"};

enum class FlowKind : std::uint8_t { say, play, menu, ask_amount, ask_date, branch, promise, transfer, callback, message, end };
const FieldNames flow_kinds{"say",     "play",     "menu",     "ask_amount", "ask_date", "branch",
                            "promise", "transfer", "callback", "message",    "end"};

/// Beside name and kind.
const FieldNames& fields_of(FlowKind kind) {
  static const std::vector<FieldNames> fields{
      {"name", "kind", "text", "tells", "barge_in", "next"},
      {"name", "kind", "recording", "text", "tells", "barge_in", "next"},
      {"name", "kind", "text", "choice", "wait", "repeats", "otherwise"},
      {"name", "kind", "text", "least", "wait", "repeats", "otherwise", "next"},
      {"name", "kind", "text", "within_days", "wait", "repeats", "otherwise", "next"},
      {"name", "kind", "case", "otherwise"},
      {"name", "kind", "in_days", "next", "refused"},
      {"name", "kind", "skill", "wait", "nobody"},
      {"name", "kind", "after", "next"},
      {"name", "kind", "template", "next"},
      {"name", "kind", "outcome"},
  };
  return fields[static_cast<std::size_t>(kind)];
}

/// What reading the steps of one file shares.
struct FlowReading {
  const std::string& file;
  Currency currency = Currency::rub;
  FieldNames step_names{};
  FieldNames faults{};
};

class FlowStepReader {
 public:
  FlowStepReader(FlowReading& reading, const TomlNode& node, FlowKind kind, std::string name)
      : reading_(reading), name_(std::move(name)), table_(reading.file, "step \"" + name_ + "\"", node, fields_of(kind)) {
    table_.reader().accept("name");
    table_.reader().accept("kind");
  }

  FlowAct read(FlowKind kind) {
    switch (kind) {
      case FlowKind::say: return read_say(text("text"));
      case FlowKind::play: return read_say(recording());
      case FlowKind::menu: return read_menu();
      case FlowKind::ask_amount: return read_amount();
      case FlowKind::ask_date: return read_date();
      case FlowKind::branch: return read_branch();
      case FlowKind::promise: return read_promise();
      case FlowKind::transfer:
        return flow_step::Transfer{table_.word("skill").value_or(""), table_.span("wait", seconds(20)), way(table_, "nobody")};
      case FlowKind::callback: return flow_step::Callback{table_.span("after", hours(2)), way(table_, "next")};
      case FlowKind::message: return flow_step::Message{table_.reader().text("template"), way(table_, "next")};
      case FlowKind::end: return flow_step::End{table_.one<Outcome>("outcome", outcome_field_names(), parse_outcome)};
    }
    return flow_step::End{};
  }
  void finish() { keep(table_.fault()); }

 private:
  void keep(std::optional<std::string> fault) {
    if (fault) reading_.faults.push_back(std::move(*fault));
  }
  /// The step a field names; the first one when it names none, which the fault tells.
  FlowIndex way(FieldTable& table, std::string_view field) {
    const std::string to = table.reader().text(field);
    const auto place = std::find(reading_.step_names.begin(), reading_.step_names.end(), to);
    if (place != reading_.step_names.end()) return static_cast<FlowIndex>(place - reading_.step_names.begin());
    if (!to.empty()) table.reader().fail(field, "there is no step \"" + to + "\"" + guess_text(to, reading_.step_names));
    return 0;
  }
  FlowText text(std::string_view field) {
    const auto parts = parse_flow_text(table_.reader().text(field), name_);
    if (!parts) table_.reader().fail(field, parts.error().detail);
    return parts ? *parts : FlowText();
  }
  /// A recording as a whole; `text` says what is on it, for who reads the script and for synthesis where it is missing.
  FlowText recording() {
    FlowTextPart part;
    part.fragment = table_.reader().text("recording");
    part.phrase = table_.reader().text("text");
    const bool has_values = part.phrase.find_first_of("{}") != std::string::npos;
    if (has_values) table_.reader().fail("text", "a recording speaks no values: a say step does");
    return {part};
  }
  FlowPatience patience() {
    const auto repeats = table_.count("repeats", 0, most_flow_repeats);
    return {table_.span("wait", seconds(6)), repeats.value_or(1), way(table_, "otherwise")};
  }
  FlowAct read_say(FlowText said) {
    static const FieldNames duties{"caller", "robot", "recording"};
    flow_step::Say say;
    say.text = std::move(said);
    say.tells = table_.parsed<FlowDuty>("tells", duties, parse_flow_duty);
    say.has_barge_in = table_.reader().boolean_or("barge_in", false);
    say.next = way(table_, "next");
    return say;
  }
  FlowAct read_menu() {
    flow_step::Menu menu;
    menu.text = text("text");
    for (const TomlNode* node : table_.reader().tables("choice")) {
      FieldTable choice(reading_.file, "step \"" + name_ + "\" choice", *node, flow_choice_fields);
      const std::string keys = choice.reader().text("keys");
      const bool confirms_person = choice.reader().boolean_or("confirms_person", false);
      menu.choices.push_back({keys, confirms_person, way(choice, "next")});
      keep(choice.fault());
    }
    menu.patience = patience();
    return menu;
  }
  FlowAct read_amount() {
    flow_step::AskAmount ask;
    ask.text = text("text");
    ask.least = table_.whole("least", 1, 1'000'000).value_or(1);
    ask.patience = patience();
    ask.next = way(table_, "next");
    return ask;
  }
  FlowAct read_date() {
    flow_step::AskDate ask;
    ask.text = text("text");
    ask.within_days = table_.count("within_days", 1, 365).value_or(30);
    ask.patience = patience();
    ask.next = way(table_, "next");
    return ask;
  }
  FlowAct read_branch() {
    flow_step::Branch branch;
    for (const TomlNode* node : table_.reader().tables("case")) {
      const std::string where = "step \"" + name_ + "\" case";
      FieldTable one(reading_.file, where, *node, flow_case_fields);
      const TomlNode* when_node = one.child("when");
      if (when_node == nullptr) one.reader().fail("when", "is missing: [step.case.when] says which cases go this way");
      FieldTable when(reading_.file, where + " when", when_node != nullptr ? *when_node : absent_table(), condition_field_names());
      if (when.has("group")) when.reader().fail("group", "only strategies have groups");
      flow_step::BranchCase read{read_condition(when, reading_.currency), way(one, "next")};
      branch.cases.push_back(std::move(read));
      keep(one.fault());
      if (when_node != nullptr) keep(when.fault());
    }
    branch.otherwise = way(table_, "otherwise");
    return branch;
  }
  FlowAct read_promise() {
    flow_step::Promise promise;
    promise.in_days = table_.count("in_days", 0, 365);
    promise.next = way(table_, "next");
    promise.refused = way(table_, "refused");
    return promise;
  }

  FlowReading& reading_;
  std::string name_;
  FieldTable table_;
};

/// Name and kind first: they say how the rest is read.
void read_flow_step(FlowReading& reading, const TomlNode& node, std::vector<FlowStep>& steps) {
  static const FieldNames head_fields{"name", "kind"};
  FieldTable head(reading.file, "step", node, head_fields);
  const std::string name = head.reader().text("name");
  const auto parse_kind = [](const std::string& text) { return parse_listed<FlowKind>(flow_kinds, text); };
  const auto kind = head.one<FlowKind>("kind", flow_kinds, parse_kind);
  if (!head.has("kind")) head.reader().fail("kind", "is missing; allowed: " + joined_names(flow_kinds));
  if (const auto& fault = head.reader().fault()) {
    reading.faults.push_back(fault->detail);
    return;
  }
  FlowStepReader reader(reading, node, *kind, name);
  FlowAct act = reader.read(*kind);
  reader.finish();
  steps.push_back({name, std::move(act), node.line});
}

FieldNames names_of_steps(const std::vector<const TomlNode*>& nodes) {
  FieldNames names;
  for (const TomlNode* node : nodes) {
    const auto name = node->fields.find("name");
    names.push_back(name != node->fields.end() && name->second.kind == TomlKind::text ? name->second.text : "");
  }
  return names;
}

Flow read_flow(const TomlNode& root, FlowReading& reading) {
  Flow flow;
  FieldTable table(reading.file, "flow", root, flow_file_fields);
  flow.name = table.reader().text("name");
  static const FieldNames languages{"ru", "en"};
  flow.language = table.one<SpokenLanguage>("language", languages, parse_spoken_language).value_or(SpokenLanguage::ru);
  static const FieldNames currencies{"RUB", "USD", "EUR", "KZT", "GBP"};
  flow.currency = table.one<Currency>("currency", currencies, parse_currency).value_or(Currency::rub);
  flow.most_steps = table.count("most_steps", 1, most_steps_per_call).value_or(100);
  reading.currency = flow.currency;
  const auto nodes = table.reader().tables("step");
  if (nodes.size() > max_flow_steps) table.reader().fail("step", "more than 200 steps");
  else {
    reading.step_names = names_of_steps(nodes);
    for (const TomlNode* node : nodes) read_flow_step(reading, *node, flow.steps);
  }
  if (auto fault = table.fault()) reading.faults.insert(reading.faults.begin(), std::move(*fault));
  return flow;
}

}  // namespace

Result<Flow> parse_flow(const std::string& file, std::string_view text) {
  if (text.size() > most_flow_bytes) return Error{Errc::exhausted, file + ": larger than 256 KB"};
  const auto root = parse_toml(file, text);
  if (!root) return root.error();
  FlowReading reading{file};
  Flow flow = read_flow(*root, reading);
  // What is wrong with the whole shows only when each step could be read.
  if (reading.faults.empty()) {
    for (const FlowFinding& finding : check_flow(flow)) {
      reading.faults.push_back(file + ":" + std::to_string(std::max(finding.line, 1)) + ": " + finding.place + ": " + finding.what);
    }
  }
  if (reading.faults.empty()) return flow;
  return joined_faults(reading.faults);
}

Result<std::string> read_flow_text(const std::filesystem::path& file) { return read_text_file(file, most_flow_bytes); }

}  // namespace dunlin
