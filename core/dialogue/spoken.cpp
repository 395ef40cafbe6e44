#include "core/dialogue/spoken.hpp"

#include <map>
#include <numeric>

#include "core/dialogue/spoken_words.hpp"

namespace dunlin {
namespace {

constexpr Currency spoken_currencies[] = {Currency::rub, Currency::usd, Currency::eur, Currency::kzt, Currency::gbp};

/// Every word of numbers is met by these: all below a hundred, and one of each hundred, scale and agreement class.
std::vector<std::int64_t> numbers_with_every_word() {
  std::vector<std::int64_t> values(100);
  std::iota(values.begin(), values.end(), 0);
  for (std::int64_t value = 100; value < 1000; value += 100) values.push_back(value);
  for (const std::int64_t scale : {1'000LL, 1'000'000LL, 1'000'000'000LL}) {
    for (const std::int64_t count : {1, 2, 5}) values.push_back(scale * count);
  }
  values.push_back(-1);
  return values;
}

void collect_words(SpokenLanguage language, std::map<std::string, std::string>& words) {
  const auto take = [&words](const SpokenPieces& pieces) {
    for (const SpokenPiece& piece : pieces) words.emplace(piece.fragment, piece.text);
  };
  for (const std::int64_t value : numbers_with_every_word()) {
    for (const SpokenGender gender : {SpokenGender::masculine, SpokenGender::feminine, SpokenGender::neuter}) {
      for (const SpokenCase form : {SpokenCase::nominative, SpokenCase::accusative}) {
        take(spoken_integer(language, value, gender, form));
      }
    }
    for (const Currency currency : spoken_currencies) {
      for (const SpokenCase form : {SpokenCase::nominative, SpokenCase::accusative}) {
        take(spoken_money(language, {value * 100, currency}, form));
        take(spoken_money(language, {value % 100, currency}, form));
        take(spoken_money(language, {100 + value % 100, currency}, form));
      }
    }
    take(spoken_days(language, value));
  }
  for (int month = 1; month <= 12; ++month) {
    for (int day = 1; day <= 31; ++day) take(spoken_date(language, {2000, month, day}, true));
  }
  for (int year = 1900; year < 2100; ++year) take(spoken_date(language, {year, 1, 1}, true));
}

}  // namespace

std::string_view to_string(SpokenLanguage language) {
  switch (language) {
    case SpokenLanguage::ru: return "ru";
    case SpokenLanguage::en: return "en";
  }
  return "ru";
}

Result<SpokenLanguage> parse_spoken_language(std::string_view name) {
  if (name == "ru") return SpokenLanguage::ru;
  if (name == "en") return SpokenLanguage::en;
  return invalid_input("allowed are ru, en");
}

std::string spoken_text(const SpokenPieces& pieces) {
  std::string text;
  for (const SpokenPiece& piece : pieces) {
    if (!text.empty() && !piece.text.empty()) text += ' ';
    text += piece.text;
  }
  return text;
}

SpokenPieces spoken_integer(SpokenLanguage language, std::int64_t value, SpokenGender gender, SpokenCase form) {
  switch (language) {
    case SpokenLanguage::ru: return spoken_integer_ru(value, gender, form);
    case SpokenLanguage::en: return spoken_integer_en(value);
  }
  return {};
}

SpokenPieces spoken_money(SpokenLanguage language, Money money, SpokenCase form) {
  switch (language) {
    case SpokenLanguage::ru: return spoken_money_ru(money, form);
    case SpokenLanguage::en: return spoken_money_en(money);
  }
  return {};
}

SpokenPieces spoken_days(SpokenLanguage language, std::int64_t days) {
  switch (language) {
    case SpokenLanguage::ru: return spoken_days_ru(days);
    case SpokenLanguage::en: return spoken_days_en(days);
  }
  return {};
}

SpokenPieces spoken_date(SpokenLanguage language, CivilDate date, bool has_year) {
  if (!is_valid(date)) return {};
  switch (language) {
    case SpokenLanguage::ru: return spoken_date_ru(date, has_year);
    case SpokenLanguage::en: return spoken_date_en(date, has_year);
  }
  return {};
}

SpokenPieces spoken_phone(SpokenLanguage language, const PhoneNumber& number) {
  SpokenPieces pieces;
  for (const char c : number.e164()) {
    if (c == '+') pieces.push_back(language == SpokenLanguage::ru ? spoken_plus_ru() : spoken_plus_en());
    else append_pieces(pieces, spoken_integer(language, c - '0'));
  }
  return pieces;
}

SpokenPieces spoken_vocabulary(SpokenLanguage language) {
  std::map<std::string, std::string> words;
  collect_words(language, words);
  const SpokenPiece plus = language == SpokenLanguage::ru ? spoken_plus_ru() : spoken_plus_en();
  words.emplace(plus.fragment, plus.text);
  SpokenPieces pieces;
  pieces.reserve(words.size());
  for (const auto& [fragment, text] : words) pieces.push_back({fragment, text});
  return pieces;
}

}  // namespace dunlin
