#include <algorithm>

#include "core/compliance/judgement.hpp"

namespace dunlin {
namespace {

constexpr int seconds_per_day = 86'400;

/// The part of a date in which every window of the pack is open.
struct OpenHours {
  int from_s = 0;
  int to_s = seconds_per_day;
  bool has(int second_of_day) const { return second_of_day >= from_s && second_of_day < to_s; }
};

OpenHours hours_of(const Question& question, const Moment& moment) {
  OpenHours hours;
  for (const Rule& rule : moment.pack.rules) {
    const auto* window = std::get_if<CallingWindow>(&rule.body);
    if (window == nullptr || !is_in_force(rule, question, moment)) continue;
    if (!is_window_of_day(*window, moment)) continue;
    hours.from_s = std::max(hours.from_s, window->open_s);
    hours.to_s = std::min(hours.to_s, window->close_s);
  }
  return hours;
}

/// First instant >= the moment, within its local date, that lies in the hours; else the start of the next date.
UtcTime next_open(const OpenHours& hours, const Moment& moment) {
  for (const UtcTime candidate : moment.zone.wall_instants(moment.local.day, hours.from_s, moment.at)) {
    const LocalTime local = moment.zone.local(candidate);
    if (local.day == moment.local.day && hours.has(local.second_of_day)) return candidate;
  }
  return moment.zone.day_start(moment.local.day + 1);
}

/// First instant after the moment at which the hours are over; the moment lies in them.
UtcTime closing(const OpenHours& hours, const Moment& moment) {
  const UtcTime day_end = moment.zone.day_start(moment.local.day + 1);
  if (hours.to_s >= seconds_per_day) return day_end;
  for (const UtcTime candidate : moment.zone.wall_instants(moment.local.day, hours.to_s, moment.at)) {
    if (candidate > moment.at && !hours.has(moment.zone.local(candidate).second_of_day)) return candidate;
  }
  return day_end;
}

std::string wall_text(int second_of_day) {
  const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return two(second_of_day / 3600) + ":" + two(second_of_day / 60 % 60) + ":" + two(second_of_day % 60);
}

std::string wall_reason(const Question& question, const Moment& moment, const std::string& hours) {
  if (!question.wants_reasons) return {};
  return "local=" + format_date(civil_from_days(moment.local.day)) + "T" + wall_text(moment.local.second_of_day) +
         " zone=" + moment.zone.name + " " + hours;
}

}  // namespace

bool is_window_of_day(const CallingWindow& window, const Moment& moment) {
  return (window.weekdays >> weekday_of(moment.local.day) & 1) != 0 && window.day_types.has(moment.day_type);
}

std::optional<Denial> judge_window(const CallingWindow& window, const Question& question, const Moment& moment) {
  if (!is_window_of_day(window, moment)) return std::nullopt;
  const OpenHours hours{window.open_s, window.close_s};
  if (hours.has(moment.local.second_of_day)) return std::nullopt;
  const std::string text = window.open_s == window.close_s
                               ? "closed all day"
                               : "open=" + wall_text(window.open_s) + "-" + wall_text(window.close_s);
  return Denial{next_open(hours, moment), wall_reason(question, moment, text)};
}

std::optional<Denial> judge_tail(const Question& question, const Moment& moment) {
  if (!question.options.tail_s) return std::nullopt;
  const OpenHours hours = hours_of(question, moment);
  if (!hours.has(moment.local.second_of_day)) return std::nullopt;  // The window itself speaks.
  const UtcTime end = closing(hours, moment);
  const int tail_s = *question.options.tail_s;
  if (moment.at + seconds(tail_s) <= end) return std::nullopt;
  return Denial{end, wall_reason(question, moment, "tail=" + std::to_string(tail_s) + "s closes=" + wall_text(hours.to_s))};
}

std::optional<Denial> judge_delivery(const Question& question, const Moment& moment) {
  if (!question.query.expected_delivery) return std::nullopt;
  const OpenHours hours = hours_of(question, moment);
  if (!hours.has(moment.local.second_of_day)) return std::nullopt;
  const Duration delay = *question.query.expected_delivery - question.query.at;
  const UtcTime end = closing(hours, moment);
  if (moment.at + delay < end) return std::nullopt;
  return Denial{end, wall_reason(question, moment, "delivery_delay=" + std::to_string(delay.ms / 1000) + "s closes=" +
                                                       wall_text(hours.to_s))};
}

std::optional<Denial> judge_stated_times(const Question& question, const Moment& moment) {
  const StatedTimes& stated = question.query.person.stated_times;
  const UtcTime tomorrow = moment.zone.day_start(moment.local.day + 1);
  if ((stated.closed_weekdays >> weekday_of(moment.local.day) & 1) != 0) {
    return Denial{tomorrow, wall_reason(question, moment, "weekday is inconvenient")};
  }
  const OpenHours hours{stated.not_before_s.value_or(0), stated.not_after_s.value_or(seconds_per_day)};
  if (hours.has(moment.local.second_of_day)) return std::nullopt;
  return Denial{next_open(hours, moment),
                wall_reason(question, moment, "told=" + wall_text(hours.from_s) + "-" + wall_text(hours.to_s))};
}

std::optional<Denial> judge_missing_window(const Question& question, const Moment& moment) {
  bool has_hours = false;
  for (const Rule& rule : moment.pack.rules) {
    const auto* window = std::get_if<CallingWindow>(&rule.body);
    if (window == nullptr || !rule.channels.has(question.query.channel)) continue;
    has_hours = true;
    if (is_in_force(rule, question, moment) && is_window_of_day(*window, moment)) return std::nullopt;
  }
  if (!has_hours) return std::nullopt;
  return Denial{std::nullopt, wall_reason(question, moment, "no hours in force on this date")};
}

}  // namespace dunlin
