#include "app/cli/local_commands.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "api/pacing_command.hpp"
#include "app/cli/classify.hpp"
#include "app/cli/cluster_adopt.hpp"
#include "app/cli/cluster_certify.hpp"
#include "app/cli/cluster_init.hpp"
#include "app/cli/flow.hpp"
#include "app/cli/history_folder.hpp"
#include "app/cli/render.hpp"
#include "app/cli/simulate.hpp"
#include "app/fold_case.hpp"
#include "app/law_report.hpp"
#include "app/number_ranges.hpp"
#include "app/recording_list.hpp"
#include "config/law_check.hpp"
#include "config/rule_loader.hpp"
#include "config/settings.hpp"
#include "config/strategy_loader.hpp"
#include "storage/store.hpp"

namespace dunlin {
namespace {

int fail(const Error& error, int code) {
  std::fprintf(stderr, "dunlin: %s\n", error.detail.c_str());
  return code;
}

std::string option(const std::vector<std::string>& words, const std::string& name) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == name) return words[i + 1];
  }
  return "";
}

int config_check(const std::vector<std::string>& words) {
  if (words.size() < 3) return fail(invalid_input("usage: dunlin config check FILE"), 2);
  const auto loaded = load_settings(words[2], read_environment());
  if (!loaded) return fail(loaded.error(), 2);
  for (const auto& warning : loaded->warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  std::printf("%s: good (%zu options, %zu trunks)\n", words[2].c_str(), loaded->effective.size(), loaded->settings.trunks.size());
  return 0;
}

int strategy_check(const std::vector<std::string>& words, const LocalContext& context) {
  if (words.size() != 3) return fail(invalid_input("usage: dunlin strategy check FILE"), 2);
  const auto text = read_strategy_text(words[2]);
  if (!text) return fail(text.error(), text.error().code == Errc::not_found ? 3 : 2);
  const auto strategy = parse_strategy(words[2], *text);
  if (!strategy) return fail(strategy.error(), 2);
  if (context.output == "json") {
    std::printf("%s\n", nlohmann::ordered_json{{"strategy", strategy->name}, {"rules", strategy->rules.size()}, {"groups", strategy->groups.size()}}.dump(2).c_str());
  } else {
    std::printf("%s: good (strategy %s, %zu rules, %zu groups)\n", words[2].c_str(), strategy->name.c_str(), strategy->rules.size(), strategy->groups.size());
  }
  return 0;
}

int key_export(const LocalContext& context) {
  const auto key = InstallationKey::load(context.data_folder / "installation.key");
  if (!key) return fail(key.error(), 3);
  std::fprintf(stderr, "Keep this line apart from every backup: whoever has both reads everything.\n");
  std::printf("%s\n", key->export_text().c_str());
  return 0;
}

int key_install(const std::vector<std::string>& words, const LocalContext& context) {
  if (words.size() < 3) return fail(invalid_input("usage: dunlin key install FILE (with the exported line)"), 2);
  std::ifstream stream(words[2]);
  std::string line;
  std::getline(stream, line);
  const auto key = InstallationKey::install(context.data_folder / "installation.key", line);
  if (!key) return fail(key.error(), key.error().code == Errc::conflict ? 4 : 2);
  std::printf("installed, fingerprint %s\n", key->fingerprint().c_str());
  return 0;
}

int restore(const std::vector<std::string>& words) {
  if (words.size() < 3) return fail(invalid_input("usage: dunlin restore BACKUP_FOLDER DATA_FOLDER"), 2);
  const auto report = restore_backup(words[1], words[2]);
  if (!report) return fail(report.error(), report.error().code == Errc::conflict ? 4 : 1);
  std::printf("restored %llu cases, %llu events; now `dunlin key install` with the key %s\n", static_cast<unsigned long long>(report->cases),
              static_cast<unsigned long long>(report->events), report->key_fingerprint.c_str());
  // A lost recording is no reason to go without the history.
  const auto recordings = std::filesystem::path(words[2]) / "recordings";
  const auto warning = recordings_warning(missing_recordings(report->recordings, recordings), report->recordings.size(), recordings);
  if (!warning.empty()) std::fprintf(stderr, "dunlin: warning: %s\n", warning.c_str());
  else if (!report->recordings.empty()) std::printf("all %zu recordings of the backup are there\n", report->recordings.size());
  return 0;
}

int law_check(const std::vector<std::string>& words, const LocalContext& context) {
  const std::string file = option(words, "--cases");
  std::ifstream stream(file, std::ios::binary);
  if (file.empty() || !stream) return fail(invalid_input("usage: dunlin law check --cases FILE.csv [--rules FOLDER] [-o csv|json]"), 2);
  const std::string csv{std::istreambuf_iterator<char>(stream), {}};
  const auto rules = load_rule_set(option(words, "--rules"));
  if (!rules) return fail(rules.error(), 2);
  const auto report = run_law_check(csv, *rules);
  if (!report) return fail(report.error(), 2);
  if (context.output == "json") {
    nlohmann::json rows = nlohmann::json::array();
    for (const LawCheckRow& row : report->rows) {
      rows.push_back({{"id", row.id}, {"decision", row.decision.is_allowed() ? "allow" : "deny"}, {"rule_id", row.rule_ids}, {"until", row.until}});
    }
    std::printf("%s\n", rows.dump(2).c_str());
  } else {
    std::fputs(report->to_csv().c_str(), stdout);
  }
  for (const auto& fault : report->faults) std::fprintf(stderr, "%s: %s\n", file.c_str(), fault.c_str());
  return report->is_clean() ? 0 : law_check_bad_rows_exit;
}

int classify(const std::vector<std::string>& words, const LocalContext& context) {
  if (words.size() < 2) return fail(invalid_input("usage: dunlin classify FOLDER [-o csv]"), 2);
  return classify_folder(std::filesystem::path(words[1]), context.output);
}

/// The engine of live campaigns as a filter: one observation a line in, one decision a line out (docs/pacing-protocol.md).
int pacing(const std::vector<std::string>& words) {
  const auto kind = parse_pacing_policy(words.size() > 1 ? words[1] : "predictive");
  if (words.size() > 2 || !kind) return fail(invalid_input("usage: dunlin pacing [predictive|progressive]"), 2);
  std::ios::sync_with_stdio(false);
  return run_pacing_command(std::cin, std::cout, std::cerr, *kind);
}

int fail_to_open(const Error& error) { return fail(error, error.code == Errc::not_found ? 3 : 1); }

/// Offline: the store must not be open elsewhere. A running node answers `history rebuild --verify` itself.
std::optional<int> history_rebuild(const std::vector<std::string>& words, const LocalContext& context) {
  const bool is_verify = std::find(words.begin(), words.end(), "--verify") != words.end();
  if (is_verify && context.is_node_up) return std::nullopt;
  if (context.is_node_up) return fail({Errc::conflict, "the node is running: stop it to rebuild, or compare with `history rebuild --verify`"}, 4);
  auto store = open_history(context);
  if (!store) return fail_to_open(store.error());
  const auto report = (*store)->projections().run(is_verify ? ProjectionMode::verify : ProjectionMode::rebuild, fold_case);
  if (!report) return fail(report.error(), 1);
  for (const auto& difference : report->differences) std::printf("%s: %s\n", difference.case_id.str().c_str(), difference.what.c_str());
  std::printf("%llu cases, %llu events, %llu differ\n", static_cast<unsigned long long>(report->cases), static_cast<unsigned long long>(report->events),
              static_cast<unsigned long long>(report->differing_cases));
  return is_verify && report->differing_cases > 0 ? 1 : 0;
}

int print_replay(const LawReplayReport& report, const std::string& output) {
  if (output == "json") {
    std::printf("%s\n", law_report(report).dump(2).c_str());
  } else {
    for (const auto& one : report.shown) {
      std::printf("%s event %llu %s: %s\n", one.case_id.str().c_str(), static_cast<unsigned long long>(one.version), one.event.c_str(),
                  replay_problem(one).c_str());
    }
    std::printf("%llu cases, %llu decisions: %llu the same, %llu differ, %llu not replayable\n", static_cast<unsigned long long>(report.cases),
                static_cast<unsigned long long>(report.decisions), static_cast<unsigned long long>(report.same),
                static_cast<unsigned long long>(report.differing), static_cast<unsigned long long>(report.not_replayable));
  }
  if (report.differing > 0) return 1;
  return report.not_replayable > 0 ? law_check_bad_rows_exit : 0;
}

/// With the node stopped: the number table is read at its start.
std::optional<int> numbering_import(const std::vector<std::string>& words, const LocalContext& context) {
  if (words.size() < 3) return fail(invalid_input("usage: dunlin numbering import FILE… (the regulator's ABC and DEF files)"), 2);
  if (context.is_node_up) return fail({Errc::conflict, "stop the node first: it reads the number ranges at its start"}, 4);
  const auto rules = load_rule_set();
  if (!rules) return fail(rules.error(), 2);
  auto store = open_store(context);
  if (!store) return fail(store.error(), 1);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto report = import_number_file((*store)->documents(), **rules, words[i]);
    if (!report) return fail(report.error(), report.error().code == Errc::not_found ? 3 : 2);
    std::printf("%s: %zu ranges read, %zu without a known region left out, %zu kept\n", words[i].c_str(), report->read, report->skipped, report->kept);
    for (const std::string& name : report->unknown_regions) std::printf("  unknown region: %s\n", name.c_str());
  }
  return 0;
}

