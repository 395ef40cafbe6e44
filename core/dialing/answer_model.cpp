#include "core/dialing/answer_model.hpp"

#include <algorithm>
#include <cmath>

namespace dunlin {
namespace {

constexpr double half_life_ms = 45.0 * 24 * 3600 * 1000;
constexpr double first_live_rate = 0.25;     // before anything was seen
constexpr double base_prior = 8;             // attempts' worth of that opinion
constexpr double factor_prior = 40;          // attempts' worth of "this factor changes nothing"
constexpr double fine_prior = 100;           // the same for factors with many values
constexpr double own_prior = 25;
constexpr double largest_log_multiplier = 2.5;
constexpr int hours_a_week = 168;
constexpr int parts_a_day = 6;
constexpr std::array<int, parts_a_day> part_ends{9, 12, 15, 18, 21, 24};

double sigmoid(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }
double log_odds_of(double share) { return std::log(share / (1.0 - share)); }

double prior_of(AnswerFactor factor) {
  switch (factor) {
    case AnswerFactor::number_kind:
    case AnswerFactor::attempts_before:
    case AnswerFactor::silence:
    case AnswerFactor::pause:
    case AnswerFactor::day_part: return factor_prior;
    case AnswerFactor::hour:
    case AnswerFactor::kind_by_part: return fine_prior;
    case AnswerFactor::answers_before:
    case AnswerFactor::own_day_part: return own_prior;
  }
  return factor_prior;
}

/// Which of the ascending bounds the value lies under: the cells of a factor.
template <std::size_t N>
std::uint8_t step_of(std::int64_t value, const std::array<std::int64_t, N>& bounds) {
  const auto place = std::upper_bound(bounds.begin(), bounds.end(), value);
  return static_cast<std::uint8_t>(place - bounds.begin());
}

constexpr std::array<std::int64_t, 5> attempt_bounds{1, 2, 4, 8, 16};
constexpr std::array<std::int64_t, 5> silence_bounds{1, 2, 3, 5, 9};
constexpr std::array<std::int64_t, 5> pause_bounds{hours(3).ms, hours(12).ms, hours(36).ms, days(4).ms, days(10).ms};
constexpr std::array<std::string_view, 6> attempt_names{"first attempt", "second attempt", "attempt 3-4", "attempt 5-8", "attempt 9-16", "attempt 17 or later"};
constexpr std::array<std::string_view, 6> silence_names{"answered last time", "1 in vain", "2 in a row in vain", "3-4 in a row in vain", "5-8 in a row in vain", "9 or more in a row in vain"};
constexpr std::array<std::string_view, 6> pause_names{"under 3 hours", "3-12 hours", "12-36 hours", "2-4 days", "4-10 days", "over 10 days"};
constexpr std::array<std::string_view, 6> part_names{"0-9", "9-12", "12-15", "15-18", "18-21", "21-24"};
constexpr std::array<std::string_view, 4> record_names{"never tried", "tried in vain", "answered once", "answered before"};
constexpr std::uint8_t unknown_hour = 31;
constexpr std::uint8_t no_pause = 6;

std::uint8_t record_cell(const AnswerQuestion& question) {
  if (question.attempts == 0) return 0;
  return static_cast<std::uint8_t>(1 + std::min<std::uint32_t>(question.live_answers, 2));
}

std::uint8_t own_part_cell(const AnswerQuestion& question) {
  if (question.live_answers == 0 || question.hour_of_week < 0) return 0;
  return question.was_answered_in_part ? 1 : 2;
}

constexpr std::uint8_t not_the_debtors = 30;

/// Six parts of any day for each type of the debtor's numbers; other people's are too few to learn their hours apart.
std::uint8_t kind_part_cell(const AnswerQuestion& question) {
  const int part = week_part_of(question.hour_of_week);
  if (part < 0) return unknown_hour;
  if (question.owner != PartyRole::debtor) return not_the_debtors;
  return static_cast<std::uint8_t>(static_cast<int>(question.type) * parts_a_day + part % parts_a_day);
}

OddsModel::Cells cells_of(const AnswerQuestion& question) {
  const bool is_hour_known = question.hour_of_week >= 0 && question.hour_of_week < hours_a_week;
  OddsModel::Cells cells{};
  cells[static_cast<std::size_t>(AnswerFactor::number_kind)] =
      static_cast<std::uint8_t>(std::min<std::size_t>(static_cast<std::size_t>(question.owner) * 4 + static_cast<std::size_t>(question.type), OddsModel::cells_a_factor - 1));
  cells[static_cast<std::size_t>(AnswerFactor::attempts_before)] = step_of(question.attempts, attempt_bounds);
  cells[static_cast<std::size_t>(AnswerFactor::silence)] = step_of(question.silent_attempts, silence_bounds);
  cells[static_cast<std::size_t>(AnswerFactor::answers_before)] = record_cell(question);
  cells[static_cast<std::size_t>(AnswerFactor::pause)] = question.attempts == 0 ? no_pause : step_of(question.pause.ms, pause_bounds);
  cells[static_cast<std::size_t>(AnswerFactor::day_part)] = is_hour_known ? static_cast<std::uint8_t>(week_part_of(question.hour_of_week)) : unknown_hour;
  cells[static_cast<std::size_t>(AnswerFactor::hour)] = is_hour_known ? static_cast<std::uint8_t>(question.hour_of_week % 24) : unknown_hour;
  cells[static_cast<std::size_t>(AnswerFactor::own_day_part)] = own_part_cell(question);
  cells[static_cast<std::size_t>(AnswerFactor::kind_by_part)] = kind_part_cell(question);
  return cells;
}

std::string value_text(AnswerFactor factor, const AnswerQuestion& question, std::uint8_t cell) {
  switch (factor) {
    case AnswerFactor::number_kind: return std::string(to_string(question.owner)) + " " + std::string(to_string(question.type));
    case AnswerFactor::attempts_before: return std::string(attempt_names[cell]);
    case AnswerFactor::silence: return question.attempts == 0 ? "never tried" : std::string(silence_names[cell]);
    case AnswerFactor::answers_before: return std::string(record_names[cell]);
    case AnswerFactor::pause: return cell == no_pause ? "never tried" : std::string(pause_names[cell]);
    case AnswerFactor::day_part:
      if (cell == unknown_hour) return "local time unknown";
      return (cell < parts_a_day ? "weekday " : "weekend ") + std::string(part_names[cell % parts_a_day]);
    case AnswerFactor::hour: return cell == unknown_hour ? "local time unknown" : std::to_string(cell) + ":00-" + std::to_string(cell) + ":59";
    case AnswerFactor::own_day_part:
      if (cell == 0) return question.live_answers == 0 ? "no answer known" : "local time unknown";
      return cell == 1 ? "answered at this part of the day before" : "answered only at other parts of the day";
    case AnswerFactor::kind_by_part:
      if (cell == unknown_hour) return "local time unknown";
      if (cell == not_the_debtors) return "not the debtor's number";
      return std::string(to_string(question.owner)) + " " + std::string(to_string(question.type)) + " at " + std::string(part_names[cell % parts_a_day]);
  }
  return {};
}

}  // namespace

std::string_view to_string(AnswerFactor factor) {
  switch (factor) {
    case AnswerFactor::number_kind: return "number_kind";
    case AnswerFactor::attempts_before: return "attempts_before";
    case AnswerFactor::silence: return "silence";
    case AnswerFactor::answers_before: return "answers_before";
    case AnswerFactor::pause: return "pause";
    case AnswerFactor::day_part: return "day_part";
    case AnswerFactor::hour: return "hour";
    case AnswerFactor::own_day_part: return "own_day_part";
    case AnswerFactor::kind_by_part: return "kind_by_part";
  }
  return "";
}

int week_part_of(int hour_of_week) {
  if (hour_of_week < 0 || hour_of_week >= hours_a_week) return -1;
  const int hour = hour_of_week % 24;
  const auto part = std::upper_bound(part_ends.begin(), part_ends.end(), hour) - part_ends.begin();
  const bool is_day_off = hour_of_week / 24 >= 5;
  return static_cast<int>(part) + (is_day_off ? parts_a_day : 0);
}

// --- One event -----------------------------------------------------------------------------------------------------

void OddsModel::fade(Cell& cell, UtcTime at) {
  // A clock that went back fades nothing.
  if (cell.seen > 0 && at > cell.faded_to) {
    const double keep = std::exp2(-static_cast<double>((at - cell.faded_to).ms) / half_life_ms);
    cell.seen *= keep;
    cell.happened *= keep;
    cell.expected *= keep;
  }
  cell.faded_to = std::max(cell.faded_to, at);
}

void OddsModel::learn(Cell& cell, double expected, bool happened, double prior) {
  cell.seen += 1;
  cell.happened += happened ? 1 : 0;
  cell.expected += expected;
  const double common = std::clamp(cell.expected / cell.seen, 1e-4, 1 - 1e-4);
  const double yes = cell.happened + prior * common;
  const double no = cell.seen - cell.happened + prior * (1 - common);
  cell.log_multiplier = std::clamp(std::log(yes / no) - log_odds_of(common), -largest_log_multiplier, largest_log_multiplier);
}

double OddsModel::log_odds(const Cells& cells) const {
  double sum = log_odds_of(first_live_rate) + base_.log_multiplier;
  for (std::size_t factor = 0; factor < cells.size(); ++factor) sum += table_[factor][cells[factor]].log_multiplier;
  return sum;
}

double OddsModel::probability(const Cells& cells) const { return sigmoid(log_odds(cells)); }

double OddsModel::base_rate() const {
  return base_.seen > 0 ? base_.happened / base_.seen : first_live_rate;
}

void OddsModel::observe(const Cells& cells, bool happened, UtcTime at) {
  const double all = log_odds(cells);
  // Every factor is judged against the others as they were before this observation.
  const double without_base = sigmoid(all - base_.log_multiplier);
  std::array<double, answer_factor_count> without{};
  for (std::size_t factor = 0; factor < cells.size(); ++factor) without[factor] = sigmoid(all - table_[factor][cells[factor]].log_multiplier);
  fade(base_, at);
  learn(base_, without_base, happened, base_prior);
  for (std::size_t factor = 0; factor < cells.size(); ++factor) {
    Cell& cell = table_[factor][cells[factor]];
    fade(cell, at);
    learn(cell, without[factor], happened, prior_of(static_cast<AnswerFactor>(factor)));
  }
}

// --- Both events ---------------------------------------------------------------------------------------------------

void AnswerModel::observe(const AnswerQuestion& question, Result result, UtcTime at) {
  const auto cells = cells_of(question);
  live_.observe(cells, result.is_live, at);
  if (result.is_live) right_party_.observe(cells, result.is_right_party, at);
}

AnswerForecast AnswerModel::forecast(const AnswerQuestion& question) const {
  const auto cells = cells_of(question);
  AnswerForecast forecast;
  forecast.live = live_.probability(cells);
  forecast.right_party = forecast.live * right_party_.probability(cells);
  return forecast;
}

AnswerForecast AnswerModel::explain(const AnswerQuestion& question) const {
  AnswerForecast answer = forecast(question);
  const auto cells = cells_of(question);
  for (std::size_t i = 0; i < answer_factor_count; ++i) {
    const auto factor = static_cast<AnswerFactor>(i);
    answer.effects.push_back({factor, value_text(factor, question, cells[i]), std::exp(live_.log_multiplier(i, cells[i])), live_.weight(i, cells[i])});
  }
  std::stable_sort(answer.effects.begin(), answer.effects.end(), [](const FactorEffect& a, const FactorEffect& b) {
    return std::abs(std::log(a.multiplier)) > std::abs(std::log(b.multiplier));
  });
  return answer;
}

}  // namespace dunlin
