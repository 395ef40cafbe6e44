#pragma once
// Is the answer model worth anything? It learns from the older part of the attempts and is asked about the younger part,
// which it has not seen: do of those it gives 30 % about 30 % answer (calibration), how much better than the average does
// it guess (log loss), and how many of the answers lie in the share of attempts it would have made first (gain). Pure.
#include <cstdint>
#include <string>
#include <vector>

#include "core/dialing/answer_examples.hpp"

namespace dunlin {

struct CalibrationRow {
  double predicted = 0;              ///< Mean forecast of the attempts in the row.
  double observed = 0;               ///< Share of them that a live person answered.
  std::uint64_t attempts = 0;
};

/// What a share of the held-out attempts, best forecast first, holds of all their live answers.
struct GainRow {
  double share_of_attempts = 0;
  double share_of_answers = 0;
};

/// What was forecast when the attempts were made, by the model of that hour, against what came of them.
struct LiveScores {
  std::uint64_t attempts = 0;        ///< With a stored score and a result.
  double mean_score = 0;
  double live_rate = 0;
  double log_loss = 0;               ///< Per attempt, natural logarithm.
  double base_log_loss = 0;          ///< Of always saying their live rate, known only afterwards.
  std::vector<CalibrationRow> calibration;  ///< Tenths, lowest score first.
};

struct ModelReport {
  std::uint64_t learned_from = 0;
  std::uint64_t held_out = 0;
  UtcTime split_at;                  ///< Attempts from here on were held out.
  double live_rate = 0;              ///< Of the held-out attempts.
  double right_party_rate = 0;
  double mean_forecast = 0;
  double log_loss = 0;               ///< Per held-out attempt, natural logarithm; lower is better.
  double base_log_loss = 0;          ///< Of always saying the rate learned.
  std::vector<CalibrationRow> calibration;  ///< Tenths of the held-out attempts, lowest forecast first.
  std::vector<GainRow> gain;         ///< First 10, 20, 30, 50 %.
  std::vector<FactorEffect> effects; ///< What moves the odds most, over all values with at least 50 attempts.
  LiveScores scored;
};

/// Of the examples that carry a score.
LiveScores judge_scores(const std::vector<AnswerExample>& examples);

/// Splits by time: the youngest `held_out_permille` are asked, the rest is learned from. Reorders `examples`.
/// Errc::invalid_input when either part would have fewer than 50 attempts: nothing could be said.
Result<ModelReport> report_model(std::vector<AnswerExample>& examples, int held_out_permille = 200);

}  // namespace dunlin
