// One page that can be mailed: tables and plots as inline SVG, no script, no outside resource.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/cli/simulate_report.hpp"

namespace dunlin {
namespace {

constexpr const char* page_style =
    "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #dde3e9}th:first-child,td:first-child{text-align:left}"
    "th{font-weight:600;color:#51606f}.good{color:#176b3a}.bad{color:#a3211c;font-weight:600}.quiet{color:#6b7885}"
    "tr.significant td{background:#eef6ff}svg{display:block;max-width:100%;height:auto}";

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') safe += "&amp;";
    else if (c == '<') safe += "&lt;";
    else if (c == '>') safe += "&gt;";
    else if (c == '"') safe += "&quot;";
    else safe += c;
  }
  return safe;
}

std::string table_row(const std::vector<std::string>& cells, const char* tag, const char* row_class = "") {
  std::string row = *row_class != '\0' ? fmt::format("<tr class=\"{}\">", row_class) : "<tr>";
  for (const std::string& cell : cells) row += fmt::format("<{0}>{1}</{0}>", tag, escaped(cell));
  return row + "</tr>\n";
}

/// A round number not below the largest value, so that the axis reads well.
double axis_top(double largest) {
  if (largest <= 0) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(largest)));
  for (const double step : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    if (step * power >= largest) return step * power;
  }
  return largest;
}

struct PlotSeries {
  std::vector<double> values;
  const char* colour;
  std::string name;
};

constexpr double plot_width = 860;
constexpr double plot_height = 240;
constexpr double plot_left = 56;
constexpr double plot_bottom = 30;
constexpr double plot_top = 26;

std::string plot_axis(double top, const std::string& unit) {
  std::string svg;
  for (int i = 0; i <= 4; ++i) {
    const double y = plot_height - plot_bottom - (plot_height - plot_bottom - plot_top) * i / 4;
    svg += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#dde3e9\"/>"
                       "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\" font-size=\"12\" fill=\"#51606f\">{:g}{}</text>\n",
                       plot_left, plot_width, y, y, plot_left - 6, y + 4, top * i / 4, unit);
  }
  return svg;
}

/// Bars by hour since the shift's beginning, one a series and hour.
std::string hour_plot(const std::vector<PlotSeries>& series, int first_hour, const std::string& unit, double top) {
  std::size_t hours = 0;
  for (const PlotSeries& one : series) hours = std::max(hours, one.values.size());
  if (hours == 0) return "";
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">\n", plot_width, plot_height) + plot_axis(top, unit);
  const double slot = (plot_width - plot_left) / static_cast<double>(hours);
  const double bar = slot * 0.8 / static_cast<double>(series.size());
  for (std::size_t s = 0; s < series.size(); ++s) {
    for (std::size_t hour = 0; hour < series[s].values.size(); ++hour) {
      const double height = (plot_height - plot_bottom - plot_top) * std::min(1.0, series[s].values[hour] / top);
      svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"><title>{:.4g}{}</title></rect>\n",
                         plot_left + slot * (static_cast<double>(hour) + 0.1) + bar * static_cast<double>(s), plot_height - plot_bottom - height, bar, height,
                         series[s].colour, series[s].values[hour], unit);
    }
    svg += fmt::format("<rect x=\"{0}\" y=\"4\" width=\"12\" height=\"12\" fill=\"{1}\"/><text x=\"{2}\" y=\"14\" font-size=\"12\">{3}</text>\n",
                       plot_left + 90 * static_cast<double>(s), series[s].colour, plot_left + 16 + 90 * static_cast<double>(s), escaped(series[s].name));
  }
  for (std::size_t hour = 0; hour < hours; ++hour) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\" font-size=\"12\" fill=\"#51606f\">{:02}</text>\n",
                       plot_left + slot * (static_cast<double>(hour) + 0.5), plot_height - 10, (static_cast<std::size_t>(first_hour) + hour) % 24);
  }
  return svg + "</svg>\n";
}

constexpr std::size_t most_bars = 12;
constexpr const char* first_colour = "#2a6fb0";
constexpr const char* second_colour = "#d98324";

/// Refusals by rule, the longest bar first.
std::string denial_plot(const SimulatedSide& side, const SimulateWords& words) {
  const auto rows = mean_counts(side.days, &WhatIfDay::denied_by_law);
  if (rows.empty()) return "<p class=\"quiet\">" + words.say("none", "нет") + "</p>\n";
  const std::size_t count = std::min(rows.size(), most_bars);
  constexpr double line = 24;
  constexpr double label = 330;
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">\n", plot_width, line * static_cast<double>(count) + 4);
  for (std::size_t i = 0; i < count; ++i) {
    const double y = line * static_cast<double>(i);
    const double width = (plot_width - label - 90) * rows[i].mean / rows.front().mean;
    svg += fmt::format("<text x=\"{}\" y=\"{:.0f}\" text-anchor=\"end\" font-size=\"13\">{}</text><rect x=\"{}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>"
                       "<text x=\"{:.1f}\" y=\"{:.0f}\" font-size=\"13\" fill=\"#51606f\">{:.1f}</text>\n",
                       label - 8, y + 15, escaped(rows[i].name + " · " + words.rule_kind(kind_of_rule(side.plan, rows[i].name))), label, y + 3, std::max(1.0, width),
                       first_colour, label + std::max(1.0, width) + 6, y + 15, rows[i].mean);
  }
  return svg + "</svg>\n";
}

