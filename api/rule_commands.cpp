// The law the node judges by: loaded packs, their rules, each with its source.
#include <algorithm>

#include <fmt/format.h>

#include "api/command.hpp"

namespace dunlin {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string_view certainty_text(const std::string& certainty) {
  if (certainty == "V1") return "seen in the primary text";
  if (certainty == "V2") return "seen in a secondary source";
  if (certainty == "M") return "from memory: a lawyer confirms";
  return "our policy";
}

std::string channels_of(const Rule& rule) {
  std::string text;
  std::size_t count = 0;
  for (std::size_t i = 0; i < channel_count; ++i) {
    if (!rule.channels.has(static_cast<Channel>(i))) continue;
    ++count;
    text += (text.empty() ? "" : ",") + std::string(to_string(static_cast<Channel>(i)));
  }
  return count == channel_count ? "all" : text;
}

std::string last_day_of(const Rule& rule) { return rule.valid_to.is_set() ? format_date(rule.valid_to) : ""; }

nlohmann::ordered_json rule_fields(const LawPack& pack, const Rule& rule) {
  return {{"rule", rule.id}, {"part", rule.part}, {"pack", pack.id}, {"kind", rule.kind}, {"source", rule.source}, {"certainty", rule.certainty},
          {"valid_from", format_date(rule.valid_from)}, {"valid_to", last_day_of(rule)}, {"channels", channels_of(rule)},
          {"asleep", rule.wakes_with != WakingOption::always}};
}

nlohmann::ordered_json rule_fields(const LawPack& pack, const std::string& in_force) {
  std::string years;
  for (const int year : pack.calendar.years) years += (years.empty() ? "" : ",") + std::to_string(year);
  return {{"pack", pack.id}, {"in_force", pack.id == in_force}, {"version", pack.version}, {"rules", pack.rules.size()}, {"calendar", pack.calendar.version},
          {"calendar_years", years}, {"sha256", pack.sha256}};
}

Result<const LawPack*> pack_of(const RuleSet& rules, const std::string& name) {
  for (const auto& [id, pack] : rules.packs) {
    if (lower(id) == lower(name)) return &pack;
  }
  std::string known;
  for (const auto& [id, pack] : rules.packs) known += (known.empty() ? "" : ", ") + lower(id);
  return Error{Errc::not_found, "no law pack " + name + "; loaded are " + known};
}

Result<View> list_rules(const CommandContext& context, const Arguments& arguments) {
  const RuleSet& rules = *context.services.rules;
  nlohmann::json rows = nlohmann::json::array();
  if (!arguments.has("set")) {
    for (const auto& [id, pack] : rules.packs) rows.emplace_back(rule_fields(pack, context.settings.settings.jurisdiction));
    View view = View::table({"pack", "in_force", "version", "rules", "calendar", "calendar_years", "sha256"}, std::move(rows));
    view.body["version"] = rules.version;
    return view;
  }
  const auto pack = pack_of(rules, arguments.option("set"));
  if (!pack) return pack.error();
  for (const Rule& rule : (*pack)->rules) rows.emplace_back(rule_fields(**pack, rule));
  return View::table({"rule", "part", "kind", "certainty", "valid_from", "valid_to", "channels", "asleep", "source"}, std::move(rows));
}

Result<View> show_rule(const CommandContext& context, const Arguments& arguments) {
  const auto id = arguments.at(0, "rule's id");
  nlohmann::json rows = nlohmann::json::array();
  nlohmann::ordered_json only;
  for (const auto& [name, pack] : context.services.rules->packs) {
    if (arguments.has("set") && lower(name) != lower(arguments.option("set"))) continue;
    for (const Rule& rule : pack.rules) {
      if (lower(rule.id) != lower(*id)) continue;
      only = rule_fields(pack, rule);
      only["certainty"] = rule.certainty + " (" + std::string(certainty_text(rule.certainty)) + ")";
      only["pack_version"] = pack.version;
      only["pack_sha256"] = pack.sha256;
      rows.emplace_back(only);
    }
  }
  if (rows.empty()) return Error{Errc::not_found, "no rule " + *id + "; `rule list --set ru` shows them"};
  if (rows.size() == 1) return View::record(std::move(only));
  return View::table({"rule", "part", "kind", "certainty", "valid_from", "valid_to", "channels", "asleep", "source"}, std::move(rows));
}

}  // namespace

void add_rule_commands(std::vector<Command>& commands) {
  commands.push_back({"rule", "list", "[--set PACK]", "loaded law packs with their hashes; with --set the rules of one pack", list_rules});
  commands.push_back({"rule", "show", "RULE [--set PACK]", "one rule: paragraph, certainty, days of validity", show_rule});
}

}  // namespace dunlin
