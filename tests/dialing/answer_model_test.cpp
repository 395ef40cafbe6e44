// The answer model in worlds whose truth is known.
#include "core/report/model_report.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

constexpr UtcTime first_day{1'780'000'000'000};

/// Mobiles answer more than landlines, evenings more than mornings, who never answered seldom does; nothing else counts.
double true_live(const AnswerQuestion& question) {
  double log_odds = -1.2;
  log_odds += question.type == PhoneType::mobile ? 0.5 : -0.6;
  log_odds += question.hour_of_week % 24 >= 18 ? 0.8 : -0.3;
  log_odds -= 0.35 * std::min<double>(question.silent_attempts, 4);
  return 1 / (1 + std::exp(-log_odds));
}

AnswerQuestion random_question(Rng& rng) {
  AnswerQuestion question;
  question.type = rng.below(2) == 0 ? PhoneType::mobile : PhoneType::home;
  question.hour_of_week = static_cast<int>(rng.below(7) * 24 + 8 + rng.below(13));
  question.attempts = static_cast<std::uint32_t>(rng.below(6));
  question.silent_attempts = question.attempts;
  question.pause = hours(4 + static_cast<std::int64_t>(rng.below(60)));
  return question;
}

std::vector<AnswerExample> lived_days(std::size_t attempts, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<AnswerExample> examples;
  for (std::size_t i = 0; i < attempts; ++i) {
    AnswerExample example;
    example.question = random_question(rng);
    example.result.is_live = rng.uniform() < true_live(example.question);
    example.result.is_right_party = example.result.is_live && rng.uniform() < 0.6;
    example.at = first_day + seconds(static_cast<std::int64_t>(i) * 60);
    examples.push_back(example);
  }
  return examples;
}

AnswerModel taught(const std::vector<AnswerExample>& examples) {
  AnswerModel model;
  for (const AnswerExample& example : examples) model.observe(example.question, example.result, example.at);
  return model;
}

const FactorEffect& effect_of(const AnswerForecast& forecast, AnswerFactor factor) {
  for (const FactorEffect& effect : forecast.effects) {
    if (effect.factor == factor) return effect;
  }
  throw std::logic_error("no such factor");
}

TEST(AnswerModel, KnowsOnlyTheCommonOddsBeforeItHasSeenAnything) {
  Rng rng(1);
  const AnswerModel model;
  const double common = model.forecast(random_question(rng)).live;
  for (int i = 0; i < 100; ++i) EXPECT_DOUBLE_EQ(model.forecast(random_question(rng)).live, common);
}

