#include "core/exchange/row_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/exchange/cell_values.hpp"
#include "core/exchange/person_key.hpp"
#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_name_letters = 200;
constexpr std::size_t max_text_letters = 250;
constexpr int youngest_debtor_years = 14;  // Civil Code art. 26: from 14 a person may owe a debt at all.
constexpr CivilDate oldest_birth{1900, 1, 1};
constexpr CivilDate oldest_arrears{1991, 1, 1};

/// What the columns of one phone say together.
struct PhoneSlot {
  int column = -1;  ///< Of the number itself.
  ColumnTarget target;
  std::vector<PhoneNumber> numbers;
  std::optional<PhoneType> type;
  std::optional<PartyRole> owner;
  std::string owner_name;
  std::optional<UtcTime> debtor_consent_at;
  std::optional<UtcTime> owner_consent_at;
};

/// Reads the cells of one row into the parts of a draft, then puts the draft together.
class RowAssembler {
 public:
  RowAssembler(const ColumnMapping& mapping, const RowOptions& options, const NumberingPlan& plan)
      : mapping_(mapping), options_(options), plan_(plan) {
    debt_.portfolio = options.portfolio;
  }

  RowResult assemble(const std::vector<Cell>& cells) {
    read_currency_first(cells);
    for (std::size_t i = 0; i < mapping_.targets.size(); ++i) {
      column_ = static_cast<int>(i);
      static const Cell blank;
      const Cell& cell = i < cells.size() ? cells[i] : blank;
      if (mapping_.targets[i].field == Field::ignored || is_blank(cell)) continue;
      if (cell.kind == CellKind::error || is_spreadsheet_error(cell.text)) {
        fail(RowErrorCode::cell_error);
      } else {
        take(mapping_.targets[i], cell);
      }
    }
    finish_person();
    finish_phones();
    finish_debt();
    return conclude();
  }

 private:
  static bool is_blank(const Cell& cell) {
    if (cell.kind == CellKind::empty) return true;
    for (std::size_t i = 0; i < cell.text.size();) {
      if (!utf8::is_space(utf8::next(cell.text, i))) return false;
    }
    return true;
  }

  // Amounts need the currency, whose column may stand behind them.
  void read_currency_first(const std::vector<Cell>& cells) {
    currency_ = options_.currency;
    for (std::size_t i = 0; i < mapping_.targets.size() && i < cells.size(); ++i) {
      if (mapping_.targets[i].field != Field::currency || is_blank(cells[i])) continue;
      if (const auto currency = read_currency(cells[i])) currency_ = *currency;
    }
  }

  void fail(RowErrorCode code, int column, const RowErrorDetail& detail = {}) {
    result_.errors.push_back(make_row_error(code, column, column_name(column), detail));
  }
  void fail(RowErrorCode code) { fail(code, column_); }
  std::string column_name(int column) const {
    return column < 0 ? "" : mapping_.header[static_cast<std::size_t>(column)];
  }

  /// The first column of a field, for errors about what is absent.
  int column_of(Field field) const {
    for (std::size_t i = 0; i < mapping_.targets.size(); ++i) {
      if (mapping_.targets[i].field == field) return static_cast<int>(i);
    }
    return -1;
  }

