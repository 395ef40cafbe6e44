// Russian. Numerals agree with the noun's gender in one and two; the noun follows the last numeral: один рубль, два рубля,
// пять рублей, and eleven to fourteen go with five. "Тысяча" is feminine, "миллион" and "миллиард" are masculine.
#include <array>

#include "core/dialogue/spoken_words.hpp"

namespace dunlin {
namespace {

enum class PluralRu : std::uint8_t { one, few, many };

PluralRu plural_ru(std::uint64_t count) {
  const std::uint64_t tens = count % 100;
  if (tens >= 11 && tens <= 14) return PluralRu::many;
  if (count % 10 == 1) return PluralRu::one;
  return count % 10 >= 2 && count % 10 <= 4 ? PluralRu::few : PluralRu::many;
}

/// A counted noun. `one_accusative` differs from `one` in feminine nouns only.
struct NounRu {
  std::string_view key;
  SpokenGender gender;
  std::string_view one;
  std::string_view few;
  std::string_view many;
  std::string_view one_accusative;
};

constexpr NounRu thousand_ru{"thousand", SpokenGender::feminine, "тысяча", "тысячи", "тысяч", "тысячу"};
constexpr NounRu million_ru{"million", SpokenGender::masculine, "миллион", "миллиона", "миллионов", "миллион"};
constexpr NounRu billion_ru{"billion", SpokenGender::masculine, "миллиард", "миллиарда", "миллиардов", "миллиард"};
constexpr NounRu day_ru{"days", SpokenGender::masculine, "день", "дня", "дней", "день"};

struct CurrencyRu {
  NounRu major;
  NounRu minor;
};
constexpr NounRu cent_ru{"cent", SpokenGender::masculine, "цент", "цента", "центов", "цент"};

/// "Евро" and "тенге" do not decline.
CurrencyRu currency_ru(Currency currency) {
  constexpr auto m = SpokenGender::masculine;
  constexpr auto f = SpokenGender::feminine;
  switch (currency) {
    case Currency::rub:
      return {{"rouble", m, "рубль", "рубля", "рублей", "рубль"}, {"kopeck", f, "копейка", "копейки", "копеек", "копейку"}};
    case Currency::usd: return {{"dollar", m, "доллар", "доллара", "долларов", "доллар"}, cent_ru};
    case Currency::eur: return {{"euro", m, "евро", "евро", "евро", "евро"}, cent_ru};
    case Currency::kzt: return {{"tenge", m, "тенге", "тенге", "тенге", "тенге"}, {"tiyn", m, "тиын", "тиына", "тиынов", "тиын"}};
    case Currency::gbp: return {{"pound", m, "фунт", "фунта", "фунтов", "фунт"}, {"penny", m, "пенс", "пенса", "пенсов", "пенс"}};
  }
  return {day_ru, day_ru};
}

constexpr std::array<std::string_view, 20> small_ru{
    "ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
    "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"};
constexpr std::array<std::string_view, 10> tens_ru{
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"};
constexpr std::array<std::string_view, 10> hundreds_ru{
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"};
constexpr std::array<std::string_view, 20> ordinals_ru{
    "нулевого", "первого", "второго", "третьего", "четвёртого", "пятого", "шестого", "седьмого", "восьмого", "девятого", "десятого",
    "одиннадцатого", "двенадцатого", "тринадцатого", "четырнадцатого", "пятнадцатого", "шестнадцатого", "семнадцатого",
    "восемнадцатого", "девятнадцатого"};
constexpr std::array<std::string_view, 10> tens_ordinals_ru{
    "", "", "двадцатого", "тридцатого", "сорокового", "пятидесятого", "шестидесятого", "семидесятого", "восьмидесятого",
    "девяностого"};
constexpr std::array<std::string_view, 13> months_ru{
    "", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"};

SpokenPiece piece_ru(std::string name, std::string_view text) { return {"ru." + std::move(name), std::string(text)}; }

/// One to nineteen and zero.
SpokenPiece small_piece_ru(std::uint64_t value, SpokenGender gender, SpokenCase form) {
  const std::string number = std::to_string(value);
  const bool is_accusative = form == SpokenCase::accusative;
  if (value == 1) {
    switch (gender) {
      case SpokenGender::masculine: return piece_ru("1.m", "один");
      case SpokenGender::feminine: return is_accusative ? piece_ru("1.f.acc", "одну") : piece_ru("1.f", "одна");
      case SpokenGender::neuter: return piece_ru("1.n", "одно");
    }
  }
  if (value == 2 && gender == SpokenGender::feminine) return piece_ru("2.f", "две");
  return piece_ru(number, small_ru[value]);
}

/// 1 to 999.
void say_below_thousand_ru(SpokenPieces& out, std::uint64_t value, SpokenGender gender, SpokenCase form) {
  if (value >= 100) out.push_back(piece_ru(std::to_string(value / 100 * 100), hundreds_ru[value / 100]));
  value %= 100;
  if (value >= 20) out.push_back(piece_ru(std::to_string(value / 10 * 10), tens_ru[value / 10]));
  if (value >= 20) value %= 10;
  if (value > 0) out.push_back(small_piece_ru(value, gender, form));
}

SpokenPiece noun_piece_ru(const NounRu& noun, std::uint64_t count, SpokenCase form) {
  const std::string key(noun.key);
  switch (plural_ru(count)) {
    case PluralRu::one:
      if (form == SpokenCase::accusative && noun.one_accusative != noun.one) return piece_ru(key + ".one.acc", noun.one_accusative);
      return piece_ru(key + ".one", noun.one);
    case PluralRu::few: return piece_ru(key + ".few", noun.few);
    case PluralRu::many: return piece_ru(key + ".many", noun.many);
  }
  return piece_ru(key + ".many", noun.many);
}

void say_scale_ru(SpokenPieces& out, std::uint64_t count, const NounRu& noun, SpokenCase form) {
  if (count == 0) return;
  say_below_thousand_ru(out, count, noun.gender, form);
  out.push_back(noun_piece_ru(noun, count, form));
}

void say_number_ru(SpokenPieces& out, std::uint64_t value, SpokenGender gender, SpokenCase form) {
  if (value >= static_cast<std::uint64_t>(spoken_number_bound)) {
    for (const char digit : std::to_string(value)) {
      const auto number = static_cast<std::uint64_t>(digit - '0');
      out.push_back(small_piece_ru(number, SpokenGender::masculine, SpokenCase::nominative));
    }
    return;
  }
  if (value == 0) out.push_back(small_piece_ru(0, gender, form));
  say_scale_ru(out, value / 1'000'000'000, billion_ru, form);
  say_scale_ru(out, value / 1'000'000 % 1000, million_ru, form);
  say_scale_ru(out, value / 1000 % 1000, thousand_ru, form);
  say_below_thousand_ru(out, value % 1000, gender, form);
}

void say_counted_ru(SpokenPieces& out, std::uint64_t count, const NounRu& noun, SpokenCase form) {
  say_number_ru(out, count, noun.gender, form);
  out.push_back(noun_piece_ru(noun, count, form));
}

SpokenPiece minus_ru() { return piece_ru("minus", "минус"); }

/// 1 to 99, genitive: "двадцать шестого".
void say_ordinal_ru(SpokenPieces& out, int value) {
  const auto number = static_cast<std::size_t>(value);
  if (number < 20) return out.push_back(piece_ru("ord." + std::to_string(value), ordinals_ru[number]));
  if (number % 10 == 0) return out.push_back(piece_ru("ord." + std::to_string(value), tens_ordinals_ru[number / 10]));
  out.push_back(piece_ru(std::to_string(number / 10 * 10), tens_ru[number / 10]));
  out.push_back(piece_ru("ord." + std::to_string(number % 10), ordinals_ru[number % 10]));
}

/// "две тысячи двадцать шестого года", "двухтысячного года".
void say_year_ru(SpokenPieces& out, int year) {
  if (year == 1900) out.push_back(piece_ru("ord.1900", "тысяча девятисотого"));
  else if (year == 2000) out.push_back(piece_ru("ord.2000", "двухтысячного"));
  else {
    if (year < 2000) out.push_back(piece_ru("year.1900", "тысяча девятьсот"));
    else out.push_back(piece_ru("year.2000", "две тысячи"));
    say_ordinal_ru(out, year % 100);
  }
  out.push_back(piece_ru("year", "года"));
}

}  // namespace

SpokenPieces spoken_integer_ru(std::int64_t value, SpokenGender gender, SpokenCase form) {
  SpokenPieces out;
  if (value < 0) out.push_back(minus_ru());
  say_number_ru(out, spoken_magnitude(value), gender, form);
  return out;
}

SpokenPieces spoken_money_ru(Money money, SpokenCase form) {
  SpokenPieces out;
  const CurrencyRu names = currency_ru(money.currency);
  const std::uint64_t total = spoken_magnitude(money.minor);
  if (money.minor < 0) out.push_back(minus_ru());
  if (total >= 100 || total == 0) say_counted_ru(out, total / 100, names.major, form);
  if (total % 100 > 0) say_counted_ru(out, total % 100, names.minor, form);
  return out;
}

SpokenPieces spoken_days_ru(std::int64_t days) {
  SpokenPieces out;
  if (days < 0) out.push_back(minus_ru());
  say_counted_ru(out, spoken_magnitude(days), day_ru, SpokenCase::nominative);
  return out;
}

SpokenPieces spoken_date_ru(CivilDate date, bool has_year) {
  SpokenPieces out;
  say_ordinal_ru(out, date.day);
  out.push_back(piece_ru("month." + std::to_string(date.month), months_ru[static_cast<std::size_t>(date.month)]));
  if (has_year && date.year >= 1900 && date.year < 2100) say_year_ru(out, date.year);
  return out;
}

SpokenPiece spoken_plus_ru() { return piece_ru("plus", "плюс"); }

}  // namespace dunlin
