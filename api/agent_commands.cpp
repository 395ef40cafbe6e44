// Agents: the directory, and what an agent or a supervisor does with one.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actors/contracts/agent_changes.hpp"
#include "api/command.hpp"
#include "api/digest_secret.hpp"

namespace dunlin {
namespace {

using msg::AgentVerb;

nlohmann::ordered_json agent_fields(const msg::AgentView& v) {
  return {{"agent", v.profile.user},
          {"name", v.profile.name},
          {"state", to_string(v.state)},
          {"for", format_span(v.in_state_ms)},
          {"reason", v.reason},
          {"role", v.profile.is_supervisor ? "supervisor" : "agent"},
          {"skills", fmt::format("{}", fmt::join(v.profile.skills, ","))},
          {"registered", v.is_registered},
          {"leg", v.has_leg ? "up" : "-"},
          {"call", v.attempt.is_set() ? v.attempt.str() : ""},
          {"supervises", v.supervised.is_set() ? v.supervised.str() : ""},
          {"muted", v.is_muted},
          {"case", v.case_id.is_set() ? v.case_id.str() : ""},
          {"calls", v.calls},
          {"occupancy", std::round(v.occupancy * 1000.0) / 1000.0},
          {"ready_ms", v.ready_ms},
          {"talk_ms", v.talk_ms},
          {"wrap_ms", v.wrap_ms},
          {"mos", v.mos},
          {"loss", v.loss},
          {"packets_refused", v.refused}};
}

Result<View> list_agents(const CommandContext& context, const Arguments& arguments) {
  const std::string skill = arguments.option("skill");
  const std::string state = arguments.option("state");
  auto agents = context.ask<msg::AgentsView>(context.node.agents, msg::GetAgents{});
  if (!agents) return agents.error();
  std::sort(agents->agents.begin(), agents->agents.end(), [](const auto& a, const auto& b) { return a.profile.user < b.profile.user; });
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& agent : agents->agents) {
    const auto& skills = agent.profile.skills;
    const bool has_skill = skill.empty() || std::find(skills.begin(), skills.end(), skill) != skills.end();
    if (has_skill && (state.empty() || to_string(agent.state) == state)) rows.emplace_back(agent_fields(agent));
  }
  return View::table({"agent", "name", "state", "for", "calls", "occupancy", "leg", "skills", "call"}, std::move(rows));
}

Result<View> show_agent(const CommandContext& context, const Arguments& arguments) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  auto agent = context.ask<msg::AgentView>(context.node.agents, msg::GetAgent{*user});
  if (!agent) return agent.error();
  return View::record(agent_fields(*agent));
}

struct NewAgent {
  std::string user;
  std::optional<std::string> name;
  std::optional<std::string> skills;
  bool is_md5 = false;
  std::optional<bool> is_supervisor{};
};

/// Saves the agent with a new secret and returns the secret. Options that are not given stay as they were.
Result<std::string> save_agent(const CommandContext& context, const NewAgent& wanted) {
  const auto existing = context.ask<msg::AgentView>(context.node.agents, msg::GetAgent{wanted.user});
  if (!existing && existing.error().code != Errc::not_found) return existing.error();
  msg::AgentProfile profile;
  if (existing) profile = existing->profile;
  profile.user = wanted.user;
  profile.name = wanted.name.value_or(existing ? existing->profile.name : wanted.user);
  if (wanted.skills) profile.skills = split_list(*wanted.skills);
  profile.is_md5 = wanted.is_md5;
  if (wanted.is_supervisor) profile.is_supervisor = *wanted.is_supervisor;
  const std::string secret = make_sip_secret();
  const auto ha1 = digest_secret(wanted.user, context.settings.settings.agents.realm, secret, profile.is_md5);
  if (!ha1) return ha1.error();
  profile.ha1 = *ha1;
  const auto before = existing ? std::optional(existing->profile) : std::nullopt;
  const auto saved = send_command(context, context.node.agents, msg::ReplaceAgent{before, profile});
  if (!saved) return saved.error();
  return secret;
}

