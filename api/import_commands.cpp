// Imports: start a job in the node, follow it, undo it.
#include <filesystem>

#include <fmt/format.h>

#include "api/command.hpp"

namespace dunlin {
namespace {

std::string_view name_of(msg::JobState state) {
  switch (state) {
    case msg::JobState::running: return "running";
    case msg::JobState::done: return "done";
    case msg::JobState::failed: return "failed";
    case msg::JobState::cancelled: return "cancelled";
  }
  return "unknown";
}

nlohmann::ordered_json fields_of(const msg::ImportView& v) {
  const double left = v.progress.share_done > 0.01 ? v.elapsed_s / v.progress.share_done * (1.0 - v.progress.share_done) : 0;
  return {{"import", v.id.str()}, {"file", std::filesystem::path(v.file).filename().string()}, {"portfolio", v.portfolio}, {"state", name_of(v.state)},
          {"rows", v.progress.rows_read}, {"created", v.created}, {"updated", v.updated}, {"unchanged", v.unchanged}, {"rejected", v.progress.rows_rejected},
          {"duplicates", v.progress.duplicates}, {"refused", v.refused}, {"rows_per_s", static_cast<std::int64_t>(v.rows_per_s)},
          {"share_done", v.progress.share_done}, {"eta_s", static_cast<std::int64_t>(left)}, {"elapsed_s", v.elapsed_s}, {"dry_run", v.is_dry_run},
          {"reject_file", v.reject_file}, {"error", v.error}};
}

Result<View> run(const CommandContext& context, const Arguments& arguments) {
  const auto file = arguments.at(0, "file to import");
  if (!file) return file.error();
  msg::StartImport command;
  command.request.file = *file;
  command.request.portfolio = arguments.option("portfolio", std::filesystem::path(*file).stem().string());
  command.request.template_name = arguments.option("template");
  command.request.reject_file = arguments.option("rejects");
  command.is_dry_run = arguments.has("dry-run");
  const auto id = send_command(context, context.node.imports, command);
  if (!id) return id.error();
  return View::record({{"import", *id}, {"file", *file}});
}

Result<View> list(const CommandContext& context, const Arguments&) {
  auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{});
  if (!imports) return imports.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& job : imports->imports) rows.emplace_back(fields_of(job));
  return View::table({"import", "file", "portfolio", "state", "rows", "created", "updated", "unchanged", "rejected", "rows_per_s", "eta_s"}, std::move(rows));
}

Result<View> show(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "import's id");
  if (!text) return text.error();
  const auto id = ImportId::parse(*text);
  if (!id) return id.error();
  auto imports = context.ask<msg::ImportsView>(context.node.imports, msg::GetImport{*id});
  if (!imports) return imports.error();
  if (imports->imports.empty()) return Error{Errc::not_found, "no import " + *text};
  return View::record(fields_of(imports->imports.front()));
}

Result<View> cancel(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "import's id");
  if (!text) return text.error();
  const auto id = ImportId::parse(*text);
  if (!id) return id.error();
  const auto done = send_command(context, context.node.imports, msg::CancelImport{*id});
  if (!done) return done.error();
  return View::text("import " + *text + " stops; rows already taken stay (undo them with `import undo`)");
}

}  // namespace

void add_import_commands(std::vector<Command>& commands) {
  static const std::string options = "FILE [--portfolio P] [--template T] [--dry-run] [--rejects FILE]";
  commands.push_back({"import", "run", options, "take a portfolio file (.xlsx, .csv) while dialing goes on", run});
  commands.push_back({"import", "list", "", "jobs of this life of the node", list});
  commands.push_back({"import", "show", "ID", "progress and result of one job", show});
  commands.push_back({"import", "cancel", "ID", "stop a job", cancel});
}

}  // namespace dunlin
