#include "app/cli/shell.hpp"

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <editline/readline.h>

#include "app/cli/session.hpp"

namespace dunlin {
namespace {

constexpr const char* prompt = "dunlin> ";
constexpr int history_lines = 2000;

/// What the completion callback needs; libedit's callbacks carry no user data, so it lives for the shell's time here.
struct Completion {
  NodeClient* client = nullptr;
  std::vector<std::string> found;
};
Completion& completion() {
  static Completion present;
  return present;
}

char* next_word(const char*, int state) {
  static std::size_t position;
  if (state == 0) position = 0;
  const auto& found = completion().found;
  return position < found.size() ? ::strdup(found[position++].c_str()) : nullptr;
}

char** complete(const char* text, int start, int) {
  rl_attempted_completion_over = 1;
  auto words = split_line(std::string(rl_line_buffer, static_cast<std::size_t>(start)));
  if (!words) return nullptr;
  words->emplace_back(text);
  completion().found = complete_words(*completion().client, *words);
  return rl_completion_matches(text, next_word);
}

/// Where the XDG rules want it; empty when there is no home.
std::filesystem::path history_file() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state != 0) return std::filesystem::path(state) / "dunlin" / "history";
  if (home != nullptr && *home != 0) return std::filesystem::path(home) / ".local/state/dunlin/history";
  return {};
}

void load_history(const std::filesystem::path& file) {
  ::using_history();
  ::stifle_history(history_lines);
  if (!file.empty()) ::read_history(file.c_str());
}

void save_history(const std::filesystem::path& file) {
  if (file.empty()) return;
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (!failed) ::write_history(file.c_str());
}

/// A node that was restarted meanwhile is connected to again, once.
int run_line(NodeClient& client, const std::filesystem::path& socket, const std::vector<std::string>& words) {
  const auto request = parse_request(words);
  if (!request) return std::fprintf(stderr, "%s\n", request.error().detail.c_str()), 2;
  if (!client.is_open()) {
    auto again = NodeClient::connect(socket);
    if (!again) return std::fprintf(stderr, "%s\n", again.error().detail.c_str()), 6;
    client.take(std::move(*again));
  }
  return run_request(client, *request);
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

/// libedit drops every letter that the locale does not have: names and contracts are Cyrillic, whatever LANG says.
void take_every_letter() {
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

int run_shell(const std::filesystem::path& socket) {
  take_every_letter();
  auto client = NodeClient::connect(socket);
  if (!client) return std::fprintf(stderr, "dunlin: %s\n", client.error().detail.c_str()), 6;
  rl_attempted_completion_function = complete;
  completion().client = &*client;
  const auto history = history_file();
  load_history(history);
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
    exit = run_line(*client, socket, *words);
    std::fflush(stdout);  // A program at the other end waits for each answer.
  }
  save_history(history);
  return exit;
}

}  // namespace dunlin
