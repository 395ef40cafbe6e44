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

/// An absolute path of a word of the command line; "out/" and "out" are one, "." is the folder the command runs in. Errors:
/// invalid_input (control characters, which no settings can hold, or nothing at all).
Result<std::filesystem::path> new_folder_path(const std::string& word);

/// The text is on the disk when this returns; the file's name is once its folder is, see below. Errors: unavailable, naming the path.
Status write_new_file(const std::filesystem::path& folder, const NewFile& file);
Status write_new_files(const std::filesystem::path& folder, const std::vector<NewFile>& files);
/// The files, their names and the text are on the disk when this returns; the folder's own name is not. Errors as above.
Status write_new_folder(const std::filesystem::path& folder, const std::vector<NewFile>& files);

/// `write` fills a folder beside `folder` (absolute), which then takes its name; a power cut leaves it whole under that name or leaves none of
/// that name. Errors: conflict when `folder` holds something: an authority
/// that was written over would leave its cluster without one; else as `write`, and nothing is left behind, or, when only
/// the disk did not confirm the name, the whole folder.
Status write_whole_folder(const std::filesystem::path& folder, const std::function<Status(const std::filesystem::path& unfinished)>& write);

/// Prints the error; the exit code of a command that makes such folders.
int certifying_failure(const Error& error);

}  // namespace dunlin
