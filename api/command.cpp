#include "api/command.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/completion.hpp"
#include "api/help_text.hpp"
#include "config/text_distance.hpp"

namespace dunlin {

View View::text(std::string text) { return {{{"kind", "text"}, {"text", std::move(text)}}}; }
View View::record(nlohmann::ordered_json fields) {
  nlohmann::json order = nlohmann::json::array();
  for (const auto& [key, value] : fields.items()) order.push_back(key);
  return {{{"kind", "record"}, {"order", std::move(order)}, {"fields", nlohmann::json(fields)}}};
}
View View::table(std::vector<std::string> columns, nlohmann::json rows) {
  return {{{"kind", "table"}, {"columns", std::move(columns)}, {"rows", std::move(rows)}}};
}

CommandTable::CommandTable() {
  for (const auto add : {add_node_commands, add_agent_commands, add_campaign_commands, add_case_commands, add_attempt_commands,
                         add_call_commands, add_import_commands, add_job_commands, add_model_commands, add_compare_commands, add_recording_commands, add_rule_commands,
                         add_strategy_commands, add_flow_commands, add_event_commands}) {
    add(commands_);
  }
}

Result<CommandTable::Found> CommandTable::find(const std::vector<std::string>& argv) const {
  std::set<std::string> nouns{"help"};
  std::vector<std::string> verbs;
  for (const Command& command : commands_) {
    nouns.insert(command.noun);
    if (command.noun != argv[0]) continue;
    if (command.verb.empty()) return Found{&command, 1};
    if (argv.size() > 1 && command.verb == argv[1]) return Found{&command, 2};
    verbs.push_back(command.verb);
  }
  if (verbs.empty()) {
    const auto guess = nearest(argv[0], {nouns.begin(), nouns.end()});
    return invalid_input(fmt::format("unknown command \"{}\"{}; `help` lists all", argv[0], guess ? "; did you mean " + *guess + "?" : ""));
  }
  const std::string known = fmt::format("{}", fmt::join(verbs, ", "));
  if (argv.size() < 2) return invalid_input(fmt::format("{} what? {} (`help {}` shows examples)", argv[0], known, argv[0]));
  const auto guess = nearest(argv[1], verbs);
  return invalid_input(fmt::format("{} has no command \"{}\"{}; it has {}", argv[0], argv[1], guess ? "; did you mean " + *guess + "?" : "", known));
}

Result<View> CommandTable::run(const CommandContext& context, const std::vector<std::string>& argv) const {
  if (argv.empty() || argv[0] == "help") return show_help(commands_, {argv.begin() + (argv.empty() ? 0 : 1), argv.end()});
  if (argv[0] == "__complete") return complete(context, commands_, {argv.begin() + 1, argv.end()});
  for (const std::string& word : argv) {
    if (word == "--help" || word == "-h") return show_help(commands_, {argv.begin(), std::find(argv.begin(), argv.end(), word)});
  }
  const auto found = find(argv);
  if (!found) return found.error();
  const Command& command = *found->command;
  const std::vector<std::string> words(argv.begin() + static_cast<std::ptrdiff_t>(found->words), argv.end());
  const auto arguments = Arguments::parse(words, parse_usage(command.usage));
  if (!arguments) {
    return invalid_input(fmt::format("{}. Usage: {} {} {}", arguments.error().detail, command.noun, command.verb, command.usage));
  }
  return command.handler(context, *arguments);
}

int exit_code_of(Errc code) {
  switch (code) {
    case Errc::invalid_input: return 2;
    case Errc::not_found: return 3;
    case Errc::conflict: return 4;
    case Errc::denied: return 5;
    case Errc::unavailable: return 6;
    case Errc::exhausted:
    case Errc::corrupt: return 1;
  }
  return 1;
}

Result<UtcTime> parse_since(const std::string& text, UtcTime now) {
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string unit(end, text.data() + text.size());
  if (problem != std::errc() || count < 0 || count > 1'000'000 || unit.size() != 1) return parse_utc(text);
  switch (unit.front()) {
    case 's': return now - seconds(count);
    case 'm': return now - minutes(count);
    case 'h': return now - hours(count);
    case 'd': return now - days(count);
  }
  return invalid_input("a time is 2026-11-24T08:00:00Z or 90s, 30m, 2h, 1d back from now");
}

Result<std::size_t> page_limit(const CommandContext& context, const Arguments& arguments) {
  constexpr std::int64_t for_people = 50;
  const auto most = static_cast<std::int64_t>(limits::list_page_rows);
  const auto asked = arguments.number("limit", context.caller.is_terminal ? for_people : most);
  if (!asked) return asked.error();
  if (*asked < 1) return invalid_input("--limit must be at least 1");
  return static_cast<std::size_t>(std::min(*asked, most));
}

std::string format_span(std::int64_t ms) {
  const std::int64_t s = ms / 1000;
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) : fmt::format("{:02}:{:02}", s / 60, s % 60);
}

}  // namespace dunlin