/// Offline like history rebuild; a running node answers `law replay` itself.
std::optional<int> law_replay(const std::vector<std::string>& words, const LocalContext& context) {
  if (context.is_node_up) return std::nullopt;
  const auto given = [&words](const char* name) {
    std::string text = option(words, name);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
  };
  const auto scope = parse_replay_scope(given("--since"), given("--case"));
  if (!scope) return fail(scope.error(), 2);
  auto store = open_history(context);
  if (!store) return fail_to_open(store.error());
  const auto report = replay_law(**store, *scope);
  if (!report) return fail(report.error(), report.error().code == Errc::not_found ? 3 : 1);
  return print_replay(*report, context.output);
}

}  // namespace

std::optional<int> run_local(const std::vector<std::string>& words, const LocalContext& context) {
  const std::string first = words.empty() ? "" : words[0];
  const std::string second = words.size() > 1 ? words[1] : "";
  if (first == "config" && second == "check") return config_check(words);
  if (first == "cluster" && second == "adopt") return run_cluster_adopt({words.begin() + 2, words.end()});
  if (first == "cluster" && second == "certify") return run_cluster_certify({words.begin() + 2, words.end()});
  if (first == "cluster" && second == "init") return run_cluster_init({words.begin() + 2, words.end()});
  if (first == "strategy" && second == "check") return strategy_check(words, context);
  if (first == "flow") return run_flow(words, context);
  if (first == "key" && second == "export") return key_export(context);
  if (first == "key" && second == "install") return key_install(words, context);
  if (first == "restore") return restore(words);
  if (first == "classify") return classify(words, context);
  if (first == "pacing") return pacing(words);
  if (first == "simulate") return run_simulate(words, context);
  if (first == "law" && second == "check") return law_check(words, context);
  if (first == "numbering" && second == "import") return numbering_import(words, context);
  if (first == "law" && second == "replay") return law_replay(words, context);
  if (first == "history" && second == "rebuild") return history_rebuild(words, context);
  return std::nullopt;
}

}  // namespace dunlin
