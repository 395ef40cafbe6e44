#include "core/dialogue/flow.hpp"

#include <algorithm>
#include <array>

namespace dunlin {
namespace {

constexpr std::array<std::string_view, flow_value_count> flow_value_names{
    "name", "creditor", "caller_number", "product", "overdue", "balance", "days_past_due", "arrears_since", "amount", "date"};
constexpr std::array<std::string_view, flow_duty_count> flow_duty_names{"caller", "robot", "recording"};

template <class Enum, std::size_t count>
Result<Enum> parse_flow_name(const std::array<std::string_view, count>& names, std::string_view name) {
  const auto place = std::find(names.begin(), names.end(), name);
  if (place != names.end()) return static_cast<Enum>(place - names.begin());
  std::string known;
  for (const std::string_view one : names) known += (known.empty() ? "" : ", ") + std::string(one);
  return invalid_input("allowed are " + known);
}

bool is_sum(FlowValue value) { return value == FlowValue::overdue || value == FlowValue::balance || value == FlowValue::amount; }

/// What stands between the braces: "overdue", "overdue:accusative".
Result<FlowTextPart> parse_value_part(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto value = parse_flow_value(text.substr(0, colon));
  if (!value) return invalid_input("{" + std::string(text) + "}: " + value.error().detail);
  FlowTextPart part;
  part.value = *value;
  if (colon == std::string_view::npos) return part;
  if (text.substr(colon + 1) != "accusative") return invalid_input("{" + std::string(text) + "}: behind the colon only accusative");
  if (!is_sum(*value)) return invalid_input("{" + std::string(text) + "}: only a sum has an accusative of its own");
  part.form = SpokenCase::accusative;
  return part;
}

/// Without spaces around it and the punctuation in front: that belongs to the value before it, and is not spoken.
std::string_view trimmed_phrase(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n.,;:!?");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

/// Whether the phrase is more than punctuation, which is never spoken. Bytes beyond ASCII belong to letters.
bool is_audible(std::string_view phrase) {
  return std::any_of(phrase.begin(), phrase.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
  });
}

struct WaysOf {
  std::vector<FlowWay> operator()(const flow_step::Say& say) const { return {{say.next}}; }
  std::vector<FlowWay> operator()(const flow_step::Menu& menu) const {
    std::vector<FlowWay> ways;
    for (const flow_step::Choice& choice : menu.choices) ways.push_back({choice.next, choice.confirms_person});
    ways.push_back({menu.patience.otherwise});
    return ways;
  }
  std::vector<FlowWay> operator()(const flow_step::AskAmount& ask) const { return {{ask.next}, {ask.patience.otherwise}}; }
  std::vector<FlowWay> operator()(const flow_step::AskDate& ask) const {
    return {{ask.next, false, true}, {ask.patience.otherwise}};
  }
  std::vector<FlowWay> operator()(const flow_step::Branch& branch) const {
    std::vector<FlowWay> ways;
    for (const flow_step::BranchCase& one : branch.cases) ways.push_back({one.next});
    ways.push_back({branch.otherwise});
    return ways;
  }
  std::vector<FlowWay> operator()(const flow_step::Promise& promise) const {
    return {{promise.next, false, true}, {promise.refused}};
  }
  std::vector<FlowWay> operator()(const flow_step::Transfer& transfer) const { return {{transfer.nobody}}; }
  std::vector<FlowWay> operator()(const flow_step::Callback& callback) const { return {{callback.next}}; }
  std::vector<FlowWay> operator()(const flow_step::Message& message) const { return {{message.next}}; }
  std::vector<FlowWay> operator()(const flow_step::End&) const { return {}; }
};

}  // namespace

std::string_view to_string(FlowValue value) { return flow_value_names[static_cast<std::size_t>(value)]; }
Result<FlowValue> parse_flow_value(std::string_view name) { return parse_flow_name<FlowValue>(flow_value_names, name); }
std::string_view to_string(FlowDuty duty) { return flow_duty_names[static_cast<std::size_t>(duty)]; }
Result<FlowDuty> parse_flow_duty(std::string_view name) { return parse_flow_name<FlowDuty>(flow_duty_names, name); }

bool tells_of_debt(FlowValue value) {
  switch (value) {
    case FlowValue::name:
    case FlowValue::creditor:
    case FlowValue::caller_number: return false;
    case FlowValue::product:
    case FlowValue::overdue:
    case FlowValue::balance:
    case FlowValue::days_past_due:
    case FlowValue::arrears_since:
    case FlowValue::amount:
    case FlowValue::date: return true;
  }
  return true;
}

Result<FlowText> parse_flow_text(std::string_view text, const std::string& step) {
  FlowText parts;
  std::size_t phrases = 0;
  const auto add_phrase = [&](std::string_view raw) {
    const std::string_view phrase = trimmed_phrase(raw);
    if (!is_audible(phrase)) return;
    FlowTextPart part;
    part.phrase = std::string(phrase);
    part.fragment = step + "." + std::to_string(++phrases);
    parts.push_back(std::move(part));
  };
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::string_view phrase = text.substr(0, open);
    if (phrase.find('}') != std::string_view::npos) return invalid_input("a } without its {");
    add_phrase(phrase);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return invalid_input("a { without its }");
    auto part = parse_value_part(text.substr(open + 1, close - open - 1));
    if (!part) return part.error();
    parts.push_back(std::move(*part));
    text.remove_prefix(close + 1);
  }
  return parts;
}

std::vector<FlowWay> ways_of(const FlowAct& act) { return std::visit(WaysOf{}, act); }

const FlowText& text_of(const FlowAct& act) {
  static const FlowText nothing;
  if (const auto* say = std::get_if<flow_step::Say>(&act)) return say->text;
  if (const auto* menu = std::get_if<flow_step::Menu>(&act)) return menu->text;
  if (const auto* ask = std::get_if<flow_step::AskAmount>(&act)) return ask->text;
  if (const auto* ask = std::get_if<flow_step::AskDate>(&act)) return ask->text;
  return nothing;
}

}  // namespace dunlin
