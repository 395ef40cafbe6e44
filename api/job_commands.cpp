// Long work: imports and the node's own jobs in one list.
#include <algorithm>
#include <filesystem>

#include "api/command.hpp"
#include "api/import_report.hpp"
#include "api/job_board.hpp"

namespace dunlin {
namespace {

/// A result's page for people: shown instead of its fields on a terminal.
constexpr const char* report_text_key = "text";

nlohmann::ordered_json job_fields(const NodeJobView& job) {
  nlohmann::ordered_json fields = {{"job", job.id}, {"kind", job.kind}, {"state", to_string(job.state)}, {"share_done", job.share_done},
                                   {"what", ""}, {"author", job.author}, {"started_at", format_utc(job.started_at)}, {"error", job.error}};
  for (const auto& [key, value] : job.result.items()) {
    if (key != report_text_key) fields[key] = value;
  }
  return fields;
}

nlohmann::ordered_json job_fields(const msg::ImportView& job) {
  return {{"job", job.id.str()}, {"kind", "import"}, {"state", to_string(job.state)}, {"share_done", job.progress.share_done},
          {"what", std::filesystem::path(job.file).filename().string()}, {"rows", job.progress.rows_read}, {"error", job.error}};
}

Result<std::vector<msg::ImportView>> imports_of(const CommandContext& context) {
  auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{});
  if (!imports) return imports.error();
  return std::move(imports->imports);
}

Result<View> list_jobs(const CommandContext& context, const Arguments&) {
  nlohmann::json rows = nlohmann::json::array();
  for (const NodeJobView& job : context.jobs.list()) rows.emplace_back(job_fields(job));
  const auto imports = imports_of(context);
  if (!imports) return imports.error();
  for (const msg::ImportView& job : *imports) rows.emplace_back(job_fields(job));
  return View::table({"job", "kind", "state", "share_done", "what", "error"}, std::move(rows));
}

Result<View> show_job(const CommandContext& context, const Arguments& arguments) {
  const auto id = arguments.at(0, "job's id");
  if (!id->starts_with("imp_")) {
    const auto job = context.jobs.find(*id);
    if (!job) return job.error();
    View view = View::record(job_fields(*job));
    if (job->state != NodeJobState::running) view.body["exit"] = job->exit;
    if (job->result.contains(report_text_key)) view.body["report"] = job->result[report_text_key];
    return view;
  }
  const auto imports = imports_of(context);
  if (!imports) return imports.error();
  for (const msg::ImportView& job : *imports) {
    if (job.id.str() == *id) return View::record(job_fields(job));
  }
  return Error{Errc::not_found, "no job " + *id + "; `job list` shows them"};
}

Result<View> attach(const CommandContext& context, const Arguments& arguments) {
  auto view = show_job(context, arguments);
  if (view) view->body["follow"] = *arguments.at(0, "job's id");
  return view;
}

Result<View> cancel_job(const CommandContext& context, const Arguments& arguments) {
  const auto id = arguments.at(0, "job's id");
  if (id->starts_with("imp_")) {
    const auto import_id = ImportId::parse(*id);
    if (!import_id) return import_id.error();
    const auto stopped = send_command(context, context.node.imports, msg::CancelImport{*import_id});
    if (!stopped) return stopped.error();
    return View::text("import " + *id + " stops; rows already taken stay (undo them with `import undo`)");
  }
  const Status cancelled = context.jobs.cancel(*id);
  if (!cancelled) return cancelled.error();
  return View::text("job " + *id + " stops at its next step");
}

}  // namespace

Result<View> follow_node_job(const CommandContext& context, std::string kind, std::function<Result<JobOutcome>(JobHandle& handle)> work) {
  const auto id = context.jobs.start(std::move(kind), context.caller.name, context.node.clock->now_utc(), std::move(work));
  if (!id) return id.error();
  View view = View::record({{"job", *id}});
  view.body["follow"] = *id;
  return view;
}

void add_job_commands(std::vector<Command>& commands) {
  commands.push_back({"job", "list", "", "imports, verifications, backups: running and ended", list_jobs});
  commands.push_back({"job", "show", "JOB", "one job: how far it is, what came of it", show_job});
  commands.push_back({"job", "attach", "JOB", "follow a job to its end; Ctrl-C leaves it running", attach});
  commands.push_back({"job", "cancel", "JOB", "stop a job", cancel_job});
}

}  // namespace dunlin
