#include "api/model_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/base/time.hpp"

namespace dunlin {
namespace {

constexpr double shown_change = 0.1;
constexpr int bar_width = 30;

struct FactorWords {
  AnswerFactor factor;
  std::string_view ru;
  std::string_view en;
};
constexpr std::array<FactorWords, answer_factor_count> factor_words{{
    {AnswerFactor::number_kind, "чей и какой номер", "whose and what number"},
    {AnswerFactor::attempts_before, "которая попытка на номер", "attempt on the number"},
    {AnswerFactor::silence, "сколько раз подряд без ответа", "in vain in a row"},
    {AnswerFactor::answers_before, "отвечал ли номер раньше", "answered before"},
    {AnswerFactor::pause, "пауза с прошлой попытки", "since the last attempt"},
    {AnswerFactor::day_part, "часть дня", "part of the day"},
    {AnswerFactor::hour, "час дня", "hour of the day"},
    {AnswerFactor::own_day_part, "привычка этого номера", "habit of this number"},
    {AnswerFactor::kind_by_part, "вид номера и часть дня", "kind of number and part of the day"},
}};

struct ValueWords {
  std::string_view en;
  std::string_view ru;
};
constexpr std::array<ValueWords, 51> value_words{{
    {"first attempt", "первая попытка"}, {"second attempt", "вторая попытка"}, {"attempt 3-4", "попытка 3-4"}, {"attempt 5-8", "попытка 5-8"},
    {"attempt 9-16", "попытка 9-16"}, {"attempt 17 or later", "попытка 17 и дальше"}, {"answered last time", "в прошлый раз ответил"},
    {"1 in vain", "1 раз без ответа"}, {"2 in a row in vain", "2 раза подряд без ответа"}, {"3-4 in a row in vain", "3-4 раза подряд без ответа"},
    {"5-8 in a row in vain", "5-8 раз подряд без ответа"}, {"9 or more in a row in vain", "9 и больше раз подряд без ответа"},
    {"under 3 hours", "меньше 3 часов"}, {"3-12 hours", "3-12 часов"}, {"12-36 hours", "12-36 часов"}, {"2-4 days", "2-4 дня"},
    {"4-10 days", "4-10 дней"}, {"over 10 days", "больше 10 дней"}, {"never tried", "ещё не звонили"}, {"tried in vain", "звонили без ответа"},
    {"answered once", "ответил однажды"}, {"answered before", "отвечал не раз"}, {"no answer known", "ответов ещё не было"},
    {"answered at this part of the day before", "отвечал в эту часть дня"}, {"answered only at other parts of the day", "отвечал только в другие части дня"},
    {"not the debtor's number", "номер не должника"}, {"local time unknown", "местное время неизвестно"}, {"debtor mobile", "мобильный должника"}, {"debtor home", "домашний должника"},
    {"debtor work", "рабочий должника"}, {"debtor other", "другой номер должника"}, {"guarantor mobile", "мобильный поручителя"},
    {"guarantor home", "домашний поручителя"}, {"guarantor work", "рабочий поручителя"}, {"guarantor other", "другой номер поручителя"},
    {"relative mobile", "мобильный родственника"}, {"relative home", "домашний родственника"}, {"work work", "место работы"}, {"work mobile", "мобильный на работе"},
    {"weekday 0-9", "будни до 9"}, {"weekday 9-12", "будни 9-12"}, {"weekday 12-15", "будни 12-15"}, {"weekday 15-18", "будни 15-18"},
    {"weekday 18-21", "будни 18-21"}, {"weekday 21-24", "будни после 21"}, {"weekend 0-9", "выходные до 9"}, {"weekend 9-12", "выходные 9-12"},
    {"weekend 12-15", "выходные 12-15"}, {"weekend 15-18", "выходные 15-18"}, {"weekend 18-21", "выходные 18-21"}, {"weekend 21-24", "выходные после 21"},
}};

std::string_view factor_text(AnswerFactor factor, TextLanguage language) {
  const FactorWords& found = factor_words[static_cast<std::size_t>(factor)];
  return language == TextLanguage::russian ? found.ru : found.en;
}

std::string russian_value(const std::string& value) {
  const auto known = std::find_if(value_words.begin(), value_words.end(), [&value](const ValueWords& words) { return words.en == value; });
  return known == value_words.end() ? value : std::string(known->ru);
}

std::string effect_value(const FactorEffect& effect, TextLanguage language) {
  if (language == TextLanguage::english) return effect.value;
  // "debtor mobile at 18-21": the number's words, then the hours.
  const std::size_t mark = effect.factor == AnswerFactor::kind_by_part ? effect.value.find(" at ") : std::string::npos;
  if (mark == std::string::npos) return russian_value(effect.value);
  return russian_value(effect.value.substr(0, mark)) + ", " + effect.value.substr(mark + 4) + " ч";
}

std::string bar_of(double share) {
  std::string bar;
  for (int i = 0; i < static_cast<int>(std::lround(share * bar_width)); ++i) bar += "█";
  return bar;
}

double percent(double share) { return 100 * share; }

std::string summary_text(const ModelReport& r, bool is_russian) {
  const double better = r.base_log_loss > 0 ? percent(1 - r.log_loss / r.base_log_loss) : 0;
  const std::string day = format_utc(r.split_at).substr(0, 10);
  if (is_russian) {
    return fmt::format("Модель ответов: училась на {} попытках, проверена на {} более поздних (с {}).\n"
                       "Живой человек ответил в {:.1f} % из них, должник сам в {:.1f} %; модель обещала {:.1f} %.\n"
                       "Ошибка прогноза {:.4f} против {:.4f} у «всем одинаково»: {} на {:.1f} %.\n",
                       r.learned_from, r.held_out, day, percent(r.live_rate), percent(r.right_party_rate), percent(r.mean_forecast), r.log_loss, r.base_log_loss,
                       better >= 0 ? "лучше" : "хуже", std::abs(better));
  }
  return fmt::format("Answer model: learned from {} attempts, judged by {} later ones (since {}).\n"
                     "A live person answered {:.1f} % of them, the debtor {:.1f} %; the model promised {:.1f} %.\n"
                     "Forecast error {:.4f} against {:.4f} of \"all alike\": {:.1f} % {}.\n",
                     r.learned_from, r.held_out, day, percent(r.live_rate), percent(r.right_party_rate), percent(r.mean_forecast), r.log_loss, r.base_log_loss,
                     std::abs(better), better >= 0 ? "better" : "worse");
}

std::string calibration_text(const std::vector<CalibrationRow>& rows) {
  std::string text;
  for (const CalibrationRow& row : rows) {
    text += fmt::format("  {:5.1f} %   {:5.1f} %  {:>8}  {}\n", percent(row.predicted), percent(row.observed), row.attempts, bar_of(row.observed));
  }
  return text;
}

/// What was really forecast before each attempt, against what came of it; nothing as long as no attempt has a score.
std::string scored_text(const LiveScores& s, bool is_russian) {
  if (s.attempts == 0) return "";
  const double better = s.base_log_loss > 0 ? percent(1 - s.log_loss / s.base_log_loss) : 0;
  const char* frame = is_russian ? "\nОценки, данные перед звонком: {} попыток, обещано {:.1f} %, ответили {:.1f} %, ошибка {:.4f} против {:.4f} ({:+.1f} %)\n  прогноз   на деле   попыток\n"
                                 : "\nScores given before the call: {} attempts, promised {:.1f} %, answered {:.1f} %, error {:.4f} against {:.4f} ({:+.1f} %)\n forecast  observed  attempts\n";
  return fmt::format(fmt::runtime(frame), s.attempts, percent(s.mean_score), percent(s.live_rate), s.log_loss, s.base_log_loss, better) +
         calibration_text(s.calibration);
}

nlohmann::ordered_json calibration_fields(const std::vector<CalibrationRow>& rows) {
  nlohmann::ordered_json calibration = nlohmann::ordered_json::array();
  for (const CalibrationRow& row : rows) calibration.push_back({{"predicted", row.predicted}, {"observed", row.observed}, {"attempts", row.attempts}});
  return calibration;
}

}  // namespace

std::string model_report_text(const ModelReport& report, TextLanguage language) {
  const bool is_russian = language == TextLanguage::russian;
  std::string text = summary_text(report, is_russian);
  text += is_russian ? "\nКалибровка: десятые доли попыток, от худшего прогноза к лучшему\n  прогноз   на деле   попыток\n"
                     : "\nCalibration: tenths of the attempts, worst forecast first\n forecast  observed  attempts\n";
  text += calibration_text(report.calibration) + scored_text(report.scored, is_russian);
  text += is_russian ? "\nЕсли звонить сначала самым вероятным\n" : "\nIf the likeliest are dialed first\n";
  for (const GainRow& row : report.gain) {
    text += is_russian ? fmt::format("  первые {:>2.0f} % попыток дают {:.0f} % ответов\n", percent(row.share_of_attempts), percent(row.share_of_answers))
                       : fmt::format("  the first {:>2.0f} % of the attempts bring {:.0f} % of the answers\n", percent(row.share_of_attempts), percent(row.share_of_answers));
  }
  text += is_russian ? "\nЧто сильнее всего меняет шансы ответа\n" : "\nWhat moves the odds of an answer most\n";
  for (const FactorEffect& effect : report.effects) {
    text += fmt::format("  ×{:.2f}  {} ({})\n", effect.multiplier, effect_value(effect, language), factor_text(effect.factor, language));
  }
  return text;
}

nlohmann::ordered_json model_report_fields(const ModelReport& report) {
  nlohmann::ordered_json gain = nlohmann::ordered_json::array();
  for (const GainRow& row : report.gain) gain.push_back({{"share_of_attempts", row.share_of_attempts}, {"share_of_answers", row.share_of_answers}});
  nlohmann::ordered_json effects = nlohmann::ordered_json::array();
  for (const FactorEffect& effect : report.effects) {
    effects.push_back({{"factor", to_string(effect.factor)}, {"value", effect.value}, {"multiplier", effect.multiplier}, {"attempts", effect.weight}});
  }
  return {{"learned_from", report.learned_from}, {"held_out", report.held_out}, {"split_at", format_utc(report.split_at)},
          {"live_rate", report.live_rate}, {"right_party_rate", report.right_party_rate}, {"mean_forecast", report.mean_forecast},
          {"log_loss", report.log_loss}, {"base_log_loss", report.base_log_loss}, {"calibration", calibration_fields(report.calibration)},
          {"gain", std::move(gain)}, {"effects", std::move(effects)},
          {"scored", {{"attempts", report.scored.attempts}, {"mean_score", report.scored.mean_score}, {"live_rate", report.scored.live_rate},
                      {"log_loss", report.scored.log_loss}, {"base_log_loss", report.scored.base_log_loss},
                      {"calibration", calibration_fields(report.scored.calibration)}}}};
}

std::string effects_text(const AnswerForecast& forecast, TextLanguage language, std::size_t most) {
  std::string text;
  std::size_t shown = 0;
  for (const FactorEffect& effect : forecast.effects) {
    if (shown == most || std::abs(effect.multiplier - 1) < shown_change) break;
    text += fmt::format("{}×{:.1f} {}", shown == 0 ? "" : "; ", effect.multiplier, effect_value(effect, language));
    ++shown;
  }
  return text;
}

}  // namespace dunlin
