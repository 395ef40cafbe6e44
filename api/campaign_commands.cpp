// Campaigns: create, start, pause, stop, how they go and why they do not dial.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "api/campaign_fields.hpp"
#include "api/campaign_numbers.hpp"
#include "api/command.hpp"
#include "api/pace_text.hpp"
#include "config/flow_loader.hpp"
#include "config/line_loader.hpp"
#include "config/strategy_loader.hpp"
#include "config/text_file.hpp"
#include "core/case/event_codec.hpp"
#include "core/dialing/campaign_trunks.hpp"
#include "core/report/call_costs.hpp"

namespace dunlin {
namespace {

std::string share(std::optional<int> permille) { return permille ? fmt::format("{:.1f}%", *permille / 10.0) : "-"; }
std::string span_of(std::optional<Duration> value) { return value ? fmt::format("{:.1f} s", static_cast<double>(value->ms) / 1000.0) : "-"; }

/// Nothing of a campaign without fees: nobody told what its calls cost.
void add_fees(nlohmann::ordered_json& fields, const msg::CampaignView& v) {
  const CallPrices& prices = v.campaign.settings.prices;
  if (!prices.has_fees()) return;
  const CallCosts costs = costs_of(prices, v.counters);
  const auto money = [&prices](std::optional<double> units) { return units ? fmt::format("{:.2f} {}", *units, to_string(prices.currency)) : std::string("-"); };
  fields["fees"] = money(costs.fees);
  fields["fees_per_rpc"] = money(costs.per_contact);
  fields["fees_per_promise_kept"] = money(costs.per_kept_promise);
}

nlohmann::ordered_json campaign_fields(const msg::CampaignView& v) {
  const LiveCounters& c = v.counters;
  nlohmann::ordered_json outcomes;
  for (int i = 0; i < outcome_count; ++i) {
    const auto count = c.settled_by_outcome[static_cast<std::size_t>(i)];
    if (count != 0) outcomes[std::string(to_string(static_cast<Outcome>(i)))] = count;
  }
  nlohmann::ordered_json dispositions;
  for (int i = 0; i < outcome_count; ++i) {
    const auto count = c.dispositions[static_cast<std::size_t>(i)];
    if (count != 0) dispositions[std::string(to_string(static_cast<Outcome>(i)))] = count;
  }
  nlohmann::ordered_json fields{{"campaign", v.campaign.settings.name},
          {"id", v.campaign.settings.id.str()},
          {"state", to_string(v.campaign.state)},
          {"mode", to_string(v.campaign.settings.mode)},
          {"trunks", to_text(v.campaign.settings.trunks)},
          {"ready", v.queue.ready},
          {"waiting", v.queue.waiting},
          {"in_flight", v.calls_in_flight},
          {"agents_ready", v.agents_ready},
          {"agents_working", v.agents_working},
          {"agents_shared", v.agents_shared},
          {"agents_guaranteed", v.agents_guaranteed},
          {"attempts", c.reserved},
          {"settled", c.settled()},
          {"answered", c.answered},
          {"humans", c.humans},
          {"connected", c.connected},
          {"abandoned", c.abandoned},
          {"abandon_rate", share(c.abandon_rate())},
          {"rpc", c.right_party},
          {"promises", c.promises},
          {"occupancy", share(c.occupancy())},
          {"idle_p50", span_of(c.idle.quantile(500))},
          {"idle_p95", span_of(c.idle.quantile(950))},
          {"answer_to_agent_p95", span_of(c.answer_to_agent.quantile(950))},
          {"outcomes", outcomes},
          {"dispositions", dispositions},
          {"dispositions_missed", c.dispositions_missed},
          {"denials", v.denials},
          {"tickets", {{"issued", v.tickets.issued}, {"expired", v.tickets.expired}, {"late", v.tickets.late}, {"lost", v.tickets.lost}}}};
  add_fees(fields, v);
  return fields;
}

Result<msg::CampaignView> find_campaign(const CommandContext& context, const Arguments& arguments) {
  const auto name = arguments.at(0, "campaign's name");
  if (!name) return name.error();
  return context.ask<msg::CampaignView>(context.node.campaigns, msg::GetCampaign{*name});
}

Result<View> list_campaigns(const CommandContext& context, const Arguments&) {
  auto campaigns = context.ask<msg::CampaignsView>(context.node.campaigns, msg::GetCampaigns{});
  if (!campaigns) return campaigns.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& campaign : campaigns->campaigns) rows.emplace_back(campaign_fields(campaign));
  return View::table({"campaign", "state", "mode", "ready", "waiting", "in_flight", "agents_ready", "agents_shared", "attempts", "connected", "abandon_rate", "occupancy"}, std::move(rows));
}

Result<View> show_campaign(const CommandContext& context, const Arguments& arguments) {
  auto campaign = find_campaign(context, arguments);
  if (!campaign) return campaign.error();
  if (!arguments.has("settings")) return View::record(campaign_fields(*campaign));
  nlohmann::json rows = nlohmann::json::array();
  for (const CampaignFieldView& field : campaign_fields(campaign->campaign.settings)) {
    rows.push_back({{"setting", field.key}, {"value", field.value}, {"effect", field.effect}});
  }
  return View::table({"setting", "value", "effect"}, std::move(rows));
}

/// Options that change a campaign; those not given stay as they are.
Status change(CampaignSettings& s, const Arguments& a, const NodeSettings& node) {
  if (a.has("mode")) {
    const auto mode = parse_dialing_mode(a.option("mode"));
    if (!mode) return mode.error();
    s.mode = *mode;
  }
  if (a.has("portfolio")) s.filter.portfolios = {a.option("portfolio")};
  if (a.has("skill")) s.skill = a.option("skill");
  s.caller_id = a.option("caller-id", s.caller_id);
  if (a.has("trunk")) {
    if (const Status written = set_campaign_field(s, "trunks=" + a.option("trunk")); !written) return written;
  }
  if (s.trunks.empty()) {
    if (node.trunks.empty()) return invalid_input("this node has no trunk: its settings need a [[trunk]], and the node a restart");
    for (const TrunkOptions& trunk : node.trunks) s.trunks.push_back({trunk.name, 1});
  }
  const std::vector<std::string> numbers = numbers_of_trunks(s, node);
  if (s.caller_id.empty() && !numbers.empty()) s.caller_id = numbers.front();
  const auto ring = a.number("ring-timeout-ms", s.ring_timeout_ms);
  const auto wrap = a.number("wrap-up-s", s.wrap_up_seconds);
  const auto per_day = a.number("attempts-per-day", s.max_attempts_per_case_day);
  for (const auto* number : {&ring, &wrap, &per_day}) {
    if (!*number) return number->error();
  }
  s.ring_timeout_ms = static_cast<std::uint32_t>(*ring);
  s.wrap_up_seconds = static_cast<std::uint32_t>(*wrap);
  s.max_attempts_per_case_day = static_cast<std::uint32_t>(*per_day);
  constexpr std::array<std::pair<const char*, const char*>, 3> sharing{{{"priority", "priority"}, {"weight", "weight"}, {"guaranteed-agents", "guaranteed_agents"}}};
  for (const auto& [option, key] : sharing) {
    if (!a.has(option)) continue;
    if (const Status written = set_campaign_field(s, std::string(key) + "=" + a.option(option)); !written) return written;
  }
  if (a.has("no-classifier")) s.classifies_answers = false;
  if (a.has("no-recording")) s.records_calls = false;
  return Done{};
}

/// A campaign's file names its strategy and its flow as files beside it; in the node they go by the names these files give
/// them, and must be in force.
Status read_settings_file(const CommandContext& context, const std::string& named, CampaignSettings& settings) {
  const std::filesystem::path path = context.path_of(named);
  const auto text = read_text_file(path, most_line_bytes);
  if (!text) return text.error();
  const std::string name = settings.name;
  auto file = parse_campaign_file(named, *text, std::move(settings));
  if (!file) return file.error();
  settings = std::move(file->settings);
  if (settings.name != name) return invalid_input(named + ": name is \"" + settings.name + "\", the command makes \"" + name + "\"");
  if (!file->strategy_file.empty()) {
    const auto strategy = read_strategy_text(path.parent_path() / file->strategy_file);
    if (!strategy) return strategy.error();
    const auto parsed = parse_strategy(file->strategy_file, *strategy);
    if (!parsed) return parsed.error();
    settings.strategy = parsed->name;
  }
  if (file->flow_file.empty()) return Done{};
  const auto flow = read_flow_text(path.parent_path() / file->flow_file);
  if (!flow) return flow.error();
  const auto parsed = parse_flow(file->flow_file, *flow);
  if (!parsed) return parsed.error();
  settings.flow = parsed->name;
  return Done{};
}

/// An older campaign goes on as it is until its number or its trunks change.
Status check_numbers(const CampaignSettings& before, const CampaignSettings& after, const NodeSettings& node) {
  if (before.caller_id == after.caller_id && before.trunks == after.trunks) return Done{};
  if (before.trunks != after.trunks) {
    if (const Status known = check_trunks(after, node); !known) return known;
  }
  return check_caller_id(after, node);
}

Result<View> put_campaign(const CommandContext& context, const Arguments& arguments, bool is_new) {
  const auto name = arguments.at(0, "campaign's name");
  if (!name) return name.error();
  const auto existing = context.ask<msg::CampaignView>(context.node.campaigns, msg::GetCampaign{*name});
  if (existing && is_new) return Error{Errc::conflict, "campaign " + *name + " exists; `campaign edit` changes it"};
  if (!existing && !is_new) return existing.error();
  msg::PutCampaign command;
  if (existing) command.settings = existing->campaign.settings;
  command.settings.name = *name;
  if (arguments.has("file")) {
    if (const Status read = read_settings_file(context, arguments.option("file"), command.settings); !read) return read.error();
  }
  const Status changed = change(command.settings, arguments, context.settings.settings);
  if (!changed) return changed.error();
  const Status shown = check_numbers(existing ? existing->campaign.settings : CampaignSettings{}, command.settings, context.settings.settings);
  if (!shown) return shown.error();
  const auto saved = send_command(context, context.node.campaigns, command);
  if (!saved) return saved.error();
  return View::record({{"campaign", *name}, {"state", *saved}});
}

/// How many cases the old and the new filter take, of the first ones of the store: enough to see a slip.
Result<std::string> filter_effect(const CommandContext& context, const CaseFilter& before, const CaseFilter& after) {
  constexpr std::size_t looked_at_most = 20'000;
  std::size_t looked_at = 0, taken_before = 0, taken_after = 0;
  for (ShardIndex shard = 0; shard < shard_count && looked_at < looked_at_most; ++shard) {
    const Status scanned = context.node.archive->each_view(shard, [&](CaseId, const std::string& bytes) {
      const auto record = decode_view(bytes);
      if (!record) return true;
      taken_before += matches(before, *record) ? 1 : 0;
      taken_after += matches(after, *record) ? 1 : 0;
      return ++looked_at < looked_at_most;
    });
    if (!scanned) return scanned.error();
  }
  return fmt::format("of {} cases looked at, {} belonged and {} will", looked_at, taken_before, taken_after);
}

Result<View> set(const CommandContext& context, const Arguments& arguments) {
  auto campaign = find_campaign(context, arguments);
  if (!campaign) return campaign.error();
  const CampaignSettings before = campaign->campaign.settings;
  msg::PutCampaign command{before, context.caller.name};
  for (std::size_t i = 1; i < arguments.count(); ++i) {
    const Status changed = set_campaign_field(command.settings, *arguments.at(i, ""));
    if (!changed) return changed.error();
  }
  const Status valid = validate(command.settings);
  if (!valid) return valid.error();
  const Status shown = check_numbers(before, command.settings, context.settings.settings);
  if (!shown) return shown.error();
  const auto old_fields = campaign_fields(before);
  const auto new_fields = campaign_fields(command.settings);
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < new_fields.size(); ++i) {
    if (old_fields[i].value == new_fields[i].value) continue;
    std::string effect = new_fields[i].effect;
    if (is_filter_field(new_fields[i].key)) {
      const auto counted = filter_effect(context, before.filter, command.settings.filter);
      if (!counted) return counted.error();
      effect = *counted + "; " + effect;
    }
    rows.push_back({{"setting", new_fields[i].key}, {"before", old_fields[i].value}, {"after", new_fields[i].value}, {"effect", effect}});
  }
  if (rows.empty()) return View::text("nothing changes");
  if (!arguments.has("dry-run")) {
    const auto saved = send_command(context, context.node.campaigns, command);
    if (!saved) return saved.error();
  }
  View view = View::table({"setting", "before", "after", "effect"}, std::move(rows));
  view.body["is_saved"] = !arguments.has("dry-run");
  return view;
}

