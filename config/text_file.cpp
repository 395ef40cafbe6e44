#include "config/text_file.hpp"

#include <fstream>

namespace dunlin {

Result<std::string> read_text_file(const std::filesystem::path& file, std::size_t most_bytes) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{Errc::not_found, "cannot read " + file.string()};
  std::string text(most_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most_bytes) return Error{Errc::exhausted, file.string() + " is larger than " + std::to_string(most_bytes / 1024) + " KB"};
  if (stream.bad()) return Error{Errc::not_found, "cannot read " + file.string()};
  return text;
}

}  // namespace dunlin