  // One line a field: the table of what is read how.
  // clang-format off
  void take(const ColumnTarget& target, const Cell& cell) {
    switch (target.field) {
      case Field::ignored:
        return;
      case Field::full_name: return take_text(full_name_, cell, max_name_letters);
      case Field::last_name: return take_text(last_name_, cell, max_name_letters);
      case Field::first_name: return take_text(first_name_, cell, max_name_letters);
      case Field::middle_name: return take_text(middle_name_, cell, max_name_letters);
      case Field::birth_date: return take_birth_date(cell);
      case Field::inn: return take_paper(key_.inn, parse_inn(with_lost_zero(cell, {9, 11})), RowErrorCode::inn_bad);
      case Field::snils: return take_paper(key_.snils, parse_snils(with_lost_zero(cell, {10, 10})), RowErrorCode::snils_bad);
      case Field::passport: return take_paper(key_.passport, parse_passport(cell.text), RowErrorCode::passport_bad);
      case Field::passport_series: return take_text(passport_series_, cell, 20);
      case Field::passport_number: return take_text(passport_number_, cell, 20);
      case Field::client_id: return take_text(key_.client_id, cell, max_text_letters);
      case Field::contract_id: return take_text(debt_.external_id, cell, max_text_letters);
      case Field::portfolio: return take_text(debt_.portfolio, cell, max_text_letters);
      case Field::creditor: return take_text(debt_.creditor, cell, max_text_letters);
      case Field::product: return take_text(debt_.product, cell, max_text_letters);
      case Field::balance: return take_value(balance_, read_amount(cell, currency_));
      case Field::overdue: return take_value(overdue_, read_amount(cell, currency_));
      case Field::currency: return check_only(read_currency(cell));
      case Field::days_past_due: return take_value(days_past_due_, read_count(cell));
      case Field::stage: return take_text(debt_.stage, cell, max_text_letters);
      case Field::arrears_since: return take_past_date(debt_.arrears_since, cell);
      case Field::debt_closed: return take_closed(cell);
      case Field::phone: return take_phone(target, cell);
      case Field::phone_type: return take_value(slot(target).type, read_phone_type(cell));
      case Field::phone_owner: return take_value(slot(target).owner, read_owner(cell));
      case Field::phone_owner_name: return take_text(slot(target).owner_name, cell, max_name_letters);
      case Field::debtor_consent: return take_consent(slot(target).debtor_consent_at, cell);
      case Field::owner_consent: return take_consent(slot(target).owner_consent_at, cell);
      case Field::region:
      case Field::region_registered:
      case Field::region_stay: return take_region(cell);
      case Field::zone: return take_zone(cell);
      case Field::language: return take_language(cell);
      case Field::bankrupt_since: return take_restriction("bankrupt", cell);
      case Field::refusal_since: return take_restriction("refusal", cell);
      case Field::representative_since: return take_restriction("representative", cell);
      case Field::deceased: return take_restriction("deceased", cell);
    }
  }
  // clang-format on

  void take_text(std::string& place, const Cell& cell, std::size_t max_letters) {
    std::string text = tidy_spaces(cell.text);
    if (text.size() > max_letters && utf8::count(text) > max_letters) return fail(RowErrorCode::too_long);
    place = std::move(text);
  }

  template <class T>
  void take_value(std::optional<T>& place, const CellValue<T>& value) {
    if (!value) return fail(value.problem);
    place = *value;
  }
  template <class T>
  void check_only(const CellValue<T>& value) {
    if (!value) fail(value.problem);
  }

  void take_paper(std::string& place, const Result<std::string>& paper, RowErrorCode code) {
    if (!paper) return fail(code);
    place = *paper;
  }

  /// A spreadsheet drops the leading zero of a number; the check digits tell whether putting it back is
  /// right.
  static std::string with_lost_zero(const Cell& cell, std::array<std::size_t, 2> short_lengths) {
    const bool is_short = cell.text.size() == short_lengths[0] || cell.text.size() == short_lengths[1];
    return cell.kind == CellKind::number && is_short ? "0" + cell.text : cell.text;
  }

  void take_birth_date(const Cell& cell) {
    const auto date = read_date(cell);
    if (!date) return fail(date.problem);
    CivilDate youngest = options_.today;
    youngest.year -= youngest_debtor_years;
    if (*date < oldest_birth || *date > youngest) return fail(RowErrorCode::date_out_of_range);
    birth_date_ = *date;
  }

  void take_past_date(std::optional<CivilDate>& place, const Cell& cell) {
    const auto date = read_date(cell);
    if (!date) return fail(date.problem);
    if (*date < oldest_arrears || *date > options_.today) return fail(RowErrorCode::date_out_of_range);
    place = *date;
  }

  static UtcTime start_of(CivilDate date) { return {days_from_civil(date) * days(1).ms}; }

  /// A date, or "no". A mere "yes" is not enough: the law asks when the consent was given.
  void take_consent(std::optional<UtcTime>& place, const Cell& cell) {
    if (const auto given = read_yes_no(cell); given && !*given) return;
    std::optional<CivilDate> date;
    take_past_date(date, cell);
    if (date) place = start_of(*date);
  }

  /// A date, "yes" (known from today) or "no".
  void take_restriction(std::string_view name, const Cell& cell) {
    const auto flag =
        cell.kind == CellKind::date ? CellValue<bool>(RowErrorCode::choice_bad) : read_yes_no(cell);
    const auto date = read_date(cell);
    if (flag && !date) {
      if (*flag) result_.draft.restrictions.push_back({std::string(name), start_of(options_.today), ""});
    } else if (date) {
      result_.draft.restrictions.push_back({std::string(name), start_of(*date), ""});
    } else {
      fail(RowErrorCode::choice_bad);
    }
  }

  void take_closed(const Cell& cell) {
    const auto closed = read_yes_no(cell);
    if (!closed) return fail(closed.problem);
    debt_.is_closed = *closed;
  }

