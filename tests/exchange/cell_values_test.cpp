#include "core/exchange/cell_values.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

Cell number(std::string text) {
  return {CellKind::number, std::move(text)};
}

TEST(CellValues, ReadsDates) {
  const std::vector<std::pair<Cell, CivilDate>> good{
      {text_cell("31.01.1980"), {1980, 1, 31}},
      {text_cell("1.2.2024"), {2024, 2, 1}},
      {text_cell("1980-01-31"), {1980, 1, 31}},
      {text_cell("31/01/1980"), {1980, 1, 31}},
      {text_cell("31-01-1980"), {1980, 1, 31}},
      {text_cell(" 31.01.1980 г."), {1980, 1, 31}},
      {text_cell("31.01.1980 0:00:00"), {1980, 1, 31}},
      {number("29251"), {1980, 1, 31}},
      {number("45000.5"), {2023, 3, 15}},
      {{CellKind::date, "2024-02-29"}, {2024, 2, 29}},
      {{CellKind::date, "2024-02-29T10:00:00"}, {2024, 2, 29}}};
  for (const auto& [cell, date] : good) {
    const auto read = read_date(cell);
    ASSERT_TRUE(read) << cell.text;
    EXPECT_EQ(*read, date) << cell.text;
  }
  for (const char* bad : {"30.02.2024", "31.13.2020", "31.01.80", "31.01", "2024", "yesterday", "",
                          "31.01.1980x", "1980.01.31.", "31-01/1980"}) {
    EXPECT_FALSE(read_date(text_cell(bad))) << bad;
  }
  for (const char* bad : {"0", "-5", "99999999", "1e999", "nan"}) EXPECT_FALSE(read_date(number(bad))) << bad;
}

TEST(CellValues, ReadsAmounts) {
  const std::vector<std::pair<Cell, std::int64_t>> good{{text_cell("12345,67"), 1234567},
                                                        {text_cell("12 345,67 руб."), 1234567},
                                                        {text_cell("12\xC2\xA0"
                                                                   "345.5"),
                                                         1234550},
                                                        {text_cell("100"), 10000},
                                                        {text_cell("1.234,56"), 123456},
                                                        {text_cell("1,234,567"), 123456700},
                                                        {text_cell("5 ₽"), 500},
                                                        {number("1234.5599999999999"), 123456},
                                                        {number("0.005"), 1},
                                                        {number("15000"), 1500000}};
  for (const auto& [cell, minor] : good) {
    const auto read = read_amount(cell, Currency::rub);
    ASSERT_TRUE(read) << cell.text;
    EXPECT_EQ((*read).minor, minor) << cell.text;
  }
}

TEST(CellValues, SaysWhatIsWrongWithAmounts) {
  const std::vector<std::pair<Cell, RowErrorCode>> cases{
      {text_cell("12x"), RowErrorCode::money_bad},
      {text_cell("руб"), RowErrorCode::money_bad},
      {text_cell("-5"), RowErrorCode::money_negative},
      {number("-0.5"), RowErrorCode::money_negative},
      {text_cell("1.234"), RowErrorCode::money_ambiguous},
      {text_cell("1234,567"), RowErrorCode::money_ambiguous},
      {number("1e30"), RowErrorCode::money_bad},
      {number("nan"), RowErrorCode::money_bad},
      {text_cell("99999999999999999999"), RowErrorCode::money_bad}};
  for (const auto& [cell, code] : cases) {
    const auto read = read_amount(cell, Currency::rub);
    ASSERT_FALSE(read) << cell.text;
    EXPECT_EQ(to_string(read.problem), to_string(code)) << cell.text;
  }
}

TEST(CellValues, ReadsCounts) {
  EXPECT_EQ(*read_count(text_cell("45")), 45);
  EXPECT_EQ(*read_count(text_cell("45 дн.")), 45);
  EXPECT_EQ(*read_count(number("45.0")), 45);
  for (const char* bad : {"", "-1", "4.5", "много", "99999999999"})
    EXPECT_FALSE(read_count(text_cell(bad))) << bad;
}

TEST(CellValues, ReadsZones) {
  const std::vector<std::pair<std::string, std::string>> cases{{"Asia/Yekaterinburg", "Asia/Yekaterinburg"},
                                                               {"МСК", "Europe/Moscow"},
                                                               {"мск+2", "Asia/Yekaterinburg"},
                                                               {"MSK +9", "Asia/Kamchatka"},
                                                               {"UTC+5", "Asia/Yekaterinburg"},
                                                               {"UTC+03:00", "Europe/Moscow"},
                                                               {"МСК-1", "Europe/Kaliningrad"}};
  for (const auto& [text, zone] : cases) {
    const auto read = read_zone(text_cell(text));
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, zone) << text;
  }
  for (const char* bad : {"МСК+10", "UTC-5", "полдень", "UTC+x", "Asia/Омск"})
    EXPECT_FALSE(read_zone(text_cell(bad))) << bad;
}

TEST(CellValues, SplitsPhonesOfOneCell) {
  EXPECT_EQ(split_phones("8 912 000-11-22, 8 (343) 200-11-22; +7 9120001123"),
            (std::vector<std::string>{"8 912 000-11-22", "8 (343) 200-11-22", "+7 9120001123"}));
  EXPECT_EQ(split_phones("8 343 200-11-22, доб. 12"), std::vector<std::string>{"8 343 200-11-22"});
  EXPECT_TRUE(split_phones(" ; , ").empty());
}

TEST(CellValues, KnowsRoundedNumbers) {
  EXPECT_TRUE(is_rounded_number("7,91E+10"));
  EXPECT_TRUE(is_rounded_number("7.9120001122E+10"));
  EXPECT_FALSE(is_rounded_number("79120001122"));
  EXPECT_FALSE(is_rounded_number("E+10"));
  EXPECT_FALSE(is_rounded_number("8 912 ext +7 912 000 11 22"));
}

TEST(CellValues, ReadsYesAndNo) {
  for (const char* yes : {"да", "ДА", "1", "true", "закрыт"})
    EXPECT_TRUE(*read_yes_no(text_cell(yes))) << yes;
  for (const char* no : {"нет", "0", "No", "не погашен"}) EXPECT_FALSE(*read_yes_no(text_cell(no))) << no;
  for (const char* neither : {"01.02.2025", "10", "может быть", ""})
    EXPECT_FALSE(read_yes_no(text_cell(neither))) << neither;
}

TEST(CellValues, ReadsOwnersAndTypes) {
  EXPECT_EQ(*read_owner(text_cell("Супруга")), PartyRole::relative);
  EXPECT_EQ(*read_owner(text_cell("поручитель")), PartyRole::guarantor);
  EXPECT_FALSE(read_owner(text_cell("???")));
  EXPECT_EQ(*read_phone_type(text_cell("сот.")), PhoneType::mobile);
  EXPECT_EQ(*read_phone_type(text_cell("Рабочий")), PhoneType::work);
}

}  // namespace
}  // namespace dunlin
