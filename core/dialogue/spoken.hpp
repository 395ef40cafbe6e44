#pragma once
// Values as they are spoken on the phone: numbers, money, dates, phone numbers, in the words a speaker of the language
// expects, with the right gender and case. Each word is one piece: a studio records the pieces of spoken_vocabulary() once,
// a synthesiser speaks their text. Pure functions, any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/money.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/time.hpp"

namespace dunlin {

enum class SpokenLanguage : std::uint8_t { ru, en };
std::string_view to_string(SpokenLanguage language);
Result<SpokenLanguage> parse_spoken_language(std::string_view name);

/// One thing to be heard. A recording of this name is played if there is one, else the text is synthesised.
struct SpokenPiece {
  std::string fragment;   ///< "ru.thousand.few"; empty: nobody could have recorded it (a person's name), only synthesis.
  std::string text;
  bool operator==(const SpokenPiece&) const = default;
};
using SpokenPieces = std::vector<SpokenPiece>;

/// The words with single spaces.
std::string spoken_text(const SpokenPieces& pieces);

enum class SpokenGender : std::uint8_t { masculine, feminine, neuter };
/// Russian inanimate nouns: the accusative differs from the nominative only in "одну", "тысячу", "копейку".
/// English has one form for both.
enum class SpokenCase : std::uint8_t { nominative, accusative };

/// From here on numbers are spoken digit by digit: nobody follows billions of billions by ear.
inline constexpr std::int64_t spoken_number_bound = 1'000'000'000'000;

SpokenPieces spoken_integer(SpokenLanguage language, std::int64_t value, SpokenGender gender = SpokenGender::masculine,
                            SpokenCase form = SpokenCase::nominative);
/// "две тысячи один рубль пятьдесят две копейки"; no minor units when they are zero.
SpokenPieces spoken_money(SpokenLanguage language, Money money, SpokenCase form = SpokenCase::nominative);
/// "двадцать один день".
SpokenPieces spoken_days(SpokenLanguage language, std::int64_t days);
/// "пятого марта", "the fifth of March"; with the year when asked for and it lies in 1900 to 2099. Nothing for no date.
SpokenPieces spoken_date(SpokenLanguage language, CivilDate date, bool has_year = false);
/// Digit by digit, with the plus of E.164. Nothing when unset.
SpokenPieces spoken_phone(SpokenLanguage language, const PhoneNumber& number);

/// Every piece the functions above can give in one language, each once, sorted by fragment: what a studio records.
SpokenPieces spoken_vocabulary(SpokenLanguage language);

}  // namespace dunlin
