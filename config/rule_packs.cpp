#include <algorithm>
#include <array>
#include <limits>

#include "config/rule_compiler.hpp"

namespace dunlin {
namespace {

constexpr std::array<std::string_view, 4> certainties{"V1", "V2", "M", "P"};
constexpr std::size_t most_rules = 500;
constexpr int longest_gap_s = 31 * 86'400;

CounterpartySet read_counterparties(FieldReader& fields) {
  CounterpartySet set;
  if (!fields.has("counterparties")) {
    for (std::size_t i = 0; i < counterparty_count; ++i) set.add(static_cast<Counterparty>(i));
    return set;
  }
  for (const std::string& word : fields.texts("counterparties")) {
    const auto value = parse_counterparty(word);
    if (value) set.add(*value);
    else fields.fail("counterparties", "\"" + word + "\" is not known");
  }
  if (set.is_empty()) fields.fail("counterparties", "must name somebody");
  return set;
}

WakingOption read_waking(FieldReader& fields) {
  if (!fields.has("option")) return WakingOption::always;
  const std::string word = fields.text("option");
  if (word == "strict_weekend") return WakingOption::strict_weekend;
  if (word == "strict_rolling") return WakingOption::strict_rolling;
  fields.fail("option", "\"" + word + "\" is not an operator option");
  return WakingOption::always;
}

void read_validity(FieldReader& fields, Rule& rule) {
  rule.valid_from = fields.date("valid_from");
  rule.valid_to = fields.date_or("valid_to", CivilDate());
  rule.first_day = days_from_civil(rule.valid_from);
  rule.last_day = rule.valid_to.is_set() ? days_from_civil(rule.valid_to) : std::numeric_limits<std::int64_t>::max();
  if (rule.last_day < rule.first_day) fields.fail("valid_to", "must not be earlier than valid_from");
}

Result<Rule> compile_rule(const std::string& file, const TomlNode& node, const PackNames& names) {
  const auto id = node.fields.find("id");
  FieldReader fields(file, "rule " + (id == node.fields.end() ? "without id" : id->second.text), node);
  Rule rule;
  rule.id = fields.text("id");
  if (rule.id.find_first_of(" \t,;") != std::string::npos) fields.fail("id", "must be one word");
  rule.kind = fields.text("kind");
  rule.part = fields.text_or("part", "");
  rule.source = fields.text("source");
  rule.certainty = fields.text("certainty");
  if (std::find(certainties.begin(), certainties.end(), rule.certainty) == certainties.end()) {
    fields.fail("certainty", "must be V1, V2, M or P");
  }
  read_validity(fields, rule);
  rule.channels = read_channels(fields, "channels", names);
  rule.counterparties = read_counterparties(fields);
  rule.wakes_with = read_waking(fields);
  rule.body = compile_body(rule.kind, fields, names, rule.channels);
  if (auto status = fields.finish(); !status) return status.error();
  return rule;
}

/// Rules of one id and part must not be valid on the same day: nobody could say which of them is the law.
Status check_overlaps(const std::string& file, const LawPack& pack, const std::vector<const TomlNode*>& nodes) {
  for (std::size_t i = 0; i < pack.rules.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Rule& later = pack.rules[i];
      const Rule& earlier = pack.rules[k];
      if (later.id != earlier.id || later.part != earlier.part) continue;
      if (later.first_day > earlier.last_day || earlier.first_day > later.last_day) continue;
      return invalid_input(file + ":" + std::to_string(nodes[i]->line) + ": rule " + later.id +
                           ", field valid_from: overlaps the rule of the same id and part in line " +
                           std::to_string(nodes[k]->line));
    }
  }
  return Done{};
}

bool is_possible(DayType type, int weekday, bool has_calendar) {
  const bool is_weekend = weekday >= 5;
  switch (type) {
    case DayType::working: return !is_weekend;
    case DayType::weekend: return is_weekend;
    case DayType::holiday:
    case DayType::unknown:
    case DayType::regional_holiday: return has_calendar;
    case DayType::working_weekend: return has_calendar && is_weekend;
  }
  return true;
}

bool is_covered(const LawPack& pack, Channel channel, DayType type, int weekday) {
  return std::any_of(pack.rules.begin(), pack.rules.end(), [&](const Rule& rule) {
    const auto* window = std::get_if<CallingWindow>(&rule.body);
    return window != nullptr && rule.channels.has(channel) && rule.wakes_with == WakingOption::always &&
           window->day_types.has(type) && (window->weekdays >> weekday & 1) != 0;
  });
}

/// Every channel that is not declared open has hours on every day that can be, so that no gap allows by silence.
Status check_hours(const std::string& file, const LawPack& pack, const ChannelSet& open, bool has_calendar) {
  for (std::size_t c = 0; c < channel_count; ++c) {
    const Channel channel = static_cast<Channel>(c);
    for (std::size_t t = 0; t < day_type_count && !open.has(channel); ++t) {
      for (int weekday = 0; weekday < 7; ++weekday) {
        const DayType type = static_cast<DayType>(t);
        if (!is_possible(type, weekday, has_calendar) || is_covered(pack, channel, type, weekday)) continue;
        return invalid_input(file + ":1: pack " + pack.id + ", field rule: no calling_window for channel " +
                             std::string(to_string(channel)) + " on a " + std::string(to_string(type)) + " day");
      }
    }
  }
  return Done{};
}

Status read_groups(const std::string& file, const TomlNode& root, PackNames& names) {
  const auto found = root.fields.find("channel_groups");
  if (found == root.fields.end()) return Done{};
  FieldReader fields(file, "channel_groups", found->second);
  const PackNames no_groups;
  for (const auto& [name, node] : found->second.fields) {
    if (parse_channel(name)) fields.fail(name, "is the name of a channel");
    names.groups[name] = read_channels(fields, name, no_groups);
  }
  return fields.finish();
}

Status read_one_pool(const std::string& file, const TomlNode& node, PackNames& names) {
  FieldReader fields(file, "pool", node);
  Pool pool;
  pool.name = fields.text("name");
  if (names.pools.count(pool.name) != 0) fields.fail("name", "is used twice");
  for (const TomlNode* item : fields.tables("facts")) {
    FieldReader group_fields(file, "pool " + pool.name, *item);
    FactGroup group;
    group.channels = read_channels(group_fields, "channels", names);
    for (const std::string& word : group_fields.texts("results")) {
      const auto result = parse_contact_result(word);
      if (result) group.results.add(*result);
      else group_fields.fail("results", "\"" + word + "\" is not a result of a contact");
    }
    if (auto status = group_fields.finish(); !status) return status;
    pool.groups.push_back(group);
  }
  if (pool.groups.empty()) fields.fail("facts", "must hold a group");
  names.pools[pool.name] = pool;
  return fields.finish();
}

Status read_rules(const std::string& file, FieldReader& top, const PackNames& names, LawPack& pack) {
  const std::vector<const TomlNode*> nodes = top.tables("rule");
  if (nodes.empty()) top.fail("rule", "the pack has no rules");
  if (nodes.size() > most_rules) top.fail("rule", "the pack has more than " + std::to_string(most_rules) + " rules");
  if (top.fault()) return *top.fault();
  for (const TomlNode* node : nodes) {
    auto rule = compile_rule(file, *node, names);
    if (!rule) return rule.error();
    pack.rules.push_back(std::move(*rule));
  }
  return check_overlaps(file, pack, nodes);
}

}  // namespace

