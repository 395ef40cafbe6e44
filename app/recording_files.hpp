#pragma once
// Finished recordings as files: the newest ones with what their side-cars say, and one decrypted with its hash checked.
// Any thread; reads the disk.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "actors/contracts/doors.hpp"
#include "app/recording_keys.hpp"

namespace dunlin {

/// Newest first, at most `limit`, found through the attempts.
Result<nlohmann::json> list_recordings(const CaseArchive& archive, const std::filesystem::path& folder, std::size_t limit);

/// Decrypts into `target` and puts the side-car beside it as <target>.json. Errc::corrupt, and no file, when the hash
/// differs from the side-car's.
Result<nlohmann::ordered_json> export_recording(StoredRecordingKeys& keys, const std::filesystem::path& folder, AttemptId attempt,
                                                const std::filesystem::path& target);

}  // namespace dunlin
