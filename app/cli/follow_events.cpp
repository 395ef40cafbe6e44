#include "app/cli/follow_events.hpp"

#include <algorithm>
#include <cstdio>

#include "app/cli/interrupt.hpp"
#include "config/clock.hpp"

namespace dunlin {
namespace {

constexpr Duration poll_every = milliseconds(300);

/// A title is printed once, with the first facts.
void print(const nlohmann::json& view, OutputFormat format, bool& is_first) {
  if (view["rows"].empty()) return;
  std::string text = render(view, format == OutputFormat::json ? OutputFormat::ndjson : format, false);
  const bool has_title = format == OutputFormat::table || format == OutputFormat::csv;
  if (has_title && !is_first) text.erase(0, text.find('\n') + 1);
  is_first = false;
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

/// The same question, from where the last answer ended.
std::vector<std::string> go_on(const std::vector<std::string>& words, const std::string& place) {
  std::vector<std::string> next(words.begin(), words.end());
  next.push_back("--after=" + place);
  return next;
}

}  // namespace

bool is_event_follow(const std::vector<std::string>& words) {
  const bool is_tail = words.size() > 2 && words[0] == "event" && words[1] == "tail";
  return is_tail && std::find(words.begin(), words.end(), "--follow") != words.end();
}

int follow_events(NodeClient& client, std::vector<std::string> words, OutputFormat format) {
  const InterruptWatch interrupt;
  std::erase(words, "--follow");
  bool is_first = true;
  std::vector<std::string> question = words;
  while (!interrupt.is_interrupted()) {
    const auto reply = client.run(question);
    if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), 6;
    if (reply->exit != 0) return std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str()), reply->exit;
    print(reply->view, format, is_first);
    question = go_on(words, reply->view.value("place", ""));
    SystemClock::wait(poll_every);
  }
  return 130;
}

}  // namespace dunlin
