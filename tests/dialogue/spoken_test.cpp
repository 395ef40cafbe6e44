#include "core/dialogue/spoken.hpp"

#include <gtest/gtest.h>

#include <map>

namespace dunlin {
namespace {

constexpr auto ru = SpokenLanguage::ru;
constexpr auto en = SpokenLanguage::en;

std::string roubles(std::int64_t minor, SpokenCase form = SpokenCase::nominative) { return spoken_text(spoken_money(ru, {minor, Currency::rub}, form)); }

TEST(SpokenRussian, NumbersAgreeWithTheGenderOfTheNoun) {
  struct Row {
    std::int64_t value;
    const char* masculine;
    const char* feminine;
    const char* neuter;
  };
  const Row rows[] = {
      {0, "ноль", "ноль", "ноль"},
      {1, "один", "одна", "одно"},
      {2, "два", "две", "два"},
      {5, "пять", "пять", "пять"},
      {11, "одиннадцать", "одиннадцать", "одиннадцать"},
      {12, "двенадцать", "двенадцать", "двенадцать"},
      {21, "двадцать один", "двадцать одна", "двадцать одно"},
      {40, "сорок", "сорок", "сорок"},
      {92, "девяносто два", "девяносто две", "девяносто два"},
      {100, "сто", "сто", "сто"},
      {111, "сто одиннадцать", "сто одиннадцать", "сто одиннадцать"},
      {202, "двести два", "двести две", "двести два"},
      {-1, "минус один", "минус одна", "минус одно"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(spoken_text(spoken_integer(ru, row.value, SpokenGender::masculine)), row.masculine);
    EXPECT_EQ(spoken_text(spoken_integer(ru, row.value, SpokenGender::feminine)), row.feminine);
    EXPECT_EQ(spoken_text(spoken_integer(ru, row.value, SpokenGender::neuter)), row.neuter);
  }
}

TEST(SpokenRussian, ThousandIsFeminineMillionAndBillionMasculine) {
  struct Row {
    std::int64_t value;
    const char* text;
  };
  const Row rows[] = {
      {1'000, "одна тысяча"},
      {2'000, "две тысячи"},
      {5'000, "пять тысяч"},
      {11'000, "одиннадцать тысяч"},
      {21'001, "двадцать одна тысяча один"},
      {112'000, "сто двенадцать тысяч"},
      {1'000'000, "один миллион"},
      {2'000'000, "два миллиона"},
      {5'000'000, "пять миллионов"},
      {14'000'000, "четырнадцать миллионов"},
      {1'000'000'000, "один миллиард"},
      {3'000'000'000, "три миллиарда"},
      {999'999'999'999, "девятьсот девяносто девять миллиардов девятьсот девяносто девять миллионов девятьсот девяносто девять тысяч "
                        "девятьсот девяносто девять"},
      {1'000'000'000'000, "один ноль ноль ноль ноль ноль ноль ноль ноль ноль ноль ноль ноль"},
  };
  for (const Row& row : rows) EXPECT_EQ(spoken_text(spoken_integer(ru, row.value)), row.text) << row.value;
}

TEST(SpokenRussian, TheLeastNumberThereIsIsSpokenToo) {
  EXPECT_EQ(spoken_text(spoken_integer(ru, INT64_MIN)).rfind("минус девять два два три", 0), 0U);
}

TEST(SpokenRussian, RoublesAndKopecksFollowEveryAgreementClass) {
  struct Row {
    std::int64_t minor;
    const char* text;
  };
  const Row rows[] = {
      {2'001'52, "две тысячи один рубль пятьдесят две копейки"},
      {0, "ноль рублей"},
      {1'00, "один рубль"},
      {2'00, "два рубля"},
      {4'00, "четыре рубля"},
      {5'00, "пять рублей"},
      {11'00, "одиннадцать рублей"},
      {14'00, "четырнадцать рублей"},
      {20'00, "двадцать рублей"},
      {21'00, "двадцать один рубль"},
      {22'00, "двадцать два рубля"},
      {111'00, "сто одиннадцать рублей"},
      {112'00, "сто двенадцать рублей"},
      {114'00, "сто четырнадцать рублей"},
      {121'00, "сто двадцать один рубль"},
      {1'000'00, "одна тысяча рублей"},
      {1'000'000'00, "один миллион рублей"},
      {1, "одна копейка"},
      {2, "две копейки"},
      {5, "пять копеек"},
      {11, "одиннадцать копеек"},
      {21, "двадцать одна копейка"},
      {100'01, "сто рублей одна копейка"},
      {-5'00, "минус пять рублей"},
  };
  for (const Row& row : rows) EXPECT_EQ(roubles(row.minor), row.text) << row.minor;
}

TEST(SpokenRussian, TheAccusativeChangesOnlyWhatIsFeminineAndOne) {
  struct Row {
    std::int64_t minor;
    const char* text;
  };
  const Row rows[] = {
      {1'001'01, "одну тысячу один рубль одну копейку"},
      {2'000'02, "две тысячи рублей две копейки"},
      {21'000'00, "двадцать одну тысячу рублей"},
      {11'000'11, "одиннадцать тысяч рублей одиннадцать копеек"},
  };
  for (const Row& row : rows) EXPECT_EQ(roubles(row.minor, SpokenCase::accusative), row.text) << row.minor;
}

TEST(SpokenRussian, OtherCurrenciesHaveTheirOwnNouns) {
  struct Row {
    Money money;
    const char* text;
  };
  const Row rows[] = {
      {{2'02, Currency::usd}, "два доллара два цента"},
      {{5'00, Currency::eur}, "пять евро"},
      {{1'01, Currency::gbp}, "один фунт один пенс"},
      {{22'05, Currency::kzt}, "двадцать два тенге пять тиынов"},
  };
  for (const Row& row : rows) EXPECT_EQ(spoken_text(spoken_money(ru, row.money)), row.text);
}

TEST(SpokenRussian, DatesAreOrdinalsInTheGenitive) {
  struct Row {
    CivilDate date;
    bool has_year;
    const char* text;
  };
  const Row rows[] = {
      {{2026, 3, 5}, false, "пятого марта"},
      {{2026, 1, 1}, false, "первого января"},
      {{2026, 9, 3}, false, "третьего сентября"},
      {{2026, 2, 20}, false, "двадцатого февраля"},
      {{2026, 8, 21}, false, "двадцать первого августа"},
      {{2026, 12, 30}, false, "тридцатого декабря"},
      {{2026, 5, 31}, false, "тридцать первого мая"},
      {{2026, 11, 22}, true, "двадцать второго ноября две тысячи двадцать шестого года"},
      {{2000, 6, 2}, true, "второго июня двухтысячного года"},
      {{2030, 7, 4}, true, "четвёртого июля две тысячи тридцатого года"},
      {{1999, 4, 10}, true, "десятого апреля тысяча девятьсот девяносто девятого года"},
      {{1900, 10, 8}, true, "восьмого октября тысяча девятисотого года"},
      {{2226, 3, 5}, true, "пятого марта"},
      {{2026, 2, 30}, false, ""},
  };
  for (const Row& row : rows) EXPECT_EQ(spoken_text(spoken_date(ru, row.date, row.has_year)), row.text);
}

TEST(SpokenRussian, DaysAreCounted) {
  const std::pair<int, const char*> rows[] = {{0, "ноль дней"}, {1, "один день"}, {3, "три дня"}, {12, "двенадцать дней"}, {21, "двадцать один день"}, {104, "сто четыре дня"}};
  for (const auto& [days, text] : rows) EXPECT_EQ(spoken_text(spoken_days(ru, days)), text);
}

TEST(SpokenEnglish, NumbersMoneyDatesAndDays) {
  EXPECT_EQ(spoken_text(spoken_integer(en, 0)), "zero");
  EXPECT_EQ(spoken_text(spoken_integer(en, 21'114)), "twenty one thousand one hundred fourteen");
  EXPECT_EQ(spoken_text(spoken_integer(en, 2'000'001)), "two million one");
  EXPECT_EQ(spoken_text(spoken_money(en, {2'001'52, Currency::rub})), "two thousand one roubles and fifty two kopecks");
  EXPECT_EQ(spoken_text(spoken_money(en, {1'01, Currency::usd})), "one dollar and one cent");
  EXPECT_EQ(spoken_text(spoken_money(en, {2, Currency::gbp})), "two pence");
  EXPECT_EQ(spoken_text(spoken_date(en, {2026, 3, 5})), "the fifth of March");
  EXPECT_EQ(spoken_text(spoken_date(en, {2026, 3, 21}, true)), "the twenty first of March twenty twenty six");
  EXPECT_EQ(spoken_text(spoken_date(en, {2005, 3, 20}, true)), "the twentieth of March two thousand five");
  EXPECT_EQ(spoken_text(spoken_date(en, {1905, 3, 30}, true)), "the thirtieth of March nineteen oh five");
  EXPECT_EQ(spoken_text(spoken_days(en, 1)), "one day");
  EXPECT_EQ(spoken_text(spoken_days(en, 40)), "forty days");
}

TEST(Spoken, PhonesAreReadDigitByDigit) {
  const PhoneNumber number = *PhoneNumber::from_e164("+79120001122");
  EXPECT_EQ(spoken_text(spoken_phone(ru, number)), "плюс семь девять один два ноль ноль ноль один один два два");
  EXPECT_EQ(spoken_text(spoken_phone(en, *PhoneNumber::from_e164("+441632960"))), "plus four four one six three two nine six zero");
  EXPECT_TRUE(spoken_phone(ru, PhoneNumber()).empty());
}

/// A studio records the vocabulary; a value that needed one more word would fall silent in the middle of a sum.
TEST(Spoken, TheVocabularyHoldsEveryPieceThereIs) {
  for (const SpokenLanguage language : {ru, en}) {
    std::map<std::string, std::string> known;
    for (const SpokenPiece& piece : spoken_vocabulary(language)) {
      EXPECT_TRUE(known.emplace(piece.fragment, piece.text).second) << piece.fragment;
      EXPECT_FALSE(piece.text.empty()) << piece.fragment;
      EXPECT_EQ(piece.fragment.rfind(std::string(to_string(language)) + ".", 0), 0U) << piece.fragment;
    }
    const auto all_known = [&](const SpokenPieces& pieces) {
      for (const SpokenPiece& piece : pieces) EXPECT_EQ(known[piece.fragment], piece.text) << piece.fragment;
    };
    std::uint64_t value = 1;
    for (int i = 0; i < 300; ++i) {
      value = value * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::int64_t sum = static_cast<std::int64_t>((value >> 20) % 10'000'000'000) - 1'000;
      for (const Currency currency : {Currency::rub, Currency::usd, Currency::eur, Currency::kzt, Currency::gbp}) {
        all_known(spoken_money(language, {sum, currency}, i % 2 == 0 ? SpokenCase::nominative : SpokenCase::accusative));
      }
      all_known(spoken_date(language, civil_from_days(sum % 70'000 - 20'000), true));
      all_known(spoken_days(language, sum % 5'000));
    }
  }
}

}  // namespace
}  // namespace dunlin
