#include "api/command.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

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

Arguments Arguments::parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--") || words[i].size() == 2) {
      arguments.positional_.push_back(words[i]);
      continue;
    }
    const std::size_t mark = words[i].find('=');
    if (mark != std::string::npos) {
      arguments.options_[words[i].substr(2, mark - 2)] = words[i].substr(mark + 1);
    } else if (i + 1 < words.size() && !words[i + 1].starts_with("--")) {
      arguments.options_[words[i].substr(2)] = words[i + 1];
      ++i;
    } else {
      arguments.options_[words[i].substr(2)] = "";
    }
  }
  return arguments;
}

Result<std::string> Arguments::at(std::size_t index, std::string_view what) const {
  if (index < positional_.size()) return positional_[index];
  return invalid_input(fmt::format("missing {}", what));
}

std::string Arguments::option(const std::string& name, std::string fallback) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::move(fallback) : found->second;
}

Result<std::int64_t> Arguments::number(const std::string& name, std::int64_t fallback) const {
  const auto found = options_.find(name);
  if (found == options_.end()) return fallback;
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return invalid_input("--" + name + " must be a whole number");
  return value;
}

CommandTable::CommandTable() {
  add_node_commands(commands_);
  add_agent_commands(commands_);
  add_campaign_commands(commands_);
  add_case_commands(commands_);
  add_call_commands(commands_);
  add_import_commands(commands_);
  add_event_commands(commands_);
}

View CommandTable::help(const std::string& noun) const {
  nlohmann::json rows = nlohmann::json::array();
  for (const Command& command : commands_) {
    if (!noun.empty() && command.noun != noun) continue;
    std::string words = command.noun;
    if (!command.verb.empty()) words += " " + command.verb;
    if (!command.usage.empty()) words += " " + command.usage;
    rows.push_back({{"command", words}, {"what", command.help}});
  }
  return View::table({"command", "what"}, std::move(rows));
}

Result<View> CommandTable::run(const CommandContext& context, const std::vector<std::string>& argv) const {
  if (argv.empty() || argv[0] == "help") return help(argv.size() > 1 ? argv[1] : "");
  const std::string verb = argv.size() > 1 ? argv[1] : "";
  std::set<std::string> nouns;
  std::vector<std::string> verbs;
  for (const Command& command : commands_) {
    nouns.insert(command.noun);
    if (command.noun != argv[0]) continue;
    if (command.verb.empty() || command.verb == verb) {
      const std::ptrdiff_t words = command.verb.empty() ? 1 : 2;
      return command.handler(context, Arguments::parse({argv.begin() + words, argv.end()}));
    }
    verbs.push_back(command.verb);
  }
  if (!verbs.empty()) {
    const auto guess = nearest(verb, verbs);
    return invalid_input(fmt::format("{} has no command \"{}\"{}; `help {}` lists them", argv[0], verb, guess ? "; did you mean " + *guess + "?" : "", argv[0]));
  }
  const auto guess = nearest(argv[0], {nouns.begin(), nouns.end()});
  return invalid_input(fmt::format("unknown command \"{}\"{}; `help` lists all", argv[0], guess ? "; did you mean " + *guess + "?" : ""));
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

std::string format_span(std::int64_t ms) {
  const std::int64_t s = ms / 1000;
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) : fmt::format("{:02}:{:02}", s / 60, s % 60);
}

}  // namespace dunlin
