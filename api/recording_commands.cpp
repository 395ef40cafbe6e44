// Recordings: what there is, and one as a file with its hash checked. Every listening leaves a line in the log.
#include "api/command.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

Result<View> list_recordings(const CommandContext& context, const Arguments& arguments) {
  const auto limit = page_limit(context, arguments);
  if (!limit) return limit.error();
  auto rows = context.services.recordings(*limit);
  if (!rows) return rows.error();
  return View::table({"recording", "length", "duration_ms", "gap_ms", "sha256"}, std::move(*rows));
}

Result<View> export_to(const CommandContext& context, const Arguments& arguments, const char* purpose) {
  const auto text = arguments.at(0, "attempt's id");
  const auto id = AttemptId::parse(*text);
  if (!id) return id.error();
  auto report = context.services.export_recording(*id, context.path_of(arguments.option("to", *text + ".opus")));
  log_info("audit", "recording_taken", "recording={} by={} for={} done={}", *text, context.caller.name, purpose, report.ok());
  if (!report) return report.error();
  return View::record(std::move(*report));
}

Handler pause(bool is_on) {
  return [is_on](const CommandContext& context, const Arguments& arguments) -> Result<View> {
    const auto id = AttemptId::parse(*arguments.at(0, "attempt's id"));
    if (!id) return id.error();
    const auto done = send_command(context, context.node.calls, msg::PauseRecording{*id, is_on, context.caller.name});
    if (!done) return done.error();
    return View::record(nlohmann::ordered_json{{"recording", id->str()}, {"paused", is_on}});
  };
}

}  // namespace

void add_recording_commands(std::vector<Command>& commands) {
  commands.push_back({"recording", "list", "[--limit N]", "finished recordings with length and hash, newest first", list_recordings});
  commands.push_back({"recording", "get", "ATTEMPT [--to FILE]", "decrypt one recording into an Ogg/Opus file with its side-car; the hash is checked",
                      [](const CommandContext& c, const Arguments& a) { return export_to(c, a, "file"); }});
  commands.push_back({"recording", "play", "ATTEMPT [--to FILE]", "listen to one recording (ffplay, mpv or sox play, whichever is installed)",
                      [](const CommandContext& c, const Arguments& a) { return export_to(c, a, "listening"); }});
  commands.push_back({"recording", "pause", "ATTEMPT", "keep nothing of what is said now (card numbers); the side-car names the stretch", pause(true)});
  commands.push_back({"recording", "resume", "ATTEMPT", "keep what is said again", pause(false)});
}

}  // namespace dunlin
