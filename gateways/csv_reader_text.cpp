#include "gateways/csv_reader_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <uchardet/uchardet.h>
#include <unicode/ucnv.h>

#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

Converter open_converter(std::string_view encoding) {
  UErrorCode code = U_ZERO_ERROR;
  Converter converter(ucnv_open(std::string(encoding).c_str(), &code), &ucnv_close);
  return U_SUCCESS(code) ? std::move(converter) : Converter(nullptr, &ucnv_close);
}

bool is_valid_utf8(std::string_view sample) {
  // A sequence may be cut at the end of the sample: its up to three bytes are not judged.
  std::size_t end = sample.size();
  for (std::size_t back = 0;
       back < 3 && end > 0 && (static_cast<unsigned char>(sample[end - 1]) & 0x80U) != 0; ++back)
    --end;
  const std::string_view judged = sample.substr(0, end);
  for (std::size_t i = 0; i < judged.size();) {
    const std::size_t from = i;
    if (utf8::next(judged, i) == utf8::replacement && judged.substr(from, 3) != "\xEF\xBF\xBD" &&
        judged.size() - from > 3)
      return false;
  }
  return true;
}

/// UTF-16 without a mark: every other byte of Latin signs, digits and line ends is zero.
std::string guess_utf16(std::string_view sample) {
  std::array<std::size_t, 2> zeros{0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i) zeros[i % 2] += sample[i] == '\0' ? 1 : 0;
  const std::size_t pairs = sample.size() / 2;
  if (zeros[1] * 8 > pairs && zeros[0] * 50 < pairs + 50) return "UTF-16LE";
  if (zeros[0] * 8 > pairs && zeros[1] * 50 < pairs + 50) return "UTF-16BE";
  return "";
}

std::string ask_uchardet(std::string_view sample) {
  const std::unique_ptr<uchardet, decltype(&uchardet_delete)> detector(uchardet_new(), &uchardet_delete);
  if (!detector || uchardet_handle_data(detector.get(), sample.data(), sample.size()) != 0) return "";
  uchardet_data_end(detector.get());
  std::string name = uchardet_get_charset(detector.get());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name == "WINDOWS-1251") return "windows-1251";
  if (name == "IBM866" || name == "CP866") return "IBM866";
  return name == "KOI8-R" ? "KOI8-R" : "";
}

/// How much a text in Russian it looks when read so: small letters are common, capitals less, frames do not
/// occur.
int plausibility(std::string_view sample, std::string_view encoding) {
  auto converter = TextConverter::to_utf8(encoding);
  if (!converter) return -1;
  const auto text = converter->convert(sample, true);
  if (!text) return -1;
  int score = 0;
  bool is_after_letter = false;
  for (std::size_t i = 0; i < text->size();) {
    const char32_t c = utf8::next(*text, i);
    const bool is_russian = (c >= 0x410 && c <= 0x44F) || c == 0x401 || c == 0x451;
    const bool is_capital = is_russian && utf8::to_lower(c) != c;
    if (is_russian) score += is_capital && is_after_letter ? 1 : 2;
    if (!is_russian && c >= 0x80 && c != 0x2116 && c != 0xA0 && c != 0xAB && c != 0xBB) score -= 3;
    is_after_letter = is_russian;
  }
  return score;
}

}  // namespace

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

DetectedEncoding detect_encoding(std::string_view sample) {
  if (sample.starts_with("\xEF\xBB\xBF")) return {"UTF-8", 3, true};
  if (sample.starts_with("\xFF\xFE")) return {"UTF-16LE", 2, true};
  if (sample.starts_with("\xFE\xFF")) return {"UTF-16BE", 2, true};
  if (sample.find('\0') != std::string_view::npos) {
    const std::string name = guess_utf16(sample);
    return name.empty() ? DetectedEncoding{"UTF-8", 0, false} : DetectedEncoding{name, 0, true};
  }
  if (is_valid_utf8(sample)) return {"UTF-8", 0, true};
  const std::string named = ask_uchardet(sample);
  if (!named.empty()) return {named, 0, true};
  std::string best;
  int best_score = -1'000'000;
  for (const char* candidate : {"windows-1251", "IBM866", "KOI8-R"}) {
    const int score = plausibility(sample, candidate);
    if (score > best_score) {
      best = candidate;
      best_score = score;
    }
  }
  return {best, 0, true};
}

struct TextConverter::State {
  Converter source{nullptr, &ucnv_close};
  Converter target{nullptr, &ucnv_close};
  std::array<UChar, 4096> pivot{};
  UChar* pivot_source = nullptr;
  UChar* pivot_target = nullptr;
  bool is_fresh = true;
};

TextConverter::TextConverter(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->pivot_source = state_->pivot.data();
  state_->pivot_target = state_->pivot.data();
}
TextConverter::TextConverter(TextConverter&&) noexcept = default;
TextConverter& TextConverter::operator=(TextConverter&&) noexcept = default;
TextConverter::~TextConverter() = default;

Result<TextConverter> TextConverter::to_utf8(std::string_view encoding) {
  auto state = std::make_unique<State>();
  state->source = open_converter(encoding);
  state->target = open_converter("UTF-8");
  if (!state->source || !state->target)
    return invalid_input("Неизвестная кодировка " + std::string(encoding.substr(0, 40)) + ".");
  return TextConverter(std::move(state));
}

Result<TextConverter> TextConverter::from_utf8(std::string_view encoding) {
  auto state = std::make_unique<State>();
  state->source = open_converter("UTF-8");
  state->target = open_converter(encoding);
  if (!state->source || !state->target)
    return invalid_input("Неизвестная кодировка " + std::string(encoding.substr(0, 40)) + ".");
  UErrorCode code = U_ZERO_ERROR;
  // UTF-16 cannot lack a sign, and its converters take no one-byte substitute.
  if (ucnv_getMinCharSize(state->target.get()) == 1) ucnv_setSubstChars(state->target.get(), "?", 1, &code);
  return TextConverter(std::move(state));
}

Result<std::string> TextConverter::convert(std::string_view piece, bool is_last) {
  State& s = *state_;
  std::string out;
  std::vector<char> chunk(piece.size() * 2 + 64);
  const char* source = piece.data();
  const char* source_end = piece.data() + piece.size();
  while (true) {
    UErrorCode code = U_ZERO_ERROR;
    char* target = chunk.data();
    ucnv_convertEx(s.target.get(), s.source.get(), &target, chunk.data() + chunk.size(), &source, source_end,
                   s.pivot.data(), &s.pivot_source, &s.pivot_target, s.pivot.data() + s.pivot.size(),
                   s.is_fresh, is_last, &code);
    s.is_fresh = false;
    out.append(chunk.data(), static_cast<std::size_t>(target - chunk.data()));
    if (code == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_FAILURE(code)) return invalid_input("Текст файла не читается в указанной кодировке.");
    return out;
  }
}

}  // namespace dunlin
