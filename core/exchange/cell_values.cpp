#include "core/exchange/cell_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/exchange/person_key.hpp"
#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

constexpr int excel_epoch_days = -25569;     // 1899-12-30 counted from 1970-01-01.
constexpr int max_excel_serial = 2'958'465;  // 9999-12-31.

/// Digits at `position`, which moves behind them; -1 when there is none or more than `max_digits`.
int take_digits(std::string_view text, std::size_t& position, std::size_t max_digits) {
  const std::size_t from = position;
  int value = 0;
  while (position < text.size() && utf8::is_digit(text[position]) && position - from < max_digits) {
    value = value * 10 + (text[position++] - '0');
  }
  const bool is_longer = position < text.size() && utf8::is_digit(text[position]);
  return position == from || is_longer ? -1 : value;
}

/// Behind a date only a time, a zone letter or the word for "year" may stand.
bool is_date_tail(std::string_view tail) {
  return tail.empty() || tail.front() == ' ' || tail.front() == 'T' || tail == "\xD0\xB3." ||
         tail == "\xD0\xB3";
}

CellValue<CivilDate> date_of_serial(std::string_view text) {
  double serial = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), serial);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!is_number || !(serial >= 1) || serial > max_excel_serial) return RowErrorCode::date_bad;
  return civil_from_days(static_cast<std::int64_t>(serial) + excel_epoch_days);
}

/// The amount without its currency: "руб.", "р.", "RUB", "₽" at the end.
std::string_view without_currency(std::string_view text) {
  static constexpr std::array<std::string_view, 9> suffixes{"руб.", "руб", "р.",  "р",   "RUB",
                                                            "rub",  "RUR", "₽", "Руб."};
  for (const auto suffix : suffixes) {
    if (!text.ends_with(suffix)) continue;
    text.remove_suffix(suffix.size());
    break;
  }
  return text;
}

CellValue<Money> amount_of_number(std::string_view text, Currency currency) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!is_number || !(value > -1e13 && value < 1e13)) return RowErrorCode::money_bad;
  if (value < 0) return RowErrorCode::money_negative;
  // Spreadsheets keep binary fractions, and formulas leave thousandths: kopecks are rounded half up.
  return Money{static_cast<std::int64_t>(value * 100 + 0.5), currency};
}

/// One mark followed by exactly three digits may be thousands or a slip in the decimals: "1.234". With a
/// second mark or a separating space the writer's habit is plain.
bool is_ambiguous_amount(std::string_view text) {
  const std::size_t mark = text.find_first_of(",.");
  if (mark == std::string_view::npos || text.find_first_of(",.", mark + 1) != std::string_view::npos)
    return false;
  return text.size() - mark - 1 >= 3;
}

template <class T>
struct Word {
  std::string_view stem;  ///< As fold_title gives it; the cell's first word begins with it.
  T value;
};

template <class T, std::size_t n>
CellValue<T> read_word(const Cell& cell, const std::array<Word<T>, n>& words) {
  const std::string folded = fold_title(cell.text);
  for (const auto& word : words) {
    if (std::string_view(folded).starts_with(word.stem)) return word.value;
  }
  return RowErrorCode::choice_bad;
}

/// Zones of Russia by hours east of Moscow, from -1 to +9.
constexpr std::array<std::string_view, 11> moscow_zones{
    "Europe/Kaliningrad", "Europe/Moscow",    "Europe/Samara", "Asia/Yekaterinburg",
    "Asia/Omsk",          "Asia/Krasnoyarsk", "Asia/Irkutsk",  "Asia/Yakutsk",
    "Asia/Vladivostok",   "Asia/Magadan",     "Asia/Kamchatka"};

/// "8 343 200-11-22, доб. 12": an extension behind a comma is no number of its own.
bool is_extension(std::string_view piece) {
  if (piece.empty() || utf8::is_digit(piece[0]) || piece[0] == '+' || piece[0] == '(') return false;
  const std::string folded = fold_title(piece);
  return folded.starts_with("доб") || folded.starts_with("вн") || folded.starts_with("ext");
}

bool is_iana_name(std::string_view text) {
  const bool has_slash = text.find('/') != std::string_view::npos && text.size() <= 40;
  return has_slash && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || utf8::is_digit(c) || c == '/' ||
                  c == '_' || c == '-' || c == '+';
         });
}

}  // namespace

