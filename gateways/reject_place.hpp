#pragma once
// Where the rows of one import that come back are written: beside the file, or in a folder of the node where its user may not
// write there. Runs on the importer's blocking thread. Errors are sentences for the user; they name the path and `--rejects`.
#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace dunlin {

struct RejectPlace {
  std::filesystem::path wanted;
  bool is_chosen = false;              ///< By the user: nowhere else then.
  std::filesystem::path source;        ///< The file the rows are of: a new file beside it is readable by its owner, and by its group if the source is.
  std::filesystem::path spare_folder;  ///< Made when it is needed, for its owner alone: rows are personal data. Empty: none.
};

/// A regular file that may be written, made just now or there before; links and pipes are none. In the spare folder it is always a new one, so that
/// two imports of files with one name keep their rows apart.
Result<std::filesystem::path> claim_reject_file(const RejectPlace& place);

/// Whether a file could be made here; nothing is left behind and an existing one is left as it is.
Status check_reject_file(const std::filesystem::path& path);

/// What went wrong with the file, with its path and the way out.
Error reject_file_error(const std::filesystem::path& path, const std::string& why);

}  // namespace dunlin