OperatorOptions read_options(FieldReader& fields) {
  OperatorOptions options;
  const auto number = [&](std::string_view name, int most) -> std::optional<int> {
    if (!fields.has(name)) return std::nullopt;
    return static_cast<int>(fields.integer(name, 0, most));
  };
  options.strict_weekend = fields.boolean_or("strict_weekend", false);
  options.strict_rolling = fields.boolean_or("strict_rolling", false);
  options.tail_s = number("tail_s", 4 * 3600);
  options.max_unanswered_day = number("max_unanswered_day", 1000);
  options.max_unanswered_week = number("max_unanswered_week", 1000);
  options.max_unanswered_month = number("max_unanswered_month", 1000);
  options.unanswered_gap_s = number("unanswered_gap_s", longest_gap_s);
  options.next_number_gap_s = number("next_number_gap_s", longest_gap_s);
  for (const std::string_view name : {"strict_weekend", "strict_rolling", "tail_s", "max_unanswered_day",
                                      "max_unanswered_week", "max_unanswered_month", "unanswered_gap_s",
                                      "next_number_gap_s"}) {
    fields.accept(name);
  }
  return options;
}

Result<CompiledPack> compile_pack(const std::string& file, const TomlNode& root) {
  FieldReader top(file, "pack file", root);
  CompiledPack compiled;
  PackNames names;
  FieldReader head(file, "pack", root.fields.find("pack")->second);
  compiled.pack.id = head.text("id");
  head.text("title");
  compiled.pack.version = head.text("version");
  compiled.calendar = head.text("calendar");
  compiled.pack.unknown_zones = head.texts("unknown_zones");
  if (compiled.pack.unknown_zones.empty()) head.fail("unknown_zones", "must name a zone");
  const ChannelSet open = head.has("open_channels") ? read_channels(head, "open_channels", names) : ChannelSet();
  if (auto status = head.finish(); !status) return status.error();
  if (auto status = read_groups(file, root, names); !status) return status.error();
  for (const TomlNode* node : top.tables("pool")) {
    if (auto status = read_one_pool(file, *node, names); !status) return status.error();
  }
  const auto options = root.fields.find("options");
  if (options != root.fields.end()) {
    FieldReader fields(file, "options", options->second);
    compiled.options = read_options(fields);
    if (auto status = fields.finish(); !status) return status.error();
  }
  if (auto status = read_rules(file, top, names, compiled.pack); !status) return status.error();
  for (const std::string_view name : {"pack", "channel_groups", "options", "pool", "rule"}) top.accept(name);
  if (auto status = top.finish(); !status) return status.error();
  const bool has_calendar = compiled.calendar != "none";
  if (auto status = check_hours(file, compiled.pack, open, has_calendar); !status) return status.error();
  return compiled;
}

}  // namespace dunlin
