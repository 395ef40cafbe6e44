#include "core/exchange/person_key.hpp"

#include <array>

#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

constexpr char32_t small_ie = 0x435;  // е
constexpr char32_t small_yo = 0x451;  // ё

/// Most cells need no tidying, and telling so takes one look at the bytes. The leads C2, E1 to E3 and EF may
/// begin a space of another kind; Latin and Cyrillic letters have other ones.
bool is_tidy(std::string_view text) {
  char previous = ' ';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool may_be_space = byte < 0x20 || byte == 0xC2 || (byte >= 0xE1 && byte <= 0xE3) || byte == 0xEF;
    const bool may_be_malformed = byte == 0xC0 || byte == 0xC1 || byte >= 0xF0;
    if (may_be_space || may_be_malformed || (c == ' ' && previous == ' ')) return false;
    previous = c;
  }
  return previous != ' ' || text.empty();
}

std::string digits_without_spaces(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = utf8::next(text, i);
    if (utf8::is_space(c) || utf8::is_dash(c)) continue;
    utf8::append(out, c);
  }
  return out;
}

bool is_all_digits(std::string_view text) {
  for (const char c : text) {
    if (!utf8::is_digit(c)) return false;
  }
  return !text.empty();
}

template <std::size_t n>
int check_digit(std::string_view digits, const std::array<int, n>& weights) {
  int sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += (digits[i] - '0') * weights[i];
  return sum % 11 % 10;
}

bool has_right_inn_checksum(std::string_view digits) {
  static constexpr std::array<int, 9> w10{2, 4, 10, 3, 5, 9, 4, 6, 8};
  static constexpr std::array<int, 10> w11{7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
  static constexpr std::array<int, 11> w12{3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
  if (digits.find_first_not_of('0') == std::string_view::npos) return false;
  if (digits.size() == 10) return check_digit(digits, w10) == digits[9] - '0';
  return check_digit(digits, w11) == digits[10] - '0' && check_digit(digits, w12) == digits[11] - '0';
}

}  // namespace

std::string tidy_spaces(std::string_view text) {
  if (is_tidy(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  bool is_gap = false;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = utf8::next(text, i);
    if (utf8::is_space(c)) {
      is_gap = !out.empty();
      continue;
    }
    if (is_gap) out += ' ';
    is_gap = false;
    utf8::append(out, c);
  }
  return out;
}

std::string fold_title(std::string_view text) {
  std::string out;
  bool is_gap = false;
  for (std::size_t i = 0; i < text.size();) {
    char32_t c = utf8::to_lower(utf8::next(text, i));
    if (!utf8::is_letter(c) && !(c >= '0' && c <= '9')) {
      is_gap = !out.empty();
      continue;
    }
    if (is_gap) out += ' ';
    is_gap = false;
    if (c == small_yo) c = small_ie;
    utf8::append(out, c);
  }
  return out;
}

Result<std::string> parse_inn(std::string_view text) {
  std::string digits = digits_without_spaces(text);
  if (!is_all_digits(digits) || (digits.size() != 10 && digits.size() != 12))
    return invalid_input("an INN has 10 or 12 digits");
  if (!has_right_inn_checksum(digits)) return invalid_input("the check digits of the INN do not fit");
  return digits;
}

Result<std::string> parse_snils(std::string_view text) {
  std::string digits = digits_without_spaces(text);
  if (!is_all_digits(digits) || digits.size() != 11) return invalid_input("a SNILS has 11 digits");
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * (9 - static_cast<int>(i));
  const int expected = sum % 101 % 100;
  const bool is_checked = digits.substr(0, 9) > "001001998";  // Older numbers carry no check digits.
  if (is_checked && expected != (digits[9] - '0') * 10 + (digits[10] - '0')) {
    return invalid_input("the check digits of the SNILS do not fit");
  }
  return digits;
}

Result<std::string> parse_passport(std::string_view text) {
  const std::string paper = fold_name(text);
  std::string out;
  bool has_letter = false;
  for (std::size_t i = 0; i < paper.size();) {
    const char32_t c = utf8::next(paper, i);
    if (c == ' ' || c == '-' || c == 0x2116 || c == '/') continue;
    const bool is_sign = utf8::is_letter(c) || (c >= '0' && c <= '9');
    if (!is_sign) return invalid_input("a passport has digits and letters only");
    has_letter = has_letter || utf8::is_letter(c);
    utf8::append(out, c);
  }
  const std::size_t length = utf8::count(out);
  const bool is_russian = !has_letter && length == 10 && out.find_first_not_of('0') != std::string::npos;
  if (!is_russian && (!has_letter || length < 5 || length > 20))
    return invalid_input("a Russian passport has 10 digits");
  return out;
}

std::vector<PersonKey> person_keys(const PersonKeyParts& parts) {
  std::vector<PersonKey> keys;
  if (!parts.inn.empty()) keys.push_back({PersonKeyKind::inn, parts.inn});
  if (!parts.passport.empty()) keys.push_back({PersonKeyKind::passport, parts.passport});
  if (!parts.snils.empty()) keys.push_back({PersonKeyKind::snils, parts.snils});
  if (!parts.full_name.empty() && parts.birth_date) {
    keys.push_back(
        {PersonKeyKind::name_birth, fold_name(parts.full_name) + "|" + format_date(*parts.birth_date)});
  }
  if (!parts.client_id.empty())
    keys.push_back({PersonKeyKind::source_client, parts.source + "|" + parts.client_id});
  return keys;
}

}  // namespace dunlin