std::string metric_table(const SimulateResult& result, const SimulateWords& words) {
  const std::string& currency = result.first.plan.line.currency;
  std::string html = "<table>\n";
  if (!result.second) {
    html += table_row({"", words.say("mean", "среднее"), "± 95 %", words.say("least", "наименьшее"), words.say("most", "наибольшее")}, "th");
    for (int i = 0; i < what_if_metric_count; ++i) {
      const auto metric = static_cast<WhatIfMetric>(i);
      const WhatIfEstimate estimate = estimate_of(metric, result.first.days);
      html += table_row({words.metric(metric), words.value(metric, estimate.mean, currency), estimate.half_width ? words.value(metric, *estimate.half_width, currency) : "–",
                         words.value(metric, estimate.least, currency), words.value(metric, estimate.most, currency)}, "td");
    }
    return html + "</table>\n";
  }
  html += table_row({"", "A", "B", words.say("B minus A, 95 %", "B минус A, 95 %"), ""}, "th");
  for (const WhatIfDifference& row : compare(result.first.days, result.second->days)) {
    html += table_row({words.metric(row.metric), words.value(row.metric, row.first.mean, currency), words.value(row.metric, row.second.mean, currency),
                       words.difference(row, currency), row.is_significant ? words.say("significant", "значимо") : ""}, "td", row.is_significant ? "significant" : "");
  }
  return html + "</table>\n";
}

std::string zone_table(const SimulatedSide& side, const SimulateWords& words) {
  std::string html = "<table>\n" + table_row({words.say("zone", "зона"), words.say("cases", "дел"), words.say("called", "звонили"), words.say("attempts", "попыток"),
                                               words.say("lawful hours of the day", "законных часов дня"), words.say("of them within the shift", "из них в смену"),
                                               words.say("left after the shift", "осталось после смены")}, "th");
  for (const MeanZone& zone : mean_zones(side.days)) {
    html += table_row({zone.name, fmt::format("{:.0f}", zone.cases), fmt::format("{:.0f}", zone.called), fmt::format("{:.0f}", zone.attempts),
                       words.hours_cell(zone, zone.lawful_h), words.hours_cell(zone, zone.worked_h), words.hours_cell(zone, zone.left_h)}, "td");
  }
  return html + "</table>\n";
}

std::string hour_plots(const SimulateResult& result, const SimulateWords& words) {
  std::vector<PlotSeries> attempts;
  std::vector<PlotSeries> occupancy;
  double most = 0;
  const auto add = [&](const SimulatedSide& side, const char* colour, const char* name) {
    PlotSeries first{{}, colour, name};
    PlotSeries second{{}, colour, name};
    for (const MeanHour& hour : mean_hours(side.days)) {
      first.values.push_back(hour.attempts);
      second.values.push_back(hour.occupancy * 100);
      most = std::max(most, hour.attempts);
    }
    attempts.push_back(std::move(first));
    occupancy.push_back(std::move(second));
  };
  add(result.first, first_colour, "A");
  if (result.second) add(*result.second, second_colour, "B");
  const int first_hour = result.first.plan.line.work_from_s / 3600;
  return "<h2>" + words.say("Attempts by hour of the shift", "Попытки по часам смены") + "</h2>\n" + hour_plot(attempts, first_hour, "", axis_top(most)) + "<h2>" +
         words.say("Agent occupancy by hour of the shift", "Загрузка операторов по часам смены") + "</h2>\n" + hour_plot(occupancy, first_hour, " %", 100);
}

std::string judge_section(const SimulatedSide& side, const char* name, const SimulateWords& words) {
  const bool is_good = std::all_of(side.days.begin(), side.days.end(), [](const WhatIfDay& day) { return day.violations.empty(); });
  std::string html;
  for (const std::string& line : words.verdicts(side)) html += fmt::format("<p class=\"{}\">{}: {}</p>\n", is_good ? "good" : "bad", name, escaped(line));
  return html;
}

std::string side_sections(const SimulatedSide& side, const char* name, const SimulateWords& words) {
  return fmt::format("<h2>{}: {}</h2>\n{}<h2>{}: {}</h2>\n{}", name, words.say("refused by the law, by rule", "отказы закона по нормам"), denial_plot(side, words), name,
                     words.say("time zones", "часовые пояса"), zone_table(side, words));
}

}  // namespace

std::string simulate_html(const SimulateResult& result) {
  const SimulateWords words{result.is_russian};
  std::string html = fmt::format("<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title><style>{}</style></head><body>\n",
                                 result.is_russian ? "ru" : "en", words.say("What if", "Что если"), page_style);
  html += "<h1>" + words.say("What would the day look like?", "Каким был бы день?") + "</h1>\n<p><b>A</b> " + escaped(words.title(result.first.plan)) + "</p>\n";
  if (result.second) html += "<p><b>B</b> " + escaped(words.title(result.second->plan)) + "</p>\n";
  html += fmt::format("<p class=\"quiet\">{} {}. {}</p>\n", words.say("Seeds:", "Посевов:"), result.first.days.size(),
                      words.say("Law, case machine, strategy and pacing are the program's own; people, lines and agents are a model.",
                                "Закон, машина дела, стратегия и темп — самой программы; люди, линии и операторы — модель."));
  html += metric_table(result, words) + hour_plots(result, words) + side_sections(result.first, "A", words);
  if (result.second) html += side_sections(*result.second, "B", words);
  html += "<h2>" + words.say("Judges", "Судьи") + "</h2>\n" + judge_section(result.first, "A", words);
  if (result.second) html += judge_section(*result.second, "B", words);
  return html + "</body></html>\n";
}

}  // namespace dunlin
