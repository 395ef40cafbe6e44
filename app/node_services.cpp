#include "app/node_services.hpp"

#include <fstream>

#include <fmt/format.h>

#include "app/fold_case.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

/// Side-car files of finished recordings, newest first.
Result<nlohmann::json> list_recordings(const std::filesystem::path& folder) {
  nlohmann::json rows = nlohmann::json::array();
  std::error_code failed;
  for (std::filesystem::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (entry->path().extension() != ".json") continue;
    std::ifstream stream(entry->path());
    auto document = nlohmann::json::parse(stream, nullptr, false);
    if (!document.is_object()) continue;
    const auto duration = document.value("duration_ms", std::int64_t{0});
    rows.push_back({{"recording", entry->path().stem().string()}, {"length", format_span(duration)}, {"duration_ms", duration},
                    {"gap_ms", document.value("gap_ms", 0)}, {"sha256", document.value("sha256", "")}});
  }
  return rows;
}

Result<std::filesystem::path> find_recording(const std::filesystem::path& folder, AttemptId attempt) {
  std::error_code failed;
  for (std::filesystem::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(attempt.str()) && (name.find(".opus") != std::string::npos || name.find(".ogg") != std::string::npos)) return entry->path();
  }
  return Error{Errc::not_found, "no finished recording of " + attempt.str()};
}

Result<std::string> export_recording(const NodeStatus& status, StoredRecordingKeys& keys, AttemptId attempt, const std::string& target) {
  const auto source = find_recording(status.recordings_folder(), attempt);
  if (!source) return source.error();
  const auto key = keys.existing_key(attempt);
  if (!key) return key.error();
  const Status written = decrypt_recording(*source, *key, target);
  if (!written) return written.error();
  return std::filesystem::absolute(target).string();
}

Result<nlohmann::ordered_json> verify_history(Store& store) {
  const auto report = store.projections().run(ProjectionMode::verify, fold_case);
  if (!report) return report.error();
  nlohmann::json differences = nlohmann::json::array();
  for (const auto& difference : report->differences) differences.push_back(difference.case_id.str() + ": " + difference.what);
  return nlohmann::ordered_json{{"cases", report->cases}, {"events", report->events}, {"differing_cases", report->differing_cases}, {"differences", differences}};
}

}  // namespace

Result<nlohmann::ordered_json> NodeStatus::health() const {
  const JournalStats journal = store_.journal().stats();
  const auto counts = store_.history().counts();
  const auto free = free_space_of(settings_.settings.data_folder);
  nlohmann::json problems = nlohmann::json::array();
  if (journal.is_refusing) problems.push_back("the disk refuses writes: no new attempts");
  if (journal.is_low_on_space) problems.push_back("little room on the disk: no new attempts, results are kept");
  for (const TrunkHealthView& trunk : sip_.trunks()) {
    if (!trunk.is_up) problems.push_back("trunk " + trunk.name + ": " + trunk.cause);
  }
  if (const std::string problem = events_.problem(); !problem.empty()) problems.push_back(problem);
  return nlohmann::ordered_json{{"node", settings_.settings.node_name},
                                {"version", DUNLIN_VERSION},
                                {"status", problems.empty() ? "good" : "attention"},
                                {"problems", problems},
                                {"uptime", format_span((clock_.now_mono() - started_at_).ms)},
                                {"clock", format_utc(clock_.now_utc())},
                                {"clock_shifted", clock_.is_shifted()},
                                {"cases", counts ? counts->cases : 0},
                                {"events", counts ? counts->events : 0},
                                {"free_mb", free ? *free >> 20 : 0},
                                {"event_bus", events_.health()},
                                {"journal_queued", journal.queued},
                                {"journal_syncs", journal.groups},
                                {"media_legs", media_.leg_count()},
                                {"media_busy_percent", media_.busy_percent()},
                                {"srtp", srtp_build()},
                                {"key", store_.key_fingerprint()}};
}

std::string NodeStatus::metrics() const {
  const JournalStats j = store_.journal().stats();
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view kind, std::string_view help, auto value) {
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, kind, value);
  };
  add("dunlin_journal_commits_total", "counter", "Batches committed to the history.", j.commits);
  add("dunlin_journal_events_total", "counter", "Events committed to the history.", j.events);
  add("dunlin_journal_syncs_total", "counter", "Synced group writes.", j.groups);
  add("dunlin_journal_refused_total", "counter", "Batches refused.", j.refused);
  add("dunlin_journal_sync_seconds_total", "counter", "Time spent in synced writes.", j.sync_total_ms / 1000.0);
  add("dunlin_journal_queued", "gauge", "Batches waiting for the writer.", j.queued);
  add("dunlin_media_legs", "gauge", "Open media legs.", media_.leg_count());
  add("dunlin_media_busy_ratio", "gauge", "Highest busy share of a media worker.", media_.busy_percent() / 100.0);
  text += fmt::format("# HELP dunlin_build_info Version.\n# TYPE dunlin_build_info gauge\ndunlin_build_info{{version=\"{}\"}} 1\n", DUNLIN_VERSION);
  return text + events_.metrics();
}

caf::actor NodeStatus::recordings_desk(caf::actor_system& system) const {
  return system.spawn([facts = &events_.facts()](caf::event_based_actor*) -> caf::behavior {
    return {[facts](const msg::RecordingReady& r) {
      const auto length = static_cast<std::int64_t>(r.duration_ms);
      const auto gap = static_cast<std::int64_t>(r.gap_ms);
      facts->record({r.failure.empty() ? "recording.ready" : "recording.failed", CallId(r.attempt.value()).str(), {},
                     {{"attempt", r.attempt.str()}, {"duration_ms", length}, {"gap_ms", gap}, {"sha256", r.sha256}}});
      if (r.failure.empty()) log_info("recording", "ready", "recording={} duration_ms={} gap_ms={}", r.attempt.str(), r.duration_ms, r.gap_ms);
      else log_error("recording", "failed", "recording={} {}", r.attempt.str(), r.failure);
    }};
  });
}

NodeServices make_services(NodeStatus& status, Store& store, StoredRecordingKeys& keys, const PolicyGate& gate, const NodeContext& context) {
  NodeServices services;
  services.health = [&status] { return status.health(); };
  services.metrics = [&status] { return status.metrics(); };
  services.backup = [&status, &store](const std::string& folder) -> Result<nlohmann::ordered_json> {
    const auto report = store.backup({folder, status.now(), {}});
    if (!report) return report.error();
    return nlohmann::ordered_json{{"folder", folder}, {"cases", report->cases}, {"events", report->events}, {"key", report->key_fingerprint},
                                  {"note", "the installation key is not in it: keep `dunlin key export` apart"}};
  };
  services.export_recording = [&status, &keys](AttemptId attempt, const std::string& file) { return export_recording(status, keys, attempt, file); };
  services.recordings = [&status] { return list_recordings(status.recordings_folder()); };
  services.rebuild = [&store](bool) { return verify_history(store); };
  services.judge_now = [&gate, &context](const CaseRecord& record, UtcTime at) -> Result<Decision> {
    if (record.phones.empty()) return Error{Errc::not_found, "the case has no number"};
    return gate.judge({record, record.phones.front(), Channel::call, at, {}, context.clock->is_shifted(), false, std::nullopt});
  };
  services.events = [&status](const EventQuery& query) { return status.events().find(query); };
  services.event_types = all_event_types();
  return services;
}

}  // namespace dunlin
