#include "core/base/folded_name.hpp"

#include <array>

#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

constexpr char32_t cyrillic_ie = 0x415;  // Е
constexpr char32_t cyrillic_yo = 0x401;  // Ё

/// Latin capitals that look exactly like Cyrillic ones; typists mix them inside one word.
char32_t cyrillic_twin(char32_t latin_capital) {
  struct Twin {
    char latin;
    char32_t cyrillic;
  };
  static constexpr std::array<Twin, 12> twins{{{'A', 0x410},
                                               {'B', 0x412},
                                               {'C', 0x421},
                                               {'E', 0x415},
                                               {'H', 0x41D},
                                               {'K', 0x41A},
                                               {'M', 0x41C},
                                               {'O', 0x41E},
                                               {'P', 0x420},
                                               {'T', 0x422},
                                               {'X', 0x425},
                                               {'Y', 0x423}}};
  for (const auto& twin : twins) {
    if (static_cast<char32_t>(twin.latin) == latin_capital) return twin.cyrillic;
  }
  return latin_capital;
}

/// Appends a word of capitals; one Cyrillic letter in it makes the Latin twins Cyrillic too.
void append_word(std::string& out, const std::u32string& word) {
  bool has_cyrillic = false;
  for (const char32_t c : word) has_cyrillic = has_cyrillic || utf8::is_cyrillic(c);
  for (const char32_t c : word) utf8::append(out, has_cyrillic ? cyrillic_twin(c) : c);
}

}  // namespace

std::string fold_name(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::u32string word;
  bool is_joined = false;  // A dash was read: the next word follows it without a space.
  const auto flush = [&] {
    if (word.empty()) return;
    if (!out.empty() && !is_joined) out += ' ';
    append_word(out, word);
    word.clear();
    is_joined = false;
  };
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = utf8::to_upper(utf8::next(text, i));
    if (utf8::is_space(c)) {
      flush();
    } else if (utf8::is_dash(c)) {
      flush();
      if (!out.empty() && !is_joined) out += '-';
      is_joined = !out.empty();
    } else {
      word += c == cyrillic_yo ? cyrillic_ie : c;
    }
  }
  flush();
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

}  // namespace dunlin