TEST(AnswerModel, ComesCloseToTheTruthOfEachQuestion) {
  const AnswerModel model = taught(lived_days(30'000, 2));
  Rng rng(3);
  double live_error = 0;
  double party_error = 0;
  for (int i = 0; i < 1000; ++i) {
    const AnswerQuestion question = random_question(rng);
    const AnswerForecast forecast = model.forecast(question);
    live_error += std::abs(forecast.live - true_live(question));
    party_error += std::abs(forecast.right_party / forecast.live - 0.6);
    EXPECT_NEAR(forecast.live, true_live(question), 0.12);
  }
  EXPECT_LT(live_error / 1000, 0.025);
  EXPECT_LT(party_error / 1000, 0.06);
}

TEST(AnswerModel, IsCalibratedOnAttemptsItHasNotSeen) {
  for (std::uint64_t seed = 10; seed < 15; ++seed) {
    auto examples = lived_days(20'000, seed);
    const auto report = report_model(examples);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->held_out, 4000U);
    EXPECT_EQ(report->calibration.size(), 10U);
    for (const CalibrationRow& row : report->calibration) EXPECT_NEAR(row.predicted, row.observed, 0.08) << "seed " << seed;
    EXPECT_NEAR(report->mean_forecast, report->live_rate, 0.03);
    EXPECT_LT(report->log_loss, 0.97 * report->base_log_loss);
    EXPECT_GT(report->gain[2].share_of_answers, 0.4) << "the first 30 % of the attempts hold more than 30 % of the answers";
  }
}

TEST(AnswerModel, NamesTheFactorsThatMatter) {
  auto examples = lived_days(20'000, 20);
  const auto report = report_model(examples);
  ASSERT_TRUE(report.ok());
  const AnswerModel model = taught(examples);
  AnswerQuestion evening;
  evening.type = PhoneType::mobile;
  evening.hour_of_week = 19;
  const AnswerForecast forecast = model.explain(evening);
  EXPECT_EQ(forecast.effects.size(), answer_factor_count);
  EXPECT_GT(effect_of(forecast, AnswerFactor::day_part).multiplier, 1.3);
  EXPECT_EQ(effect_of(forecast, AnswerFactor::day_part).value, "weekday 18-21");
  EXPECT_GT(effect_of(forecast, AnswerFactor::number_kind).multiplier, 1.3);
  EXPECT_EQ(effect_of(forecast, AnswerFactor::number_kind).value, "debtor mobile");
  EXPECT_NEAR(effect_of(forecast, AnswerFactor::own_day_part).multiplier, 1, 0.15);
}

TEST(AnswerModel, DoesNotTrustAHandfulOfAttempts) {
  auto examples = lived_days(5000, 30);
  AnswerQuestion rare;
  rare.owner = PartyRole::guarantor;
  rare.type = PhoneType::other;
  rare.hour_of_week = 12;
  AnswerModel model = taught(examples);
  const double before = model.forecast(rare).live;
  for (int i = 0; i < 3; ++i) model.observe(rare, {true, false}, examples.back().at);
  EXPECT_LT(model.forecast(rare).live, before + 0.15);
  for (int i = 0; i < 300; ++i) model.observe(rare, {i % 10 != 0, false}, examples.back().at);
  EXPECT_GT(model.forecast(rare).live, 0.7);
}

TEST(AnswerModel, FollowsAWorldThatChanges) {
  AnswerModel model;
  AnswerQuestion question;
  question.hour_of_week = 10;
  for (int i = 0; i < 3000; ++i) model.observe(question, {i % 2 == 0, false}, first_day + minutes(i));
  EXPECT_NEAR(model.forecast(question).live, 0.5, 0.05);
  for (int i = 0; i < 3000; ++i) model.observe(question, {i % 10 == 0, false}, first_day + days(180) + minutes(i));
  EXPECT_NEAR(model.forecast(question).live, 0.1, 0.05);
}

TEST(AnswerModel, SurvivesAClockThatGoesBackAndQuestionsWithoutSense) {
  AnswerModel model;
  AnswerQuestion question;
  question.hour_of_week = 1000;
  question.pause = hours(-5);
  question.attempts = 4'000'000'000U;
  question.silent_attempts = 4'000'000'000U;
  for (int i = 0; i < 200; ++i) model.observe(question, {true, true}, first_day - hours(i));
  const AnswerForecast forecast = model.explain(question);
  EXPECT_GT(forecast.live, 0.8);
  EXPECT_LT(forecast.live, 1.0);
  EXPECT_EQ(effect_of(forecast, AnswerFactor::hour).value, "local time unknown");
}

TEST(ModelReport, SaysWhenThereIsTooLittleToJudge) {
  auto examples = lived_days(200, 40);
  const auto report = report_model(examples);
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().detail.find("200"), std::string::npos);
}

TEST(ModelReport, HoldsStoredScoresAgainstWhatCameOfThem) {
  auto examples = lived_days(10'000, 50);
  EXPECT_EQ(judge_scores(examples).attempts, 0U);
  for (AnswerExample& example : examples) example.score_permille = static_cast<std::uint16_t>(1000 * true_live(example.question));
  examples.front().score_permille = 0;
  const LiveScores honest = judge_scores(examples);
  EXPECT_EQ(honest.attempts, examples.size() - 1);
  EXPECT_NEAR(honest.mean_score, honest.live_rate, 0.02);
  EXPECT_LT(honest.log_loss, honest.base_log_loss);
  ASSERT_EQ(honest.calibration.size(), 10U);
  for (const CalibrationRow& row : honest.calibration) EXPECT_NEAR(row.predicted, row.observed, 0.05);
  for (AnswerExample& example : examples) example.score_permille = static_cast<std::uint16_t>(1000 - example.score_permille);
  EXPECT_GT(judge_scores(examples).log_loss, honest.base_log_loss) << "scores that say the opposite are worse than none";
}

TEST(WeekPart, HasSixPartsAWeekdayAndSixADayOff) {
  EXPECT_EQ(week_part_of(0), 0);
  EXPECT_EQ(week_part_of(9), 1);
  EXPECT_EQ(week_part_of(4 * 24 + 23), 5);
  EXPECT_EQ(week_part_of(5 * 24), 6);
  EXPECT_EQ(week_part_of(167), 11);
  EXPECT_EQ(week_part_of(168), -1);
  EXPECT_EQ(week_part_of(-1), -1);
}

}  // namespace
}  // namespace dunlin
