#pragma once
// Keys of recordings: random, one each, kept as documents encrypted with the installation's key. Thread safe. A new key
// is on its way to the disk before it is used; the media journal's first sync comes a second later.
#include <map>
#include <mutex>

#include "media/media_types.hpp"
#include "storage/store.hpp"

namespace dunlin {

class StoredRecordingKeys final : public RecordingKeys {
 public:
  explicit StoredRecordingKeys(Store& store) : store_(store) {}
  Result<RecordingKey> key_for(RecordingId recording) override;
  /// Only a key that exists: for playing.
  Result<RecordingKey> existing_key(RecordingId recording);

 private:
  Store& store_;
  std::mutex mutex_;
  std::map<RecordingId, RecordingKey> recent_;   ///< Bounded: keys of calls that are still being recorded or finished.
};

}  // namespace dunlin
