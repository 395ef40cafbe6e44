#include "app/cli/simulate_options.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/history_folder.hpp"
#include "app/cli/simulate_history.hpp"
#include "app/gate_settings.hpp"
#include "config/flow_loader.hpp"
#include "config/line_loader.hpp"
#include "config/rule_loader.hpp"
#include "config/settings.hpp"
#include "config/strategy_loader.hpp"
#include "config/text_distance.hpp"
#include "config/text_file.hpp"

namespace dunlin {
namespace {

Status read_whole(const std::string& text, const char* name, int least, int most, int& value) {
  int given = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), given);
  if (problem != std::errc() || end != text.data() + text.size() || given < least || given > most) {
    return invalid_input(fmt::format("{} must be a whole number from {} to {}", name, least, most));
  }
  value = given;
  return Done{};
}

/// Names joined by commas.
Status read_names(const std::string& text, const char* option, std::vector<std::string>& names) {
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    if (comma == from) return invalid_input(fmt::format("{}: a name is missing", option));
    names.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return Done{};
}

CampaignSettings default_campaign() {
  CampaignSettings settings;
  settings.id = CampaignId(1);
  settings.name = "what-if";
  settings.trunks = {TrunkShare{"line", 1}};
  settings.caller_id = "+74950000000";
  return settings;
}

bool is_file_name(const std::string& text) {
  std::error_code failure;
  return text.find('/') != std::string::npos || text.ends_with(".toml") || std::filesystem::is_regular_file(text, failure);
}

Status set_mode(WhatIfPlan& plan, const std::string& word) {
  if (word.empty()) return Done{};
  const auto mode = parse_dialing_mode(word);
  const bool is_played = mode && (*mode == DialingMode::progressive || *mode == DialingMode::predictive);
  if (!is_played) return invalid_input("--mode must be progressive or predictive; agentless comes with a campaign file that names a flow");
  plan.campaign.mode = *mode;
  return Done{};
}

Status set_strategy(WhatIfPlan& plan, const std::string& file) {
  if (file.empty()) return Done{};
  plan.strategies.clear();
  plan.campaign.strategy.clear();
  if (file == "none") return Done{};
  const auto text = read_strategy_text(file);
  if (!text) return text.error();
  auto strategy = parse_strategy(file, *text);
  if (!strategy) return strategy.error();
  plan.campaign.strategy = strategy->name;
  plan.strategies = {std::make_shared<const Strategy>(std::move(*strategy))};
  return Done{};
}

Status set_line(WhatIfPlan& plan, const std::string& file) {
  if (file.empty()) return Done{};
  const auto text = read_text_file(file, most_line_bytes);
  if (!text) return text.error();
  const auto model = parse_line_model(file, *text);
  if (!model) return model.error();
  plan.line = *model;
  plan.answers_by_odds = false;  // Who gives a file means it, whatever the history says.
  return Done{};
}

Status set_flow(WhatIfPlan& plan, const std::string& file) {
  const auto text = read_flow_text(file);
  if (!text) return text.error();
  auto flow = parse_flow(file, *text);
  if (!flow) return flow.error();
  plan.campaign.flow = flow->name;
  plan.flows = {std::make_shared<const Flow>(std::move(*flow))};
  return Done{};
}

Status set_campaign_file(WhatIfPlan& plan, const std::string& file) {
  const auto text = read_text_file(file, most_line_bytes);
  if (!text) return text.error();
  const auto read = parse_campaign_file(file, *text, default_campaign());
  if (!read) return read.error();
  plan.campaign = read->settings;
  // Both are named from where the campaign's file lies.
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (!read->flow_file.empty()) {
    if (auto status = set_flow(plan, (folder / read->flow_file).string()); !status) return status;
  }
  return read->strategy_file.empty() ? Status(Done{}) : set_strategy(plan, (folder / read->strategy_file).string());
}

