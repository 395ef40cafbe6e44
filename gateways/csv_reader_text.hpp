#pragma once
// The door to libuchardet and ICU's converters: which encoding a text file is in, and the way to UTF-8 and
// back. One owner, one thread.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace dunlin {

struct DetectedEncoding {
  std::string name = "UTF-8";  ///< "UTF-8", "UTF-16LE", "UTF-16BE", "windows-1251", "IBM866", "KOI8-R".
  std::size_t bom_bytes = 0;
  bool is_text = true;  ///< False: holds zero bytes that no encoding explains.
};

/// Looks at the first bytes of a file. A sample without any byte above 127 is UTF-8.
DetectedEncoding detect_encoding(std::string_view sample);
bool is_ascii(std::string_view bytes);

/// Converts a stream piece by piece; sequences may be cut anywhere. What cannot be converted becomes U+FFFD
/// on the way to UTF-8 and "?" on the way back.
class TextConverter {
 public:
  static Result<TextConverter> to_utf8(std::string_view encoding);
  static Result<TextConverter> from_utf8(std::string_view encoding);

  /// `is_last` flushes what is held of a cut sequence.
  Result<std::string> convert(std::string_view piece, bool is_last);

  TextConverter(TextConverter&&) noexcept;
  TextConverter& operator=(TextConverter&&) noexcept;
  ~TextConverter();

 private:
  struct State;
  explicit TextConverter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dunlin
