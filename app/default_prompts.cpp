#include "app/default_prompts.hpp"

#include "app/speech_maker.hpp"

namespace dunlin {
namespace {

/// Whoever picks up may be anybody: neither the debt nor the creditor is named.
constexpr const char* notice_ru = "Здравствуйте. К сожалению, все операторы сейчас заняты. Мы перезвоним вам позже. Извините за беспокойство.";
constexpr const char* notice_en = "Hello. All our agents are busy at the moment. We will call you again later. We are sorry for the trouble.";

bool speaks_russian(const NodeSettings& settings) { return settings.jurisdiction == "RU" || settings.jurisdiction == "KZ"; }

}  // namespace

std::filesystem::path made_prompts_folder(const NodeSettings& settings) { return settings.data_folder / "prompts"; }

Status make_default_prompts(const NodeSettings& settings) {
  std::error_code fault;
  const std::filesystem::path given = settings.media.prompts_folder;
  if (!given.empty() && std::filesystem::exists(given / "abandon.wav", fault)) return Done{};
  const auto maker = espeak_speech_maker();
  if (!maker) return maker.error();
  const SpokenLanguage language = speaks_russian(settings) ? SpokenLanguage::ru : SpokenLanguage::en;
  const SpokenPieces pieces{{"abandon", language == SpokenLanguage::ru ? notice_ru : notice_en}};
  const auto made = render_speech(**maker, language, pieces, made_prompts_folder(settings));
  return made ? Status(Done{}) : Status(made.error());
}

}  // namespace dunlin
