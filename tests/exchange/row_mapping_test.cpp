#include "core/exchange/row_mapping.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

struct TitleCase {
  std::string title;
  Field field;
};

TEST(RowMapping, KnowsTitlesInRussianAndEnglish) {
  const std::vector<TitleCase> cases{{"ФИО", Field::full_name},
                                     {"Ф.И.О.", Field::full_name},
                                     {"Фамилия", Field::last_name},
                                     {"Должник", Field::full_name},
                                     {"№ договора", Field::contract_id},
                                     {"Номер кредитного договора", Field::contract_id},
                                     {"Договор займа", Field::contract_id},
                                     {"Тел", Field::phone},
                                     {"Мобильный", Field::phone},
                                     {"Тел. дом.", Field::phone},
                                     {"phone", Field::phone},
                                     {"Просрочка, дн", Field::days_past_due},
                                     {"DPD", Field::days_past_due},
                                     {"Кол-во дней просрочки", Field::days_past_due},
                                     {"Сумма долга, руб.", Field::balance},
                                     {"Общая задолженность", Field::balance},
                                     {"Сумма просроченной задолженности", Field::overdue},
                                     {"Дата рождения", Field::birth_date},
                                     {"ИНН", Field::inn},
                                     {"СНИЛС", Field::snils},
                                     {"Паспорт (серия)", Field::passport_series},
                                     {"Регион проживания", Field::region},
                                     {"Регион регистрации", Field::region_registered},
                                     {"Часовой пояс", Field::zone},
                                     {"Код клиента", Field::client_id},
                                     {"Комментарий", Field::ignored},
                                     {"Ошибка", Field::ignored},
                                     {"Дата договора", Field::ignored},
                                     {"Телеграм", Field::ignored},
                                     {"Дата банкротства", Field::bankrupt_since},
                                     {"Отказ от взаимодействия", Field::refusal_since}};
  for (const auto& c : cases) EXPECT_EQ(detect_mapping({c.title}).targets.at(0).field, c.field) << c.title;
}

TEST(RowMapping, TiesPhoneColumnsTogether) {
  const auto mapping =
      detect_mapping({"Телефон 1", "Тип телефона 1", "Телефон 2", "Чей телефон 2", "Телефон поручителя",
                      "ФИО поручителя", "Рабочий телефон", "Домашний телефон", "Согласие третьего лица"});
  const auto& t = mapping.targets;
  EXPECT_EQ(t[0].slot, t[1].slot);
  EXPECT_EQ(t[1].field, Field::phone_type);
  EXPECT_EQ(t[2].slot, t[3].slot);
  EXPECT_EQ(t[3].field, Field::phone_owner);
  EXPECT_NE(t[0].slot, t[2].slot);
  EXPECT_EQ(t[4].owner, PartyRole::guarantor);
  EXPECT_EQ(t[5].field, Field::phone_owner_name);
  EXPECT_EQ(t[5].slot, t[4].slot);
  EXPECT_EQ(t[6].owner, PartyRole::work);
  EXPECT_EQ(t[6].type, PhoneType::work);
  EXPECT_EQ(t[7].type, PhoneType::home);
  EXPECT_EQ(t[8].field, Field::owner_consent);
}

TEST(RowMapping, NamesWhatIsMissing) {
  const auto review = review_mapping(detect_mapping({"ФИО", "Город"}));
  EXPECT_EQ(review.missing, (std::vector<Field>{Field::phone, Field::contract_id, Field::balance}));
  EXPECT_EQ(review.unknown_columns, std::vector<int>{1});
  EXPECT_TRUE(review.lacks_person_key);
  EXPECT_FALSE(review.is_complete());
}

TEST(RowMapping, NamesAmbiguousFields) {
  const auto review = review_mapping(detect_mapping({"ФИО", "Телефон", "Договор", "Сумма долга", "Остаток"}));
  ASSERT_EQ(review.ambiguous.size(), 1U);
  EXPECT_EQ(review.ambiguous[0].field, Field::balance);
  EXPECT_EQ(review.ambiguous[0].columns, (std::vector<int>{3, 4}));
}

TEST(RowMapping, PrefersExactTitleToResemblance) {
  const auto mapping = detect_mapping({"ФИО сотрудника", "ФИО", "Договор поручительства", "Номер договора"});
  EXPECT_EQ(mapping.targets[0].field, Field::ignored);
  EXPECT_EQ(mapping.targets[1].field, Field::full_name);
  EXPECT_EQ(mapping.targets[2].field, Field::ignored);
  EXPECT_EQ(mapping.targets[3].field, Field::contract_id);
}

MappingTemplate sample_template() {
  MappingTemplate tmpl{"Банк \"Один\"",
                       detect_mapping({"ФИО", "Телефон 1", "Телефон поручителя", "Договор", "Долг"}), "bank1",
                       "осень"};
  for (auto& target : tmpl.mapping.targets) target.is_sure = true;
  return tmpl;
}

TEST(MappingTemplate, SurvivesSerialising) {
  const auto tmpl = sample_template();
  const auto parsed = parse_template(serialise(tmpl));
  ASSERT_TRUE(parsed.ok()) << parsed.error().detail;
  EXPECT_EQ(*parsed, tmpl);
}

TEST(MappingTemplate, FindsColumnsInAnotherOrder) {
  const auto mapping = apply_template(
      sample_template(), {"долг", "Лишний", "Договор", "ТЕЛЕФОН ПОРУЧИТЕЛЯ", "Телефон 1", "ФИО"});
  ASSERT_TRUE(mapping.ok()) << mapping.error().detail;
  EXPECT_EQ(mapping->targets[0].field, Field::balance);
  EXPECT_EQ(mapping->targets[1].field, Field::ignored);
  EXPECT_EQ(mapping->targets[3].owner, PartyRole::guarantor);
}

TEST(MappingTemplate, NamesTitlesTheFileLacks) {
  const auto mapping = apply_template(sample_template(), {"ФИО", "Телефон 1", "Договор", "Долг"});
  ASSERT_FALSE(mapping.ok());
  EXPECT_NE(mapping.error().detail.find("Телефон поручителя"), std::string::npos);
}

TEST(MappingTemplate, RefusesBadDocumentsNamingTheLine) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "version"},
      {"version = 2\n", "line 1"},
      {"version = 1\nname = \"a\nb\"\n", "line 2"},
      {"version = 1\n[[column]]\nfield = \"nonsense\"\n", "line 3"},
      {"version = 1\n[[column]]\nslot = 256\n", "line 3"},
      {"version = 1\n[[column]]\nslot = 1x\n", "line 3"},
      {"version = 1\n[[column]]\ntitle = \"a\\\"\n", "line 3"},
      {"version = 1\nnonsense\n", "line 2"}};
  for (const auto& [toml, place] : cases) {
    const auto parsed = parse_template(toml);
    ASSERT_FALSE(parsed.ok()) << toml;
    EXPECT_NE(parsed.error().detail.find(place), std::string::npos) << parsed.error().detail;
  }
}

TEST(RowMapping, SignatureIgnoresOrderAndCase) {
  EXPECT_EQ(header_signature({"ФИО", "Долг"}), header_signature({"долг", "фио"}));
  EXPECT_NE(header_signature({"ФИО", "Долг"}), header_signature({"ФИО", "Остаток"}));
}

TEST(RowMapping, EveryFieldHasItsNameBack) {
  for (int f = 0; f < field_count; ++f) {
    const auto field = static_cast<Field>(f);
    const auto parsed = parse_field(to_string(field));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, field);
    EXPECT_FALSE(title_ru(field).empty());
  }
}

}  // namespace
}  // namespace dunlin
