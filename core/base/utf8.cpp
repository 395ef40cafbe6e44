#include "core/base/utf8.hpp"

#include <cstdint>

namespace dunlin::utf8 {
namespace {

/// Length of the sequence a lead byte announces; 0 for a byte that cannot lead.
std::size_t announced_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_pair_block(char32_t c) {  // Upper case on even places, lower case behind it.
  return (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
         (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F);
}

bool is_shifted_pair_block(char32_t c) {  // Upper case on odd places.
  return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || (c >= 0x4C1 && c <= 0x4CE);
}

}  // namespace

char32_t next(std::string_view text, std::size_t& position) {
  const auto lead = static_cast<unsigned char>(text[position]);
  const std::size_t length = announced_length(lead);
  if (length == 1) {
    ++position;
    return lead;
  }
  if (length == 0 || text.size() - position < length) {
    ++position;
    return replacement;
  }
  char32_t code_point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[position + i]);
    if ((byte & 0xC0U) != 0x80) {
      ++position;
      return replacement;
    }
    code_point = (code_point << 6) | (byte & 0x3FU);
  }
  const bool is_overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  if (is_overlong || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    ++position;
    return replacement;
  }
  position += length;
  return code_point;
}

void append(std::string& out, char32_t c) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | (c >> 6));
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12));
    put(0x80U | ((c >> 6) & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | (c >> 18));
    put(0x80U | ((c >> 12) & 0x3FU));
    put(0x80U | ((c >> 6) & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

std::size_t count(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++n) next(text, i);
  return n;
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool is_dash(char32_t c) {
  return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  if (c < 0xC0 || c == 0xD7 || c == 0xF7 || c == replacement || is_space(c)) return false;
  return !(c >= 0x2000 &&
           c <= 0x2BFF);  // Punctuation, signs, arrows; the numero sign and currency signs lie here.
}

bool is_cyrillic(char32_t c) {
  return c >= 0x400 && c <= 0x52F;
}

char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  if (c >= 0x430 && c <= 0x44F) return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0xE0 && c <= 0xFE && c != 0xF7) return c - 32;
  if (is_pair_block(c)) return c & ~char32_t{1};
  if (is_shifted_pair_block(c)) return (c & 1U) != 0 ? c : c - 1;
  return c;
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (is_pair_block(c)) return c | 1U;
  if (is_shifted_pair_block(c)) return (c & 1U) != 0 ? c + 1 : c;
  return c;
}

std::string digits_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_digit(c)) out += c;
  }
  return out;
}

}  // namespace dunlin::utf8
