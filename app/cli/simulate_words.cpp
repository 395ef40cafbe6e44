#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/cli/simulate_report.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {
namespace {

struct BothWords {
  const char* english;
  const char* russian;
};

BothWords metric_words(WhatIfMetric metric) {
  switch (metric) {
    case WhatIfMetric::attempts: return {"attempts", "попыток"};
    case WhatIfMetric::picked_up: return {"picked up (persons and machines)", "сняли трубку (люди и автоответчики)"};
    case WhatIfMetric::live: return {"live answers", "живых ответов"};
    case WhatIfMetric::connected: return {"connected to an agent", "соединено с оператором"};
    case WhatIfMetric::abandoned: return {"abandoned", "брошено (нет оператора)"};
    case WhatIfMetric::abandon_share: return {"abandoned, share of live", "доля брошенных"};
    case WhatIfMetric::right_party: return {"right-party contacts", "контактов с должником"};
    case WhatIfMetric::promises: return {"promises", "обещаний"};
    case WhatIfMetric::promises_per_hour: return {"promises an agent hour", "обещаний за час оператора"};
    case WhatIfMetric::occupancy: return {"agent occupancy", "загрузка операторов"};
    case WhatIfMetric::idle_p50: return {"idle between calls, median", "простой между звонками, медиана"};
    case WhatIfMetric::idle_p95: return {"idle between calls, 95 %", "простой между звонками, 95 %"};
    case WhatIfMetric::cases_called: return {"cases called at least once", "дел, которым звонили"};
    case WhatIfMetric::denied_by_law: return {"refused by the law", "отказов закона"};
    case WhatIfMetric::list_left: return {"cases due when the work ended", "дел в очереди к концу работы"};
    case WhatIfMetric::cost: return {"cost", "стоимость"};
    case WhatIfMetric::cost_per_promise: return {"cost of a promise", "стоимость обещания"};
    case WhatIfMetric::cost_per_rpc: return {"cost of a right-party contact", "стоимость контакта с должником"};
    case WhatIfMetric::cost_per_kept_promise: return {"cost of a kept promise", "стоимость выполненного обещания"};
  }
  return {"?", "?"};
}

std::string plain(double value) { return std::abs(value) < 100 && value != std::floor(value) ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value); }

}  // namespace

std::string SimulateWords::metric(WhatIfMetric which) const {
  const BothWords words = metric_words(which);
  return say(words.english, words.russian);
}

std::string SimulateWords::value(WhatIfMetric which, double value, const std::string& currency) const {
  switch (unit_of(which)) {
    case WhatIfUnit::count: return plain(value);
    case WhatIfUnit::share: return fmt::format("{:.2f} %", value * 100);
    case WhatIfUnit::seconds: return fmt::format("{:.1f} {}", value, say("s", "с"));
    case WhatIfUnit::money: return which == WhatIfMetric::promises_per_hour ? fmt::format("{:.2f}", value) : fmt::format("{:.2f} {}", value, currency);
  }
  return {};
}

std::string SimulateWords::difference(const WhatIfDifference& row, const std::string& currency) const {
  const bool is_share = unit_of(row.metric) == WhatIfUnit::share;
  const auto shown = [&](double number) {
    if (is_share) return fmt::format("{:.2f} {}", number * 100, say("pp", "п.п."));
    return value(row.metric, number, currency);
  };
  std::string text = (row.difference.mean > 0 ? "+" : "") + shown(row.difference.mean);
  if (row.difference.half_width) text += " ± " + shown(*row.difference.half_width);
  return text;
}

std::string SimulateWords::title(const WhatIfPlan& plan) const {
  const auto clock = [](int s) { return fmt::format("{:02}:{:02}", s / 3600, s % 3600 / 60); };
  std::string mode = say("progressive", "прогрессивный");
  if (plan.campaign.mode == DialingMode::predictive) mode = say("predictive", "предиктивный");
  if (plan.campaign.mode == DialingMode::agentless) mode = say("agentless", "без операторов");
  std::string text = fmt::format("{}{}{}: {}, {} {}, {} {}–{} {}", say("campaign \"", "кампания «"), plan.campaign.name, say("\"", "»"), mode,
                                 say("agents:", "операторов:"), plan.agents, format_date(plan.day), clock(plan.line.work_from_s),
                                 clock(plan.line.work_to_s), plan.line.zone);
  if (plan.days > 1) text += fmt::format(", {} {}", say("days:", "дней:"), plan.days);
  if (plan.cases) text += fmt::format(", {} {}", say("cases of the history:", "дел из истории:"), plan.cases->size());
  else text += fmt::format(", {} {}", say("synthetic cases:", "синтетических дел:"), plan.synthetic_cases);
  if (plan.answers_by_odds) text += say(" who answer as their history says", " (отвечают, как говорит их история)");
  text += plan.campaign.strategy.empty() ? say(", no strategy", ", без стратегии") : say(", strategy ", ", стратегия ") + plan.campaign.strategy;
  return text;
}

