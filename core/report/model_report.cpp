#include "core/report/model_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace dunlin {
namespace {

constexpr std::size_t least_examples = 50;
constexpr std::size_t tenths = 10;
constexpr std::size_t most_effects = 12;
constexpr std::array<double, 4> gain_shares{0.1, 0.2, 0.3, 0.5};

struct Judged {
  double forecast = 0;
  AnswerModel::Result result;
};

double loss_of(double forecast, bool happened) {
  const double certain = std::clamp(happened ? forecast : 1 - forecast, 1e-6, 1.0);
  return -std::log(certain);
}

std::vector<CalibrationRow> calibration_of(const std::vector<Judged>& ascending) {
  std::vector<CalibrationRow> rows;
  for (std::size_t tenth = 0; tenth < tenths; ++tenth) {
    CalibrationRow row;
    for (std::size_t i = ascending.size() * tenth / tenths; i < ascending.size() * (tenth + 1) / tenths; ++i) {
      row.predicted += ascending[i].forecast;
      row.observed += ascending[i].result.is_live ? 1 : 0;
      ++row.attempts;
    }
    if (row.attempts == 0) continue;
    row.predicted /= static_cast<double>(row.attempts);
    row.observed /= static_cast<double>(row.attempts);
    rows.push_back(row);
  }
  return rows;
}

std::vector<GainRow> gain_of(const std::vector<Judged>& ascending) {
  const auto count_live = [](auto begin, auto end) { return std::count_if(begin, end, [](const Judged& one) { return one.result.is_live; }); };
  const auto all = count_live(ascending.begin(), ascending.end());
  std::vector<GainRow> rows;
  for (const double share : gain_shares) {
    const auto first = static_cast<std::ptrdiff_t>(std::llround(share * static_cast<double>(ascending.size())));
    const auto live = count_live(ascending.rbegin(), ascending.rbegin() + first);
    rows.push_back({share, all == 0 ? 0.0 : static_cast<double>(live) / static_cast<double>(all)});
  }
  return rows;
}

/// One row a factor's value, strongest first. The questions asked show which values occur.
std::vector<FactorEffect> effects_of(const AnswerModel& model, const std::vector<AnswerExample>& examples) {
  std::vector<FactorEffect> effects;
  for (const AnswerExample& example : examples) {
    for (FactorEffect& effect : model.explain(example.question).effects) {
      const bool is_known = std::any_of(effects.begin(), effects.end(), [&effect](const FactorEffect& known) {
        return known.factor == effect.factor && known.value == effect.value;
      });
      if (!is_known && effect.weight >= static_cast<double>(least_examples)) effects.push_back(std::move(effect));
    }
  }
  std::stable_sort(effects.begin(), effects.end(), [](const FactorEffect& a, const FactorEffect& b) {
    return std::abs(std::log(a.multiplier)) > std::abs(std::log(b.multiplier));
  });
  if (effects.size() > most_effects) effects.resize(most_effects);
  return effects;
}

void judge(const AnswerModel& model, const std::vector<AnswerExample>& held_out, ModelReport& report) {
  const double base = model.live_rate();
  std::vector<Judged> judged;
  judged.reserve(held_out.size());
  for (const AnswerExample& example : held_out) {
    const double forecast = model.forecast(example.question).live;
    judged.push_back({forecast, example.result});
    report.mean_forecast += forecast;
    report.live_rate += example.result.is_live ? 1 : 0;
    report.right_party_rate += example.result.is_right_party ? 1 : 0;
    report.log_loss += loss_of(forecast, example.result.is_live);
    report.base_log_loss += loss_of(base, example.result.is_live);
  }
  const auto count = static_cast<double>(held_out.size());
  for (double* sum : {&report.mean_forecast, &report.live_rate, &report.right_party_rate, &report.log_loss, &report.base_log_loss}) *sum /= count;
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) { return a.forecast < b.forecast; });
  report.calibration = calibration_of(judged);
  report.gain = gain_of(judged);
}

}  // namespace

LiveScores judge_scores(const std::vector<AnswerExample>& examples) {
  LiveScores scores;
  std::vector<Judged> judged;
  for (const AnswerExample& example : examples) {
    if (example.score_permille == 0) continue;
    judged.push_back({example.score_permille / 1000.0, example.result});
    scores.mean_score += judged.back().forecast;
    scores.live_rate += example.result.is_live ? 1 : 0;
  }
  if (judged.empty()) return scores;
  scores.attempts = judged.size();
  const auto count = static_cast<double>(judged.size());
  scores.mean_score /= count;
  scores.live_rate /= count;
  for (const Judged& one : judged) {
    scores.log_loss += loss_of(one.forecast, one.result.is_live) / count;
    scores.base_log_loss += loss_of(scores.live_rate, one.result.is_live) / count;
  }
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) { return a.forecast < b.forecast; });
  scores.calibration = calibration_of(judged);
  return scores;
}

Result<ModelReport> report_model(std::vector<AnswerExample>& examples, int held_out_permille) {
  const std::size_t asked = examples.size() * static_cast<std::size_t>(std::clamp(held_out_permille, 1, 999)) / 1000;
  if (asked < least_examples || examples.size() - asked < least_examples) {
    return invalid_input("too few attempts to judge the model: " + std::to_string(examples.size()) + " that rang or were answered, at least " +
                         std::to_string(5 * least_examples) + " are needed");
  }
  std::stable_sort(examples.begin(), examples.end(), [](const AnswerExample& a, const AnswerExample& b) { return a.at < b.at; });
  AnswerModel model;
  const auto split = examples.end() - static_cast<std::ptrdiff_t>(asked);
  for (auto example = examples.begin(); example != split; ++example) model.observe(example->question, example->result, example->at);
  ModelReport report;
  report.scored = judge_scores(examples);
  report.learned_from = examples.size() - asked;
  report.held_out = asked;
  report.split_at = split->at;
  const std::vector<AnswerExample> held_out(split, examples.end());
  judge(model, held_out, report);
  report.effects = effects_of(model, held_out);
  return report;
}

}  // namespace dunlin
