#include "api/completion.hpp"

#include <algorithm>
#include <set>

#include "api/job_board.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {
namespace {

using Words = std::set<std::string>;

Words campaigns_of(const CommandContext& context) {
  Words words;
  const auto view = context.ask<msg::CampaignsView>(context.node.campaigns, msg::GetCampaigns{});
  if (!view) return words;
  for (const auto& campaign : view->campaigns) words.insert(campaign.campaign.settings.name);
  return words;
}

Words agents_of(const CommandContext& context) {
  Words words;
  const auto view = context.ask<msg::AgentsView>(context.node.agents, msg::GetAgents{});
  if (!view) return words;
  for (const auto& agent : view->agents) words.insert(agent.profile.user);
  return words;
}

Words calls_of(const CommandContext& context) {
  constexpr std::size_t enough = 50;
  Words words;
  const auto view = context.ask<msg::CallsView>(context.node.calls, msg::GetCalls{});
  if (!view) return words;
  for (const auto* kind : {&view->live, &view->finished}) {
    for (const auto& call : *kind) {
      if (words.size() < enough) words.insert(call.attempt.str());
    }
  }
  return words;
}

Words jobs_of(const CommandContext& context) {
  Words words;
  for (const NodeJobView& job : context.jobs.list()) words.insert(job.id);
  const auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{});
  if (!imports) return words;
  for (const auto& import : imports->imports) words.insert(import.id.str());
  return words;
}

Words attempts_of(const CommandContext& context) {
  constexpr std::size_t enough = 20;
  Words words;
  static_cast<void>(context.node.archive->each_attempt({}, [&](const AttemptEntry& entry) {
    words.insert(entry.attempt.str());
    return words.size() < enough;
  }));
  return words;
}

Words packs_of(const CommandContext& context) {
  Words words;
  for (const auto& [id, pack] : context.services.rules->packs) {
    std::string name = id;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    words.insert(name);
  }
  return words;
}

Words rules_of(const CommandContext& context) {
  Words words;
  for (const auto& [id, pack] : context.services.rules->packs) {
    for (const Rule& rule : pack.rules) words.insert(rule.id);
  }
  return words;
}

Words trunks_of(const CommandContext& context) {
  Words words;
  for (const TrunkOptions& trunk : context.settings.settings.trunks) words.insert(trunk.name);
  return words;
}

Words strategies_of(const CommandContext& context) {
  Words words;
  const auto view = context.ask<msg::StrategiesView>(context.node.campaigns, msg::GetStrategies{});
  if (!view) return words;
  for (const TextRevision& revision : view->revisions) words.insert(revision.name);
  return words;
}

Words flows_of(const CommandContext& context) {
  Words words;
  const auto view = context.ask<msg::FlowsView>(context.node.campaigns, msg::GetFlows{});
  if (!view) return words;
  for (const TextRevision& revision : view->revisions) words.insert(revision.name);
  return words;
}

Words outcomes() {
  Words words;
  for (int i = 0; i < outcome_count; ++i) words.insert(std::string(to_string(static_cast<Outcome>(i))));
  return words;
}

Words choices_of(const std::string& text) {
  Words words;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    words.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// Values by the name the usage text gives them.
Words values_of(const CommandContext& context, const std::string& noun, const std::string& name) {
  if (name == "NAME" && noun == "trunk") return trunks_of(context);
  if (name == "NAME" && noun == "strategy") return strategies_of(context);
  if (name == "NAME" && noun == "flow") return flows_of(context);
  if (name == "NAME" || name == "CAMPAIGN") return campaigns_of(context);
  if (name == "USER") return agents_of(context);
  if (name == "CALL") return calls_of(context);
  if (name == "JOB") return jobs_of(context);
  if (name == "ATTEMPT") return attempts_of(context);
  if (name == "PACK") return packs_of(context);
  if (name == "RULE") return rules_of(context);
  if (name == "TRUNK") return trunks_of(context);
  if (name == "OUTCOME") return outcomes();
  if (name.find('|') != std::string::npos) return choices_of(name);
  return {};
}

Words after_verb(const CommandContext& context, const Command& command, const std::vector<std::string>& words) {
  const Usage usage = parse_usage(command.usage);
  const std::string& typed = words.back();
  if (words.size() > 1 && words[words.size() - 2].starts_with("--")) {
    for (const OptionSpec& spec : usage.options) {
      if ("--" + spec.name == words[words.size() - 2] && !spec.is_flag()) return values_of(context, command.noun, spec.value);
    }
  }
  Words candidates;
  if (typed.starts_with("-")) {
    for (const OptionSpec& spec : usage.options) candidates.insert("--" + spec.name);
    return candidates;
  }
  std::size_t place = 0;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const bool is_value = i > 0 && words[i - 1].starts_with("--");
    if (!words[i].starts_with("--") && !is_value) ++place;
  }
  if (place < usage.words.size()) candidates = values_of(context, command.noun, usage.words[place]);
  if (candidates.empty()) {
    for (const OptionSpec& spec : usage.options) candidates.insert("--" + spec.name);
  }
  return candidates;
}

Words candidates_for(const CommandContext& context, const std::vector<Command>& commands, const std::vector<std::string>& words) {
  Words candidates;
  for (const Command& command : commands) {
    if (words.size() < 2) candidates.insert(command.noun);
    else if (command.noun == words[0] && words.size() == 2 && !command.verb.empty()) candidates.insert(command.verb);
    const std::size_t skipped = command.verb.empty() ? 1 : 2;
    const bool is_this = words.size() > skipped && command.noun == words[0] && (command.verb.empty() || command.verb == words[1]);
    if (is_this) return after_verb(context, command, {words.begin() + static_cast<std::ptrdiff_t>(skipped), words.end()});
  }
  if (words.size() < 2) candidates.insert({"help", "shell"});
  return candidates;
}

}  // namespace

View complete(const CommandContext& context, const std::vector<Command>& commands, const std::vector<std::string>& words) {
  const std::string typed = words.empty() ? "" : words.back();
  nlohmann::json rows = nlohmann::json::array();
  for (const std::string& word : candidates_for(context, commands, words)) {
    if (word.starts_with(typed)) rows.push_back({{"word", word}});
  }
  return View::table({"word"}, std::move(rows));
}

}  // namespace dunlin