  void take_region(const Cell& cell) {
    std::string text;
    take_text(text, cell, max_text_letters);
    auto& regions = result_.draft.regions;
    if (!text.empty() && std::find(regions.begin(), regions.end(), text) == regions.end())
      regions.push_back(std::move(text));
  }

  void take_zone(const Cell& cell) {
    const auto zone = read_zone(cell);
    if (!zone) return fail(zone.problem);
    result_.draft.zones.push_back(*zone);
  }

  void take_language(const Cell& cell) {
    const auto language = read_language(cell);
    if (!language) return fail(language.problem);
    result_.draft.language = *language;
  }

  PhoneSlot& slot(const ColumnTarget& target) {
    if (slots_.size() <= target.slot) slots_.resize(static_cast<std::size_t>(target.slot) + 1);
    return slots_[target.slot];
  }

  void take_phone(const ColumnTarget& target, const Cell& cell) {
    PhoneSlot& place = slot(target);
    place.column = column_;
    place.target = target;
    for (const auto& text : split_phones(cell.text)) {
      const auto number = is_rounded_number(text) ? Result<PhoneNumber>(invalid_input("rounded"))
                                                  : plan_.parse(text, options_.default_region);
      if (number) {
        place.numbers.push_back(*number);
      } else {
        bad_phones_.push_back(bad_phone(text));
      }
    }
  }

  RowError bad_phone(std::string_view text) const {
    if (is_rounded_number(text))
      return make_row_error(RowErrorCode::phone_digits_lost, column_, column_name(column_));
    const std::size_t digits = utf8::digits_of(text).size();
    RowErrorDetail detail;
    if (digits < 10) detail = {"короче 10 цифр", "fewer than 10 digits"};
    if (digits > 15) detail = {"длиннее 15 цифр", "more than 15 digits"};
    if (digits == 0) detail = {"нет цифр", "no digits"};
    return make_row_error(RowErrorCode::phone_bad, column_, column_name(column_), detail);
  }

  void finish_person() {
    std::string name = full_name_;
    for (const auto* part : {&last_name_, &first_name_, &middle_name_}) {
      if (part->empty() || !full_name_.empty()) continue;
      name += (name.empty() ? "" : " ") + *part;
    }
    const int column =
        column_of(full_name_.empty() && !last_name_.empty() ? Field::last_name : Field::full_name);
    if (name.empty()) {
      if (!has_error_at(column))
        fail(RowErrorCode::required_empty, column >= 0 ? column : column_of(Field::last_name));
    } else if (!is_name(name)) {
      fail(RowErrorCode::name_bad, column);
    }
    finish_passport();
    key_.full_name = name;
    key_.birth_date = birth_date_;
    key_.source = options_.source.empty() ? options_.portfolio : options_.source;
    result_.draft.name.full = std::move(name);
    result_.draft.birth_date = birth_date_;
    result_.draft.keys = person_keys(key_);
  }

  void finish_passport() {
    if (!key_.passport.empty() || passport_number_.empty()) return;
    const auto paper = parse_passport(passport_series_ + passport_number_);
    if (paper) {
      key_.passport = *paper;
    } else {
      fail(RowErrorCode::passport_bad, column_of(Field::passport_number));
    }
  }

  /// Letters, dashes, apostrophes and dots; two words at least unless an organisation's INN stands beside.
  bool is_name(std::string_view name) const {
    bool has_two_words = false;
    int letters = 0;
    for (std::size_t i = 0; i < name.size();) {
      const char32_t c = utf8::next(name, i);
      const bool is_sign =
          c == ' ' || c == '-' || c == '.' || c == '\'' || c == 0x2019 || c == '(' || c == ')';
      if (utf8::is_letter(c)) ++letters;
      has_two_words = has_two_words || c == ' ';
      const bool is_company_sign = key_.inn.size() == 10;
      if (!utf8::is_letter(c) && !is_sign && !is_company_sign) return false;
    }
    return letters >= 2 && (has_two_words || key_.inn.size() == 10);
  }

  bool has_error_at(int column) const {
    return std::any_of(result_.errors.begin(), result_.errors.end(),
                       [column](const RowError& e) { return e.column == column; });
  }

  void finish_phones() {
    bool has_debtor_phone = false;
    for (const auto& place : slots_) {
      const PartyRole owner = place.owner.value_or(place.target.owner);
      for (const auto& number : place.numbers) {
        if (add_phone(place, owner, number))
          has_debtor_phone = has_debtor_phone || owner == PartyRole::debtor;
      }
    }
    const bool is_bearable = has_debtor_phone && !options_.rejects_any_bad_phone;
    auto& place = is_bearable ? result_.warnings : result_.errors;
    place.insert(place.end(), bad_phones_.begin(), bad_phones_.end());
    if (result_.draft.phones.empty() && bad_phones_.empty() && !has_error_at(column_of(Field::phone))) {
      fail(RowErrorCode::required_empty, column_of(Field::phone));
    }
  }

