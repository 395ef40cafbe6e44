#include "app/cli/follow.hpp"

#include <cstdio>

#include <unistd.h>

#include "app/cli/interrupt.hpp"
#include "config/clock.hpp"

namespace dunlin {
namespace {

void print_progress(const nlohmann::json& job, Followed what) {
  if (what == Followed::undo) {
    std::fprintf(stderr, "\r%6.1f%%  %llu cases put back, %llu kept   ", job.value("undo_share", 0.0) * 100.0, job.value("undone", 0ULL), job.value("kept", 0ULL));
    return;
  }
  std::fprintf(stderr, "\r%6.1f%%  %llu rows, %lld rows/s, %llu rejected, ETA %lld s, %s   ", job.value("share_done", 0.0) * 100.0,
               job.value("rows", 0ULL), job.value("rows_per_s", 0LL), job.value("rejected", 0ULL), job.value("eta_s", 0LL), job.value("phase", "").c_str());
}

bool is_over(const nlohmann::json& job, Followed what) {
  return what == Followed::undo ? job.value("undo", "") != "running" : job.value("state", "") != "running";
}

int finish_undo(const nlohmann::json& job) {
  const auto kept = job.value("kept", 0ULL);
  const auto failed = job.value("undo_failed", 0ULL);
  if (kept > 0) std::fprintf(stderr, "%llu cases were kept: somebody has worked on them since\n", kept);
  if (failed > 0) std::fprintf(stderr, "%llu cases could not be asked: repeat the undo\n", failed);
  return kept == 0 && failed == 0 ? 0 : 7;
}

int finish_import(const nlohmann::json& view, Followed what, OutputFormat format) {
  const auto& job = view["fields"];
  std::fputs(render(view, format, false).c_str(), stdout);
  if (what == Followed::undo) return finish_undo(job);
  const std::string state = job.value("state", "");
  if (state == "cancelled") {
    return std::fprintf(stderr, "dunlin: the import was cancelled; what it took stays: dunlin import undo %s takes it back\n", job.value("import", "").c_str()), 1;
  }
  const std::string remark = job.value("remark", "");
  if (state == "failed" || state == "interrupted") {
    return std::fprintf(stderr, "dunlin: %s\n%s%s", job.value("error", "").c_str(), remark.c_str(), remark.empty() ? "" : "\n"), 1;
  }
  if (!remark.empty()) std::fprintf(stderr, "%s\n", remark.c_str());
  const std::string rejects = job.value("reject_file", "");
  if (!rejects.empty()) std::fprintf(stderr, "%llu rows came back in %s: repair them and import that file\n", job.value("rejected", 0ULL), rejects.c_str());
  return rejects.empty() && job.value("refused", 0ULL) == 0 ? 0 : 7;
}

}  // namespace

std::optional<Followed> followed_by(const std::vector<std::string>& words) {
  if (words.size() < 2 || words[0] != "import") return std::nullopt;
  if (words[1] == "run" || words[1] == "attach") return Followed::import;
  if (words[1] == "undo") return Followed::undo;
  return std::nullopt;
}

int follow_import(NodeClient& client, const std::string& import_id, Followed what, OutputFormat format) {
  const InterruptWatch interrupt;
  const bool is_terminal = ::isatty(STDERR_FILENO) != 0;
  for (;;) {
    const auto reply = client.run({"import", "show", import_id});
    if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), 6;
    if (reply->exit != 0) return std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str()), reply->exit;
    const auto& job = reply->view["fields"];
    if (is_terminal) print_progress(job, what);
    if (is_over(job, what)) {
      if (is_terminal) std::fputs("\n", stderr);
      return finish_import(reply->view, what, format);
    }
    if (interrupt.is_interrupted()) {
      std::fprintf(stderr, "\nIt goes on in the node. Follow it again: dunlin import attach %s\n", import_id.c_str());
      return 130;
    }
    SystemClock::wait(milliseconds(200));
  }
}

}  // namespace dunlin
