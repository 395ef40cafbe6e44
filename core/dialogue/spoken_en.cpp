// English: singular and plural, no agreement. Numbers without "and", which keeps it for the minor units: "two thousand one
// roubles and fifty-two kopecks".
#include <array>

#include "core/dialogue/spoken_words.hpp"

namespace dunlin {
namespace {

struct NounEn {
  std::string_view key;
  std::string_view one;
  std::string_view many;
};
struct CurrencyEn {
  NounEn major;
  NounEn minor;
};
constexpr NounEn cent_en{"cent", "cent", "cents"};
constexpr NounEn day_en{"days", "day", "days"};

CurrencyEn currency_en(Currency currency) {
  switch (currency) {
    case Currency::rub: return {{"rouble", "rouble", "roubles"}, {"kopeck", "kopeck", "kopecks"}};
    case Currency::usd: return {{"dollar", "dollar", "dollars"}, cent_en};
    case Currency::eur: return {{"euro", "euro", "euros"}, cent_en};
    case Currency::kzt: return {{"tenge", "tenge", "tenge"}, {"tiyn", "tiyn", "tiyn"}};
    case Currency::gbp: return {{"pound", "pound", "pounds"}, {"penny", "penny", "pence"}};
  }
  return {day_en, day_en};
}

constexpr std::array<std::string_view, 20> small_en{
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> tens_en{
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 20> ordinals_en{
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
constexpr std::array<std::string_view, 13> months_en{"", "January", "February", "March", "April", "May", "June", "July", "August",
                                                     "September", "October", "November", "December"};

SpokenPiece piece_en(std::string name, std::string_view text) { return {"en." + std::move(name), std::string(text)}; }

void say_below_thousand_en(SpokenPieces& out, std::uint64_t value) {
  if (value >= 100) {
    out.push_back(piece_en(std::to_string(value / 100), small_en[value / 100]));
    out.push_back(piece_en("hundred", "hundred"));
  }
  value %= 100;
  if (value >= 20) out.push_back(piece_en(std::to_string(value / 10 * 10), tens_en[value / 10]));
  if (value >= 20) value %= 10;
  if (value > 0) out.push_back(piece_en(std::to_string(value), small_en[value]));
}

void say_scale_en(SpokenPieces& out, std::uint64_t count, const char* name) {
  if (count == 0) return;
  say_below_thousand_en(out, count);
  out.push_back(piece_en(name, name));
}

void say_number_en(SpokenPieces& out, std::uint64_t value) {
  if (value >= static_cast<std::uint64_t>(spoken_number_bound)) {
    for (const char digit : std::to_string(value)) {
      out.push_back(piece_en(std::string(1, digit), small_en[static_cast<std::size_t>(digit - '0')]));
    }
    return;
  }
  if (value == 0) out.push_back(piece_en("0", "zero"));
  say_scale_en(out, value / 1'000'000'000, "billion");
  say_scale_en(out, value / 1'000'000 % 1000, "million");
  say_scale_en(out, value / 1000 % 1000, "thousand");
  say_below_thousand_en(out, value % 1000);
}

void say_counted_en(SpokenPieces& out, std::uint64_t count, const NounEn& noun) {
  say_number_en(out, count);
  out.push_back(piece_en(std::string(noun.key) + (count == 1 ? ".one" : ".many"), count == 1 ? noun.one : noun.many));
}

SpokenPiece minus_en() { return piece_en("minus", "minus"); }

/// "nineteen hundred", "nineteen oh five", "two thousand nine", "twenty twenty-six".
void say_year_en(SpokenPieces& out, int year) {
  const auto rest = static_cast<std::uint64_t>(year % 100);
  if (year >= 2000 && year < 2010) return say_number_en(out, static_cast<std::uint64_t>(year));
  say_below_thousand_en(out, static_cast<std::uint64_t>(year / 100));
  if (rest == 0) return out.push_back(piece_en("hundred", "hundred"));
  if (rest < 10) out.push_back(piece_en("oh", "oh"));
  say_below_thousand_en(out, rest);
}

/// 1 to 31. The tens of a compound stay cardinal: "twenty first".
void say_ordinal_en(SpokenPieces& out, int day) {
  const auto number = static_cast<std::size_t>(day);
  if (number < 20) return out.push_back(piece_en("ord." + std::to_string(day), ordinals_en[number]));
  if (number % 10 == 0) return out.push_back(piece_en("ord." + std::to_string(day), number == 20 ? "twentieth" : "thirtieth"));
  out.push_back(piece_en(std::to_string(number / 10 * 10), tens_en[number / 10]));
  out.push_back(piece_en("ord." + std::to_string(number % 10), ordinals_en[number % 10]));
}

}  // namespace

SpokenPieces spoken_integer_en(std::int64_t value) {
  SpokenPieces out;
  if (value < 0) out.push_back(minus_en());
  say_number_en(out, spoken_magnitude(value));
  return out;
}

SpokenPieces spoken_money_en(Money money) {
  SpokenPieces out;
  const CurrencyEn names = currency_en(money.currency);
  const std::uint64_t total = spoken_magnitude(money.minor);
  if (money.minor < 0) out.push_back(minus_en());
  if (total >= 100 || total == 0) say_counted_en(out, total / 100, names.major);
  if (total >= 100 && total % 100 > 0) out.push_back(piece_en("and", "and"));
  if (total % 100 > 0) say_counted_en(out, total % 100, names.minor);
  return out;
}

SpokenPieces spoken_days_en(std::int64_t days) {
  SpokenPieces out;
  if (days < 0) out.push_back(minus_en());
  say_counted_en(out, spoken_magnitude(days), day_en);
  return out;
}

SpokenPieces spoken_date_en(CivilDate date, bool has_year) {
  SpokenPieces out{piece_en("the", "the")};
  say_ordinal_en(out, date.day);
  out.push_back(piece_en("of", "of"));
  out.push_back(piece_en("month." + std::to_string(date.month), months_en[static_cast<std::size_t>(date.month)]));
  if (has_year && date.year >= 1900 && date.year < 2100) say_year_en(out, date.year);
  return out;
}

SpokenPiece spoken_plus_en() { return piece_en("plus", "plus"); }

}  // namespace dunlin