CellValue<CivilDate> read_date(const Cell& cell) {
  if (cell.kind == CellKind::number) return date_of_serial(cell.text);
  const std::string text = tidy_spaces(cell.text);
  std::size_t at = 0;
  const int first = take_digits(text, at, 4);
  const bool is_iso = at == 4;
  if (first < 0 || at >= text.size()) return RowErrorCode::date_bad;
  const char mark = text[at];
  if (mark != '.' && mark != '-' && mark != '/') return RowErrorCode::date_bad;
  const int second = take_digits(text, ++at, 2);
  if (second < 0 || at >= text.size() || text[at] != mark) return RowErrorCode::date_bad;
  const std::size_t third_from = ++at;
  const int third = take_digits(text, at, is_iso ? 2 : 4);
  // Two digits of a year would leave the century to a guess.
  if (third < 0 || (!is_iso && at - third_from != 4) || !is_date_tail(std::string_view(text).substr(at)))
    return RowErrorCode::date_bad;
  const CivilDate date = is_iso ? CivilDate{first, second, third} : CivilDate{third, second, first};
  return is_valid(date) ? CellValue<CivilDate>(date) : CellValue<CivilDate>(RowErrorCode::date_bad);
}

CellValue<Money> read_amount(const Cell& cell, Currency currency) {
  if (cell.kind == CellKind::number) return amount_of_number(cell.text, currency);
  std::string text;
  for (const char c : tidy_spaces(without_currency(tidy_spaces(cell.text)))) {
    if (c != ' ') text += c;
  }
  if (is_ambiguous_amount(text)) return RowErrorCode::money_ambiguous;
  const auto money = parse_money(text, currency);
  if (!money) return RowErrorCode::money_bad;
  if (money->minor < 0) return RowErrorCode::money_negative;
  return *money;
}

