#pragma once
// Code points of UTF-8 text, one at a time, and the few letter rules the import needs. Pure, any thread.
// Malformed bytes read as U+FFFD, one byte each; nothing reads past the end.
#include <cstddef>
#include <string>
#include <string_view>

namespace dunlin::utf8 {

inline constexpr char32_t replacement = 0xFFFD;

/// The code point at `position`, which moves behind it. `position` must lie inside the text.
char32_t next(std::string_view text, std::size_t& position);
void append(std::string& out, char32_t code_point);
std::size_t count(std::string_view text);

bool is_space(char32_t code_point);   ///< Also no-break, thin and zero-width spaces and the byte order mark.
bool is_dash(char32_t code_point);    ///< Hyphen, the dashes of typography and the minus sign.
bool is_letter(char32_t code_point);  ///< Latin, Cyrillic and other alphabets; approximate beyond those two.
bool is_cyrillic(char32_t code_point);
char32_t to_upper(char32_t code_point);  ///< Latin and Cyrillic.
char32_t to_lower(char32_t code_point);

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::string digits_of(std::string_view text);

}  // namespace dunlin::utf8
