#pragma once
// The finished recordings as a backup lists them, and what of such a list is no longer there. A backup names recordings and
// does not copy them: they are large and change no more once they are finished. The hash is the one of the side-car, so
// that no sound is read. Any thread; reads the disk.
#include <filesystem>
#include <string>
#include <vector>

#include "storage/backup.hpp"

namespace dunlin {

struct RecordingList {
  std::vector<BackedUpRecording> recordings;  ///< In the order of their names: paths below the recordings folder.
  std::uint64_t bytes = 0;                    ///< Of the sound, all recordings together.
  std::vector<std::string> damaged;           ///< Side-cars that cannot be read or whose sound is gone; not in the list.
};

/// No folder is an empty list: nothing has been recorded yet. Errc::unavailable when the disk does not let it be read.
Result<RecordingList> list_finished_recordings(const std::filesystem::path& recordings_folder);

/// One recording of a backup that is not there any more as it was.
struct RecordingGap {
  std::string name;
  std::string why;  ///< "missing", "another size", "another side-car".
};
std::vector<RecordingGap> missing_recordings(const std::vector<BackedUpRecording>& listed, const std::filesystem::path& recordings_folder);

/// "2 of 5 recordings …: first names"; empty when nothing is missing.
std::string recordings_warning(const std::vector<RecordingGap>& gaps, std::size_t listed, const std::filesystem::path& recordings_folder);

}  // namespace dunlin
