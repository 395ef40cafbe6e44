#include "gateways/input_bytes.hpp"

#include <array>
#include <cerrno>
#include <pwd.h>
#include <system_error>
#include <unistd.h>

namespace dunlin {
namespace {

Error too_large(std::uint64_t max_bytes) {
  return {Errc::exhausted, "Файл больше " + std::to_string(max_bytes >> 20) + " МБ: разделите его на части."};
}

std::string own_user() {
  std::array<char, 4096> text{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, text.data(), text.size(), &found);
  return found != nullptr ? found->pw_name : "uid " + std::to_string(::geteuid());
}

/// Who starts the import may read the file; whom the node runs as need not.
Error not_allowed() {
  return {Errc::unavailable, "Нет прав на чтение у пользователя службы (" + own_user() +
                                 "): дайте ему читать файл и входить в его папку или положите файл туда, где он может."};
}

}  // namespace

Result<InputBytes> InputBytes::open(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::error_code failure;
  InputBytes input;
  input.path_ = path;
  const auto status = std::filesystem::status(path, failure);
  if (failure == std::errc::permission_denied) return not_allowed();
  if (std::filesystem::is_directory(status)) return invalid_input("Это папка: укажите файл в ней.");
  if (!std::filesystem::is_regular_file(status)) return Error{Errc::not_found, "Файл не найден."};
  input.size_ = std::filesystem::file_size(path, failure);
  if (failure) return Error{Errc::unavailable, "Размер файла не читается."};
  if (input.size_ > max_bytes) return too_large(max_bytes);
  errno = 0;
  input.file_.open(path, std::ios::binary);
  if (!input.file_ && errno == EACCES) return not_allowed();
  if (!input.file_) return Error{Errc::unavailable, "Файл не открывается: проверьте права доступа."};
  return input;
}

Result<InputBytes> InputBytes::of(std::string bytes, std::uint64_t max_bytes) {
  if (bytes.size() > max_bytes) return too_large(max_bytes);
  InputBytes input;
  input.size_ = bytes.size();
  input.memory_ = std::move(bytes);
  return input;
}

Result<std::string> InputBytes::read(std::size_t count) {
  std::string piece;
  if (path_.empty()) {
    if (position_ < memory_.size()) piece = memory_.substr(position_, count);
  } else {
    piece.resize(count);
    file_.read(piece.data(), static_cast<std::streamsize>(count));
    if (file_.bad()) return Error{Errc::unavailable, "Файл перестал читаться."};
    piece.resize(static_cast<std::size_t>(file_.gcount()));
  }
  position_ += piece.size();
  return piece;
}

Status InputBytes::rewind() {
  position_ = 0;
  if (path_.empty()) return Done{};
  file_.clear();
  file_.seekg(0);
  if (!file_) return Error{Errc::unavailable, "Файл перестал читаться."};
  return Done{};
}

}  // namespace dunlin