Status set_law(WhatIfPlan& plan, const std::string& config) {
  NodeSettings settings;
  if (!config.empty()) {
    const auto loaded = load_settings(config, read_environment());
    if (!loaded) return loaded.error();
    settings = loaded->settings;
  }
  const auto rules = load_rule_set(settings.rules_folder);
  if (!rules) return rules.error();
  plan.policy = std::make_shared<const ContactPolicy>(*rules);
  plan.gate = gate_options_of(settings);
  return Done{};
}

Status set_choices(WhatIfPlan& plan, const SimulateChange& change) {
  if (!change.numbers.empty()) {
    const auto numbers = parse_number_choice(change.numbers);
    if (!numbers) return invalid_input("numbers " + numbers.error().detail);
    plan.campaign.number_choice = *numbers;
  }
  if (!change.costs.empty() && change.costs != "unweighed") return invalid_input("--against costs must be unweighed: fees are paid, values are not told");
  if (!change.costs.empty()) plan.campaign.prices.agent_hour = plan.campaign.prices.rpc_value = plan.campaign.prices.kept_value = 0;
  if (change.hours.empty()) return Done{};
  const auto hour_choice = parse_hour_choice(change.hours);
  if (!hour_choice) return invalid_input("hours " + hour_choice.error().detail);
  plan.campaign.hour_choice = *hour_choice;
  return Done{};
}

/// A line that names no price costs what the campaign was told.
void take_prices(WhatIfPlan& plan) {
  const CallPrices& prices = plan.campaign.prices;
  if (plan.line.price_attempt > 0 || plan.line.price_minute > 0 || !prices.has_fees()) return;
  plan.line.price_attempt = in_units(prices.attempt);
  plan.line.price_minute = in_units(prices.minute);
  plan.line.currency = to_string(prices.currency);
}

CivilDate day_after(UtcTime now) { return civil_from_days(now.ms / days(1).ms + 1); }

Result<WhatIfPlan> changed(WhatIfPlan plan, const std::string& against) {
  const auto change = parse_simulate_change(against);
  if (!change) return change.error();
  for (const Status& done : {set_mode(plan, change->mode), set_strategy(plan, change->strategy), set_line(plan, change->line), set_choices(plan, *change)}) {
    if (!done) return done.error();
  }
  if (change->agents) plan.agents = *change->agents;
  return plan;
}

}  // namespace

