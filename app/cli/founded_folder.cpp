#include "app/cli/founded_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

/// Names are kept by their folder: they outlive a power cut once it is on the disk.
Status sync_founded_folder(const std::filesystem::path& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return cannot_found(folder, errno);
  const int error = ::fsync(handle) == 0 ? 0 : errno;
  ::close(handle);
  if (error != 0) return cannot_found(folder, error);
  return Done{};
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

Result<std::filesystem::path> new_folder_path(const std::string& word) {
  const bool is_printable = std::none_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (!is_printable) return invalid_input("FOLDER has control characters in its name, which no settings can hold");
  std::error_code error;
  auto path = std::filesystem::absolute(word, error).lexically_normal();
  if (error || path.empty()) return invalid_input("FOLDER \"" + word + "\" is no path");
  return path.has_filename() ? path : path.parent_path();
}

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

Status write_new_files(const std::filesystem::path& folder, const std::vector<NewFile>& files) {
  for (const auto& file : files) {
    if (auto written = write_new_file(folder, file); !written) return written;
  }
  return Done{};
}

Status write_new_folder(const std::filesystem::path& folder, const std::vector<NewFile>& files) {
  if (::mkdir(folder.c_str(), folder_mode) != 0) return cannot_found(folder, errno);
  if (auto written = write_new_files(folder, files); !written) return written;
  return sync_founded_folder(folder);
}

Status write_whole_folder(const std::filesystem::path& folder, const std::function<Status(const std::filesystem::path& unfinished)>& write) {
  if (auto checked = check_target(folder); !checked) return checked;
  std::error_code error;
  std::string unfinished = folder.string() + ".unfinished-XXXXXX";
  if (::mkdtemp(unfinished.data()) == nullptr) return cannot_found(folder, errno);
  Status written = write(unfinished);
  if (written) written = sync_founded_folder(unfinished);
  // Takes the place of an empty folder, and of nothing else.
  if (written && ::rename(unfinished.c_str(), folder.c_str()) != 0) written = cannot_found(folder, errno);
  if (!written) {
    std::filesystem::remove_all(unfinished, error);
    return written;
  }
  return sync_founded_folder(folder.parent_path());
}

int certifying_failure(const Error& error) {
  std::fprintf(stderr, "dunlin: %s\n", error.detail.c_str());
  if (error.code == Errc::invalid_input) return 2;
  if (error.code == Errc::not_found) return 3;
  return error.code == Errc::conflict ? 4 : 1;
}

}  // namespace dunlin