Handler state_command(CampaignCommand command) {
  return [command](const CommandContext& context, const Arguments& arguments) -> Result<View> {
    const auto name = arguments.at(0, "campaign's name");
    if (!name) return name.error();
    const auto state = send_command(context, context.node.campaigns, msg::CommandCampaign{*name, command, context.caller.name});
    if (!state) return state.error();
    return View::record({{"campaign", *name}, {"state", *state}});
  };
}

/// What of the whole node forbids calls: disk, clock at the start, cluster. Trunks the campaign knows itself.
std::vector<std::string> node_reasons(const CommandContext& context) {
  std::vector<std::string> reasons;
  if (!context.services.health) return reasons;
  const auto health = context.services.health();
  if (!health) return reasons;
  for (const auto& check : health->at("checks")) {
    const std::string name = check["check"];
    if (check["grade"] == "red" && !name.starts_with("trunk ")) reasons.push_back("health: " + name + ": " + check["detail"].get<std::string>());
  }
  return reasons;
}

Result<View> why_idle_command(const CommandContext& context, const Arguments& arguments) {
  auto campaign = find_campaign(context, arguments);
  if (!campaign) return campaign.error();
  std::vector<std::string> reasons = node_reasons(context);
  const auto& own = arguments.option("lang", "ru") == "en" ? campaign->idle_reasons_en : campaign->idle_reasons_ru;
  reasons.insert(reasons.end(), own.begin(), own.end());
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < reasons.size(); ++i) rows.push_back({{"n", i + 1}, {"reason", reasons[i]}});
  if (rows.empty()) return View::text("Nothing stands in the way: the campaign dials.");
  return View::table({"n", "reason"}, std::move(rows));
}

