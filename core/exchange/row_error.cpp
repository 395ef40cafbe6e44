#include "core/exchange/row_error.hpp"

#include <array>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

struct Wording {
  RowErrorCode code;
  std::string_view name;
  std::string_view message_ru;
  std::string_view message_en;
  std::string_view fix_ru;
  std::string_view fix_en;
};

constexpr std::array<Wording, row_error_code_count> wordings{{
    {RowErrorCode::required_empty, "required_empty", "обязательное поле пусто", "a required field is empty",
     "заполните ячейку", "fill in the cell"},
    {RowErrorCode::name_bad, "name_bad", "это не ФИО", "this is not a full name",
     "укажите фамилию, имя и отчество буквами через пробел",
     "give last, first and middle name in letters with spaces between"},
    {RowErrorCode::phone_bad, "phone_bad", "это не номер телефона", "this is not a phone number",
     "укажите номер полностью, например 8 912 000-11-22",
     "give the whole number, for example +7 912 000-11-22"},
    {RowErrorCode::phone_digits_lost, "phone_digits_lost", "номер округлён таблицей, цифры потеряны",
     "the spreadsheet rounded the number and its digits are lost",
     "задайте столбцу формат «Текстовый» и внесите номер заново",
     "format the column as text and type the number again"},
    {RowErrorCode::date_bad, "date_bad", "это не дата", "this is not a date", "укажите дату как 31.12.2025",
     "give the date as 31.12.2025 or 2025-12-31"},
    {RowErrorCode::date_out_of_range, "date_out_of_range", "такой даты здесь быть не может",
     "the date is not possible here", "проверьте год, месяц и день", "check year, month and day"},
    {RowErrorCode::money_bad, "money_bad", "это не сумма", "this is not an amount",
     "укажите сумму как 12345,67", "give the amount as 12345,67 or 12345.67"},
    {RowErrorCode::money_negative, "money_negative", "сумма меньше нуля", "the amount is below zero",
     "укажите долг числом без минуса; переплату в файл не включайте",
     "give the debt without a minus; leave overpayments out"},
    {RowErrorCode::money_ambiguous, "money_ambiguous", "неясно, где копейки: после знака три цифры",
     "three digits behind the mark: thousands or decimals", "укажите копейки двумя цифрами: 1234,00",
     "give two decimals: 1234,00"},
    {RowErrorCode::number_bad, "number_bad", "это не целое число", "this is not a whole number",
     "укажите целое число, например 45", "give a whole number, for example 45"},
    {RowErrorCode::inn_bad, "inn_bad", "ИНН неверен: не то число цифр или не сходится контрольная цифра",
     "wrong INN: number of digits or check digits",
     "сверьте ИНН с документом: 12 цифр у человека, 10 у организации",
     "check the INN: 12 digits for a person, 10 for an organisation"},
    {RowErrorCode::snils_bad, "snils_bad",
     "СНИЛС неверен: не то число цифр или не сходится контрольное число",
     "wrong SNILS: number of digits or check digits", "сверьте СНИЛС с документом: 11 цифр",
     "check the SNILS: 11 digits"},
    {RowErrorCode::passport_bad, "passport_bad", "номер паспорта неверен: нужны 10 цифр",
     "wrong passport: 10 digits are needed", "укажите серию и номер: 4509 123456; нули в начале сохраните",
     "give series and number: 4509 123456; keep leading zeros"},
    {RowErrorCode::zone_bad, "zone_bad", "неизвестный часовой пояс", "unknown time zone",
     "укажите МСК+2, UTC+5 или Asia/Yekaterinburg", "give UTC+5 or Asia/Yekaterinburg"},
    {RowErrorCode::choice_bad, "choice_bad", "значение не из списка", "the word is not on the list",
     "возьмите одно из известных значений: должник, родственник, поручитель, работа; мобильный, домашний; "
     "да, нет",
     "take a known word: debtor, relative, guarantor, work; mobile, home; yes, no"},
    {RowErrorCode::cell_error, "cell_error", "в ячейке ошибка таблицы или нечитаемые знаки",
     "the cell holds an error or unreadable signs", "исправьте формулу или сохраните файл заново в UTF-8",
     "repair the formula or save the file again as UTF-8"},
    {RowErrorCode::too_long, "too_long", "текст слишком длинный", "the text is too long", "сократите текст",
     "shorten the text"},
    {RowErrorCode::no_person_key, "no_person_key", "человека нельзя отличить от однофамильца",
     "nothing tells this person from a namesake",
     "добавьте ИНН, паспорт, СНИЛС, дату рождения или код клиента",
     "add INN, passport, SNILS, birth date or client id"},
    {RowErrorCode::key_conflict, "key_conflict", "данные указывают на разных людей",
     "the row points at two different persons", "сверьте ИНН, паспорт, ФИО и дату рождения",
     "check INN, passport, name and birth date"},
    {RowErrorCode::duplicate_row, "duplicate_row", "строка повторяет другую", "the row repeats another one",
     "удалите лишнюю строку", "delete the extra row"},
    {RowErrorCode::contract_repeated, "contract_repeated", "этот договор уже есть в файле с другими данными",
     "the contract is already in the file with other data", "оставьте одну верную строку договора",
     "keep one right row of the contract"},
    {RowErrorCode::known_otherwise, "known_otherwise", "в базе у этого человека другой ИНН или СНИЛС",
     "the base knows this person by another INN or SNILS",
     "сверьте ИНН, СНИЛС и паспорт с документами; если это разные люди, уберите общий признак",
     "check INN, SNILS and passport; if these are two people, remove the shared one"},
    {RowErrorCode::contract_elsewhere, "contract_elsewhere", "в базе этот договор открыт у другого человека",
     "the base has this contract open under another person",
     "если это тот же человек, добавьте ИНН, паспорт, СНИЛС или код клиента, по которому его знает база (если не знает, "
     "загрузите сначала строку с прежними ФИО и этим признаком); если должник теперь другой, сначала закройте договор у "
     "прежнего строкой с «Долг закрыт» или отмените ту загрузку",
     "the same person: add the INN, passport, SNILS or client id the base knows (it knows none: first import a row with the "
     "former name and that key); another debtor: first close the contract of the former one by a row that says the debt is "
     "closed, or undo that import"},
    {RowErrorCode::not_taken, "not_taken", "строка не принята", "the row was not taken",
     "загрузите эту строку ещё раз", "import the row again"},
}};

