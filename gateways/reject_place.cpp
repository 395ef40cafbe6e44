#include "gateways/reject_place.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace dunlin {
namespace {

/// A name holds 255 bytes: room for ".rejects", a number and the kind of file.
constexpr std::size_t spare_stem_bytes = 200;
constexpr int spare_names = 10'000;

std::string reason() { return std::generic_category().message(errno); }

/// Whether the file could be opened with these flags; errno says why not.
bool can_make(const std::filesystem::path& path, int flags, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode);
  if (file < 0) return false;
  ::close(file);
  return true;
}

/// Cut between two letters, not inside one.
std::string short_stem(const std::filesystem::path& path) {
  std::string stem = path.stem().string();
  if (stem.size() <= spare_stem_bytes) return stem;
  std::size_t end = spare_stem_bytes;
  while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xC0U) == 0x80U) --end;
  return stem.substr(0, end);
}

Status make_own_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return Done{};
  return reject_file_error(folder, reason());
}

}  // namespace

Error reject_file_error(const std::filesystem::path& path, const std::string& why) {
  return {Errc::unavailable, "файл для возвращённых строк " + path.string() + " не записывается (" + why + "): укажите другой, --rejects ФАЙЛ"};
}

Status check_reject_file(const std::filesystem::path& path) {
  if (can_make(path, O_EXCL, 0666)) {
    ::unlink(path.c_str());
    return Done{};
  }
  if (errno == EEXIST && can_make(path, 0, 0666)) return Done{};
  return reject_file_error(path, reason());
}

Result<std::filesystem::path> claim_reject_file(const RejectPlace& place) {
  if (can_make(place.wanted, 0, 0666)) return place.wanted;
  const Error refused = reject_file_error(place.wanted, reason());
  if (place.is_chosen || place.spare_folder.empty()) return refused;
  if (const Status made = make_own_folder(place.spare_folder); !made) return made.error();
  const std::string stem = short_stem(place.wanted);
  const std::string kind = place.wanted.extension().string();
  for (int i = 1; i <= spare_names; ++i) {
    const std::filesystem::path path = place.spare_folder / (stem + (i == 1 ? "" : "-" + std::to_string(i)) + kind);
    if (can_make(path, O_EXCL, 0600)) return path;
    if (errno != EEXIST) return reject_file_error(path, reason());
  }
  return reject_file_error(place.spare_folder, "слишком много файлов с этим именем");
}

}  // namespace dunlin
