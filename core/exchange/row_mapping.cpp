#include "core/exchange/row_mapping.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/exchange/person_key.hpp"
#include "core/exchange/title_aliases.hpp"
#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

/// Parts of a title, all of which must occur as beginnings of words; the first rule that fits proposes the
/// field.
struct StemRule {
  std::array<std::string_view, 2> stems;
  Field field;
};
constexpr std::array stem_rules = std::to_array<StemRule>({
    {{"дат", "рожд"}, Field::birth_date},
    {{"дат", "просроч"}, Field::arrears_since},
    {{"дат", ""}, Field::ignored},
    {{"паспорт", "выдан"}, Field::ignored},
    {{"паспорт", "сери"}, Field::passport_series},
    {{"паспорт", "номер"}, Field::passport_number},
    {{"паспорт", ""}, Field::passport},
    {{"просроч", "дн"}, Field::days_past_due},
    {{"дн", "просроч"}, Field::days_past_due},
    {{"сумм", "просроч"}, Field::overdue},
    {{"просроч", "задолж"}, Field::overdue},
    {{"просроч", "долг"}, Field::overdue},
    {{"overdue", ""}, Field::overdue},
    {{"сумм", "долг"}, Field::balance},
    {{"сумм", "задолж"}, Field::balance},
    {{"остат", "долг"}, Field::balance},
    {{"общ", "задолж"}, Field::balance},
    {{"balance", ""}, Field::balance},
    {{"номер", "договор"}, Field::contract_id},
    {{"договор", ""}, Field::contract_id},
    {{"contract", ""}, Field::contract_id},
    {{"регион", "регистр"}, Field::region_registered},
    {{"регион", "пребыв"}, Field::region_stay},
    {{"регион", ""}, Field::region},
    {{"фио", ""}, Field::full_name},
    {{"инн", ""}, Field::inn},
    {{"снилс", ""}, Field::snils},
    {{"стади", ""}, Field::stage},
    {{"часов", "пояс"}, Field::zone},
    {{"кредитор", ""}, Field::creditor},
    {{"банкрот", ""}, Field::bankrupt_since},
});

bool has_word_starting(std::string_view folded, std::string_view stem) {
  for (std::size_t at = folded.find(stem); at != std::string_view::npos; at = folded.find(stem, at + 1)) {
    if (at == 0 || folded[at - 1] == ' ') return true;
  }
  return false;
}

bool has_any(std::string_view folded, std::initializer_list<std::string_view> stems) {
  return std::any_of(stems.begin(), stems.end(),
                     [folded](std::string_view stem) { return has_word_starting(folded, stem); });
}

bool speaks_of_phone(std::string_view t) {
  if (has_any(t, {"телегр", "telegram"})) return false;
  return has_any(t, {"тел", "моб", "сотов", "phone", "mobile", "cell", "msisdn"});
}

std::optional<PartyRole> owner_in(std::string_view t) {
  if (has_any(t, {"поручит", "guarant", "созаем", "залогодат"})) return PartyRole::guarantor;
  if (has_any(t, {"родств", "супруг", "родител", "матер", "отц", "relative", "spouse"}))
    return PartyRole::relative;
  if (has_any(t, {"рабо", "служеб", "work", "employer", "office"})) return PartyRole::work;
  if (has_any(t, {"третьего", "третье", "третьих", "контактного", "контактное", "друга", "third"}))
    return PartyRole::other;
  return std::nullopt;
}

PhoneType type_in(std::string_view t, PartyRole owner) {
  if (owner == PartyRole::work) return PhoneType::work;
  return has_any(t, {"дом", "стацион", "городск", "home", "landline"}) ? PhoneType::home : PhoneType::mobile;
}

/// The ordinal of "Телефон 2" or "phone2"; 0 without one.
int ordinal_in(std::string_view t) {
  const std::size_t at = t.find_first_of("0123456789");
  if (at == std::string_view::npos) return 0;
  int value = 0;
  for (std::size_t i = at; i < t.size() && utf8::is_digit(t[i]) && value < 100; ++i)
    value = value * 10 + (t[i] - '0');
  return value;
}

struct PhoneTitle {
  Field field = Field::ignored;
  std::optional<PartyRole> owner;
  int ordinal = 0;
};

/// What a title says of a phone, if it speaks of one at all.
std::optional<PhoneTitle> read_phone_title(std::string_view t) {
  const auto owner = owner_in(t);
  const bool has_phone = speaks_of_phone(t);
  PhoneTitle title{Field::ignored, owner, ordinal_in(t)};
  if (has_any(t, {"соглас", "consent"})) {
    // "Согласие должника на звонки родственнику" is the debtor's, whoever's number it speaks of.
    const bool is_owners =
        (owner || has_any(t, {"владел", "owner"})) && !has_any(t, {"должник", "заемщик", "debtor"});
    title.field = is_owners ? Field::owner_consent : Field::debtor_consent;
  } else if ((owner || has_phone) && has_any(t, {"фио", "имя", "name"})) {
    title.field = Field::phone_owner_name;
  } else if (has_phone && has_any(t, {"тип", "вид", "type"})) {
    title.field = Field::phone_type;
  } else if ((has_phone && has_any(t, {"чей", "владел", "принадл", "роль", "owner"})) ||
             has_word_starting(t, "кем приходится")) {
    title.field = Field::phone_owner;
  } else if (owner && !has_phone && has_any(t, {"степень", "relation"})) {
    title.field = Field::phone_owner;
  } else if (has_phone) {
    title.field = Field::phone;
  } else {
    return std::nullopt;
  }
  return title;
}

