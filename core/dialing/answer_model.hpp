#pragma once
// How likely a number is to be answered by a live person at an hour, and by the right one: learned from attempts, smoothed,
// explainable. The odds of an answer are the odds of all attempts times one multiplier per factor (kind of number, what
// happened on it before, the hour of the week, …). Each multiplier is learned against what the other factors already
// expect, and is drawn to 1 while few attempts speak for it, so a new portfolio starts at the common odds and no factor
// is counted twice. Observations fade with a half-life, because lines, people and seasons change.
// Pure and deterministic: the same observations in the same order give the same model. One thread writes; a model that
// is no longer written may be read from any thread.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/case/case_draft.hpp"

namespace dunlin {

enum class AnswerFactor : std::uint8_t {
  number_kind,     ///< Owner and type.
  attempts_before, ///< On this number.
  silence,         ///< Attempts in a row without a live answer.
  answers_before,  ///< Never tried, tried in vain, answered once, more often.
  pause,           ///< Since the last attempt on this number.
  day_part,        ///< Six parts of a weekday, six of a day off, local time.
  hour,            ///< Hour of the local day.
  own_day_part,    ///< Whether this number was answered in this part of the day before, or only in others.
  kind_by_part,    ///< Type of the debtor's number and part of the day together: mobiles in the evening, work by day.
};
inline constexpr std::size_t answer_factor_count = 9;
std::string_view to_string(AnswerFactor factor);

/// What is known before dialing.
struct AnswerQuestion {
  PartyRole owner = PartyRole::debtor;
  PhoneType type = PhoneType::mobile;
  std::uint32_t attempts = 0;        ///< On this number before.
  std::uint32_t silent_attempts = 0; ///< Of those, the last ones without a live answer.
  std::uint32_t live_answers = 0;
  Duration pause;                    ///< Since the last attempt; unused without one.
  int hour_of_week = -1;             ///< Local, 0 = Monday midnight; -1: nobody knows where the person is.
  bool was_answered_in_part = false; ///< A live answer in this part of the day before.
};

/// The part of the day of an hour of the week, 0..11 (six a weekday, six a day off); -1 for an unknown hour.
int week_part_of(int hour_of_week);

struct FactorEffect {
  AnswerFactor factor = AnswerFactor::number_kind;
  std::string value;                 ///< "debtor mobile", "3 in a row", "weekday 18-21": what the factor found.
  double multiplier = 1;             ///< Of the odds.
  double weight = 0;                 ///< Faded attempts that speak for it.
};

struct AnswerForecast {
  double live = 0;                   ///< P(a live person answers).
  double right_party = 0;            ///< P(the debtor answers) = P(live) x P(right party | live).
  std::vector<FactorEffect> effects; ///< Of the live answer, strongest first; only when asked for.
};

/// The odds of one event under all factors. Two of them make an AnswerModel.
class OddsModel {
 public:
  static constexpr std::size_t cells_a_factor = 32;
  using Cells = std::array<std::uint8_t, answer_factor_count>;

  void observe(const Cells& cells, bool happened, UtcTime at);
  double probability(const Cells& cells) const;
  double log_multiplier(std::size_t factor, std::size_t cell) const { return table_[factor][cell].log_multiplier; }
  double weight(std::size_t factor, std::size_t cell) const { return table_[factor][cell].seen; }
  double base_rate() const;
  double observations() const { return base_.seen; }

 private:
  struct Cell {
    double seen = 0;
    double happened = 0;
    double expected = 0;             ///< By all other factors.
    double log_multiplier = 0;
    UtcTime faded_to;
  };
  static void fade(Cell& cell, UtcTime at);
  static void learn(Cell& cell, double expected, bool happened, double prior);
  double log_odds(const Cells& cells) const;

  Cell base_;
  std::array<std::array<Cell, cells_a_factor>, answer_factor_count> table_{};
};

class AnswerModel {
 public:
  /// What came of an attempt; only attempts that rang or were answered teach anything.
  struct Result {
    bool is_live = false;
    bool is_right_party = false;
  };
  void observe(const AnswerQuestion& question, Result result, UtcTime at);
  AnswerForecast forecast(const AnswerQuestion& question) const;
  AnswerForecast explain(const AnswerQuestion& question) const;
  /// Faded number of attempts learned from.
  double observations() const { return live_.observations(); }
  double live_rate() const { return live_.base_rate(); }

 private:
  OddsModel live_;
  OddsModel right_party_;            ///< Learned from live answers only.
};

}  // namespace dunlin