double to_digits(double value, double scale) { return std::round(value * scale) / scale; }

/// Everything a decision stood on; the table shows the columns one reads first, JSON all of them.
nlohmann::json pace_row(const PacingDecision& d) {
  return {{"t_s", to_digits(d.at_s, 10)}, {"dials", d.dials}, {"limit", to_string(d.limit)}, {"doubt", to_string(d.doubt)}, {"one_line_per_agent", d.is_progressive},
          {"ready", d.agents_ready}, {"talking", d.agents_talking}, {"wrapping", d.agents_wrapping}, {"in_flight", d.calls_in_flight},
          {"list", d.list_available}, {"channels", d.channels_free}, {"answer_rate", to_digits(d.answer_rate, 1000)},
          {"live_ahead", to_digits(d.expected_live, 100)}, {"free_ahead", to_digits(d.expected_free, 100)}, {"horizon_s", d.horizon_s},
          {"level", to_digits(d.level, 100)}, {"level_window_s", d.level_window_s}, {"risk", to_digits(d.risk, 10'000)},
          {"risk_bound", to_digits(d.risk_bound, 10'000)}, {"abandon_rate", to_digits(d.abandon_rate, 10'000)},
          {"budget_left", to_digits(d.budget_left, 100)}, {"mean_talk_s", to_digits(d.mean_talk_s, 10)}, {"mean_wrap_s", to_digits(d.mean_wrap_s, 10)}};
}

Result<View> pace(const CommandContext& context, const Arguments& arguments) {
  const auto name = arguments.at(0, "campaign's name");
  if (!name) return name.error();
  const auto last = arguments.number("last", 20);
  if (!last) return last.error();
  auto pace = context.ask<msg::PaceView>(context.node.campaigns, msg::GetPace{*name, static_cast<std::size_t>(std::clamp<std::int64_t>(*last, 1, 1000))});
  if (!pace) return pace.error();
  if (arguments.has("explain")) {
    const std::string language = arguments.option("lang", "ru");
    if (language != "ru" && language != "en") return invalid_input("--lang must be ru or en");
    return View::text(pace_text(pace->decisions, language == "en" ? TextLanguage::english : TextLanguage::russian));
  }
  nlohmann::json rows = nlohmann::json::array();
  for (const PacingDecision& d : pace->decisions) rows.push_back(pace_row(d));
  return View::table({"t_s", "dials", "limit", "ready", "talking", "wrapping", "in_flight", "list", "channels", "live_ahead", "free_ahead", "level",
                      "risk", "risk_bound", "abandon_rate", "budget_left"},
                     std::move(rows));
}

}  // namespace

void add_campaign_commands(std::vector<Command>& commands) {
  static const std::string options =
      "[--portfolio P] [--mode progressive|predictive|agentless] [--skill S] [--trunk TRUNK] [--caller-id N,…] [--ring-timeout-ms N] "
      "[--wrap-up-s N] [--priority N] [--weight N] [--guaranteed-agents N] [--attempts-per-day N] [--no-classifier] [--no-recording]";
  commands.push_back({"campaign", "list", "", "campaigns at a glance", list_campaigns});
  commands.push_back({"campaign", "show", "NAME [--settings]", "one campaign: funnel, outcomes, agents' time; or its settings", show_campaign});
  commands.push_back({"campaign", "create", "NAME [--file F.toml] " + options, "new campaign; it does not dial before `campaign start`",
                      [](const CommandContext& c, const Arguments& a) { return put_campaign(c, a, true); }});
  commands.push_back({"campaign", "edit", "NAME [--file F.toml] " + options, "change a running or stopped campaign",
                      [](const CommandContext& c, const Arguments& a) { return put_campaign(c, a, false); }});
  commands.push_back({"campaign", "set", "NAME KEY=VALUE... [--dry-run]", "change settings; shows before, after and the effect", set});
  commands.push_back({"campaign", "start", "NAME", "begin or go on dialing", state_command(CampaignCommand::start)});
  commands.push_back({"campaign", "pause", "NAME", "no new attempts; talks go on", state_command(CampaignCommand::pause)});
  commands.push_back({"campaign", "resume", "NAME", "dial again", state_command(CampaignCommand::resume)});
  commands.push_back({"campaign", "stop", "NAME", "end the campaign", state_command(CampaignCommand::stop)});
  commands.push_back({"campaign", "why-idle", "NAME [--lang ru|en]", "why nothing is dialed, on one screen", why_idle_command});
  commands.push_back({"campaign", "pace", "NAME [--last N] [--explain] [--lang ru|en]", "the last pacing decisions with their inputs, or in words", pace});
}

}  // namespace dunlin
