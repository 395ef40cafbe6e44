#pragma once
// Which column means what: proposed from the titles, confirmed by a person, kept as a template. Pure, any
// thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/case/case_draft.hpp"

namespace dunlin {

enum class Field : std::uint8_t {
  ignored,
  full_name,
  last_name,
  first_name,
  middle_name,
  birth_date,
  inn,
  snils,
  passport,
  passport_series,
  passport_number,
  client_id,
  contract_id,
  portfolio,
  creditor,
  product,
  balance,
  overdue,
  currency,
  days_past_due,
  stage,
  arrears_since,
  debt_closed,
  phone,
  phone_type,
  phone_owner,
  phone_owner_name,
  debtor_consent,
  owner_consent,
  region,
  region_registered,
  region_stay,
  zone,
  language,
  bankrupt_since,
  refusal_since,
  representative_since,
  deceased,
};
inline constexpr int field_count = static_cast<int>(Field::deceased) + 1;

std::string_view to_string(Field field);
Result<Field> parse_field(std::string_view name);
/// What the mapping screen calls it: "ФИО", "Остаток долга".
std::string_view title_ru(Field field);
/// True for fields that belong to one phone of several: phone, its type, owner, owner's name, consents.
bool is_phone_field(Field field);
/// True for fields that several columns may fill (phones, regions, ignored).
bool is_repeatable(Field field);

struct ColumnTarget {
  Field field = Field::ignored;
  std::uint8_t slot = 0;                ///< Ties the columns of one phone together; 0 for everything else.
  PartyRole owner = PartyRole::debtor;  ///< Of a phone column without a column for its owner.
  PhoneType type = PhoneType::mobile;
  bool is_sure = false;  ///< The title is an exact alias; otherwise a part of it matched.
  bool operator==(const ColumnTarget&) const = default;
};

/// One target for each column of the header, in its order.
struct ColumnMapping {
  std::vector<std::string> header;
  std::vector<ColumnTarget> targets;
  bool operator==(const ColumnMapping&) const = default;
};

struct AmbiguousField {
  Field field = Field::ignored;
  std::vector<int> columns;
};

/// What must be settled before a row can be read.
struct MappingReview {
  std::vector<Field> missing;  ///< Required and not found: a name, a phone, a contract id, an amount.
  std::vector<AmbiguousField>
      ambiguous;                     ///< Single-valued and claimed by several columns: a person must choose.
  std::vector<int> unknown_columns;  ///< Titles nobody knows; ignored unless mapped by hand.
  bool lacks_person_key =
      false;  ///< No INN, passport, SNILS, birth date or client id: every row goes to review.
  bool is_complete() const { return missing.empty() && ambiguous.empty(); }
};

/// Proposes a target for every column by its title (Russian and English aliases, "Телефон 2", "Тел.
/// поручителя").
ColumnMapping detect_mapping(const std::vector<std::string>& header);
MappingReview review_mapping(const ColumnMapping& mapping);

/// A confirmed mapping under a name. Columns are found again by title, so that their order may change.
struct MappingTemplate {
  std::string name;
  ColumnMapping mapping;
  std::string source;  ///< Whose client ids these are.
  std::string portfolio;
  bool operator==(const MappingTemplate&) const = default;
};

/// The template as a small TOML document, version 1. Errors of parsing name the line.
std::string serialise(const MappingTemplate& tmpl);
Result<MappingTemplate> parse_template(std::string_view toml);
/// invalid_input names the titles of the template that the header lacks; titles the template does not know
/// are ignored.
Result<ColumnMapping> apply_template(const MappingTemplate& tmpl, const std::vector<std::string>& header);
/// Equal for headers with the same titles in any order and letter case: finds the template of a known file.
std::uint64_t header_signature(const std::vector<std::string>& header);

}  // namespace dunlin
