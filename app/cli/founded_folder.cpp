#include "app/cli/founded_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace dunlin {
namespace {

constexpr mode_t folder_mode = 0700;

Error cannot_found(const std::filesystem::path& path, int error) {
  return {Errc::unavailable, "cannot write " + path.string() + ": " + std::generic_category().message(error)};
}

Status check_target(const std::filesystem::path& folder) {
  std::error_code error;
  const auto kind = std::filesystem::status(folder, error);
  if (kind.type() == std::filesystem::file_type::not_found) return Done{};
  if (kind.type() != std::filesystem::file_type::directory) return Error{Errc::conflict, folder.string() + " exists and is no folder: name a new one"};
  const bool is_empty = std::filesystem::is_empty(folder, error);
  if (error) return Error{Errc::unavailable, "cannot read " + folder.string() + ": " + error.message()};
  if (is_empty) return Done{};
  return Error{Errc::conflict, folder.string() + " is not empty, and keys that are there are not written over: name a new folder"};
}

}  // namespace

Status write_new_file(const std::filesystem::path& folder, const NewFile& wanted) {
  const auto path = folder / wanted.name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, wanted.mode);
  if (file < 0) return cannot_found(path, errno);
  const auto written = ::write(file, wanted.text.data(), wanted.text.size());
  int error = 0;
  if (written < 0) error = errno;
  else if (static_cast<std::size_t>(written) != wanted.text.size()) error = ENOSPC;
  else if (::fsync(file) != 0) error = errno;
  ::close(file);
  if (error != 0) return cannot_found(path, error);
  return Done{};
}

Status write_new_folder(const std::filesystem::path& folder, const std::vector<NewFile>& files) {
  if (::mkdir(folder.c_str(), folder_mode) != 0) return cannot_found(folder, errno);
  for (const auto& file : files) {
    if (auto written = write_new_file(folder, file); !written) return written;
  }
  return Done{};
}

Status write_whole_folder(const std::filesystem::path& folder, const std::function<Status(const std::filesystem::path& unfinished)>& write) {
  if (auto checked = check_target(folder); !checked) return checked;
  std::error_code error;
  std::string unfinished = folder.string() + ".unfinished-XXXXXX";
  if (::mkdtemp(unfinished.data()) == nullptr) return cannot_found(folder, errno);
  Status written = write(unfinished);
  // Takes the place of an empty folder, and of nothing else.
  if (written && ::rename(unfinished.c_str(), folder.c_str()) != 0) written = cannot_found(folder, errno);
  if (!written) std::filesystem::remove_all(unfinished, error);
  return written;
}

int certifying_failure(const Error& error) {
  std::fprintf(stderr, "dunlin: %s\n", error.detail.c_str());
  if (error.code == Errc::invalid_input) return 2;
  if (error.code == Errc::not_found) return 3;
  return error.code == Errc::conflict ? 4 : 1;
}

}  // namespace dunlin
