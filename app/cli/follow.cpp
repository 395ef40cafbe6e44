#include "app/cli/follow.hpp"

#include <csignal>
#include <cstdio>

#include <unistd.h>

#include "config/clock.hpp"

namespace dunlin {
namespace {

volatile std::sig_atomic_t is_interrupted = 0;

void print_progress(const nlohmann::json& job) {
  std::fprintf(stderr, "\r%6.1f%%  %llu rows, %lld rows/s, %llu rejected, ETA %lld s   ", job.value("share_done", 0.0) * 100.0,
               job.value("rows", 0ULL), job.value("rows_per_s", 0LL), job.value("rejected", 0ULL), job.value("eta_s", 0LL));
}

int finish(const nlohmann::json& view, OutputFormat format) {
  const auto& job = view["fields"];
  std::fputs(render(view, format, false).c_str(), stdout);
  const std::string state = job.value("state", "");
  if (state == "failed") return std::fprintf(stderr, "dunlin: %s\n", job.value("error", "").c_str()), 1;
  const std::string rejects = job.value("reject_file", "");
  if (!rejects.empty()) std::fprintf(stderr, "%llu rows came back in %s: repair them and import that file\n", job.value("rejected", 0ULL), rejects.c_str());
  return rejects.empty() && job.value("refused", 0ULL) == 0 ? 0 : 7;
}

}  // namespace

int follow_import(NodeClient& client, const std::string& import_id, OutputFormat format) {
  is_interrupted = 0;
  std::signal(SIGINT, [](int) { is_interrupted = 1; });
  const bool is_terminal = ::isatty(STDERR_FILENO) != 0;
  for (;;) {
    const auto reply = client.run({"import", "show", import_id});
    if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), 6;
    if (reply->exit != 0) return std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str()), reply->exit;
    const auto& job = reply->view["fields"];
    if (is_terminal) print_progress(job);
    if (job.value("state", "") != "running") {
      if (is_terminal) std::fputs("\n", stderr);
      return finish(reply->view, format);
    }
    if (is_interrupted) {
      std::fprintf(stderr, "\nThe import goes on in the node: dunlin import show %s --watch\n", import_id.c_str());
      return 130;
    }
    SystemClock::wait(milliseconds(200));
  }
}

}  // namespace dunlin
