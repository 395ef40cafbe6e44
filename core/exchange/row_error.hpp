#pragma once
// What is wrong with one cell of a row, in words for the person who sent the file. Pure values, any thread.
// The words name the column and the rule, never the cell's content: reports and logs may carry them.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin {

enum class ReportLanguage : std::uint8_t { ru, en };

enum class RowErrorCode : std::uint8_t {
  required_empty,
  name_bad,
  phone_bad,
  phone_digits_lost,  ///< "7,91E+10": the spreadsheet rounded the number.
  date_bad,
  date_out_of_range,
  money_bad,
  money_negative,
  money_ambiguous,  ///< "1.234": thousands or three decimals.
  number_bad,
  inn_bad,
  snils_bad,
  passport_bad,
  zone_bad,
  choice_bad,  ///< A word outside the known list (role, type, yes or no).
  cell_error,  ///< #N/A and its kind, or bytes of another encoding.
  too_long,
  no_person_key,  ///< Nothing tells this person from a namesake: for a person to look at.
  key_conflict,   ///< Two keys of the row belong to different persons of the same file.
  duplicate_row,
  contract_repeated,  ///< The same contract under another person or with other figures.
  known_otherwise,    ///< The base knows this person by another INN or SNILS.
  contract_elsewhere, ///< The base has this contract open under another person.
  not_taken,          ///< The node could not take a sound row: full, busy or out of room; the detail says which.
};
inline constexpr int row_error_code_count = static_cast<int>(RowErrorCode::not_taken) + 1;
/// Whether a person has to decide who is meant, rather than repair a cell.
bool is_review(RowErrorCode code);
std::string_view to_string(RowErrorCode code);

struct RowError {
  int column = -1;          ///< Index in the header; -1 speaks of the whole row.
  std::string column_name;  ///< As in the file.
  RowErrorCode code = RowErrorCode::required_empty;
  std::string message_ru;
  std::string message_en;
  std::string fix_ru;
  std::string fix_en;
  const std::string& message(ReportLanguage language) const {
    return language == ReportLanguage::ru ? message_ru : message_en;
  }
  const std::string& fix(ReportLanguage language) const {
    return language == ReportLanguage::ru ? fix_ru : fix_en;
  }
  bool operator==(const RowError&) const = default;
};

/// The error of `code` in the column `column_name`. `detail_ru` and `detail_en` are set behind the message
/// ("строка 17").
struct RowErrorDetail {
  std::string ru;
  std::string en;
};
RowError make_row_error(RowErrorCode code, int column, std::string column_name,
                        const RowErrorDetail& detail = {});

/// Messages joined for one cell of the file of rejects: "Телефон 1: номер короче…; Долг: …".
std::string join_messages(const std::vector<RowError>& errors, ReportLanguage language);
std::string join_fixes(const std::vector<RowError>& errors, ReportLanguage language);

}  // namespace dunlin