Field propose_by_stems(std::string_view folded) {
  for (const auto& rule : stem_rules) {
    const bool fits = std::all_of(rule.stems.begin(), rule.stems.end(), [folded](std::string_view stem) {
      return stem.empty() || has_word_starting(folded, stem);
    });
    if (fits) return rule.field;
  }
  return Field::ignored;
}

struct PhoneColumn {
  std::size_t column = 0;
  PhoneTitle title;
};

/// The phone an attribute column belongs to: same ordinal and owner, else the same owner, else the nearest to
/// its left.
std::uint8_t slot_for(const PhoneColumn& attribute, const std::vector<PhoneColumn>& phones) {
  std::size_t best = phones.size();
  int best_score = -1;
  for (std::size_t i = 0; i < phones.size(); ++i) {
    const bool has_same_owner = attribute.title.owner && attribute.title.owner == phones[i].title.owner;
    const bool has_same_ordinal =
        attribute.title.ordinal != 0 && attribute.title.ordinal == phones[i].title.ordinal;
    const bool is_left = phones[i].column < attribute.column;
    const int score = (has_same_owner ? 4 : 0) + (has_same_ordinal ? 2 : 0) + (is_left ? 1 : 0);
    if (score > best_score || (score == best_score && is_left)) {
      best = i;
      best_score = score;
    }
  }
  return static_cast<std::uint8_t>(best + 1);
}

void assign_phones(ColumnMapping& mapping, const std::vector<PhoneColumn>& phones,
                   const std::vector<PhoneColumn>& attributes) {
  for (std::size_t i = 0; i < phones.size() && i < 250; ++i) {
    const PartyRole owner = phones[i].title.owner.value_or(PartyRole::debtor);
    const std::string folded = fold_title(mapping.header[phones[i].column]);
    mapping.targets[phones[i].column] = {Field::phone, static_cast<std::uint8_t>(i + 1), owner,
                                         type_in(folded, owner), true};
  }
  for (const auto& attribute : attributes) {
    if (phones.empty()) continue;
    const std::uint8_t slot = slot_for(attribute, phones);
    mapping.targets[attribute.column] = {attribute.title.field, slot, PartyRole::debtor, PhoneType::mobile,
                                         true};
  }
}

/// Where one title is an exact alias and others only resemble, the exact one wins and the others are left to
/// the user.
void settle_resemblances(ColumnMapping& mapping) {
  for (int f = 0; f < field_count; ++f) {
    const auto field = static_cast<Field>(f);
    if (is_repeatable(field)) continue;
    const auto is_sure = [&](const ColumnTarget& t) { return t.field == field && t.is_sure; };
    if (std::none_of(mapping.targets.begin(), mapping.targets.end(), is_sure)) continue;
    for (auto& target : mapping.targets) {
      if (target.field == field && !target.is_sure) target = ColumnTarget{};
    }
  }
}

}  // namespace

ColumnMapping detect_mapping(const std::vector<std::string>& header) {
  ColumnMapping mapping{header, std::vector<ColumnTarget>(header.size())};
  std::vector<PhoneColumn> phones;
  std::vector<PhoneColumn> attributes;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string folded = fold_title(header[i]);
    if (const auto field = field_of_title(folded)) {
      mapping.targets[i].field = *field;
      mapping.targets[i].is_sure = true;
    } else if (const auto title = read_phone_title(folded)) {
      (title->field == Field::phone ? phones : attributes).push_back({i, *title});
    } else {
      mapping.targets[i].field = propose_by_stems(folded);
    }
  }
  assign_phones(mapping, phones, attributes);
  settle_resemblances(mapping);
  return mapping;
}

MappingReview review_mapping(const ColumnMapping& mapping) {
  MappingReview review;
  std::array<std::vector<int>, field_count> columns;
  for (std::size_t i = 0; i < mapping.targets.size(); ++i) {
    const auto& target = mapping.targets[i];
    columns[static_cast<std::size_t>(target.field)].push_back(static_cast<int>(i));
    if (target.field == Field::ignored && !target.is_sure)
      review.unknown_columns.push_back(static_cast<int>(i));
  }
  const auto has = [&columns](Field field) { return !columns[static_cast<std::size_t>(field)].empty(); };
  if (!has(Field::full_name) && !has(Field::last_name)) review.missing.push_back(Field::full_name);
  if (!has(Field::phone)) review.missing.push_back(Field::phone);
  if (!has(Field::contract_id)) review.missing.push_back(Field::contract_id);
  if (!has(Field::balance) && !has(Field::overdue)) review.missing.push_back(Field::balance);
  for (int f = 0; f < field_count; ++f) {
    const auto& claimed = columns[static_cast<std::size_t>(f)];
    if (claimed.size() > 1 && !is_repeatable(static_cast<Field>(f)))
      review.ambiguous.push_back({static_cast<Field>(f), claimed});
  }
  review.lacks_person_key = !has(Field::inn) && !has(Field::passport) && !has(Field::passport_number) &&
                            !has(Field::snils) && !has(Field::birth_date) && !has(Field::client_id);
  return review;
}

}  // namespace dunlin
