#pragma once
// Copies of the store. A backup folder holds history/ and keys/ (RocksDB checkpoints: hard links on the same disk,
// copies elsewhere) and manifest.txt. keys/ holds the wrapped case keys: keep its copies no longer than 30 days, or an
// erased person comes back with them. The installation key is never copied: keep `dunlin key export` apart from both.
// One thread; safe beside a running journal.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

class Database;
class HistoryLog;

/// A finished recording the caller copies itself; the manifest lists it so that a restore can be checked.
struct BackedUpRecording {
  std::string name;         ///< Its path below the recordings folder.
  std::uint64_t bytes = 0;  ///< Of the sealed file.
  std::string sha256_hex;   ///< Of the sound in it, from the side-car.
};

struct BackupRequest {
  std::filesystem::path target;  ///< Must not exist or be empty.
  UtcTime taken_at;
  std::vector<BackedUpRecording> recordings;
};

struct BackupReport {
  std::uint32_t format_version = 0;
  std::string store_id;
  std::string key_fingerprint;
  std::string taken_at;
  std::uint64_t cases = 0;
  std::uint64_t events = 0;
  std::vector<BackedUpRecording> recordings;
};

/// What Store::backup hands over.
struct BackupSource {
  Database& history;
  Database& keys;
  const HistoryLog& log;
  std::string store_id;
  std::string key_fingerprint;
};

Result<BackupReport> write_backup(const BackupSource& source, const BackupRequest& request);
/// Reads and checks manifest.txt; corrupt when it is damaged, denied when its format is newer than this program.
Result<BackupReport> read_manifest(const std::filesystem::path& backup);
/// Copies a backup into `target` (conflict unless absent or empty but for recordings/, which no backup holds). The installation key is put there by the operator.
Result<BackupReport> restore_backup(const std::filesystem::path& backup, const std::filesystem::path& target);

}  // namespace dunlin
