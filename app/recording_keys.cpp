#include "app/recording_keys.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/rand.h>

#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr const char* key_kind = "recording_key";
constexpr std::size_t keys_kept = 10'000;

}  // namespace

Result<RecordingKey> StoredRecordingKeys::existing_key(RecordingId recording) {
  const auto stored = store_.documents().get(key_kind, recording.str());
  if (!stored) return stored.error();
  RecordingKey key{};
  if (!*stored || (*stored)->bytes.size() != key.size()) return Error{Errc::not_found, "no key of recording " + recording.str()};
  std::memcpy(key.data(), (*stored)->bytes.data(), key.size());
  return key;
}

Result<RecordingKey> StoredRecordingKeys::key_for(RecordingId recording) {
  const std::lock_guard lock(mutex_);
  const auto known = recent_.find(recording);
  if (known != recent_.end()) return known->second;
  auto stored = existing_key(recording);
  if (stored || stored.error().code != Errc::not_found) return stored;
  RecordingKey key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) return Error{Errc::unavailable, "no randomness for a recording key"};
  store_.documents().put({key_kind, recording.str(), std::string(reinterpret_cast<const char*>(key.data()), key.size()), std::nullopt},
                         [recording](Result<std::uint64_t> saved) {
                           if (!saved) log_error("recording", "key_not_saved", "recording={} {}", recording.str(), saved.error().detail);
                         });
  if (recent_.size() >= keys_kept) recent_.erase(recent_.begin());
  recent_.emplace(recording, key);
  return key;
}

}  // namespace dunlin
