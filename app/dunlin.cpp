// dunlin: the command line and admin shell of a node. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict,
// 5 denied, 6 unreachable, 7 done in part, 8 a health check is red, 130 interrupted.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "app/cli/client.hpp"
#include "app/cli/local_commands.hpp"
#include "app/cli/session.hpp"
#include "app/cli/shell.hpp"

namespace {

using dunlin::OutputFormat;

constexpr const char* usage = R"(dunlin: ask and steer a Dunlin node

  dunlin import run portfolio.xlsx --portfolio nov   take a file while dialing goes on
  dunlin campaign create soft --portfolio nov        then: dunlin campaign start soft
  dunlin campaign why-idle soft                      why nothing is dialed
  dunlin case show case_0123456789abcdef             one person's timeline
  dunlin attempt why att_0123456789abcdef            the stored decision
  dunlin event tail --type 'call.*' --follow         committed facts as they come, -o ndjson for programs
  dunlin shell                                       the same words with completion
  dunlin agent list --watch                          the board, drawn in place
  dunlin help [NOUN [VERB]]                          examples and every command of the running node
  source <(dunlin completion bash)                   completion with live values; dunlin help man: the manual page

Without a node: config check FILE, law check --cases FILE, key export, key install FILE, restore BACKUP DATA,
history rebuild [--verify], law replay [--since T] [--case ID], numbering import FILE…,
classify FOLDER (what answered, from 8 kHz WAV files),
pacing [predictive|progressive] (the pacing engine as a filter: observations in, decisions out),
cluster init FOLDER --node a=10.0.0.1 --node b=10.0.0.2 --node c=10.0.0.3 (certificates, settings, secrets of a new cluster),
cluster certify AUTHORITY NAME=HOST --to FOLDER (a certificate of that cluster's kept authority),
cluster adopt --config FILE [--dry-run] (a stopped single node's data folder becomes the first of an empty cluster),
flow check|play|fragments|render FILE (what a call without an agent says; play talks to you in the terminal, docs/ivr.md),
simulate [--campaign FILE|NAME] [--agents N] [--mode M] [--strategy FILE] [--against mode=…|FILE] [--html FILE]
(what a day would look like: the real decisions against a model of people and lines; docs/simulate.md).

Options: --socket PATH (or DUNLIN_SOCKET), --data FOLDER (default dunlin-data; means its node), -o table|json|ndjson|csv, --watch [S]
Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict, 5 denied, 6 no node, 7 in part, 8 health is red, 130 interrupted
)";

struct CommandLine {
  std::filesystem::path socket;
  std::filesystem::path data = "dunlin-data";
  std::vector<std::string> words;
};

/// Takes out what says where the node is. A line that is being completed is left alone but for that.
CommandLine parse(int argc, char** argv) {
  CommandLine line;
  bool is_folder_told = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_next = i + 1 < argc;
    if (word == "--socket" && has_next) line.socket = argv[++i];
    else if (word == "--data" && has_next) line.data = argv[++i], is_folder_told = true;
    else line.words.push_back(word);
  }
  // What the line says is nearer than the environment: a told folder means its own node.
  const char* from_environment = is_folder_told ? nullptr : std::getenv("DUNLIN_SOCKET");
  if (line.socket.empty()) line.socket = from_environment ? std::filesystem::path(from_environment) : line.data / "dunlin.sock";
  return line;
}

int fail(const dunlin::Error& error, int code) { return std::fprintf(stderr, "dunlin: %s\n", error.detail.c_str()), code; }

/// For the shell's completion function: possible next words, one a line. Silent when no node answers.
int print_completions(const CommandLine& line) {
  const std::vector<std::string> words(line.words.begin() + 1, line.words.end());
  const std::string typed = words.empty() ? "" : words.back();
  std::vector<std::string> found;
  if (words.size() > 1 && words[words.size() - 2] == "-o") found = {"table", "json", "ndjson", "csv"};
  else if (words.size() <= 1) found = {"classify", "cluster", "completion", "flow", "key", "law", "pacing", "restore", "shell", "simulate"};
  auto client = dunlin::NodeClient::connect(line.socket);
  if (client && (found.empty() || words.size() <= 1)) {
    const auto live = dunlin::complete_words(*client, words);
    found.insert(found.end(), live.begin(), live.end());
  }
  for (const auto& word : found) {
    if (word.starts_with(typed)) std::printf("%s\n", word.c_str());
  }
  return 0;
}

int run_remote(const CommandLine& line, const dunlin::Request& request) {
  auto client = dunlin::NodeClient::connect(line.socket);
  if (!client && request.words[0] == "help") {
    std::fputs(usage, stdout);
    std::fputs("\nThe commands of a node are listed when one answers.\n", stderr);
    return 0;
  }
  if (!client) return fail(client.error(), 6);
  return dunlin::run_request(*client, request);
}

std::string name_of(OutputFormat format) {
  switch (format) {
    case OutputFormat::table: return "table";
    case OutputFormat::json: return "json";
    case OutputFormat::ndjson: return "ndjson";
    case OutputFormat::csv: return "csv";
  }
  return "table";
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const CommandLine line = parse(argc, argv);
  if (line.words.empty()) return std::fputs(usage, stderr), 2;
  const std::string& first = line.words[0];
  if (first == "--help" || first == "-h") return std::fputs(usage, stdout), 0;
  if (first == "--version") return std::printf("dunlin %s\n", DUNLIN_VERSION), 0;
  if (first == "__complete") return print_completions(line);
  if (first == "completion") return std::fputs(dunlin::bash_completion().c_str(), stdout), 0;
  const auto request = dunlin::parse_request(line.words);
  if (!request) return fail(request.error(), 2);
  if (request->words.empty()) return std::fputs(usage, stderr), 2;
  const bool is_node_up = dunlin::NodeClient::connect(line.socket).ok();
  if (const auto exit = dunlin::run_local(request->words, {line.data, name_of(request->format), is_node_up})) return *exit;
  if (request->words[0] == "shell") return dunlin::run_shell(line.socket);
  return run_remote(line, *request);
}
