#pragma once
// The answer model in words, for the one who runs a campaign: in Russian or English. Pure, any thread.
#include <string>

#include <nlohmann/json.hpp>

#include "core/report/model_report.hpp"

namespace dunlin {

enum class TextLanguage : std::uint8_t { russian, english };

/// Calibration, gain and the strongest factors as a page of text.
std::string model_report_text(const ModelReport& report, TextLanguage language);
nlohmann::ordered_json model_report_fields(const ModelReport& report);

/// "×2.1 weekday 18-21; ×0.6 3-4 in a row in vain": the factors that move the odds by a tenth or more, at most `most`.
std::string effects_text(const AnswerForecast& forecast, TextLanguage language, std::size_t most = 3);

}  // namespace dunlin
