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

std::string reason(int error) { return std::generic_category().message(error); }

/// Nobody but owner and group reads what comes back, and no more of them than may read the file itself.
mode_t mode_beside(const std::filesystem::path& source) {
  struct stat seen {};
  const mode_t theirs = ::stat(source.c_str(), &seen) == 0 ? seen.st_mode : 0;
  return 0600 | (0060 & theirs);
}

/// 0 when the file could be opened, else the error. A link or a pipe may have been put there by somebody else: rows of persons
/// would go where it leads, or the import would wait for a reader for ever.
int open_error(const std::filesystem::path& path, int flags, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, mode);
  if (file < 0) return errno;
  struct stat seen {};
  const int error = ::fstat(file, &seen) != 0 ? errno : S_ISREG(seen.st_mode) ? 0 : ENXIO;
  ::close(file);
  return error;
}

Error refused_by(const std::filesystem::path& path, int error) {
  const bool is_other_kind = error == ELOOP || error == ENXIO;
  return reject_file_error(path, is_other_kind ? "это не обычный файл, а ссылка, канал или устройство" : reason(error));
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
  return reject_file_error(folder, reason(errno));
}

/// A new file in the node's own folder.
Result<std::filesystem::path> claim_spare(const RejectPlace& place) {
  if (const Status made = make_own_folder(place.spare_folder); !made) return made.error();
  const std::string stem = short_stem(place.wanted);
  const std::string kind = place.wanted.extension().string();
  for (int i = 1; i <= spare_names; ++i) {
    const std::filesystem::path path = place.spare_folder / (stem + (i == 1 ? "" : "-" + std::to_string(i)) + kind);
    const int error = open_error(path, O_EXCL, 0600);
    if (error == 0) return path;
    if (error != EEXIST) return refused_by(path, error);
  }
  return reject_file_error(place.spare_folder, "слишком много файлов с этим именем");
}

}  // namespace

Error reject_file_error(const std::filesystem::path& path, const std::string& why) {
  return {Errc::unavailable, "файл для возвращённых строк " + path.string() + " не записывается (" + why + "): укажите другой, --rejects ФАЙЛ"};
}

Status check_reject_file(const std::filesystem::path& path) {
  int error = open_error(path, O_EXCL, 0600);
  if (error == 0) ::unlink(path.c_str());
  else if (error == EEXIST) error = open_error(path, 0, 0600);
  return error == 0 ? Status(Done{}) : Status(refused_by(path, error));
}

Result<std::filesystem::path> claim_reject_file(const RejectPlace& place) {
  const int error = open_error(place.wanted, 0, mode_beside(place.source));
  if (error == 0) return place.wanted;
  if (place.is_chosen || place.spare_folder.empty()) return refused_by(place.wanted, error);
  return claim_spare(place);
}

}  // namespace dunlin
