#include "app/cli/simulate_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/compliance/rule_set.hpp"

namespace dunlin {
namespace {

using ReportJson = nlohmann::ordered_json;
constexpr std::size_t shown_denials = 12;

/// Characters, not bytes: Cyrillic letters take two.
std::size_t shown_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string left_cell(const std::string& text, std::size_t width) {
  const std::size_t used = shown_width(text);
  return text + std::string(used < width ? width - used : 1, ' ');
}

std::string right_cell(const std::string& text, std::size_t width) {
  const std::size_t used = shown_width(text);
  return std::string(used < width ? width - used : 1, ' ') + text;
}

constexpr std::size_t name_width = 38;
constexpr std::size_t value_width = 14;

std::string interval_text(const SimulateWords& words, WhatIfMetric metric, const WhatIfEstimate& estimate, const std::string& currency) {
  return estimate.half_width ? "± " + words.value(metric, *estimate.half_width, currency) : "";
}

std::string side_table(const SimulatedSide& side, const SimulateWords& words) {
  std::string text = left_cell(words.say("a day, mean over seeds", "за день, среднее по прогонам"), name_width);
  if (side.plan.days > 1) text = left_cell(words.say("all days, mean over seeds", "за все дни, среднее по прогонам"), name_width);
  text += right_cell(words.say("mean", "среднее"), value_width) + right_cell("95 %", value_width) + right_cell(words.say("least", "наименьшее"), value_width) +
          right_cell(words.say("most", "наибольшее"), value_width) + "\n";
  for (int i = 0; i < what_if_metric_count; ++i) {
    const auto metric = static_cast<WhatIfMetric>(i);
    const WhatIfEstimate estimate = estimate_of(metric, side.days);
    const std::string& currency = side.plan.line.currency;
    text += left_cell(words.metric(metric), name_width) + right_cell(words.value(metric, estimate.mean, currency), value_width) +
            right_cell(interval_text(words, metric, estimate, currency), value_width) + right_cell(words.value(metric, estimate.least, currency), value_width) +
            right_cell(words.value(metric, estimate.most, currency), value_width) + "\n";
  }
  return text;
}

std::string denial_lines(const SimulatedSide& side, const SimulateWords& words) {
  std::string text = "\n" + words.say("Refused by the law, mean:", "Отказы закона, среднее:") + "\n";
  const auto rules = mean_counts(side.days, &WhatIfDay::denied_by_law);
  for (std::size_t i = 0; i < std::min(rules.size(), shown_denials); ++i) {
    text += fmt::format("  {}{}  {}\n", left_cell(rules[i].name, 20), right_cell(fmt::format("{:.1f}", rules[i].mean), 10), words.rule_kind(kind_of_rule(side.plan, rules[i].name)));
  }
  if (rules.empty()) text += "  -\n";
  const auto plans = mean_counts(side.days, &WhatIfDay::denied_by_plan);
  if (plans.empty()) return text;
  text += words.say("Held back by the campaign's own plan, mean:", "Придержано планом самой кампании, среднее:") + "\n";
  for (std::size_t i = 0; i < std::min(plans.size(), shown_denials); ++i) text += fmt::format("  {:>10.1f}  {}\n", plans[i].mean, plans[i].name);
  return text;
}

std::string zone_lines(const SimulatedSide& side, const SimulateWords& words) {
  std::string text = "\n" + left_cell(words.say("zone", "зона"), 22) + right_cell(words.say("cases", "дел"), 9) + right_cell(words.say("called", "звонили"), 9) +
                     right_cell(words.say("attempts", "попыток"), 10) + right_cell(words.say("lawful h", "законных ч"), 12) +
                     right_cell(words.say("worked h", "в смену ч"), 12) + right_cell(words.say("left h", "осталось ч"), 12) + "\n";
  for (const MeanZone& zone : mean_zones(side.days)) {
    text += left_cell(zone.name, 22) + right_cell(fmt::format("{:.0f}", zone.cases), 9) + right_cell(fmt::format("{:.0f}", zone.called), 9) +
            right_cell(fmt::format("{:.0f}", zone.attempts), 10) + right_cell(words.hours_cell(zone, zone.lawful_h), 12) +
            right_cell(words.hours_cell(zone, zone.worked_h), 12) + right_cell(words.hours_cell(zone, zone.left_h), 12) + "\n";
  }
  return text;
}

std::string judge_lines(const SimulatedSide& side, const SimulateWords& words) {
  std::string text = "\n" + words.say("Judges: ", "Судьи: ");
  for (const std::string& line : words.verdicts(side)) text += line + "\n";
  return text;
}

std::string comparison_table(const SimulateResult& result, const SimulateWords& words) {
  const std::string& currency = result.first.plan.line.currency;
  std::string text = "\nA: " + words.title(result.first.plan) + "\nB: " + words.title(result.second->plan) + "\n\n" +
                     left_cell(words.say("the same seeds", "на тех же прогонах"), name_width) + right_cell("A", value_width) + right_cell("B", value_width) +
                     right_cell(words.say("B minus A, 95 %", "B минус A, 95 %"), 26) + "\n";
  for (const WhatIfDifference& row : compare(result.first.days, result.second->days)) {
    text += left_cell(words.metric(row.metric), name_width) + right_cell(words.value(row.metric, row.first.mean, currency), value_width) +
            right_cell(words.value(row.metric, row.second.mean, currency), value_width) + right_cell(words.difference(row, currency), 26) +
            (row.is_significant ? "  " + words.say("significant", "значимо") : "") + "\n";
  }
  return text;
}

ReportJson estimate_json(const WhatIfEstimate& estimate) {
  return {{"mean", estimate.mean}, {"ci95", estimate.half_width ? ReportJson(*estimate.half_width) : ReportJson(nullptr)}, {"min", estimate.least}, {"max", estimate.most}};
}

ReportJson plan_json(const WhatIfPlan& plan) {
  return {{"campaign", plan.campaign.name}, {"mode", to_string(plan.campaign.mode)}, {"agents", plan.agents}, {"day", format_date(plan.day)}, {"days", plan.days},
          {"cases", plan.cases ? plan.cases->size() : plan.synthetic_cases}, {"cases_from", plan.cases ? "history" : "synthetic"},
          {"strategy", plan.campaign.strategy}, {"law", plan.policy->rules().version.substr(0, 16)}};
}

ReportJson violations_json(const SimulatedSide& side) {
  ReportJson rows = ReportJson::array();
  for (const WhatIfDay& day : side.days) {
    for (const std::string& what : day.violations) rows.push_back({{"seed", day.seed}, {"what", what}});
  }
  return rows;
}

ReportJson side_json(const SimulatedSide& side) {
  ReportJson metrics = ReportJson::object();
  for (int i = 0; i < what_if_metric_count; ++i) {
    const auto metric = static_cast<WhatIfMetric>(i);
    metrics[std::string(to_string(metric))] = estimate_json(estimate_of(metric, side.days));
  }
  ReportJson laws = ReportJson::array();
  for (const MeanRow& row : mean_counts(side.days, &WhatIfDay::denied_by_law)) laws.push_back({{"rule", row.name}, {"kind", kind_of_rule(side.plan, row.name)}, {"mean", row.mean}});
  ReportJson plans = ReportJson::array();
  for (const MeanRow& row : mean_counts(side.days, &WhatIfDay::denied_by_plan)) plans.push_back({{"reason", row.name}, {"mean", row.mean}});
  ReportJson outcomes = ReportJson::object();
  for (const MeanRow& row : mean_counts(side.days, &WhatIfDay::outcomes)) outcomes[row.name] = row.mean;
  ReportJson zones = ReportJson::array();
  for (const MeanZone& zone : mean_zones(side.days)) {
    zones.push_back({{"zone", zone.name}, {"cases", zone.cases}, {"called", zone.called}, {"attempts", zone.attempts}, {"lawful_h", zone.lawful_h},
                     {"worked_h", zone.worked_h}, {"left_h", zone.left_h}});
  }
  ReportJson hours = ReportJson::array();
  for (const MeanHour& hour : mean_hours(side.days)) hours.push_back({{"attempts", hour.attempts}, {"connected", hour.connected}, {"occupancy", hour.occupancy}});
  ReportJson seeds = ReportJson::array();
  for (const WhatIfDay& day : side.days) seeds.push_back(day.seed);
  return {{"plan", plan_json(side.plan)}, {"seeds", std::move(seeds)}, {"metrics", std::move(metrics)}, {"outcomes", std::move(outcomes)},
          {"denied_by_law", std::move(laws)}, {"denied_by_plan", std::move(plans)}, {"zones", std::move(zones)}, {"hours", std::move(hours)},
          {"violations", violations_json(side)}};
}

}  // namespace

std::string simulate_text(const SimulateResult& result) {
  const SimulateWords words{result.is_russian};
  std::string text = words.title(result.first.plan) + "\n\n" + side_table(result.first, words) + denial_lines(result.first, words) +
                     zone_lines(result.first, words) + judge_lines(result.first, words);
  if (!result.second) return text;
  return text + comparison_table(result, words) + judge_lines(*result.second, words);
}

nlohmann::ordered_json simulate_json(const SimulateResult& result) {
  ReportJson report = side_json(result.first);
  if (!result.second) return report;
  report["against"] = side_json(*result.second);
  ReportJson rows = ReportJson::array();
  for (const WhatIfDifference& row : compare(result.first.days, result.second->days)) {
    rows.push_back({{"metric", to_string(row.metric)}, {"difference", estimate_json(row.difference)}, {"is_significant", row.is_significant}});
  }
  report["comparison"] = std::move(rows);
  return report;
}

}  // namespace dunlin
