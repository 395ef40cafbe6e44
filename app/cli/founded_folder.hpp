#pragma once
// Folders with keys and settings of a new machine: each appears whole or not at all, and never over anything. Main thread.
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

/// Folders themselves have mode 0700.
inline constexpr mode_t secret_mode = 0600, public_mode = 0644;

struct NewFile {
  std::string name;
  std::string text;
  mode_t mode;
};

/// Both are on the disk when they return. Errors: unavailable, naming the path.
Status write_new_file(const std::filesystem::path& folder, const NewFile& file);
Status write_new_folder(const std::filesystem::path& folder, const std::vector<NewFile>& files);

/// `write` fills a folder beside `folder`, which then takes its name. Errors: conflict when `folder` holds something: an authority
/// that was written over would leave its cluster without one; else as `write`, and nothing is left behind.
Status write_whole_folder(const std::filesystem::path& folder, const std::function<Status(const std::filesystem::path& unfinished)>& write);

/// Prints the error; the exit code of a command that makes such folders.
int certifying_failure(const Error& error);

}  // namespace dunlin