/// A login is a SIP user and a word of the shell.
Status check_user(const std::string& user) {
  const bool is_good = !user.empty() && user.size() <= 64 && std::all_of(user.begin(), user.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  return is_good ? Status(Done{}) : Status(invalid_input("a login is 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'"));
}

Result<View> put_agent(const CommandContext& context, const Arguments& arguments, bool must_exist) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  const Status named = check_user(*user);
  if (!named) return named.error();
  const auto existing = context.ask<msg::AgentView>(context.node.agents, msg::GetAgent{*user});
  if (must_exist && !existing) return existing.error();
  if (existing && arguments.has("new")) return Error{Errc::conflict, "agent " + *user + " exists"};
  NewAgent wanted{*user, std::nullopt, std::nullopt, arguments.option("digest", existing && existing->profile.is_md5 ? "md5" : "sha256") == "md5"};
  if (arguments.has("name")) wanted.name = arguments.option("name");
  if (arguments.has("skills")) wanted.skills = arguments.option("skills");
  if (arguments.has("role")) {
    const std::string role = arguments.option("role");
    if (role != "agent" && role != "supervisor") return invalid_input("--role must be agent or supervisor");
    wanted.is_supervisor = role == "supervisor";
  }
  const auto secret = save_agent(context, wanted);
  if (!secret) return secret.error();
  return View::record({{"agent", *user}, {"realm", context.settings.settings.agents.realm}, {"sip_secret", *secret}, {"note", "shown once; `agent passwd` makes a new one"}});
}

/// Leaves name, role and secret as they are.
Result<View> set_skills(const CommandContext& context, const Arguments& arguments) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  const auto skills = arguments.at(1, "skills (for example soft,hard; \"\" takes all away)");
  if (!skills) return skills.error();
  const auto existing = context.ask<msg::AgentView>(context.node.agents, msg::GetAgent{*user});
  if (!existing) return existing.error();
  msg::AgentProfile profile = existing->profile;
  profile.skills = split_list(*skills);
  const auto saved = send_command(context, context.node.agents, msg::ReplaceAgent{existing->profile, profile});
  if (!saved) return saved.error();
  return View::record({{"agent", *user}, {"skills", fmt::format("{}", fmt::join(profile.skills, ","))}});
}

/// user;name;skills per line, a heading line is passed over; ',' and TAB separate too when the line has no ';'.
NewAgent parse_agent_line(const std::string& line) {
  const char mark = line.find(';') != std::string::npos ? ';' : line.find('\t') != std::string::npos ? '\t' : ',';
  std::vector<std::string> cells;
  std::string cell;
  for (const char c : line + mark) {
    if (c == mark) cells.push_back(std::exchange(cell, {}));
    else if (c != '\r') cell += c;
  }
  NewAgent agent;
  agent.user = cells[0];
  if (cells.size() > 1 && !cells[1].empty()) agent.name = cells[1];
  if (cells.size() > 2) agent.skills = cells[2];
  return agent;
}

Result<View> import_agents(const CommandContext& context, const Arguments& arguments) {
  constexpr std::size_t most_agents = 10'000;
  const auto file = context.path_of(*arguments.at(0, "file"));
  std::ifstream stream(file);
  if (!stream) return Error{Errc::not_found, "the node cannot read " + file.string()};
  nlohmann::json rows = nlohmann::json::array();
  std::size_t refused = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    if (++number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    const NewAgent wanted = parse_agent_line(line);
    if (line.find_first_not_of(" \t\r;,") == std::string::npos || (number == 1 && (wanted.user == "user" || wanted.user == "login"))) continue;
    if (rows.size() >= most_agents) return invalid_input("more than 10 000 agents in one file: split it; the first 10 000 are saved");
    const Status named = check_user(wanted.user);
    const auto secret = named ? save_agent(context, wanted) : Result<std::string>(named.error());
    refused += secret ? 0 : 1;
    rows.push_back({{"line", number}, {"agent", wanted.user}, {"sip_secret", secret ? *secret : ""}, {"error", secret ? "" : secret.error().detail}});
  }
  if (rows.empty()) return invalid_input("no agents in " + file.string() + ": a line is user;name;skills");
  View view = View::table({"line", "agent", "sip_secret", "error"}, std::move(rows));
  view.exit = refused == 0 ? 0 : 7;
  return view;
}

Result<View> remove(const CommandContext& context, const Arguments& arguments) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  const auto removed = send_command(context, context.node.agents, msg::RemoveAgent{*user});
  if (!removed) return removed.error();
  return View::text("agent " + *user + " removed");
}

Handler verb(AgentVerb verb) {
  return [verb](const CommandContext& context, const Arguments& arguments) -> Result<View> {
    const auto user = arguments.at(0, "agent's login");
    if (!user) return user.error();
    std::string reason = arguments.option("reason");
    if (reason.empty() && arguments.count() > 1) reason = *arguments.at(1, "");
    const auto state = send_command(context, context.node.agents, msg::AgentCommand{*user, verb, reason});
    if (!state) return state.error();
    return View::record({{"agent", *user}, {"state", *state}});
  };
}

