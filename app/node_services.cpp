#include "app/node_services.hpp"

#include <cmath>

#include <unistd.h>

#include <fmt/format.h>

#include "app/fold_case.hpp"
#include "app/law_report.hpp"
#include "app/recording_files.hpp"
#include "app/recording_list.hpp"
#include "config/log.hpp"
#include "sip/accept_gate.hpp"

namespace dunlin {
namespace {

Result<nlohmann::ordered_json> verify_history(Store& store, const std::function<bool(double)>& progress) {
  const auto report = store.projections().run(ProjectionMode::verify, fold_case, [&progress](ShardIndex done, const ProjectionReport&) {
    return progress(static_cast<double>(done) / shard_count);
  });
  if (!report) return report.error();
  nlohmann::json differences = nlohmann::json::array();
  for (const auto& difference : report->differences) differences.push_back(difference.case_id.str() + ": " + difference.what);
  return nlohmann::ordered_json{{"cases", report->cases}, {"events", report->events}, {"differing_cases", report->differing_cases}, {"differences", differences}};
}

/// The manifest names every finished recording, so that a restore can tell which are missing.
Result<nlohmann::ordered_json> back_up(const NodeStatus& status, const Store& store, const std::string& folder) {
  auto finished = list_finished_recordings(status.recordings_folder());
  if (!finished) return finished.error();
  for (const std::string& name : finished->damaged) log_warn("backup", "recording_not_listed", "recording={} its side-car cannot be read or its sound is gone", name);
  const auto report = store.backup({folder, status.now(), std::move(finished->recordings)});
  if (!report) return report.error();
  return nlohmann::ordered_json{{"folder", folder}, {"cases", report->cases}, {"events", report->events}, {"key", report->key_fingerprint},
                                {"recordings", report->recordings.size()}, {"recordings_mb", finished->bytes >> 20}, {"recordings_damaged", finished->damaged.size()},
                                {"note", "not in it: the installation key (keep `dunlin key export` apart) and the recordings, which it only lists (copy " + status.recordings_folder().string() + ")"}};
}

}  // namespace

std::string NodeStatus::clock_problem() const {
  if (clock_doubt_) {
    return to_text(*clock_doubt_) + ": no new attempts; set the clock (NTP), then restart the node; if the clock is right, restart it once with --clock-is-right";
  }
  const UtcTime wall = clock_.now_utc();
  const MonoTime mono = clock_.now_mono();
  if (clock_watch_.is_believed(wall, mono)) return "";
  return fmt::format("the wall clock was set by {} s while the node ran: no new attempts; check NTP, then restart the node", clock_watch_.step(wall, mono).ms / 1000);
}

/// A year the calendar does not have is dialed by the strictest hours: somebody has to bring it in good time.
std::string NodeStatus::calendar_problem() const {
  constexpr std::int64_t days_of_warning = 60;
  const auto known = calendar_.days_known_from(clock_.now_utc().ms / days(1).ms);
  if (!known || *known >= days_of_warning) return "";
  const std::string remedy = settings_.settings.rules_folder.empty()
                                 ? "install a newer program, or set node.rules_folder to a folder with all packs and the new year"
                                 : "add the year to the calendar file in " + settings_.settings.rules_folder.string();
  const std::string lack = *known == 0 ? "does not have this year: every day has" : fmt::format("ends in {} days: from then on every day has", *known);
  return fmt::format("calendar {} {} the strictest hours; {}, then restart the node", calendar_.version, lack, remedy);
}

/// Red: nothing can be dialed or kept. Attention: somebody should look.
nlohmann::json NodeStatus::checks() const {
  const JournalStats journal = store_.journal().stats();
  nlohmann::json rows = nlohmann::json::array();
  const auto add = [&rows](std::string name, std::string grade, std::string detail) {
    rows.push_back({{"check", std::move(name)}, {"grade", std::move(grade)}, {"detail", std::move(detail)}});
  };
  if (journal.is_refusing) add("disk", "red", "the disk refuses writes: no new attempts");
  else if (journal.is_low_on_space && cluster_ == nullptr) add("disk", "red", "little room on the disk: no new attempts, results are kept");
  else add("disk", "good", "");
  const auto trunks = sip_.trunks();
  std::size_t up = 0;
  for (const TrunkHealthView& trunk : trunks) up += trunk.is_up ? 1 : 0;
  for (const TrunkHealthView& trunk : trunks) {
    add("trunk " + trunk.name, trunk.is_up ? "good" : up == 0 ? "red" : "attention", trunk.is_up ? "" : trunk.cause);
  }
  const std::string bus = events_.problem();
  add("events", bus.empty() ? "good" : "attention", bus);
  const std::string clock = clock_problem();
  add("clock", clock.empty() ? "good" : "red", clock);
  const std::string calendar = calendar_problem();
  add("law calendar", calendar.empty() ? "good" : "attention", calendar);
  if (is_draining_) add("node", "attention", fmt::format("draining: no new attempts, talks go on for at most {} s, then the node stops", settings_.settings.drain_limit_s));
  const auto damage = store_.history().damage();
  if (damage.count == 0) add("history", "good", "");
  else add("history", "attention", fmt::format("{} damaged rows met in {}, first: {}; `dunlin history rebuild --verify` names them, `dunlin restore` brings back a backup",
                                               damage.count, settings_.settings.data_folder.string(), damage.first));
  const unsigned busy = media_.busy_percent();
  if (cluster_ != nullptr) {
    for (auto& check : cluster_->checks()) add(std::move(check.name), std::move(check.grade), std::move(check.detail));
  }
  add("media", busy >= 90 ? "attention" : "good", fmt::format("{} % busy", busy));
  return rows;
}

Result<nlohmann::ordered_json> NodeStatus::health() const {
  const JournalStats journal = store_.journal().stats();
  const auto counts = store_.history().counts();
  const auto free = free_space_of(settings_.settings.data_folder);
  const nlohmann::json all = checks();
  nlohmann::json problems = nlohmann::json::array();
  std::string status = "good";
  for (const auto& check : all) {
    const std::string grade = check["grade"];
    if (grade == "good") continue;
    if (status != "red") status = grade;
    problems.push_back(check["check"].get<std::string>() + ": " + check["detail"].get<std::string>());
  }
  return nlohmann::ordered_json{{"node", settings_.settings.node_name},
                                {"version", DUNLIN_VERSION},
                                {"status", status},
                                {"problems", problems},
                                {"checks", all},
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

nlohmann::ordered_json NodeStatus::identity(const NodeContext& context, const RuleSet& rules) const {
  const NodeSettings& s = settings_.settings;
  return {{"node", s.node_name},
          {"version", DUNLIN_VERSION},
          {"pid", ::getpid()},
          {"incarnation", fmt::format("{:016x}", context.incarnation)},
          {"uptime", format_span((clock_.now_mono() - started_at_).ms)},
          {"clock", format_utc(clock_.now_utc())},
          {"clock_shifted", clock_.is_shifted()},
          {"data_folder", std::filesystem::absolute(s.data_folder).string()},
          {"socket", std::filesystem::absolute(s.socket_path()).string()},
          {"store", store_.store_id()},
          {"data_format", storage_format_version},
          {"key", store_.key_fingerprint()},
          {"law", s.jurisdiction},
          {"law_version", rules.version},
          {"calendar", rules.calendar_version},
          {"tzdata", rules.zones ? rules.zones->tzdata_version : ""},
          {"agents_at", s.agents.tls_bind},
          {"trunks", s.trunks.size()},
          {"worker_threads", s.worker_threads},
          {"srtp", srtp_build()}};
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
  add("dunlin_sip_connections_refused_total", "counter", "New TLS connections refused by the rate limit or a ban.", AcceptGuard::refused());
  add("dunlin_media_busy_ratio", "gauge", "Highest busy share of a media worker.", media_.busy_percent() / 100.0);
  text += fmt::format("# HELP dunlin_build_info Version.\n# TYPE dunlin_build_info gauge\ndunlin_build_info{{version=\"{}\"}} 1\n", DUNLIN_VERSION);
  if (cluster_ != nullptr) text += cluster_->metrics();
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

/// A node of its own holds the only copy: it is held against its chain.
Result<HistoryComparison> check_own_copy(Store& store, const CompareScope& scope, const std::function<bool(double)>& progress) {
  ComparePorts ports;
  double share_done = 0;
  ports.ask = [&store](const CopyPlace&, ShardIndex shard, const DigestAsk& question) { return store.digests().answer(shard, question); };
  ports.wait = [](unsigned) { return false; };
  ports.go_on = [&] { return progress(share_done); };
  const std::vector<std::vector<CopyPlace>> places(shard_count, {{"this node", store.store_id()}});
  return compare_history(scope, places, ports, [&](double share) { return progress(share_done = share); });
}

NodeServices make_services(const ServiceParts& parts) {
  auto& [status, store, keys, gate, rules, context, model] = parts;
  NodeServices services;
  services.health = [&status] { return status.health(); };
  services.metrics = [&status] { return status.metrics(); };
  services.backup = [&status, &store](const std::string& folder) { return back_up(status, store, folder); };
  const auto folder = status.recordings_folder();
  services.export_recording = [&keys, folder](AttemptId attempt, const std::filesystem::path& file) { return export_recording(keys, folder, attempt, file); };
  services.recordings = [&context, folder](std::size_t limit) { return list_recordings(*context.archive, folder, limit); };
  services.verify = [&store](const std::function<bool(double)>& progress) { return verify_history(store, progress); };
  services.compare_history = [&store](const CompareScope& scope, const std::function<bool(double)>& progress) { return check_own_copy(store, scope, progress); };
  services.replay_law = [&store](const ReplayScope& scope, const std::function<bool(double)>& progress) -> Result<nlohmann::ordered_json> {
    const auto report = replay_law(store, scope, progress);
    if (!report) return report.error();
    return law_report(*report);
  };
  services.model_report = [&model](const std::string& portfolio, const std::function<bool(double)>& progress) { return model.report(portfolio, progress); };
  services.answer_forecast = [&model](const CaseRecord& record, const ContactPhone& phone, UtcTime at) -> Result<AnswerForecast> {
    const auto learned = model.odds();
    if (!learned) return learned.error();
    return (*learned)->explain(record, phone, at);
  };
  services.learn_model = [&model](const std::function<bool(double)>& progress) -> Result<nlohmann::ordered_json> {
    const auto learned = model.learn(progress);
    if (!learned) return learned.error();
    const AnswerOdds& odds = **learned;
    return nlohmann::ordered_json{{"learned_at", format_utc(odds.learned_at())}, {"attempts", std::lround(odds.model().observations())},
                                  {"live_rate", odds.model().live_rate()}, {"decides", odds.has_grown()},
                                  {"decides_from", std::lround(AnswerOdds::least_observations)}};
  };
  services.judge = [&gate, &context](const CaseRecord& record, const ContactPhone& phone, Channel channel, UtcTime at) -> Result<Decision> {
    return gate.judge({record, phone, channel, at, {}, context.clock->is_shifted(), false, std::nullopt});
  };
  services.budget = [&gate, &context](const CaseRecord& record, UtcTime at) {
    return contact_budget(gate, {record, record.phones.front(), Channel::call, at, {}, context.clock->is_shifted(), false, std::nullopt});
  };
  services.rules = &rules;
  services.identity = [&status, &context, &rules] { return status.identity(context, rules); };
  services.events = [&status](const EventQuery& query) { return status.events().find(query); };
  services.event_types = all_event_types();
  return services;
}

}  // namespace dunlin