const Wording& wording_of(RowErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  DUNLIN_CHECK(index < wordings.size() && wordings[index].code == code);
  return wordings[index];
}

}  // namespace

std::string_view to_string(RowErrorCode code) {
  return wording_of(code).name;
}

bool is_review(RowErrorCode code) {
  return code == RowErrorCode::no_person_key || code == RowErrorCode::key_conflict || code == RowErrorCode::known_otherwise ||
         code == RowErrorCode::contract_elsewhere;
}

RowError make_row_error(RowErrorCode code, int column, std::string column_name,
                        const RowErrorDetail& detail) {
  const Wording& words = wording_of(code);
  RowError error{column,
                 std::move(column_name),
                 code,
                 std::string(words.message_ru),
                 std::string(words.message_en),
                 std::string(words.fix_ru),
                 std::string(words.fix_en)};
  if (!detail.ru.empty()) error.message_ru += ": " + detail.ru;
  if (!detail.en.empty()) error.message_en += ": " + detail.en;
  return error;
}

std::string join_messages(const std::vector<RowError>& errors, ReportLanguage language) {
  std::string out;
  for (const auto& error : errors) {
    if (!out.empty()) out += "; ";
    if (!error.column_name.empty()) out += error.column_name + ": ";
    out += error.message(language);
  }
  return out;
}

std::string join_fixes(const std::vector<RowError>& errors, ReportLanguage language) {
  std::string out;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    bool is_repeated = false;  // Two bad phones need the advice once.
    for (std::size_t j = 0; j < i; ++j) is_repeated = is_repeated || errors[j].code == errors[i].code;
    if (is_repeated) continue;
    if (!out.empty()) out += "; ";
    out += errors[i].fix(language);
  }
  return out;
}

}  // namespace dunlin