/// Of people who may be in several zones at once no hours are measured.
std::string SimulateWords::hours_cell(const MeanZone& zone, double hours) const {
  return zone.lawful_h > 0 ? fmt::format("{:.2f}", hours) : "–";
}

std::string SimulateWords::rule_kind(const std::string& kind) const {
  if (kind == "calling_window") return say("hours of the day", "часы звонков");
  if (kind == "window_tail") return say("end of the hours", "конец часов звонков");
  if (kind == "stated_times") return say("times the person excluded", "время, исключённое человеком");
  if (kind == "frequency") return say("frequency", "частота");
  if (kind == "quiet_period") return say("pause between attempts", "пауза между попытками");
  if (kind == "in_flight") return say("a contact is going on", "контакт уже идёт");
  if (kind == "person_flag") return say("bar on the person", "запрет по человеку");
  if (kind == "third_party") return say("third party", "третье лицо");
  if (kind == "refusal") return say("refusal", "отказ от взаимодействия");
  if (kind == "medium_optout") return say("channel excluded by the person", "канал, исключённый человеком");
  if (kind == "abandon_limit") return say("share of abandoned", "доля брошенных");
  return kind;
}

std::vector<std::string> SimulateWords::verdicts(const SimulatedSide& side) const {
  std::vector<std::string> lines;
  for (const WhatIfDay& day : side.days) {
    for (const std::string& what : day.violations) lines.push_back(fmt::format("{} {}: {}", say("seed", "прогон"), day.seed, what));
    if (day.violations_unlisted > 0) lines.push_back(fmt::format("{} {}: {} {}", say("seed", "прогон"), day.seed, day.violations_unlisted, say("more", "ещё")));
  }
  if (lines.empty()) {
    lines.push_back(fmt::format("{} {}", say("no forbidden attempt, caps and abandon budget kept; seeds:", "запрещённых попыток нет, лимиты и бюджет брошенных соблюдены; прогонов:"),
                                side.days.size()));
  }
  return lines;
}

std::vector<MeanRow> mean_counts(const std::vector<WhatIfDay>& days, std::map<std::string, std::uint64_t> WhatIfDay::*table) {
  std::map<std::string, double> sums;
  for (const WhatIfDay& day : days) {
    for (const auto& [name, count] : day.*table) sums[name] += static_cast<double>(count) / static_cast<double>(days.size());
  }
  std::vector<MeanRow> rows;
  for (const auto& [name, mean] : sums) rows.push_back({name, mean});
  std::stable_sort(rows.begin(), rows.end(), [](const MeanRow& a, const MeanRow& b) { return a.mean > b.mean; });
  return rows;
}

std::string kind_of_rule(const WhatIfPlan& plan, const std::string& rule_id) {
  for (const auto& [name, pack] : plan.policy->rules().packs) {
    for (const Rule& rule : pack.rules) {
      if (rule.id == rule_id) return rule.kind;
    }
  }
  return {};
}

std::vector<MeanZone> mean_zones(const std::vector<WhatIfDay>& days) {
  std::map<std::string, MeanZone> sums;
  for (const WhatIfDay& day : days) {
    const double share = 1.0 / static_cast<double>(days.size());
    for (const auto& [name, zone] : day.zones) {
      MeanZone& sum = sums[name];
      sum.name = name;
      sum.cases += share * static_cast<double>(zone.cases);
      sum.called += share * static_cast<double>(zone.called);
      sum.attempts += share * static_cast<double>(zone.attempts);
      sum.lawful_h = zone.lawful_h;
      sum.worked_h = zone.worked_h;
      sum.left_h = zone.left_h;
    }
  }
  std::vector<MeanZone> rows;
  for (auto& [name, zone] : sums) rows.push_back(std::move(zone));
  std::stable_sort(rows.begin(), rows.end(), [](const MeanZone& a, const MeanZone& b) { return a.cases > b.cases; });
  return rows;
}

std::vector<MeanHour> mean_hours(const std::vector<WhatIfDay>& days) {
  std::vector<MeanHour> rows;
  std::vector<double> busy;
  std::vector<double> present;
  for (const WhatIfDay& day : days) {
    const std::size_t hours = std::max(rows.size(), day.hours.size());
    rows.resize(hours);
    busy.resize(hours);
    present.resize(hours);
    for (std::size_t i = 0; i < day.hours.size(); ++i) {
      rows[i].attempts += static_cast<double>(day.hours[i].attempts) / static_cast<double>(days.size());
      rows[i].connected += static_cast<double>(day.hours[i].connected) / static_cast<double>(days.size());
      busy[i] += day.hours[i].busy_s;
      present[i] += day.hours[i].present_s;
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].occupancy = present[i] > 0 ? busy[i] / present[i] : 0;
  return rows;
}

}  // namespace dunlin
