// Agents: the directory, and what an agent or a supervisor does with one.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "api/command.hpp"
#include "api/digest_secret.hpp"

namespace dunlin {
namespace {

using msg::AgentVerb;

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + ",") {
    if (c != ',' && c != ' ') word += c;
    else if (!word.empty()) words.push_back(std::exchange(word, {}));
  }
  return words;
}

nlohmann::ordered_json fields_of(const msg::AgentView& v) {
  return {{"agent", v.profile.user},
          {"name", v.profile.name},
          {"state", to_string(v.state)},
          {"for", format_span(v.in_state_ms)},
          {"reason", v.reason},
          {"skills", fmt::format("{}", fmt::join(v.profile.skills, ","))},
          {"registered", v.is_registered},
          {"leg", v.has_leg ? "up" : "-"},
          {"call", v.attempt.is_set() ? v.attempt.str() : ""},
          {"case", v.case_id.is_set() ? v.case_id.str() : ""},
          {"calls", v.calls},
          {"occupancy", std::round(v.occupancy * 1000.0) / 1000.0},
          {"ready_ms", v.ready_ms},
          {"talk_ms", v.talk_ms},
          {"wrap_ms", v.wrap_ms},
          {"mos", v.mos},
          {"loss", v.loss}};
}

Result<View> list(const CommandContext& context, const Arguments&) {
  auto agents = context.ask<msg::AgentsView>(context.node.agents, msg::GetAgents{});
  if (!agents) return agents.error();
  std::sort(agents->agents.begin(), agents->agents.end(), [](const auto& a, const auto& b) { return a.profile.user < b.profile.user; });
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& agent : agents->agents) rows.emplace_back(fields_of(agent));
  return View::table({"agent", "name", "state", "for", "calls", "occupancy", "leg", "skills", "call"}, std::move(rows));
}

Result<View> show(const CommandContext& context, const Arguments& arguments) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  auto agent = context.ask<msg::AgentView>(context.node.agents, msg::GetAgent{*user});
  if (!agent) return agent.error();
  return View::record(fields_of(*agent));
}

Result<View> put(const CommandContext& context, const Arguments& arguments, bool has_new_secret) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  msg::AgentProfile profile;
  const auto existing = context.ask<msg::AgentView>(context.node.agents, msg::GetAgent{*user});
  if (existing && !arguments.has("force") && has_new_secret && arguments.has("new")) return Error{Errc::conflict, "agent " + *user + " exists"};
  profile.user = *user;
  profile.name = arguments.option("name", existing ? existing->profile.name : *user);
  profile.skills = arguments.has("skills") ? split_words(arguments.option("skills")) : existing ? existing->profile.skills : std::vector<std::string>{};
  profile.is_md5 = arguments.option("digest", "sha256") == "md5";
  const std::string secret = make_sip_secret();
  const auto ha1 = digest_secret(*user, context.settings.settings.agents.realm, secret, profile.is_md5);
  if (!ha1) return ha1.error();
  profile.ha1 = *ha1;
  const auto saved = send_command(context, context.node.agents, msg::ChangeAgent{profile});
  if (!saved) return saved.error();
  return View::record({{"agent", *user}, {"realm", context.settings.settings.agents.realm}, {"sip_secret", secret}, {"note", "shown once; `agent passwd` makes a new one"}});
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

Result<View> outcome(const CommandContext& context, const Arguments& arguments) {
  const auto user = arguments.at(0, "agent's login");
  if (!user) return user.error();
  const auto name = arguments.at(1, "outcome (for example rpc_promise)");
  if (!name) return name.error();
  const auto chosen = parse_outcome(*name);
  if (!chosen) return chosen.error();
  if (!traits(*chosen).is_agent_disposition) return invalid_input(*name + " is not an agent's outcome");
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
  commands.push_back({"agent", "list", "", "who works, in which state, for how long", list});
  commands.push_back({"agent", "show", "USER", "one agent with totals and line quality", show});
  commands.push_back({"agent", "add", "USER [--name N] [--skills a,b] [--digest sha256|md5]", "add an agent; the SIP secret is shown once",
                      [](const CommandContext& c, const Arguments& a) { return put(c, a, true); }});
  commands.push_back({"agent", "passwd", "USER", "new SIP secret, shown once", [](const CommandContext& c, const Arguments& a) { return put(c, a, true); }});
  commands.push_back({"agent", "remove", "USER", "remove an agent; a talk goes on until its end", remove});
  commands.push_back({"agent", "login", "USER", "begin the shift", verb(AgentVerb::login)});
  commands.push_back({"agent", "logout", "USER", "end the shift after the present work", verb(AgentVerb::logout)});
  commands.push_back({"agent", "ready", "USER", "wait for the next call", verb(AgentVerb::ready)});
  commands.push_back({"agent", "break", "USER REASON", "go to a break (after the call)", verb(AgentVerb::take_break)});
  commands.push_back({"agent", "recall", "USER [--reason TEXT]", "call back from a break", verb(AgentVerb::recall)});
  commands.push_back({"agent", "pause-after-call", "USER [REASON]", "go to a break when the present work ends", verb(AgentVerb::pause_after_call)});
  commands.push_back({"agent", "hold", "USER", "music to the debtor", verb(AgentVerb::hold)});
  commands.push_back({"agent", "resume", "USER", "back from hold", verb(AgentVerb::resume)});
  commands.push_back({"agent", "hangup", "USER", "end the talk", verb(AgentVerb::hang_up)});
  commands.push_back({"agent", "force-logout", "USER [--reason TEXT]", "end the shift now", verb(AgentVerb::force_logout)});
  commands.push_back({"agent", "outcome", "USER OUTCOME [--promise-amount A --promise-date D] [--callback-at T] [--note TEXT]",
                      "outcome of the call; answered after it is in the history", outcome});
}

}  // namespace dunlin
