#include "core/exchange/person_key.hpp"

#include <gtest/gtest.h>

#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

struct FoldCase {
  std::string given;
  std::string folded;
};

TEST(PersonKey, FoldsNamesToOneSpelling) {
  const std::vector<FoldCase> cases{
      {"Иванов Иван Иванович", "ИВАНОВ ИВАН ИВАНОВИЧ"},
      {"  иванов\xC2\xA0 ИВАН   иванович ", "ИВАНОВ ИВАН ИВАНОВИЧ"},
      {"Семёнов Пётр", "СЕМЕНОВ ПЕТР"},
      {"Петров - Водкин Кузьма", "ПЕТРОВ-ВОДКИН КУЗЬМА"},
      {"Петров–Водкин Кузьма", "ПЕТРОВ-ВОДКИН КУЗЬМА"},
      {"Cоколовa Ольга", "СОКОЛОВА ОЛЬГА"},  // Latin C and a inside a Cyrillic word.
      {"Smith John", "SMITH JOHN"},
      {"Нұрғалиев Әли", "НҰРҒАЛИЕВ ӘЛИ"},
      {"", ""},
      {" - ", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(fold_name(c.given), c.folded) << c.given;
}

TEST(PersonKey, FoldsTitlesToWordsAndDigits) {
  EXPECT_EQ(fold_title(" № договора "), "договора");
  EXPECT_EQ(fold_title("Ф.И.О."), "ф и о");
  EXPECT_EQ(fold_title("Долг, руб."), "долг руб");
  EXPECT_EQ(fold_title("Телефон_2"), "телефон 2");
}

TEST(PersonKey, ChecksInnDigits) {
  const std::vector<std::pair<std::string, bool>> cases{
      {"7707083893", true},  {"500100732259", true},  {"5001 0073 2259", true}, {"500100732258", false},
      {"7707083894", false}, {"0000000000", false},   {"000000000000", false},  {"50010073225", false},
      {"", false},           {"50010073225a", false}, {"5001007322599", false}};
  for (const auto& [text, is_right] : cases) EXPECT_EQ(parse_inn(text).ok(), is_right) << text;
  EXPECT_EQ(*parse_inn("5001 0073 2259"), "500100732259");
}

TEST(PersonKey, ChecksSnilsDigits) {
  const std::vector<std::pair<std::string, bool>> cases{{"112-233-445 95", true}, {"11223344595", true},
                                                        {"11223344596", false},   {"087-654-303 00", true},
                                                        {"001-001-998 77", true}, {"1122334459", false}};
  for (const auto& [text, is_right] : cases) EXPECT_EQ(parse_snils(text).ok(), is_right) << text;
}

TEST(PersonKey, ReadsPassports) {
  const std::vector<std::pair<std::string, std::string>> good{{"4509 123456", "4509123456"},
                                                              {"45 09 № 123456", "4509123456"},
                                                              {"AB 1234567", "AB1234567"},
                                                              {"vi-бк 123456", "VIБК123456"}};
  for (const auto& [text, digits] : good) {
    const auto paper = parse_passport(text);
    ASSERT_TRUE(paper.ok()) << text;
    EXPECT_EQ(*paper, digits);
  }
  for (const char* bad : {"", "450912345", "45091234567", "0000000000", "A1", "4509 12345!"})
    EXPECT_FALSE(parse_passport(bad).ok()) << bad;
}

TEST(PersonKey, PutsStrongestKeyFirst) {
  PersonKeyParts parts;
  parts.client_id = "42";
  parts.source = "bank1";
  parts.full_name = "Сёмина Анна Петровна";
  parts.birth_date = CivilDate{1980, 1, 31};
  parts.snils = "11223344595";
  parts.inn = "500100732259";
  const auto keys = person_keys(parts);
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[0].kind, PersonKeyKind::inn);
  EXPECT_EQ(keys[1].kind, PersonKeyKind::snils);
  EXPECT_EQ(keys[2].value, "СЕМИНА АННА ПЕТРОВНА|1980-01-31");
  EXPECT_EQ(keys[3].value, "bank1|42");
}

TEST(PersonKey, NameAloneMakesNoKey) {
  PersonKeyParts parts;
  parts.full_name = "Иванов Иван";
  EXPECT_TRUE(person_keys(parts).empty());
}

TEST(Utf8, ReadsMalformedBytesOneByOne) {
  const std::vector<std::string> cases{
      "\xFF", "\xC3", "\xE2\x82", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80"};
  for (const auto& text : cases) {
    std::size_t position = 0;
    EXPECT_EQ(utf8::next(text, position), utf8::replacement);
    EXPECT_EQ(position, 1U);
  }
}

TEST(Utf8, AppendsWhatItReads) {
  const std::string text = "aЯ€😀";
  std::string copy;
  for (std::size_t i = 0; i < text.size();) utf8::append(copy, utf8::next(text, i));
  EXPECT_EQ(copy, text);
}

}  // namespace
}  // namespace dunlin