CellValue<int> read_count(const Cell& cell) {
  const std::string text = tidy_spaces(cell.text);
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view tail(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  const bool has_known_tail = tail.empty() || tail == ".0" || tail.starts_with(" д") ||
                              tail.starts_with("д") || tail.starts_with(" day");
  if (read.ec != std::errc() || !has_known_tail || value < 0 || value > 1'000'000)
    return RowErrorCode::number_bad;
  return value;
}

CellValue<bool> read_yes_no(const Cell& cell) {
  // The whole text must match: "01.02.2025" begins with a nought and is no "no".
  const std::string folded = fold_title(cell.text);
  for (const char* yes :
       {"да", "yes", "true", "истина", "1", "y", "закрыт", "закрыта", "погашен", "погашена", "оплачен"}) {
    if (folded == yes) return true;
  }
  for (const char* no : {"нет", "no", "false", "ложь", "0", "n", "не погашен", "не закрыт", "открыт"}) {
    if (folded == no) return false;
  }
  return RowErrorCode::choice_bad;
}

CellValue<PartyRole> read_owner(const Cell& cell) {
  using Role = PartyRole;
  static constexpr auto words = std::to_array<Word<Role>>(
      {{"должник", Role::debtor},      {"заемщик", Role::debtor},    {"клиент", Role::debtor},
       {"сам", Role::debtor},          {"личн", Role::debtor},       {"debtor", Role::debtor},
       {"self", Role::debtor},         {"own", Role::debtor},        {"borrower", Role::debtor},
       {"поручит", Role::guarantor},   {"созаемщ", Role::guarantor}, {"залогодат", Role::guarantor},
       {"guarantor", Role::guarantor}, {"родств", Role::relative},   {"родител", Role::relative},
       {"супруг", Role::relative},     {"муж", Role::relative},      {"жена", Role::relative},
       {"мать", Role::relative},       {"отец", Role::relative},     {"брат", Role::relative},
       {"сестра", Role::relative},     {"сын", Role::relative},      {"дочь", Role::relative},
       {"relative", Role::relative},   {"spouse", Role::relative},   {"parent", Role::relative},
       {"работ", Role::work},          {"рабоч", Role::work},        {"work", Role::work},
       {"employer", Role::work},       {"друг", Role::other},        {"сосед", Role::other},
       {"коллег", Role::other},        {"треть", Role::other},       {"контакт", Role::other},
       {"ино", Role::other},           {"проч", Role::other},        {"other", Role::other},
       {"friend", Role::other},        {"third", Role::other}});
  return read_word(cell, words);
}

CellValue<PhoneType> read_phone_type(const Cell& cell) {
  using Type = PhoneType;
  static constexpr auto words = std::to_array<Word<Type>>({{"моб", Type::mobile},
                                                           {"сот", Type::mobile},
                                                           {"mobile", Type::mobile},
                                                           {"cell", Type::mobile},
                                                           {"дом", Type::home},
                                                           {"стац", Type::home},
                                                           {"город", Type::home},
                                                           {"home", Type::home},
                                                           {"land", Type::home},
                                                           {"раб", Type::work},
                                                           {"служ", Type::work},
                                                           {"work", Type::work},
                                                           {"office", Type::work},
                                                           {"друг", Type::other},
                                                           {"ино", Type::other},
                                                           {"other", Type::other}});
  return read_word(cell, words);
}

CellValue<Currency> read_currency(const Cell& cell) {
  if (cell.text == "₽") return Currency::rub;
  static constexpr auto words = std::to_array<Word<Currency>>({{"rub", Currency::rub},
                                                               {"rur", Currency::rub},
                                                               {"руб", Currency::rub},
                                                               {"643", Currency::rub},
                                                               {"810", Currency::rub},
                                                               {"usd", Currency::usd},
                                                               {"доллар", Currency::usd},
                                                               {"840", Currency::usd},
                                                               {"eur", Currency::eur},
                                                               {"евро", Currency::eur},
                                                               {"978", Currency::eur},
                                                               {"kzt", Currency::kzt},
                                                               {"тенге", Currency::kzt},
                                                               {"398", Currency::kzt},
                                                               {"gbp", Currency::gbp}});
  return read_word(cell, words);
}

CellValue<std::string> read_zone(const Cell& cell) {
  const std::string text = tidy_spaces(cell.text);
  if (is_iana_name(text)) return text;
  const std::string folded = fold_name(text);
  int moscow_offset = 0;
  std::string_view tail;
  if (folded.starts_with("МСК")) {
    tail = std::string_view(folded).substr(std::string_view("МСК").size());
  } else if (folded.starts_with("MSK")) {
    tail = std::string_view(folded).substr(3);
  } else if (folded.starts_with("UTC") || folded.starts_with("GMT")) {
    tail = std::string_view(folded).substr(3);
    moscow_offset = -3;
  } else {
    return RowErrorCode::zone_bad;
  }
  while (!tail.empty() && tail.front() == ' ') tail.remove_prefix(1);
  if (!tail.empty() && tail.front() == '+') tail.remove_prefix(1);
  int hours = 0;
  if (!tail.empty()) {
    const auto read = std::from_chars(tail.data(), tail.data() + tail.size(), hours);
    const std::string_view rest(read.ptr, static_cast<std::size_t>(tail.data() + tail.size() - read.ptr));
    if (read.ec != std::errc() || !(rest.empty() || rest == ":00" || rest == " Ч"))
      return RowErrorCode::zone_bad;
  }
  const int index = hours + moscow_offset + 1;
  if (index < 0 || index >= static_cast<int>(moscow_zones.size())) return RowErrorCode::zone_bad;
  return std::string(moscow_zones[static_cast<std::size_t>(index)]);
}

CellValue<std::string> read_language(const Cell& cell) {
  static constexpr auto words = std::to_array<Word<std::string_view>>({{"рус", "ru"},
                                                                       {"ru", "ru"},
                                                                       {"англ", "en"},
                                                                       {"en", "en"},
                                                                       {"каз", "kk"},
                                                                       {"kk", "kk"},
                                                                       {"kz", "kk"},
                                                                       {"тат", "tt"},
                                                                       {"tt", "tt"}});
  const auto code = read_word(cell, words);
  return code ? CellValue<std::string>(std::string(*code)) : CellValue<std::string>(code.problem);
}

std::vector<std::string> split_phones(std::string_view text) {
  std::vector<std::string> numbers;
  if (is_rounded_number(text)) return {std::string(text)};  // Its comma is a decimal one.
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",;/|\n\r");
    std::string piece = tidy_spaces(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!piece.empty() && !is_extension(piece)) numbers.push_back(std::move(piece));
  }
  return numbers;
}

bool is_spreadsheet_error(std::string_view text) {
  if (!text.starts_with('#')) return false;
  for (const char* name : {"#N/A", "#Н/Д", "#REF!", "#ССЫЛКА!", "#VALUE!", "#ЗНАЧ!", "#DIV/0!", "#ДЕЛ/0!",
                           "#NAME?", "#ИМЯ?", "#NUM!", "#ЧИСЛО!"}) {
    if (text == name) return true;
  }
  return false;
}

bool is_rounded_number(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos || e == 0 || !utf8::is_digit(text[0])) return false;
  const std::size_t plus = text.find('+', e);
  return plus != std::string_view::npos && plus + 1 < text.size() && utf8::is_digit(text[plus + 1]) &&
         text.size() - plus <= 4;
}

}  // namespace dunlin
