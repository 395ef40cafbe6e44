// dunlin: the command line and admin shell of a node. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict,
// 5 denied, 6 unreachable, 7 done in part, 8 a health check is red, 130 interrupted.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "app/cli/client.hpp"
#include "app/cli/follow.hpp"
#include "app/cli/follow_events.hpp"
#include "app/cli/local_commands.hpp"
#include "app/cli/shell.hpp"
#include "config/clock.hpp"

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
  dunlin help [NOUN]                                 every command of the running node

Without a node: config check FILE, law check --cases FILE, key export, key install FILE, restore BACKUP DATA,
history rebuild [--verify], classify FOLDER (what answered, from 8 kHz WAV files).

Options: --socket PATH (or DUNLIN_SOCKET), --data FOLDER (default dunlin-data), -o table|json|ndjson|csv, --watch [S]
)";

struct CommandLine {
  std::filesystem::path socket;
  std::filesystem::path data = "dunlin-data";
  std::string output = "table";
  int watch_s = 0;
  std::vector<std::string> words;
};

CommandLine parse(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_next = i + 1 < argc;
    if (word == "--socket" && has_next) line.socket = argv[++i];
    else if (word == "--data" && has_next) line.data = argv[++i];
    else if (word == "-o" && has_next) line.output = argv[++i];
    else if (word == "--watch") line.watch_s = has_next && std::atoi(argv[i + 1]) > 0 ? std::atoi(argv[++i]) : 1;
    else line.words.push_back(word);
  }
  const char* from_environment = std::getenv("DUNLIN_SOCKET");
  if (line.socket.empty()) line.socket = from_environment ? std::filesystem::path(from_environment) : line.data / "dunlin.sock";
  return line;
}

/// The node works in a folder of its own: files are named from where the person stands.
void name_files_fully(std::vector<std::string>& words) {
  if (words.size() < 3 || words[0] != "import") return;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool is_output = words[i - 1] == "--rejects";
    std::error_code failure;
    const bool is_file = words[i].find('/') != std::string::npos || words[i].find('.') != std::string::npos;
    if (is_output || (is_file && std::filesystem::is_regular_file(words[i], failure))) words[i] = std::filesystem::absolute(words[i], failure).string();
  }
}

/// Before a dry run people see how each column is read; programs ask `import columns` themselves.
void show_columns(dunlin::NodeClient& client, const CommandLine& line, OutputFormat format) {
  const auto& words = line.words;
  const bool is_dry_run = words.size() > 2 && words[0] == "import" && words[1] == "run" && std::find(words.begin(), words.end(), "--dry-run") != words.end();
  if (!is_dry_run || format != OutputFormat::table) return;
  std::vector<std::string> question = words;
  question[1] = "columns";
  const auto reply = client.run(question);
  if (reply && reply->view.is_object()) std::fputs(dunlin::render(reply->view, format, false).c_str(), stdout);
}

int run_remote(const CommandLine& line, OutputFormat format) {
  auto client = dunlin::NodeClient::connect(line.socket);
  if (!client) return std::fprintf(stderr, "dunlin: %s\n", client.error().detail.c_str()), 6;
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0 && !std::getenv("NO_COLOR");
  if (dunlin::is_event_follow(line.words)) return dunlin::follow_events(*client, line.words, format);
  show_columns(*client, line, format);
  for (;;) {
    const auto reply = client->run(line.words);
    if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), 6;
    if (line.watch_s > 0 && is_terminal) std::fputs("\033[H\033[2J", stdout);
    const auto followed = reply->exit == 0 ? dunlin::followed_by(line.words) : std::nullopt;
    if (followed) return dunlin::follow_import(*client, reply->view["fields"].value("import", ""), *followed, format);
    if (reply->view.is_object()) std::fputs(dunlin::render(reply->view, format, is_terminal).c_str(), stdout);
    if (!reply->error.empty()) std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str());
    if (line.watch_s == 0 || reply->exit != 0) return reply->exit;
    std::fflush(stdout);
    dunlin::SystemClock::wait(dunlin::seconds(line.watch_s));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line = parse(argc, argv);
  name_files_fully(line.words);
  if (line.words.empty() || line.words[0] == "--help" || line.words[0] == "-h") return std::fputs(usage, line.words.empty() ? stderr : stdout), line.words.empty() ? 2 : 0;
  if (line.words[0] == "--version") return std::printf("dunlin %s\n", DUNLIN_VERSION), 0;
  const auto format = dunlin::parse_output_format(line.output);
  if (!format) return std::fprintf(stderr, "dunlin: %s\n", format.error().detail.c_str()), 2;
  if (const auto exit = dunlin::run_local(line.words, {line.data, line.output, dunlin::NodeClient::connect(line.socket).ok()})) return *exit;
  if (line.words[0] == "shell") return dunlin::run_shell(line.socket);
  return run_remote(line, *format);
}
