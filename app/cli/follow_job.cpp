#include "app/cli/follow_job.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "app/cli/interrupt.hpp"
#include "config/clock.hpp"

namespace dunlin {
namespace {

int finish(const nlohmann::json& view, OutputFormat format) {
  const auto& job = view["fields"];
  const std::string state = job.value("state", "");
  const bool has_page = format == OutputFormat::table && view.contains("report");
  std::fputs(has_page ? view["report"].get<std::string>().c_str() : render(view, format, false).c_str(), stdout);
  if (state == "failed" || state == "cancelled") {
    std::fprintf(stderr, "dunlin: the job is %s%s%s\n", state.c_str(), job.value("error", "").empty() ? "" : ": ", job.value("error", "").c_str());
    return 1;
  }
  return view.value("exit", 0);
}

}  // namespace

int follow_job(NodeClient& client, const std::string& job_id, OutputFormat format) {
  const InterruptWatch interrupt;
  const bool is_terminal = ::isatty(STDERR_FILENO) != 0;
  for (;;) {
    const auto reply = client.run({"job", "show", job_id}, false);
    if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), 6;
    if (reply->exit != 0) return std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str()), reply->exit;
    const auto& job = reply->view["fields"];
    const bool is_running = job.value("state", "") == "running";
    if (is_terminal) std::fprintf(stderr, "\r%s %5.1f%%%s", job.value("kind", "").c_str(), job.value("share_done", 0.0) * 100.0, is_running ? "" : "\n");
    if (!is_running) return finish(reply->view, format);
    if (interrupt.is_interrupted()) {
      std::fprintf(stderr, "\nThe job goes on in the node: dunlin job attach %s\n", job_id.c_str());
      return 130;
    }
    SystemClock::wait(milliseconds(100));
  }
}

}  // namespace dunlin
