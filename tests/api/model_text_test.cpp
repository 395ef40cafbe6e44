#include "api/model_text.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

ModelReport sample_report() {
  ModelReport report;
  report.learned_from = 8000;
  report.held_out = 2000;
  report.split_at = UtcTime{1'795'521'600'000};
  report.live_rate = 0.312;
  report.right_party_rate = 0.187;
  report.mean_forecast = 0.308;
  report.log_loss = 0.55;
  report.base_log_loss = 0.62;
  report.calibration = {{0.1, 0.11, 200}, {0.5, 0.48, 200}};
  report.gain = {{0.3, 0.47}};
  report.effects = {{AnswerFactor::day_part, "weekday 18-21", 2.1, 900}, {AnswerFactor::silence, "3-4 in a row in vain", 0.6, 400}};
  return report;
}

TEST(ModelText, SaysItInBothLanguages) {
  const std::string russian = model_report_text(sample_report(), TextLanguage::russian);
  EXPECT_NE(russian.find("училась на 8000 попытках"), std::string::npos);
  EXPECT_NE(russian.find("лучше на 11.3 %"), std::string::npos);
  EXPECT_NE(russian.find("первые 30 % попыток дают 47 % ответов"), std::string::npos);
  EXPECT_NE(russian.find("×2.10  будни 18-21 (часть дня)"), std::string::npos);
  const std::string english = model_report_text(sample_report(), TextLanguage::english);
  EXPECT_NE(english.find("learned from 8000 attempts"), std::string::npos);
  EXPECT_NE(english.find("×0.60  3-4 in a row in vain"), std::string::npos);
}

TEST(ModelText, ShowsScoresGivenBeforeTheCallOnceThereAreAny) {
  ModelReport report = sample_report();
  EXPECT_EQ(model_report_text(report, TextLanguage::english).find("before the call"), std::string::npos);
  report.scored = {900, 0.31, 0.29, 0.56, 0.6, {{0.2, 0.19, 450}, {0.42, 0.4, 450}}};
  EXPECT_NE(model_report_text(report, TextLanguage::english).find("900 attempts, promised 31.0 %, answered 29.0 %"), std::string::npos);
  EXPECT_NE(model_report_text(report, TextLanguage::russian).find("Оценки, данные перед звонком: 900 попыток"), std::string::npos);
  EXPECT_EQ(model_report_fields(report)["scored"]["attempts"], 900);
}

TEST(ModelText, HasRussianWordsForEveryValueTheModelKnows) {
  AnswerModel model;
  for (const PartyRole owner : {PartyRole::debtor, PartyRole::guarantor}) {
    for (const PhoneType type : {PhoneType::mobile, PhoneType::home, PhoneType::work, PhoneType::other}) {
      for (std::uint32_t attempts = 0; attempts < 20; ++attempts) {
        for (int hour = -1; hour < 168; hour += 5) {
          AnswerQuestion question{owner, type, attempts, attempts / 2, attempts % 3, hours(5 * attempts * attempts), hour, attempts % 2 == 0};
          for (const FactorEffect& effect : model.explain(question).effects) {
            if (effect.factor == AnswerFactor::hour && hour >= 0) continue;  // "15:00-15:59" reads the same everywhere
            AnswerForecast one;
            one.effects = {{effect.factor, effect.value, 2.0, 100}};
            EXPECT_EQ(effects_text(one, TextLanguage::russian).find(effect.value), std::string::npos) << effect.value;
          }
        }
      }
    }
  }
}

TEST(ModelText, NamesOnlyWhatMatters) {
  AnswerForecast forecast;
  EXPECT_EQ(effects_text(forecast, TextLanguage::english), "");
  forecast.effects = {{AnswerFactor::hour, "19:00-19:59", 1.8, 50}, {AnswerFactor::pause, "2-4 days", 0.7, 50}, {AnswerFactor::silence, "1 in vain", 1.02, 50}};
  EXPECT_EQ(effects_text(forecast, TextLanguage::english), "×1.8 19:00-19:59; ×0.7 2-4 days");
}

}  // namespace
}  // namespace dunlin
