// The node itself: identity, health, settings, metrics, backup, verification.
#include "api/command.hpp"
#include "api/job_board.hpp"
#include "api/metrics_text.hpp"

namespace dunlin {
namespace {

constexpr int in_part_exit = 7;
constexpr int red_exit = 8;

Result<View> node_show(const CommandContext& context, const Arguments&) { return View::record(context.services.identity()); }

Result<View> health(const CommandContext& context, const Arguments&) {
  auto fields = context.services.health();
  if (!fields) return fields.error();
  const bool is_red = (*fields)["status"] == "red";
  View view = View::record(std::move(*fields));
  view.exit = is_red ? red_exit : 0;
  return view;
}

Error no_cluster() { return {Errc::not_found, "this node is in no cluster: its settings have no [cluster]"}; }

Result<View> cluster_status(const CommandContext& context, const Arguments&) {
  if (!context.services.cluster) return no_cluster();
  return View::record(context.services.cluster());
}

Result<View> shard_list(const CommandContext& context, const Arguments&) {
  if (!context.services.shard_owners) return no_cluster();
  return View::table({"shard", "owner", "epoch"}, context.services.shard_owners());
}

Result<View> metrics(const CommandContext& context, const Arguments&) {
  DeskViews views;
  auto campaigns = context.ask<msg::CampaignsView>(context.node.campaigns, msg::GetCampaigns{});
  if (!campaigns) return campaigns.error();
  auto agents = context.ask<msg::AgentsView>(context.node.agents, msg::GetAgents{});
  if (!agents) return agents.error();
  auto calls = context.ask<msg::CallsView>(context.node.calls, msg::GetCalls{});
  if (!calls) return calls.error();
  auto trunks = context.ask<msg::TrunksView>(context.node.edge, msg::GetTrunks{});
  if (!trunks) return trunks.error();
  return View::text(context.services.metrics() +
                    desk_metrics({std::move(campaigns->campaigns), std::move(agents->agents), std::move(*calls), std::move(*trunks)}));
}

Result<View> config_show(const CommandContext& context, const Arguments& arguments) {
  nlohmann::json rows = nlohmann::json::array();
  for (const SettingView& setting : context.settings.effective) {
    if (!arguments.has("effective") && setting.origin == "default") continue;
    rows.push_back({{"option", setting.path}, {"value", setting.value}, {"origin", setting.origin}});
  }
  std::vector<std::string> columns{"option", "value"};
  if (arguments.has("origin")) columns.emplace_back("origin");
  return View::table(std::move(columns), std::move(rows));
}

Result<View> backup(const CommandContext& context, const Arguments& arguments) {
  const std::string folder = context.path_of(*arguments.at(0, "target folder")).string();
  const auto make = context.services.backup;
  return follow_node_job(context, "backup", [make, folder](JobHandle&) -> Result<JobOutcome> {
    auto report = make(folder);
    if (!report) return report.error();
    return JobOutcome{std::move(*report), 0};
  });
}

Result<View> verify(const CommandContext& context, const Arguments& arguments) {
  if (!arguments.has("verify")) return invalid_input("a running node only compares: `history rebuild --verify`; rebuild with the node stopped");
  const auto run = context.services.verify;
  return follow_node_job(context, "verify", [run](JobHandle& handle) -> Result<JobOutcome> {
    auto report = run([&handle](double share_done) { return handle.go_on(share_done); });
    if (!report) return report.error();
    const int exit = (*report)["differing_cases"] == 0 ? 0 : 1;
    return JobOutcome{std::move(*report), exit};
  });
}

Result<View> law_replay(const CommandContext& context, const Arguments& arguments) {
  const auto given = [&arguments](const char* name) { return arguments.has(name) ? std::optional(arguments.option(name)) : std::nullopt; };
  const auto scope = parse_replay_scope(given("since"), given("case"));
  if (!scope) return scope.error();
  const auto run = context.services.replay_law;
  return follow_node_job(context, "replay", [run, scope = *scope](JobHandle& handle) -> Result<JobOutcome> {
    auto report = run(scope, [&handle](double share_done) { return handle.go_on(share_done); });
    if (!report) return report.error();
    const int exit = (*report)["differing"] != 0 ? 1 : (*report)["not_replayable"] != 0 ? in_part_exit : 0;
    return JobOutcome{std::move(*report), exit};
  });
}

}  // namespace

void add_node_commands(std::vector<Command>& commands) {
  commands.push_back({"node", "show", "", "this node: version, store, law, addresses", node_show});
  commands.push_back({"health", "", "", "is everything well, and what is not; exit code 8 when red", health});
  commands.push_back({"cluster", "status", "", "who is in the cluster, who owns how many shards, how far copies are behind", cluster_status});
  commands.push_back({"shard", "list", "", "which node owns which shard, and since which epoch", shard_list});
  commands.push_back({"metrics", "", "", "Prometheus text", metrics});
  commands.push_back({"config", "show", "[--effective] [--origin]", "settings that differ from the defaults (all with --effective) and where they came from", config_show});
  commands.push_back({"backup", "", "FOLDER", "a consistent copy of the history while dialing goes on; keys stay apart", backup});
  commands.push_back({"history", "rebuild", "[--verify]", "recompute every case from its facts and compare byte by byte", verify});
  commands.push_back({"law", "replay", "[--since TIME] [--case ID]", "decide every stored decision again under its own version of the law", law_replay});
}

}  // namespace dunlin