std::string agent_outcomes() {
  std::string names;
  for (int i = 0; i < outcome_count; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    if (traits(outcome).is_agent_disposition) names += (names.empty() ? "" : ", ") + std::string(to_string(outcome));
  }
  return names;
}

Result<View> outcome(const CommandContext& context, const Arguments& arguments) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  const auto name = arguments.at(1, "outcome (for example rpc_promise)");
  if (!name) return name.error();
  const auto chosen = parse_outcome(*name);
  if (!chosen || !traits(*chosen).is_agent_disposition) return invalid_input(*name + " is not an agent's outcome; there are " + agent_outcomes());
  msg::DisposeCall command{*user, *chosen, std::nullopt, std::nullopt, arguments.option("note")};
  if (arguments.has("promise-amount") || arguments.has("promise-date")) {
    const auto amount = parse_money(arguments.option("promise-amount"), Currency::rub);
    if (!amount) return amount.error();
    const auto date = parse_date(arguments.option("promise-date"));
    if (!date) return date.error();
    command.promise = PromiseTerms{*amount, *date, arguments.option("debt")};
  }
  if (arguments.has("callback-at")) {
    const auto at = parse_utc(arguments.option("callback-at"));
    if (!at) return at.error();
    command.callback_at = *at;
  }
  const auto attempt = send_command(context, context.node.agents, command);
  if (!attempt) return attempt.error();
  return View::record({{"agent", *user}, {"attempt", *attempt}, {"outcome", *name}, {"saved", true}});
}

}  // namespace

void add_agent_commands(std::vector<Command>& commands) {
  commands.push_back({"agent", "list", "[--skill S] [--state STATE]", "who works, in which state, for how long", list_agents});
  commands.push_back({"agent", "show", "USER", "one agent with totals and line quality", show_agent});
  commands.push_back({"agent", "add", "USER [--name N] [--skills A,B] [--role agent|supervisor] [--digest sha256|md5] [--new]",
                      "add or change an agent; the SIP secret is shown once; --new refuses an existing one",
                      [](const CommandContext& c, const Arguments& a) { return put_agent(c, a, false); }});
  commands.push_back({"agent", "skills", "USER SKILLS", "set an agent's skills (A,B), nothing else; in force from the agent's next change of state", set_skills});
  commands.push_back({"agent", "import", "FILE", "add many: a line is user;name;skills; the secrets are shown once", import_agents});
  commands.push_back({"agent", "passwd", "USER [--digest sha256|md5]", "new SIP secret, shown once", [](const CommandContext& c, const Arguments& a) { return put_agent(c, a, true); }});
  commands.push_back({"agent", "remove", "USER", "remove an agent; a talk goes on until its end", remove});
  commands.push_back({"agent", "login", "USER", "begin the shift", verb(AgentVerb::login)});
  commands.push_back({"agent", "logout", "USER [--reason TEXT]", "end the shift after the present work", verb(AgentVerb::logout)});
  commands.push_back({"agent", "ready", "USER", "wait for the next call", verb(AgentVerb::ready)});
  commands.push_back({"agent", "break", "USER [REASON] [--reason TEXT]", "go to a break (after the call)", verb(AgentVerb::take_break)});
  commands.push_back({"agent", "recall", "USER [--reason TEXT]", "call back from a break", verb(AgentVerb::recall)});
  commands.push_back({"agent", "pause-after-call", "USER [REASON] [--reason TEXT]", "go to a break when the present work ends", verb(AgentVerb::pause_after_call)});
  commands.push_back({"agent", "hold", "USER", "music to the debtor", verb(AgentVerb::hold)});
  commands.push_back({"agent", "resume", "USER", "back from hold", verb(AgentVerb::resume)});
  commands.push_back({"agent", "mute", "USER", "the agent is heard by nobody, and hears on", verb(AgentVerb::mute)});
  commands.push_back({"agent", "unmute", "USER", "the agent is heard again", verb(AgentVerb::unmute)});
  commands.push_back({"agent", "hangup", "USER", "end the talk", verb(AgentVerb::hang_up)});
  commands.push_back({"agent", "force-logout", "USER [--reason TEXT]", "end the shift now", verb(AgentVerb::force_logout)});
  commands.push_back({"agent", "outcome", "USER OUTCOME [--promise-amount A] [--promise-date D] [--debt CONTRACT] [--callback-at T] [--note TEXT]",
                      "outcome of the call; answered after it is in the history", outcome});
}

}  // namespace dunlin