Result<SimulateOptions> parse_simulate_options(const std::vector<std::string>& words) {
  SimulateOptions options;
  std::string day;
  const std::map<std::string, std::function<Status(const std::string&)>> known{
      {"--campaign", [&](const std::string& v) -> Status { return options.campaign = v, Done{}; }},
      {"--cases", [&](const std::string& v) -> Status { return options.cases = v, Done{}; }},
      {"--agents", [&](const std::string& v) { return read_whole(v, "--agents", 0, most_what_if_agents, options.agents); }},
      {"--day", [&](const std::string& v) -> Status { return day = v, Done{}; }},
      {"--days", [&](const std::string& v) { return read_whole(v, "--days", 1, most_what_if_days, options.days); }},
      {"--mode", [&](const std::string& v) -> Status { return options.mode = v, Done{}; }},
      {"--strategy", [&](const std::string& v) -> Status { return options.strategy = v, Done{}; }},
      {"--against", [&](const std::string& v) -> Status { return options.against = v, Done{}; }},
      {"--line", [&](const std::string& v) -> Status { return options.line = v, Done{}; }},
      {"--config", [&](const std::string& v) -> Status { return options.config = v, Done{}; }},
      {"--seeds", [&](const std::string& v) { return read_whole(v, "--seeds", 1, 1000, options.seeds); }},
      {"--first-seed", [&](const std::string& v) { return read_whole(v, "--first-seed", 0, 1'000'000'000, options.first_seed); }},
      {"--lang", [&](const std::string& v) -> Status { return options.language = v, Done{}; }},
      {"--story", [&](const std::string& v) { return read_names(v, "--story", options.stories); }},
      {"--journal", [&](const std::string& v) -> Status { return options.journal = v, Done{}; }},
      {"--html", [&](const std::string& v) -> Status { return options.html = v, Done{}; }}};
  for (std::size_t i = 1; i < words.size(); i += 2) {
    const auto option = known.find(words[i]);
    if (option == known.end()) {
      std::vector<std::string> names;
      for (const auto& [name, read] : known) names.push_back(name);
      const auto guess = nearest(words[i], names);
      return invalid_input(fmt::format("unknown word \"{}\"{}; known: {}", words[i], guess ? ", did you mean " + *guess + "?" : "", fmt::join(names, " ")));
    }
    if (i + 1 >= words.size()) return invalid_input(words[i] + " needs a value");
    if (const Status read = option->second(words[i + 1]); !read) return read.error();
  }
  if (options.language != "ru" && options.language != "en") return invalid_input("--lang must be ru or en");
  if (day.empty()) return options;
  const auto date = parse_date(day);
  if (!date) return invalid_input("--day must be a date like 2026-11-24");
  options.day = *date;
  return options;
}

Result<SimulateChange> parse_simulate_change(const std::string& text) {
  SimulateChange change;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string part = text.substr(from, comma - from);
    from = comma + 1;
    const std::size_t mark = part.find('=');
    const std::string key = mark == std::string::npos ? "strategy" : part.substr(0, mark);
    const std::string value = mark == std::string::npos ? part : part.substr(mark + 1);
    int agents = 0;
    if (value.empty()) return invalid_input("--against: a value is missing");
    if (key == "mode") change.mode = value;
    else if (key == "strategy") change.strategy = value;
    else if (key == "line") change.line = value;
    else if (key == "numbers") change.numbers = value;
    else if (key == "hours") change.hours = value;
    else if (key == "costs") change.costs = value;
    else if (key != "agents") return invalid_input("--against: \"" + key + "\" is not known; allowed: a strategy file, mode=, agents=, strategy=, line=, numbers=, hours=, costs=");
    else if (const Status read = read_whole(value, "--against agents", 0, most_what_if_agents, agents); !read) return read.error();
    else change.agents = agents;
  }
  return change;
}

Result<SimulatePlans> make_simulate_plans(const SimulateOptions& options, const LocalContext& context, UtcTime today) {
  WhatIfPlan plan;
  plan.campaign = default_campaign();
  plan.agents = options.agents;
  plan.days = options.days;
  plan.day = options.day.value_or(day_after(today));
  if (auto status = set_law(plan, options.config); !status) return status.error();
  const bool is_named = !options.campaign.empty() && !is_file_name(options.campaign);
  const bool has_history = options.cases == "history" || (is_named && options.cases.empty());
  if (is_named || has_history) {
    auto store = open_stopped_history(context);
    if (!store) return store.error();
    const SimulateSource source{is_named ? options.campaign : "", has_history};
    if (auto status = take_from_history(**store, source, plan); !status) return status.error();
  }
  if (!options.cases.empty() && options.cases != "history") {
    int count = 0;
    if (auto status = read_whole(options.cases, "--cases", 0, static_cast<int>(most_what_if_cases), count); !status) {
      return invalid_input(status.error().detail + ", or the word history");
    }
    plan.synthetic_cases = static_cast<std::size_t>(count);
  }
  if (!options.campaign.empty() && !is_named) {
    if (auto status = set_campaign_file(plan, options.campaign); !status) return status.error();
  }
  if (auto status = set_mode(plan, options.mode); !status) return status.error();
  if (auto status = set_strategy(plan, options.strategy); !status) return status.error();
  if (auto status = set_line(plan, options.line); !status) return status.error();
  take_prices(plan);
  if (auto status = check_plan(plan); !status) return status.error();
  if (plan.cases && !options.journal.empty()) return invalid_input("--journal is for synthetic persons: it would hold what happened to real ones");
  SimulatePlans plans{plan};
  if (options.against.empty()) return plans;
  auto second = changed(plan, options.against);
  if (!second) return second.error();
  if (auto status = check_plan(*second); !status) return status.error();
  plans.second = std::move(*second);
  return plans;
}

}  // namespace dunlin
