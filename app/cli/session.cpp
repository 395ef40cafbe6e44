#include "app/cli/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include <unistd.h>

#include "app/cli/follow.hpp"
#include "app/cli/follow_events.hpp"
#include "app/cli/follow_job.hpp"
#include "app/cli/play.hpp"
#include "app/cli/watch.hpp"

namespace dunlin {
namespace {

constexpr int unreachable = 6;

bool is_for_a_person(OutputFormat format) { return ::isatty(STDOUT_FILENO) != 0 && format == OutputFormat::table; }

bool begins_with(const std::vector<std::string>& words, const char* noun, const char* verb) {
  return words.size() > 1 && words[0] == noun && words[1] == verb;
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
void show_columns(NodeClient& client, const Request& request) {
  const auto& words = request.words;
  const bool is_dry_run = begins_with(words, "import", "run") && std::find(words.begin(), words.end(), "--dry-run") != words.end();
  if (!is_dry_run || request.format != OutputFormat::table) return;
  std::vector<std::string> question = words;
  question[1] = "columns";
  const auto reply = client.run(question);
  if (reply && reply->view.is_object()) std::fputs(render(reply->view, request.format, false).c_str(), stdout);
}

void tell_of_more(const nlohmann::json& view) {
  if (view.contains("next_cursor")) std::fprintf(stderr, "There is more: --cursor %s\n", view["next_cursor"].get<std::string>().c_str());
  if (view.contains("is_saved") && view["is_saved"] == false) std::fputs("Nothing was saved: leave --dry-run out to save it.\n", stderr);
}

}  // namespace

Result<Request> parse_request(const std::vector<std::string>& words) {
  constexpr int default_watch_ms = 1000;
  constexpr int least_watch_ms = 500;
  Request request;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_next = i + 1 < words.size();
    if (words[i] == "-o" || words[i] == "--output") {
      if (!has_next) return invalid_input("-o must be table, json, ndjson or csv");
      const auto format = parse_output_format(words[++i]);
      if (!format) return format.error();
      request.format = *format;
    } else if (words[i] == "--watch") {
      const double seconds = has_next ? std::atof(words[i + 1].c_str()) : 0;
      if (seconds > 0) ++i;
      request.watch_ms = seconds > 0 ? std::clamp(static_cast<int>(seconds * 1000), least_watch_ms, 3'600'000) : default_watch_ms;
    } else {
      request.words.push_back(words[i]);
    }
  }
  return request;
}

int run_request(NodeClient& client, const Request& given) {
  Request request = given;
  name_files_fully(request.words);
  show_columns(client, request);
  if (request.watch_ms > 0) return watch_request(client, request);
  if (is_event_follow(request.words)) return follow_events(client, request.words, request.format);
  if (begins_with(request.words, "recording", "play")) return play_recording(client, request.words);
  const bool is_terminal = is_for_a_person(request.format);
  const auto reply = client.run(request.words, is_terminal);
  if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), unreachable;
  if (!reply->error.empty()) std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str());
  if (!reply->view.is_object()) return reply->exit;
  const auto followed = reply->exit == 0 ? followed_by(request.words) : std::nullopt;
  if (followed) return follow_import(client, reply->view["fields"].value("import", ""), *followed, request.format);
  if (reply->view.contains("follow")) return follow_job(client, reply->view["follow"].get<std::string>(), request.format);
  std::fputs(render(reply->view, request.format, is_terminal && !std::getenv("NO_COLOR")).c_str(), stdout);
  tell_of_more(reply->view);
  return reply->exit;
}

std::vector<std::string> complete_words(NodeClient& client, const std::vector<std::string>& words) {
  std::vector<std::string> argv{"__complete"};
  argv.insert(argv.end(), words.begin(), words.end());
  const auto reply = client.run(argv, false);
  std::vector<std::string> found;
  if (!reply || !reply->view.is_object() || !reply->view.contains("rows")) return found;
  for (const auto& row : reply->view["rows"]) found.push_back(row.value("word", ""));
  return found;
}

std::string bash_completion() {
  return "_dunlin() {\n"
         "  local IFS=$'\\n'\n"
         "  COMPREPLY=($(\"${COMP_WORDS[0]}\" __complete \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
         "}\n"
         "complete -o default -F _dunlin dunlin\n";
}

}  // namespace dunlin
