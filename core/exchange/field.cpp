#include <array>

#include "core/base/check.hpp"
#include "core/exchange/row_mapping.hpp"

namespace dunlin {
namespace {

struct FieldName {
  Field field;
  std::string_view name;
  std::string_view title_ru;
  bool is_phone = false;
  bool is_repeatable = false;
};

constexpr std::array<FieldName, field_count> field_names{{
    {Field::ignored, "ignored", "Не загружать", false, true},
    {Field::full_name, "full_name", "ФИО"},
    {Field::last_name, "last_name", "Фамилия"},
    {Field::first_name, "first_name", "Имя"},
    {Field::middle_name, "middle_name", "Отчество"},
    {Field::birth_date, "birth_date", "Дата рождения"},
    {Field::inn, "inn", "ИНН"},
    {Field::snils, "snils", "СНИЛС"},
    {Field::passport, "passport", "Паспорт"},
    {Field::passport_series, "passport_series", "Серия паспорта"},
    {Field::passport_number, "passport_number", "Номер паспорта"},
    {Field::client_id, "client_id", "Код клиента"},
    {Field::contract_id, "contract_id", "Номер договора"},
    {Field::portfolio, "portfolio", "Портфель"},
    {Field::creditor, "creditor", "Кредитор"},
    {Field::product, "product", "Продукт"},
    {Field::balance, "balance", "Сумма долга"},
    {Field::overdue, "overdue", "Сумма просрочки"},
    {Field::currency, "currency", "Валюта"},
    {Field::days_past_due, "days_past_due", "Дней просрочки"},
    {Field::stage, "stage", "Стадия"},
    {Field::arrears_since, "arrears_since", "Дата возникновения просрочки"},
    {Field::debt_closed, "debt_closed", "Долг закрыт"},
    {Field::phone, "phone", "Телефон", true},
    {Field::phone_type, "phone_type", "Тип телефона", true},
    {Field::phone_owner, "phone_owner", "Чей телефон", true},
    {Field::phone_owner_name, "phone_owner_name", "ФИО владельца телефона", true},
    {Field::debtor_consent, "debtor_consent", "Согласие должника", true},
    {Field::owner_consent, "owner_consent", "Согласие третьего лица", true},
    {Field::region, "region", "Регион проживания", false, true},
    {Field::region_registered, "region_registered", "Регион регистрации", false, true},
    {Field::region_stay, "region_stay", "Регион пребывания", false, true},
    {Field::zone, "zone", "Часовой пояс"},
    {Field::language, "language", "Язык"},
    {Field::bankrupt_since, "bankrupt_since", "Банкротство"},
    {Field::refusal_since, "refusal_since", "Отказ от взаимодействия"},
    {Field::representative_since, "representative_since", "Представитель"},
    {Field::deceased, "deceased", "Умер"},
}};

const FieldName& entry_of(Field field) {
  const auto index = static_cast<std::size_t>(field);
  DUNLIN_CHECK(index < field_names.size() && field_names[index].field == field);
  return field_names[index];
}

}  // namespace

std::string_view to_string(Field field) {
  return entry_of(field).name;
}
std::string_view title_ru(Field field) {
  return entry_of(field).title_ru;
}
bool is_phone_field(Field field) {
  return entry_of(field).is_phone;
}
bool is_repeatable(Field field) {
  return entry_of(field).is_repeatable || entry_of(field).is_phone;
}

Result<Field> parse_field(std::string_view name) {
  for (const auto& entry : field_names) {
    if (entry.name == name) return entry.field;
  }
  return invalid_input("unknown field \"" + std::string(name.substr(0, 40)) + "\"");
}

}  // namespace dunlin
