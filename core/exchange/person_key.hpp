#pragma once
// How a person is recognised across files: INN, passport, SNILS, full name with birth date, client id of a
// source. A contract id never identifies a person. Pure, any thread. All of it is personal data: never
// logged.
#include <optional>
#include <string>
#include <string_view>

#include "core/base/folded_name.hpp"
#include "core/base/result.hpp"
#include "core/case/case_draft.hpp"

namespace dunlin {

/// Single spaces of one kind (also no-break ones), none at the ends; letters as given.
std::string tidy_spaces(std::string_view utf8);
/// Lower case, Ё as Е, only letters and digits with single spaces between: what titles and words are compared
/// by.
std::string fold_title(std::string_view utf8);

/// Ten digits (organisation) or twelve (person) with right check digits; returns the digits.
Result<std::string> parse_inn(std::string_view text);
/// Eleven digits with the right checksum (numbers above 001-001-998); returns the digits.
Result<std::string> parse_snils(std::string_view text);
/// Ten digits of a Russian passport, or 5 to 20 Latin or Cyrillic letters and digits of another paper with a
/// letter in it.
Result<std::string> parse_passport(std::string_view text);

/// The parts a row may have; an empty part makes no key.
struct PersonKeyParts {
  std::string inn;
  std::string passport;
  std::string snils;
  std::string full_name;
  std::optional<CivilDate> birth_date;
  std::string source;
  std::string client_id;
};
/// All keys, strongest first. The parts are already parsed.
std::vector<PersonKey> person_keys(const PersonKeyParts& parts);

}  // namespace dunlin
