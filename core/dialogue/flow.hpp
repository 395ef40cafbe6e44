#pragma once
// A flow: what a call without an agent says and asks, as a graph of steps. It is data: written by people as TOML
// (config/flow_loader), checked as a whole by flow_check, walked by FlowMachine. Speech is told before it is planned: who
// calls, that a robot speaks and that it records come first (230-FZ art. 7 part 4 and art. 17; 467-FZ), a word of the debt
// only after the person was confirmed (230-FZ art. 6). Pure values, any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/case/outcome.hpp"
#include "core/dialing/strategy.hpp"
#include "core/dialogue/spoken.hpp"

namespace dunlin {

inline constexpr std::size_t max_flow_steps = 200;
inline constexpr std::size_t max_flow_cases = 20;          ///< Of one branch.
inline constexpr std::size_t max_flow_text_bytes = 2'000;  ///< Of one step: about two minutes of speech.
inline constexpr std::uint32_t most_steps_per_call = 1'000;
inline constexpr std::uint32_t most_flow_repeats = 5;      ///< How often a question is put again.

/// What a text may speak of the case and of the call. `{overdue}` in the file.
enum class FlowValue : std::uint8_t {
  name,             ///< As imported.
  creditor,
  caller_number,    ///< The number we call from, digit by digit.
  product,
  overdue,
  balance,
  days_past_due,
  arrears_since,
  amount,           ///< Of the promise: what was typed, else the overdue sum.
  date,             ///< Of the promise: what was typed, else as the promise step says.
};
inline constexpr int flow_value_count = static_cast<int>(FlowValue::date) + 1;
std::string_view to_string(FlowValue value);
Result<FlowValue> parse_flow_value(std::string_view name);
/// A word of the debt: never spoken before the person is confirmed.
bool tells_of_debt(FlowValue value);

/// A fixed phrase, or a value of the case.
struct FlowTextPart {
  std::string phrase{};                    ///< What is said, when it is not a value.
  std::string fragment{};                  ///< The recording of the phrase.
  std::optional<FlowValue> value{};
  SpokenCase form = SpokenCase::nominative;   ///< Of a sum: `{overdue:accusative}`.
  bool operator==(const FlowTextPart&) const = default;
};
using FlowText = std::vector<FlowTextPart>;
/// "You owe {overdue}." as parts; recordings of its phrases are called `step`.1, `step`.2, … Errors name the brace.
Result<FlowText> parse_flow_text(std::string_view text, const std::string& step);

/// What the law wants told before anything else.
enum class FlowDuty : std::uint8_t { caller, robot, recording };
inline constexpr int flow_duty_count = static_cast<int>(FlowDuty::recording) + 1;
std::string_view to_string(FlowDuty duty);
Result<FlowDuty> parse_flow_duty(std::string_view name);

using FlowIndex = std::size_t;             ///< Of a step in Flow::steps.

/// How a question is put: said, awaited, said again, given up.
struct FlowPatience {
  Duration wait = seconds(6);              ///< After the speech, and after each digit.
  std::uint32_t repeats = 1;               ///< Said again so often, after silence or a wrong key …
  FlowIndex otherwise = 0;                 ///< … then on from here.
  bool operator==(const FlowPatience&) const = default;
};

namespace flow_step {
/// A text or a recording.
struct Say {
  FlowText text{};
  std::vector<FlowDuty> tells{};           ///< Duties this text fulfils; then no key cuts it short.
  bool has_barge_in = false;               ///< A key cuts it short and counts for the next question.
  FlowIndex next = 0;
  bool operator==(const Say&) const = default;
};
struct Choice {
  std::string keys{};                      ///< Each of them chooses: "1", "23".
  bool confirms_person = false;            ///< Who presses it says to be the debtor.
  FlowIndex next = 0;
  bool operator==(const Choice&) const = default;
};
/// One key out of a few.
struct Menu {
  FlowText text{};
  std::vector<Choice> choices{};
  FlowPatience patience{};
  bool operator==(const Menu&) const = default;
};
/// A sum in whole units of the currency, ended by # or silence: from `least` to the balance.
struct AskAmount {
  FlowText text{};
  std::int64_t least = 1;                  ///< Whole units of the currency.
  FlowPatience patience{};
  FlowIndex next = 0;
  bool operator==(const AskAmount&) const = default;
};
/// A day as four digits, DDMM: the next such day, today included, at most `within_days` ahead.
struct AskDate {
  FlowText text{};
  std::uint32_t within_days = 30;
  FlowPatience patience{};
  FlowIndex next = 0;
  bool operator==(const AskDate&) const = default;
};
struct BranchCase {
  StrategyCondition when{};
  FlowIndex next = 0;
  bool operator==(const BranchCase&) const = default;
};
/// By what the case knew when the call was placed; the first case that holds.
struct Branch {
  std::vector<BranchCase> cases{};
  FlowIndex otherwise = 0;
  bool operator==(const Branch&) const = default;
};
/// Recorded in the case; goes on when the case says it is.
struct Promise {
  std::optional<std::uint32_t> in_days{};  ///< The date when none was typed.
  FlowIndex next = 0;
  FlowIndex refused = 0;                   ///< The case did not take it.
  bool operator==(const Promise&) const = default;
};
struct Transfer {
  std::string skill{};                     ///< Empty: as the campaign says.
  Duration wait = seconds(20);
  FlowIndex nobody = 0;                    ///< No agent within that time.
  bool operator==(const Transfer&) const = default;
};
struct Callback {
  Duration after = hours(2);
  FlowIndex next = 0;
  bool operator==(const Callback&) const = default;
};
/// A text message by the named template.
struct Message {
  std::string text_id{};
  FlowIndex next = 0;
  bool operator==(const Message&) const = default;
};
/// Hangs up. Without an outcome of its own: what was promised or agreed in the call, else the call's own outcome.
struct End {
  std::optional<Outcome> outcome{};
  bool operator==(const End&) const = default;
};
}  // namespace flow_step

using FlowAct = std::variant<flow_step::Say, flow_step::Menu, flow_step::AskAmount, flow_step::AskDate, flow_step::Branch,
                             flow_step::Promise, flow_step::Transfer, flow_step::Callback, flow_step::Message, flow_step::End>;

struct FlowStep {
  std::string name;
  FlowAct act{};
  int line = 0;                            ///< Of the file, for findings.
  bool operator==(const FlowStep&) const = default;
};

/// The first step begins. Every index points into `steps`: the loader and check_flow see to it.
struct Flow {
  std::string name;
  SpokenLanguage language = SpokenLanguage::ru;
  Currency currency = Currency::rub;
  std::uint32_t most_steps = 100;          ///< Of one call; at this many it ends.
  std::vector<FlowStep> steps{};
  std::uint32_t revision = 0;              ///< Of the stored text; 0: of a file.
  bool operator==(const Flow&) const = default;
};

/// Where a step may lead, each way once per mention.
struct FlowWay {
  FlowIndex to = 0;
  bool confirms_person = false;
  bool brings_date = false;                ///< Behind it the date of the promise is known.
};
std::vector<FlowWay> ways_of(const FlowAct& act);
/// What the step says; empty for those that say nothing.
const FlowText& text_of(const FlowAct& act);

}  // namespace dunlin
