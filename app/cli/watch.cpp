#include "app/cli/watch.hpp"

#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/cli/interrupt.hpp"
#include "config/clock.hpp"

namespace dunlin {
namespace {

constexpr const char* hide_cursor_and_clear = "\033[?25l\033[2J";
constexpr const char* show_cursor = "\033[?25h";
constexpr const char* home = "\033[H";
constexpr const char* clear_rest = "\033[J";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string fit_line(const std::string& line, std::size_t columns) {
  std::size_t letters = 0;
  std::size_t cut = std::string::npos;
  bool is_in_escape = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\033') is_in_escape = true;
    if (!is_in_escape && !is_continuation(line[i])) {
      if (letters + 1 == columns && cut == std::string::npos) cut = i;
      ++letters;
    }
    if (is_in_escape && line[i] == 'm') is_in_escape = false;
  }
  return letters <= columns || cut == std::string::npos ? line : line.substr(0, cut) + "…\033[0m";
}

/// Sleeps in short pieces, so that Ctrl-C is answered at once.
void pause(const InterruptWatch& interrupt, int ms) {
  constexpr int piece_ms = 50;
  for (int waited = 0; waited < ms && !interrupt.is_interrupted(); waited += piece_ms) SystemClock::wait(milliseconds(piece_ms));
}

void draw(const std::string& text) {
  winsize window{};
  const bool has_size = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > 1 && window.ws_col > 1;
  const std::string frame = fit_frame(text, has_size ? window.ws_col : 200, has_size ? static_cast<std::size_t>(window.ws_row - 1) : 60);
  std::fputs(home, stdout);
  std::fputs(frame.c_str(), stdout);
  std::fputs(clear_rest, stdout);
}

}  // namespace

std::string fit_frame(const std::string& text, std::size_t columns, std::size_t rows) {
  std::string frame;
  std::size_t row = 0;
  for (std::size_t at = 0; at < text.size() && row < rows; ++row) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    frame += fit_line(text.substr(at, end - at), columns) + "\033[K\n";
    at = end + 1;
  }
  return frame;
}

int watch_request(NodeClient& client, const Request& request) {
  const InterruptWatch interrupt;
  const bool is_drawn = ::isatty(STDOUT_FILENO) != 0 && request.format == OutputFormat::table;
  if (is_drawn) std::fputs(hide_cursor_and_clear, stdout);
  int exit = 130;
  while (!interrupt.is_interrupted()) {
    const auto reply = client.run(request.words, is_drawn);
    if (!reply || !reply->view.is_object()) {
      exit = reply ? reply->exit : 6;
      if (is_drawn) std::fputs(show_cursor, stdout);
      std::fprintf(stderr, "dunlin: %s\n", reply ? reply->error.c_str() : reply.error().detail.c_str());
      return exit;
    }
    const std::string text = render(reply->view, request.format, is_drawn && !std::getenv("NO_COLOR"));
    if (is_drawn) draw(text);
    else std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    pause(interrupt, request.watch_ms);
  }
  if (is_drawn) std::fputs(show_cursor, stdout);
  return exit;
}

}  // namespace dunlin
