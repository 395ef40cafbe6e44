// The node itself: health, settings, metrics, backup.
#include "api/command.hpp"

namespace dunlin {
namespace {

Result<View> health(const CommandContext& context, const Arguments&) {
  auto fields = context.services.health();
  if (!fields) return fields.error();
  return View::record(std::move(*fields));
}

Result<View> metrics(const CommandContext& context, const Arguments&) { return View::text(context.services.metrics()); }

Result<View> config_show(const CommandContext& context, const Arguments& arguments) {
  nlohmann::json rows = nlohmann::json::array();
  for (const SettingView& setting : context.settings.effective) {
    if (!arguments.has("effective") && setting.origin == "default") continue;
    rows.push_back({{"option", setting.path}, {"value", setting.value}, {"origin", setting.origin}});
  }
  return View::table({"option", "value", "origin"}, std::move(rows));
}

Result<View> backup(const CommandContext& context, const Arguments& arguments) {
  const auto folder = arguments.at(0, "target folder");
  if (!folder) return folder.error();
  auto report = context.services.backup(*folder);
  if (!report) return report.error();
  return View::record(std::move(*report));
}

Result<View> verify(const CommandContext& context, const Arguments& arguments) {
  if (!arguments.has("verify")) return invalid_input("a running node only compares: `history rebuild --verify`; rebuild with the node stopped");
  auto report = context.services.rebuild(true);
  if (!report) return report.error();
  return View::record(std::move(*report));
}

Result<View> recordings(const CommandContext& context, const Arguments&) {
  auto rows = context.services.recordings();
  if (!rows) return rows.error();
  return View::table({"recording", "length", "duration_ms", "gap_ms", "sha256"}, std::move(*rows));
}

Result<View> recording_get(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "attempt's id");
  if (!text) return text.error();
  const auto id = AttemptId::parse(*text);
  if (!id) return id.error();
  const auto file = context.services.export_recording(*id, arguments.option("to", *text + ".opus"));
  if (!file) return file.error();
  return View::record({{"recording", *text}, {"file", *file}});
}

}  // namespace

void add_node_commands(std::vector<Command>& commands) {
  commands.push_back({"health", "", "", "is everything well, and what is not", health});
  commands.push_back({"metrics", "", "", "Prometheus text", metrics});
  commands.push_back({"config", "show", "[--effective] [--origin]", "settings that differ from the defaults (all with --effective) and where they came from", config_show});
  commands.push_back({"backup", "", "FOLDER", "a consistent copy of the history while dialing goes on; keys stay apart", backup});
  commands.push_back({"history", "rebuild", "--verify", "recompute every case from its facts and compare byte by byte", verify});
  commands.push_back({"recording", "list", "", "finished recordings with length and hash", recordings});
  commands.push_back({"recording", "get", "ATTEMPT [--to FILE]", "decrypt one recording into an Ogg/Opus file", recording_get});
}

}  // namespace dunlin
