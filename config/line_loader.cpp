#include "config/line_loader.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "config/plain_table.hpp"
#include "config/work_reader.hpp"
#include "core/dialing/caller_id_choice.hpp"
#include "core/dialing/campaign_trunks.hpp"

namespace dunlin {
namespace {

using LineFaults = std::vector<std::string>;
constexpr std::array<std::string_view, 4> line_number_names{"mobile", "home", "work", "other"};
constexpr std::array<std::string_view, line_party_count> line_party_names{"wrong_s", "third_s", "right_s", "promise_s", "machine_s"};

class LineReader {
 public:
  LineReader(const std::string& file, const TomlNode& root) : file_(file), root_(file, "line file", &root) {}

  Result<LineModel> read() {
    read_work();
    read_lines();
    read_numbers();
    read_people();
    read_classifier();
    read_times();
    read_outcomes();
    read_price();
    root_.finish(faults_);
    if (!faults_.empty()) return joined_faults(faults_);
    return model_;
  }

 private:
  PlainTable table(std::string_view name) { return PlainTable(file_, "[" + std::string(name) + "]", root_.child(name)); }

  void read_work() {
    PlainTable work = table("work");
    work.text("zone", model_.zone);
    work.time_of_day("from", model_.work_from_s);
    work.time_of_day("to", model_.work_to_s);
    work.number("tick_s", model_.tick_s, {0.1, 5});
    work.number("budget_window_s", model_.budget_window_s, {0, 86'400});
    if (model_.work_from_s >= model_.work_to_s) work.fail("to", "must be later than from");
    work.finish(faults_);
    PlainTable agents = table("agents");
    agents.number("spread", model_.agent_spread, {0, 1});
    agents.number("late_s", model_.agent_late_s, {0, 3600});
    agents.finish(faults_);
    PlainTable robot = table("robot");
    robot.share("hangs_up", model_.robot.hangs_up);
    robot.share("silent", model_.robot.silent);
    robot.number("characters_per_s", model_.robot.characters_per_s, {1, 100});
    robot.number("key_s", model_.robot.key_s, {0.1, 30});
    robot.finish(faults_);
  }
  void read_lines() {
    PlainTable line = table("line");
    line.whole("channels", model_.channels, 0, 10'000);
    line.number("calls_per_second", model_.calls_per_second, {0.1, 1000});
    line.number("setup_s", model_.setup_s, {0.1, 10});
    line.number("ring_spread", model_.ring_spread, {0, 2});
    line.share("failures", model_.failures);
    line.share("machines_at_once", model_.machines_at_once);
    line.number("machine_ring_s", model_.machine_ring_s, {3.5, 60});
    line.finish(faults_);
  }
  void read_numbers() {
    PlainTable numbers = table("numbers");
    for (std::size_t type = 0; type < line_number_names.size(); ++type) {
      LineNumbers& values = model_.numbers[type];
      PlainTable one(file_, "[numbers." + std::string(line_number_names[type]) + "]", numbers.child(line_number_names[type]));
      one.share("answers", values.answers);
      one.share("machines", values.machines);
      one.share("busy", values.busy);
      one.share("invalid", values.invalid);
      one.share("right_party", values.right_party);
      one.number("ring_s", values.ring_s, {0.5, 60});
      if (values.machines + values.busy > 1) one.fail("busy", "machines and busy together must not exceed 1");
      one.finish(faults_);
    }
    numbers.finish(faults_);
  }
  void read_people() {
    PlainTable people = table("people");
    people.number("spread", model_.person_spread, {0, 3});
    const TomlNode* hours_node = people.find("hour_factors");
    if (hours_node != nullptr) read_hours(people, *hours_node);
    people.finish(faults_);
  }
  void read_hours(PlainTable& people, const TomlNode& node) {
    const bool is_list = node.kind == TomlKind::list && node.items.size() == model_.hour_factors.size();
    if (!is_list) return people.fail("hour_factors", "must be a list of 24 numbers, the hours of the person's own clock");
    for (std::size_t hour = 0; hour < node.items.size(); ++hour) {
      const TomlNode& item = node.items[hour];
      const bool is_number = item.kind == TomlKind::real || item.kind == TomlKind::integer;
      const double value = item.kind == TomlKind::integer ? static_cast<double>(item.integer) : item.real;
      if (!is_number || !(value >= 0 && value <= 100)) return people.fail("hour_factors", "item " + std::to_string(hour + 1) + " must be a number from 0 to 100");
      model_.hour_factors[hour] = value;
    }
  }
  void read_classifier() {
    PlainTable classifier = table("classifier");
    classifier.share("person_as_machine", model_.person_as_machine);
    classifier.share("machine_as_person", model_.machine_as_person);
    classifier.share("hangs_up", model_.hangs_up);
    classifier.number("person_s", model_.detect_person_s, {0.1, 5});
    classifier.number("machine_s", model_.detect_machine_s, {0.1, 5});
    classifier.finish(faults_);
  }
  void read_times() {
    PlainTable talk = table("talk");
    PlainTable wrap = table("wrap");
    for (std::size_t party = 0; party < line_party_names.size(); ++party) {
      talk.number(line_party_names[party], model_.times.talk_s[party], {1, 3600});
      wrap.number(line_party_names[party], model_.times.wrap_s[party], {0, 3600});
    }
    talk.number("spread", model_.times.talk_spread, {0, 2});
    wrap.number("spread", model_.times.wrap_spread, {0, 2});
    talk.finish(faults_);
    wrap.finish(faults_);
  }
  void read_outcomes() {
    PlainTable outcomes = table("outcomes");
    outcomes.share("promises", model_.promises);
    outcomes.share("callbacks", model_.callbacks);
    outcomes.share("already_paid", model_.already_paid);
    outcomes.share("wrong_numbers", model_.wrong_numbers);
    outcomes.share("kept", model_.kept);
    if (model_.promises + model_.callbacks + model_.already_paid > 1) outcomes.fail("promises", "promises, callbacks and already_paid together must not exceed 1");
    outcomes.finish(faults_);
  }
  void read_price() {
    PlainTable price = table("price");
    price.number("attempt", model_.price_attempt, {0, 1e6});
    price.number("minute", model_.price_minute, {0, 1e6});
    price.text("currency", model_.currency);
    price.finish(faults_);
  }

  std::string file_;
  PlainTable root_;
  LineModel model_;
  LineFaults faults_;
};

void read_filter_bounds(PlainTable& table, CaseFilter& filter) {
  const auto bound = [&table](std::string_view name, std::optional<int>& value) {
    int given = 0;
    const bool is_given = table.find(name) != nullptr;
    table.whole(name, given, 0, 36'500);
    if (is_given) value = given;
  };
  bound("dpd_from", filter.dpd_from);
  bound("dpd_to", filter.dpd_to);
}

void read_mode(PlainTable& table, DialingMode& mode) {
  std::string word;
  table.text("mode", word);
  if (word.empty()) return;
  const auto parsed = parse_dialing_mode(word);
  if (parsed) mode = *parsed;
  else table.fail("mode", word == to_string(DialingMode::preview) ? parsed.error().detail : "allowed: progressive, predictive, agentless");
}

void read_rank(PlainTable& table, RankRule& rank) {
  std::string word;
  table.text("rank", word);
  if (word.empty()) return;
  const auto parsed = parse_rank_rule(word);
  if (parsed) rank = *parsed;
  else table.fail("rank", "allowed: oldest_first, highest_overdue, highest_dpd, freshest_dpd");
}

/// A word of the file by its own parser; `allowed` is told when it is another one.
template <class Choice>
void read_named_choice(PlainTable& table, const char* name, Result<Choice> (*parse)(std::string_view), Choice& choice) {
  std::string word;
  table.text(name, word);
  if (word.empty()) return;
  const auto parsed = parse(word);
  if (parsed) choice = *parsed;
  else table.fail(name, parsed.error().detail);
}

void read_sharing(PlainTable& table, CampaignSettings& settings) {
  table.text("skill", settings.skill);
  int priority = settings.priority;
  table.whole("priority", priority, -most_priority, most_priority);
  settings.priority = priority;
  table.count("weight", settings.weight, 0, most_weight);
  table.count("guaranteed_agents", settings.guaranteed_agents, 0, most_guaranteed_agents);
}

/// Amounts are written as numbers or, where every digit counts, as texts.
void read_campaign_price(PlainTable& table, const char* name, std::uint32_t& price) {
  const TomlNode* node = table.find(name);
  if (node == nullptr) return;
  const bool is_text = node->kind == TomlKind::text;
  const double value = node->kind == TomlKind::integer ? static_cast<double>(node->integer) : node->real;
  if (!is_text && node->kind != TomlKind::integer && node->kind != TomlKind::real) return table.fail(name, "must be an amount such as 1.5");
  if (!is_text && !(value >= 0 && value <= most_price / price_parts)) return table.fail(name, "must be an amount from 0 to " + std::to_string(most_price / price_parts));
  const auto parts = is_text ? 0LL : std::llround(value * price_parts);
  if (!is_text && std::abs(value * price_parts - static_cast<double>(parts)) > 1e-6 * std::max(1.0, value)) return table.fail(name, "must be an amount with at most four decimals");
  const auto parsed = is_text ? parse_price(node->text) : Result<std::uint32_t>(static_cast<std::uint32_t>(parts));
  if (!parsed) return table.fail(name, parsed.error().detail);
  price = *parsed;
}

void read_prices(PlainTable& table, CampaignSettings& settings) {
  CallPrices& prices = settings.prices;
  read_campaign_price(table, "cost_per_attempt", prices.attempt);
  read_campaign_price(table, "cost_per_minute", prices.minute);
  read_campaign_price(table, "agent_hour", prices.agent_hour);
  read_campaign_price(table, "value_per_rpc", prices.rpc_value);
  read_campaign_price(table, "value_per_promise_kept", prices.kept_value);
  read_named_choice(table, "price_currency", parse_currency, prices.currency);
  table.count("target_idle_s", settings.target_idle_s, 0, most_target_idle_s);
}

/// The list replaces the trunks there were; each is a name, or a name and its weight as on the command line.
void read_trunks(PlainTable& table, CampaignSettings& settings) {
  if (table.find("trunks") == nullptr) return;
  std::vector<std::string> texts;
  table.texts("trunks", texts);
  std::vector<TrunkShare> trunks;
  for (const std::string& text : texts) {
    auto share = parse_trunk_share(text);
    if (!share) return table.fail("trunks", "\"" + text + "\" " + share.error().detail);
    trunks.push_back(std::move(*share));
  }
  if (const Status whole = check_trunks(trunks); !whole) return table.fail("trunks", whole.error().detail);
  settings.trunks = std::move(trunks);
}

void read_caller_ids(PlainTable& table, const std::vector<std::string>& texts, CampaignSettings& settings) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
  if (const auto numbers = parse_caller_ids(all); !numbers) return table.fail("caller_id", numbers.error().detail);
  settings.caller_id = std::move(all);
}

void read_ways_out(PlainTable& table, CampaignSettings& settings) {
  std::vector<std::string> numbers;
  table.texts("caller_id", numbers);
  if (!numbers.empty()) read_caller_ids(table, numbers, settings);
  read_trunks(table, settings);
  table.flag("records_calls", settings.records_calls);
}

/// A retry table replaces the rule of its outcomes; the others stay as they were.
void read_work(const std::string& file, const TomlNode& root, PlainTable& table, CampaignSettings& settings, std::vector<std::string>& faults) {
  static const FieldNames work_fields{"number_order", "retry"};
  TomlNode work = root;
  std::erase_if(work.fields, [](const auto& field) { return std::find(work_fields.begin(), work_fields.end(), field.first) == work_fields.end(); });
  for (const std::string& name : work_fields) table.find(name);
  FieldTable fields(file, "campaign", work, work_fields);
  if (auto order = read_number_order(fields); !order.empty()) settings.number_order = std::move(order);
  for (const RetryRule& rule : read_retry_rules(file, fields, faults)) {
    const auto known = std::find_if(settings.retry.begin(), settings.retry.end(), [&rule](const RetryRule& old) { return old.outcome == rule.outcome; });
    if (known == settings.retry.end()) settings.retry.push_back(rule);
    else *known = rule;
  }
  if (auto fault = fields.fault()) faults.push_back(std::move(*fault));
}

}  // namespace

Result<LineModel> parse_line_model(const std::string& file, std::string_view text) {
  if (text.size() > most_line_bytes) return Error{Errc::exhausted, file + ": larger than 64 KB"};
  const auto root = parse_toml(file, text);
  if (!root) return root.error();
  return LineReader(file, *root).read();
}

Result<CampaignFile> parse_campaign_file(const std::string& file, std::string_view text, CampaignSettings defaults) {
  if (text.size() > most_line_bytes) return Error{Errc::exhausted, file + ": larger than 64 KB"};
  const auto root = parse_toml(file, text);
  if (!root) return root.error();
  CampaignFile read{std::move(defaults)};
  CampaignSettings& settings = read.settings;
  PlainTable table(file, "campaign", &*root);
  table.text("name", settings.name);
  read_mode(table, settings.mode);
  read_rank(table, settings.rank);
  read_named_choice(table, "numbers", parse_number_choice, settings.number_choice);
  read_named_choice(table, "hours", parse_hour_choice, settings.hour_choice);
  table.count("odds_lead", settings.odds_lead, 0, most_odds_lead);
  table.texts("portfolio", settings.filter.portfolios);
  table.texts("stage", settings.filter.stages);
  table.texts("product", settings.filter.products);
  table.texts("language", settings.filter.languages);
  read_filter_bounds(table, settings.filter);
  table.count("ring_timeout_ms", settings.ring_timeout_ms, 5'000, 120'000);
  table.count("abandon_after_ms", settings.abandon_after_ms, 0, 60'000);
  table.count("abandon_limit_permille", settings.abandon_limit_permille, 1, 1000);
  table.count("max_attempts_per_number_day", settings.max_attempts_per_number_day, 1, 1000);
  table.count("max_attempts_per_case_day", settings.max_attempts_per_case_day, 1, 1000);
  table.count("max_attempts_per_number", settings.max_attempts_per_number, 1, 100'000);
  table.count("max_attempts_per_case", settings.max_attempts_per_case, 1, 100'000);
  table.count("wrap_up_seconds", settings.wrap_up_seconds, 0, 3600);
  table.flag("classifies_answers", settings.classifies_answers);
  table.text("strategy", read.strategy_file);
  table.text("flow", read.flow_file);
  read_prices(table, settings);
  read_sharing(table, settings);
  read_ways_out(table, settings);
  std::vector<std::string> faults;
  read_work(file, *root, table, settings, faults);
  table.finish(faults);
  if (!faults.empty()) return joined_faults(faults);
  return read;
}

}  // namespace dunlin
