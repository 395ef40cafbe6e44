#include "app/cli/shell.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

#include <editline/readline.h>
#include <unistd.h>

#include "app/cli/client.hpp"
#include "app/cli/follow_events.hpp"

namespace dunlin {
namespace {

constexpr const char* prompt = "dunlin> ";
/// Words completion offers; libedit's callbacks carry no user data, so they live for the shell's time here.
std::set<std::string>& known_words() {
  static std::set<std::string> words{"exit", "help"};
  return words;
}

char* next_word(const char* prefix, int state) {
  static std::set<std::string>::const_iterator position;
  if (state == 0) position = known_words().lower_bound(prefix);
  if (position == known_words().end() || !position->starts_with(prefix)) return nullptr;
  return ::strdup((position++)->c_str());
}

char** complete(const char* text, int, int) { return rl_completion_matches(text, next_word); }

void learn_words(NodeClient& client) {
  const auto reply = client.run({"help"});
  if (!reply || !reply->view.is_object()) return;
  for (const auto& row : reply->view["rows"]) {
    const auto words = split_line(row.value("command", ""));
    for (std::size_t i = 0; words && i < words->size() && i < 2; ++i) known_words().insert((*words)[i]);
  }
}

int run_line(NodeClient& client, std::vector<std::string> words) {
  OutputFormat format = OutputFormat::table;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "-o") continue;
    const auto asked = parse_output_format(words[i + 1]);
    if (!asked) return std::fprintf(stderr, "%s\n", asked.error().detail.c_str()), 2;
    format = *asked;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    break;
  }
  if (is_event_follow(words)) return follow_events(client, words, format);
  const auto reply = client.run(words);
  if (!reply) return std::fprintf(stderr, "%s\n", reply.error().detail.c_str()), 6;
  if (!reply->error.empty()) std::fprintf(stderr, "%s\n", reply->error.c_str());
  if (reply->view.is_object()) std::fputs(render(reply->view, format, ::isatty(STDOUT_FILENO) != 0).c_str(), stdout);
  return reply->exit;
}

}  // namespace

Result<std::vector<std::string>> split_line(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool is_open = false;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      is_open = true;
    } else if (c == ' ' || c == '\t') {
      if (is_open || !word.empty()) words.push_back(std::exchange(word, {}));
      is_open = false;
    } else {
      word += c;
    }
  }
  if (quote != 0) return invalid_input(std::string("a quote is not closed: ") + quote);
  if (is_open || !word.empty()) words.push_back(word);
  return words;
}

int run_shell(const std::filesystem::path& socket) {
  auto client = NodeClient::connect(socket);
  if (!client) return std::fprintf(stderr, "dunlin: %s\n", client.error().detail.c_str()), 6;
  rl_attempted_completion_function = complete;
  learn_words(*client);
  int exit = 0;
  while (char* raw = ::readline(prompt)) {
    const std::string line(raw);
    std::free(raw);
    const auto words = split_line(line);
    if (!words) {
      std::fprintf(stderr, "%s\n", words.error().detail.c_str());
      continue;
    }
    if (words->empty()) continue;
    if (words->front() == "exit" || words->front() == "quit") break;
    ::add_history(line.c_str());
    exit = run_line(*client, *words);
  }
  return exit;
}

}  // namespace dunlin