  /// False when the number is there already or the bound is reached.
  bool add_phone(const PhoneSlot& place, PartyRole owner, const PhoneNumber& number) {
    auto& phones = result_.draft.phones;
    const bool is_known =
        std::any_of(phones.begin(), phones.end(), [&](const ContactPhone& p) { return p.number == number; });
    if (is_known) return false;
    if (phones.size() >= options_.max_phones) {
      result_.warnings.push_back(make_row_error(RowErrorCode::too_long, place.column,
                                                column_name(place.column),
                                                {"телефонов больше допустимого", "too many phones"}));
      return false;
    }
    ContactPhone phone;
    phone.number = number;
    phone.owner = owner;
    phone.type = place.type.value_or(default_type(place, owner, number));
    phone.owner_name = place.owner_name;
    phone.debtor_consent_at = place.debtor_consent_at;
    phone.owner_consent_at = place.owner_consent_at;
    phones.push_back(std::move(phone));
    return true;
  }

  static PhoneType default_type(const PhoneSlot& place, PartyRole owner, const PhoneNumber& number) {
    if (owner == PartyRole::work) return PhoneType::work;
    const std::string& e164 = number.e164();
    const bool is_area_code = e164.starts_with("+73") || e164.starts_with("+74") || e164.starts_with("+78");
    return place.target.type == PhoneType::mobile && is_area_code ? PhoneType::home : place.target.type;
  }

  void finish_debt() {
    const int contract_column = column_of(Field::contract_id);
    if (debt_.external_id.empty() && !has_error_at(contract_column))
      fail(RowErrorCode::required_empty, contract_column);
    const int balance_column = column_of(Field::balance);
    const int overdue_column = column_of(Field::overdue);
    if (!balance_ && !overdue_ && !has_error_at(balance_column) && !has_error_at(overdue_column)) {
      fail(RowErrorCode::required_empty, balance_column >= 0 ? balance_column : overdue_column);
    }
    const Money nothing{0, currency_};
    debt_.balance = balance_ ? *balance_ : overdue_.value_or(nothing);
    debt_.overdue = overdue_ ? *overdue_ : debt_.balance;
    // Nothing is owed: the row says that the debt is paid.
    if (debt_.balance.minor == 0 && debt_.overdue.minor == 0) debt_.is_closed = true;
    if (!days_past_due_ && debt_.arrears_since) {
      days_past_due_ =
          static_cast<int>(days_from_civil(options_.today) - days_from_civil(*debt_.arrears_since));
    }
    if (days_past_due_ && *days_past_due_ > 0 && !debt_.arrears_since) {
      debt_.arrears_since = civil_from_days(days_from_civil(options_.today) - *days_past_due_);
    }
    debt_.days_past_due = days_past_due_.value_or(0);
    result_.draft.debts.push_back(std::move(debt_));
  }

  RowResult conclude() {
    if (!result_.errors.empty()) {
      result_.verdict = RowVerdict::rejected;
    } else if (result_.draft.keys.empty()) {
      result_.verdict = RowVerdict::needs_review;
      fail(RowErrorCode::no_person_key, -1);
    } else {
      result_.verdict = RowVerdict::accepted;
    }
    std::stable_sort(result_.errors.begin(), result_.errors.end(),
                     [](const RowError& a, const RowError& b) { return a.column < b.column; });
    return std::move(result_);
  }

  const ColumnMapping& mapping_;
  const RowOptions& options_;
  const NumberingPlan& plan_;
  RowResult result_;
  int column_ = -1;
  std::string full_name_;
  std::string last_name_;
  std::string first_name_;
  std::string middle_name_;
  std::string passport_series_;
  std::string passport_number_;
  std::optional<CivilDate> birth_date_;
  PersonKeyParts key_;
  Debt debt_;
  Currency currency_ = Currency::rub;
  std::optional<Money> balance_;
  std::optional<Money> overdue_;
  std::optional<int> days_past_due_;
  std::vector<PhoneSlot> slots_;
  std::vector<RowError> bad_phones_;
};

}  // namespace

RowReader::RowReader(ColumnMapping mapping, RowOptions options, const NumberingPlan& plan)
    : mapping_(std::move(mapping)), options_(std::move(options)), plan_(&plan) {}

RowResult RowReader::read(const std::vector<Cell>& cells) const {
  return RowAssembler(mapping_, options_, *plan_).assemble(cells);
}

}  // namespace dunlin
