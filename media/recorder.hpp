#pragma once
// Recordings from worker rings to finished files: a writer thread appends blocks to encrypted journals (one
// per worker, group fdatasync each second), a low-priority finisher makes Ogg/Opus, peaks, hash and side-car,
// then the journal segments go. kill -9 loses at most the block being filled plus one writer turn (under one
// second together). Threads: open(), close(), next_event() any thread. A full disk fails the recording loudly
// and never touches the talk.
#include <memory>
#include <optional>

#include "media/recording_block.hpp"

namespace dunlin {

struct RecorderSettings {
  std::filesystem::path directory;
  std::function<UtcTime()> utc_now;
  std::uint64_t segment_bytes = 64ull << 20;  ///< A journal segment is closed at this size.
};

class Recorder {
 public:
  /// Creates the folders, finishes the journals an earlier process left. `rings` and `keys` outlive the
  /// recorder.
  static Result<std::unique_ptr<Recorder>> start(RecorderSettings settings, RecordingKeys& keys,
                                                 std::vector<RecordingRing*> rings);
  /// Writes what the rings still hold and finishes closed recordings; open ones stay in the journal for the
  /// next start.
  ~Recorder();

  /// Fetches the key; must come before the first block. conflict when it is open or was finished already.
  Status open(RecordingId recording);
  /// Marks for the side-car; must come before the last block.
  Status set_marks(RecordingId recording, std::vector<RecordingMark> marks);
  std::optional<MediaEvent> next_event();

  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

 private:
  class Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dunlin
