#include "api/help_text.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace dunlin {
namespace {

struct Example {
  std::string_view noun;
  std::string_view line;
  std::string_view what;
};

constexpr Example examples[] = {
    {"node", "dunlin node show", "this node: name, version, law, keys"},
    {"health", "dunlin health || echo \"exit $?\"", "0 good, 8 red: for a watchdog"},
    {"cluster", "dunlin cluster status --watch", "who is in the cluster, who owns how much, what is behind"},
    {"shard", "dunlin shard list", "which node owns which shard"},
    {"metrics", "dunlin metrics > /var/lib/node_exporter/dunlin.prom", "Prometheus text"},
    {"campaign", "dunlin campaign create soft --portfolio nov --skill soft", "a campaign that does not dial yet"},
    {"campaign", "dunlin campaign set soft wrap_up_seconds=30 ring_timeout_ms=20000 --dry-run", "what a change would do"},
    {"campaign", "dunlin campaign why-idle soft", "why nothing is dialed"},
    {"campaign", "dunlin campaign list --watch", "the board, twice a second at most"},
    {"campaign", "dunlin campaign set soft strategy=soft_collection", "work its cases by a strategy"},
    {"flow", "dunlin flow play FILE", "talk to a flow in the terminal; needs no node (docs/ivr.md)"},
    {"flow", "dunlin flow put payment_reminder.toml", "put it in force, as a new revision"},
    {"flow", "dunlin campaign set reminder mode=agentless flow=payment_reminder", "calls of this campaign speak by it"},
    {"flow", "dunlin flow rollback payment_reminder 1", "the text of revision 1 in force again"},
    {"strategy", "dunlin strategy check soft_collection.toml", "every fault with its line; needs no node"},
    {"strategy", "dunlin strategy set soft_collection.toml --dry-run", "cases by rule, before and after; nothing is saved"},
    {"strategy", "dunlin strategy explain case_0123456789abcdef --lang en", "which rule takes this person, and why"},
    {"strategy", "dunlin strategy rollback soft_collection 3", "the text of revision 3 in force again"},
    {"strategy", "dunlin strategy results soft_collection", "what came of each group"},
    {"agent", "dunlin agent add a017 --name \"Сидорова М.\" --skills soft,hard", "the SIP secret is shown once"},
    {"agent", "dunlin agent import agents.csv -o csv > secrets.csv", "many at once: user;name;skills"},
    {"agent", "dunlin agent list --watch", "who works, in which state"},
    {"call", "dunlin call list --finished", "calls on the line and the last ended ones"},
    {"call", "dunlin call trace call_0123456789abcdef", "the SIP ladder of one call"},
    {"call", "dunlin call listen att_0123456789abcdef --as boss", "a supervisor's phone hears the talk (docs/supervision.md)"},
    {"case", "dunlin case find +79161110022", "a person by number or contract"},
    {"case", "dunlin case show case_0123456789abcdef", "the full timeline"},
    {"case", "dunlin case why case_0123456789abcdef --at 2026-11-24T19:30:00Z --channel call", "may this person be called then"},
    {"case", "dunlin case budget case_0123456789abcdef", "contacts the law still leaves"},
    {"attempt", "dunlin attempt list --campaign soft --since 2h --outcome busy", "newest first; --cursor goes on"},
    {"attempt", "dunlin attempt why att_0123456789abcdef --lang en", "the stored decision"},
    {"trunk", "dunlin trunk list --watch", "ways out: health, channels, rate"},
    {"import", "dunlin import run portfolio.xlsx --portfolio nov", "take a file while dialing goes on"},
    {"job", "dunlin job list", "imports, verifications, backups"},
    {"job", "dunlin job attach job_0000000000000001", "follow one to its end"},
    {"recording", "dunlin recording get att_0123456789abcdef --to talk.opus", "with its side-car, hash checked"},
    {"recording", "dunlin recording pause att_0123456789abcdef", "while a card number is dictated; `resume` goes on"},
    {"rule", "dunlin rule list --set ru", "rules with paragraph and certainty"},
    {"rule", "dunlin rule show RU-FRQ-C1", "one rule"},
    {"config", "dunlin config show --effective --origin", "every option and where it comes from"},
    {"backup", "dunlin backup /var/backups/dunlin/monday", "while dialing goes on"},
    {"history", "dunlin history rebuild --verify", "every case against its facts"},
    {"event", "dunlin event tail", "what happens, as it happens"},
};

std::string words_of(const Command& command) {
  std::string words = command.noun;
  if (!command.verb.empty()) words += " " + command.verb;
  if (!command.usage.empty()) words += " " + command.usage;
  return words;
}

std::string examples_of(const std::string& noun) {
  std::string text;
  for (const Example& example : examples) {
    if (example.noun == noun) text += fmt::format("  {}\n      {}\n", example.line, example.what);
  }
  return text;
}

/// A terminal shows noun and verb; the options, which take several lines each, stand on the noun's page.
View overview(const std::vector<Command>& commands) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Command& command : commands) {
    rows.push_back({{"command", command.verb.empty() ? command.noun : command.noun + " " + command.verb}, {"usage", words_of(command)}, {"what", command.help}});
  }
  return View::table({"command", "what"}, std::move(rows));
}

std::string roff_line(std::string text) {
  std::string safe;
  for (const char c : text) safe += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
  return safe;
}

std::string manual(const std::vector<Command>& commands) {
  std::string text = ".TH DUNLIN 1\n.SH NAME\ndunlin \\- ask and steer a Dunlin node\n.SH SYNOPSIS\n.B dunlin\n[OPTIONS] NOUN [VERB] [WORDS...]\n"
                     ".SH DESCRIPTION\nAnswers go to the standard output, talk to the standard error. `dunlin shell` takes the same words without the prefix.\n.SH EXAMPLES\n";
  for (const Example& example : examples) text += fmt::format(".TP\n.B {}\n{}\n", roff_line(std::string(example.line)), roff_line(std::string(example.what)));
  text += ".SH OPTIONS\n.TP\n.B \\-\\-socket PATH\nadmin socket (or DUNLIN_SOCKET)\n.TP\n.B \\-\\-data FOLDER\ndata folder, default dunlin\\-data\n"
          ".TP\n.B \\-o table|json|ndjson|csv\noutput format\n.TP\n.B \\-\\-watch [S]\nrepeat every S seconds (at least 0.5) until Ctrl\\-C\n.SH COMMANDS\n";
  for (const Command& command : commands) text += fmt::format(".TP\n.B {}\n{}\n", roff_line(words_of(command)), roff_line(command.help));
  return text +
         ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 denied, 6 node unreachable or timed out, "
         "7 done in part (rows came back), 8 a health check is red, 130 interrupted.\n";
}

}  // namespace

View show_help(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  if (words.empty()) return overview(commands);
  if (words.front() == "man") return View::text(manual(commands));
  std::string text;
  for (const Command& command : commands) {
    const bool is_wanted = command.noun == words[0] && (words.size() < 2 || command.verb.empty() || command.verb == words[1]);
    if (is_wanted) text += fmt::format("  {}\n      {}\n", words_of(command), command.help);
  }
  if (text.empty()) return overview(commands);
  const std::string shown = examples_of(words[0]);
  return View::text((shown.empty() ? "" : "Examples:\n" + shown + "\n") + "Commands:\n" + text);
}

}  // namespace dunlin
