#pragma once
// Makes the finished files of one recording from its journal records: Ogg/Opus stereo (agent left, debtor
// right) sealed under the recording's key, waveform peaks, side-car JSON with the SHA-256 of the plain Ogg
// bytes. Runs in the finisher thread; blocks on the disk. Repeating a job overwrites its files with the same
// content.
#include <map>

#include "media/recording_journal.hpp"

namespace dunlin {

struct FinishJob {
  RecordingId recording;
  std::vector<RecordPlace> places;  ///< In the order of appending.
  bool was_interrupted = false;     ///< Found at recovery without its end record.
};

struct RecordingFiles {
  std::filesystem::path audio;
  std::filesystem::path peaks;
  std::filesystem::path sidecar;
};
/// Where a recording's files lie: <directory>/audio/<two hex digits>/<id>.opus.sealed and its neighbours.
RecordingFiles files_of(const std::filesystem::path& directory, RecordingId recording);
std::filesystem::path segment_path(const std::filesystem::path& directory, std::uint64_t segment);

/// Damaged records become silence and count as gap. Errors: corrupt (nothing readable), unavailable (disk).
Result<RecordingFinished> finish_recording(const std::filesystem::path& directory, const FinishJob& job,
                                           const RecordingKey& key);

/// Peaks file: "DPK1", values per second and channel (u16 BE), channels (u8), zero, pair count (u32 BE), then
/// agent and debtor peaks in turn, 0..255.
inline constexpr int peaks_per_second = 20;

}  // namespace dunlin
